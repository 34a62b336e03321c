"""Answers that are lost, for every operation of plans: the account and the outcome are as if none had been."""

import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from apply_world import Time, call, in_order, play, refusal
from effort import first

from iamctl.apply.read_back import TABLE, can_read_back
from iamctl.apply.schedule import Spreading
from iamctl.aws.execute import Executor
from iamctl.aws.page import whole_answer
from iamctl.aws.read import read_snapshot
from iamctl.aws.session import identify, reading_client
from iamctl.model import CallError, OutcomeStatus
from iamctl.sandbox import open_sandbox

ACCOUNT = "123456789012"
ARN = f"arn:aws:iam::{ACCOUNT}"
ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
OTHER = ALLOW.replace("s3:*", "ec2:*")
TAGS = [{"Key": "cost", "Value": "1"}, {"Key": "team", "Value": "pay"}]
REFERENCE = Path(__file__).parents[2] / "docs/reference/aws.md"
LOST = refusal("ReadTimeoutError", ambiguous=True)


def prepared(iam):
    """Fill an account in which each of ``CALLS`` has something to do; return ids that only IAM knows."""
    iam.create_policy(PolicyName="old", PolicyDocument=ALLOW, Tags=TAGS)
    for document in (OTHER, ALLOW):
        iam.create_policy_version(PolicyArn=f"{ARN}:policy/old", PolicyDocument=document, SetAsDefault=False)
    for name in ("free", "spare"):
        iam.create_policy(PolicyName=name, PolicyDocument=ALLOW)
    for name in ("ann", "ben", "cleo", "empty"):
        iam.create_user(UserName=name, Tags=TAGS)
    for name in ("team", "others", "plain", "empty"):
        iam.create_group(GroupName=name)
    iam.add_user_to_group(GroupName="team", UserName="ann")
    iam.attach_group_policy(GroupName="team", PolicyArn=f"{ARN}:policy/old")
    for name in ("inline", "going"):
        iam.put_group_policy(GroupName="team", PolicyName=name, PolicyDocument=ALLOW)
    iam.put_user_policy(UserName="ann", PolicyName="inline", PolicyDocument=ALLOW)
    iam.attach_user_policy(UserName="ann", PolicyArn=f"{ARN}:policy/old")
    iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=f"{ARN}:policy/old")
    iam.create_login_profile(UserName="ann", Password="Before-1234567890")
    key, other = sorted(iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"] for _ in range(2))
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="ann")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="ann", SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321"
    )
    spare = iam.create_virtual_mfa_device(VirtualMFADeviceName="spare")["VirtualMFADevice"]["SerialNumber"]
    return {"KEY": key, "OTHER": other, "SERIAL": serial, "SPARE": spare}


