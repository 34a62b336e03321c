"""What a run says of a temporary policy that it leaves on a user."""

import pytest

from iamctl.model import Call, Outcome, OutcomeStatus
from iamctl.report.left_denies import left_deny_lines

STATUS = {
    "done": OutcomeStatus.DONE,
    "gone": OutcomeStatus.ALREADY_GONE,
    "unknown": OutcomeStatus.UNKNOWN,
    "failed": OutcomeStatus.FAILED,
    "-": OutcomeStatus.NOT_STARTED,
}
STILL = "temporary policy iamctl-transition is still on {}: it only denies, and the next apply removes it after all other calls."
MAY = STILL.replace("is still", "may still be")


def told(put, rename, removed, policy="iamctl-transition"):
    calls = [
        ("PutUserPolicy", {"UserName": "v", "PolicyName": policy, "PolicyDocument": "{}"}, put),
        ("UpdateUser", {"UserName": "v", "NewUserName": "u"}, rename),
        ("DeleteUserPolicy", {"UserName": "u", "PolicyName": policy}, removed),
    ]
    outcomes = [
        Outcome(Call(index, "iam", operation, params, ()), STATUS[status])
        for index, (operation, params, status) in enumerate(calls)
    ]
    return ["".join(span.text for span in found.spans) for found in left_deny_lines(outcomes)]


@pytest.mark.parametrize(
    ("statuses", "message"),
    [
        (("done", "done", "done"), None),
        (("done", "done", "gone"), None),
        (("failed", "-", "-"), None),
        (("-", "-", "-"), None),
        (("done", "-", "-"), STILL.format("v")),
        (("done", "failed", "-"), STILL.format("v")),
        (("done", "unknown", "-"), STILL.format("v or u")),
        (("done", "done", "-"), STILL.format("u")),
        (("done", "done", "failed"), STILL.format("u")),
        (("done", "done", "unknown"), MAY.format("u")),
        (("unknown", "-", "-"), MAY.format("v")),
    ],
)
def test_a_temporary_policy_that_is_left_is_reported_under_the_name_of_the_user(statuses, message):
    assert told(*statuses) == ([message] if message else [])


def test_other_policies_are_not():
    assert told("done", "done", "-", policy="own") == []
