"""IAM420 and IAM421 for users whose inline policies have little room."""

import pytest
from rule_review import findings


def statement(effect, action, resource="*"):
    return {"Effect": effect, "Action": action, "Resource": resource}


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def case(more=(), own=()):
    one = document(statement("Allow", "s3:GetObject"), statement("Deny", "sqs:SendMessage"), *more)
    two = document(statement("Allow", "sqs:SendMessage"), statement("Deny", "s3:GetObject"))
    groups = {name: {"inline_policies": {"p": policy}} for name, policy in (("one", one), ("two", two))}
    policies = {"inline_policies": {"own": document(*own)}} if own else {}
    return {
        "transition": True,
        "desired": {"users": ["alice"], "groups": groups, "memberships": {"one": ["alice"], "two": ["alice"]}},
        "live": {"users": {"alice": policies}, "groups": groups},
    }


CROWDED = [
    statement("Deny", "ec2:StopInstances", f"arn:aws:ec2:*:*:instance/{number}-{'x' * 600}") for number in range(3)
]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            CROWDED,
            "iamctl-transition. It denies more than necessary: the exact statements have 2,219 characters, and there is",
        ),
        (
            CROWDED,
            "is denied ec2:stopinstances, s3:getobject, sqs:sendmessage on every resource from call 0 to call 3, by the ",
        ),
        (
            [
                {
                    **statement("Deny", [f"s3:{'Get' * 20}{number}" for number in range(40)]),
                    "Condition": {"Null": {"aws:TokenIssueTime": "true"}},
                },
                {"Effect": "Deny", "NotAction": ["iam:GetUser", "sts:*"], "Resource": "arn:aws:s3:::x"},
            ],
            "is denied s3:*, sqs:* and all but iam:getuser, sts:* on every resource, in part under conditions, from call 0",
        ),
        (
            [
                {**statement("Deny", "s3:*"), "Condition": {"StringNotEquals": {"aws:RequestTag/t": f"{n}{'x' * 100}"}}}
                for n in range(20)
            ],
            "is denied s3:*, sqs:* on every resource from call 0",
        ),
        (
            [statement("Deny", f"service{number}{'x' * 60}:*") for number in range(40)],
            "is denied every action from call 0 to call 3, by the temporary policy iamctl-transition",
        ),
    ],
)
def test_a_wider_policy_is_shown_with_what_it_denies_and_why(more, message):
    (found,) = findings(case(more), "IAM421")

    assert message in found.message


@pytest.mark.parametrize(("size", "is_too_long"), [(1964, False), (1965, True)])
def test_a_plan_for_somebody_without_room_says_so(size, is_too_long):
    own = [statement("Allow", "ec2:StopInstances", "arn:aws:ec2:*:*:instance/")]
    own[0]["Resource"] += "x" * (size - len(str(document(*own)).replace(" ", "")))
    found = findings(case(own=own), "IAM420")

    assert bool(found) is is_too_long
    for finding in found:
        assert finding.message.endswith(
            "The inline policies of user/alice have 1,965 of 2,048 characters, so a temporary one does not fit. "
            "Split the change into two merges"
        )