CALLS = {
    "AddUserToGroup": {"GroupName": "others", "UserName": "ann"},
    "RemoveUserFromGroup": {"GroupName": "team", "UserName": "ann"},
    "AttachGroupPolicy": {"GroupName": "others", "PolicyArn": f"{ARN}:policy/old"},
    "DetachGroupPolicy": {"GroupName": "team", "PolicyArn": f"{ARN}:policy/old"},
    "DetachUserPolicy": {"UserName": "ann", "PolicyArn": f"{ARN}:policy/old"},
    "PutGroupPolicy": {"GroupName": "team", "PolicyName": "inline", "PolicyDocument": OTHER},
    "PutUserPolicy": {"UserName": "ann", "PolicyName": "iamctl-transition", "PolicyDocument": OTHER},
    "DeleteGroupPolicy": {"GroupName": "team", "PolicyName": "going"},
    "DeleteUserPolicy": {"UserName": "ann", "PolicyName": "inline"},
    "CreateUser": {"UserName": "new", "Path": "/x/", "Tags": TAGS, "PermissionsBoundary": f"{ARN}:policy/old"},
    "UpdateUser": {"UserName": "cleo", "NewUserName": "clea", "NewPath": "/y/"},
    "DeleteUser": {"UserName": "empty"},
    "TagUser": {"UserName": "ann", "Tags": [{"Key": "team", "Value": "ops"}]},
    "UntagUser": {"UserName": "ann", "TagKeys": ["cost"]},
    "PutUserPermissionsBoundary": {"UserName": "ben", "PermissionsBoundary": f"{ARN}:policy/old"},
    "DeleteUserPermissionsBoundary": {"UserName": "ann"},
    "CreateGroup": {"GroupName": "new", "Path": "/x/"},
    "UpdateGroup": {"GroupName": "plain", "NewGroupName": "rest"},
    "DeleteGroup": {"GroupName": "empty"},
    "CreatePolicy": {"PolicyName": "new", "Path": "/x/", "PolicyDocument": ALLOW, "Description": "d", "Tags": TAGS},
    "CreatePolicyVersion": {"PolicyArn": f"{ARN}:policy/free", "PolicyDocument": OTHER, "SetAsDefault": True},
    "SetDefaultPolicyVersion": {"PolicyArn": f"{ARN}:policy/old", "VersionId": "v2"},
    "DeletePolicyVersion": {"PolicyArn": f"{ARN}:policy/old", "VersionId": "v3"},
    "DeletePolicy": {"PolicyArn": f"{ARN}:policy/spare"},
    "TagPolicy": {"PolicyArn": f"{ARN}:policy/free", "Tags": TAGS},
    "UntagPolicy": {"PolicyArn": f"{ARN}:policy/old", "TagKeys": ["team"]},
    "CreateLoginProfile": {"UserName": "ben", "Password": "Secret-1234567890", "PasswordResetRequired": True},
    "DeleteLoginProfile": {"UserName": "ann"},
    "UpdateAccessKey": {"UserName": "ann", "AccessKeyId": "OTHER", "Status": "Inactive"},
    "DeleteAccessKey": {"UserName": "ann", "AccessKeyId": "KEY"},
    "DeactivateMFADevice": {"UserName": "ann", "SerialNumber": "SERIAL"},
    "DeleteVirtualMFADevice": {"SerialNumber": "SPARE"},
    "UpdateAccountPasswordPolicy": {"MinimumPasswordLength": 14, "RequireSymbols": True, "HardExpiry": False},
    "CreateAccountAlias": {"AccountAlias": "acme"},
}
CREATES = ("CreateUser", "CreateGroup", "CreatePolicy", "CreateLoginProfile")
UNTRIED = {"DeleteSSHPublicKey", "DeleteSigningCertificate", "DeleteServiceSpecificCredential"}
"""The three look as DeleteAccessKey does."""
OF_SIGNIN = {"BatchRevokeSessions"}  # tests/crash/test_sessions_of_leavers.py loses its answers
OF_SETTINGS = {"DeleteAccountPasswordPolicy", "DeleteAccountAlias", "UpdateLoginProfile"}
"""Two take back what other calls here do; ``test_account_settings.py`` and ``test_session_limits.py`` have them."""


class Losing:
    """Loses the first answers to each call: before the call takes effect, or after."""

    def __init__(self, session, *faults):
        self.execute = Executor(session)
        self.faults = faults
        self.left = {}
        self.sent = []

    def __call__(self, call):
        self.sent.append(call.operation)
        left = self.left.setdefault(call.index, list(self.faults))
        fault = left.pop(0) if left else None
        if isinstance(fault, CallError):
            raise fault
        if fault == "before":
            raise LOST
        answer = self.execute(call)
        if fault == "after":
            raise LOST
        return answer


def ran(tmp_path, operations, *faults, edit=None, time=None):
    """Run calls in a fresh account; return their outcomes, the account and what was sent."""
    with open_sandbox(None, account_id=ACCOUNT, moment=datetime(2026, 11, 23, tzinfo=UTC)) as session:
        iam = session.client("iam")
        known = prepared(iam)
        if edit:
            edit(iam)
        calls = [
            call(index, name, **{key: known.get(str(value), value) for key, value in CALLS[name].items()})
            for index, name in enumerate(operations)
        ]
        execute, reading = Losing(session, *faults), reading_client(session)
        running = play(
            tmp_path, calls, execute, time=time or Time(), ask=lambda name, wanted: whole_answer(reading, name, wanted)
        )
        outcomes = in_order(running)
        account = read_snapshot(session, identify(session), now=datetime(2026, 11, 23, tzinfo=UTC))
        return outcomes, without_ids(account, known), execute.sent


def without_ids(account, known):
    text = json.dumps(account, sort_keys=True)
    for name, value in known.items():
        text = text.replace(value, name)
    return re.sub(r'"(A[A-Z]{3}[A-Z0-9]{12,})"', '"id"', text)


def test_fault_14_every_operation_of_plans_can_be_read_back():
    section = REFERENCE.read_text().split("depending on its plan")[1].split("```")[1]
    used = {line.partition(":")[2] for line in section.split()[1:]}
    writes = {name for name in used if not name.startswith(("Get", "List"))}

    never_again = {"CreateAccessKey"}  # nobody can read its secret back; the next run deletes what it left
    assert writes == TABLE.keys() | {"CreateLoginProfile"} | never_again
    assert CALLS.keys() | UNTRIED | OF_SETTINGS | OF_SIGNIN | never_again == writes


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    outcomes, account, _ = ran(tmp_path_factory.mktemp("run"), CALLS)
    assert {outcome.status for outcome in outcomes} == {OutcomeStatus.DONE}
    return account


@pytest.mark.parametrize(
    "when", first(1, [["before", "after"], ["after"], ["before"], ["before", "before"]]), ids="-".join
)
def test_fault_14_a_lost_answer_is_read_back_and_the_call_done_once(tmp_path, undisturbed, when):
    outcomes, account, sent = ran(tmp_path, CALLS, *when)

    assert {outcome.call.operation: outcome.status for outcome in outcomes} == dict.fromkeys(CALLS, OutcomeStatus.DONE)
    assert account == undisturbed
    again = when.count("before") + ("after" in when)
    expected = dict.fromkeys(CALLS, again if "after" in when else again + 1)
    if "after" in when:
        expected["UpdateLoginProfile"] = 1
    assert Counter(sent) == expected


@pytest.mark.parametrize("operation", first(1, ["CreateUser", "CreateGroup", "CreatePolicy"]))
def test_fault_14_what_somebody_else_created_meanwhile_is_not_adopted(tmp_path, operation):
    params = {**CALLS[operation], "Path": "/theirs/"}

    def theirs(iam):
        getattr(
            iam,
            {"CreateUser": "create_user", "CreateGroup": "create_group", "CreatePolicy": "create_policy"}[operation],
        )(**params)

    (outcome,), account, sent = ran(tmp_path, [operation], "before", edit=theirs)

    assert (outcome.status, outcome.code) == (OutcomeStatus.FAILED, "EntityAlreadyExists")
    assert "/theirs/" in account
    assert sent == [operation]


@pytest.mark.parametrize("operation", first(1, CREATES))
def test_fault_14_what_was_created_and_is_seen_late_is_adopted(tmp_path, operation):
    exists = refusal("EntityAlreadyExists")
    _, account, _ = ran(tmp_path / "1", [operation])
    (outcome,), same, _ = ran(tmp_path / "2", [operation], "after", exists, exists)

    assert outcome.status is OutcomeStatus.DONE
    assert same == account


def test_fault_14_a_version_that_may_exist_is_not_made_again_before_aws_would_show_it(tmp_path):
    time = Time()
    with open_sandbox(None, account_id=ACCOUNT) as session:
        prepared(session.client("iam"))
        reading = reading_client(session)

        def late(name, params):
            answer = whole_answer(reading, name, params)
            if name == "ListPolicyVersions" and time.now < 15:
                answer["Versions"] = [one for one in answer["Versions"] if one["VersionId"] == "v1"]
            return answer

        execute = Losing(session, "after")
        running = play(
            tmp_path,
            [call(0, "CreatePolicyVersion", **CALLS["CreatePolicyVersion"])],
            execute,
            time=time,
            ask=late,
            spreading=Spreading({}, 15.0),
        )
        (outcome,) = running

    assert outcome.status is OutcomeStatus.DONE
    assert execute.sent == ["CreatePolicyVersion"]


def test_fault_14_a_profile_whose_password_cannot_be_made_true_is_removed(tmp_path):
    (outcome,), account, sent = ran(tmp_path, ["CreateLoginProfile"], "after", refusal("AccessDenied"))

    assert (outcome.status, outcome.code) == (OutcomeStatus.FAILED, "PasswordNotKnown")
    assert sent == ["CreateLoginProfile", "UpdateLoginProfile", "DeleteLoginProfile"]
    assert json.loads(account)["credentials"]["ben"]["LoginProfile"] is None


def test_fault_14_a_loss_that_never_ends_is_unknown_within_the_patience(tmp_path):
    time = Time()
    (outcome,), _, _ = ran(tmp_path, ["CreateUser"], *["before"] * 100, time=time)

    assert outcome.status is OutcomeStatus.UNKNOWN
    assert 90 <= time.now <= 150


def test_fault_14_what_cannot_be_read_back_is_unknown(tmp_path):
    def denied(_name, _params):
        raise refusal("AccessDenied")

    calls = [call(0), call(1, needs=[0])]
    outcomes = in_order(play(tmp_path, calls, Scriptless(), ask=denied))

    assert [outcome.status.value for outcome in outcomes] == ["unknown", "not-started"]


class Scriptless:
    def __call__(self, call):
        raise LOST


def test_what_is_no_operation_of_plans_is_not_read_back():
    assert not can_read_back(call(0, "CreateAccessKey", UserName="a"))
