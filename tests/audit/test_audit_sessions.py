"""Sign-in sessions in an audit: read of the whole account, and named with what ends them."""

import json

import pytest
from audit_accounts import ACCOUNT
from test_audit_command import IN_ORDER, account, audit
from test_audit_reads import FACTS, read

from iamctl.account.live import live_account
from iamctl.aws import signin

__all__ = ["audit"]
DAVE = {
    "sessionArn": f"arn:aws:signin:us-east-1:{ACCOUNT}:session/1",
    "principalArn": f"arn:aws:iam::{ACCOUNT}:user/dave",
    "status": "ACTIVE",
    "clientType": "CLI",
    "issuedAt": 1795168800,
    "expiresAt": 1798020000,
}
REVOKE = f"aws signin batch-revoke-sessions --principal-arn {DAVE['principalArn']} --session-arns {DAVE['sessionArn']}"


def with_sessions(*sessions, **more):
    return account(audit={**IN_ORDER["audit"], "SigninSessions": list(sessions)}, **more)


def test_sessions_of_roles_and_ended_ones_are_not_kept():
    role = {**DAVE, "sessionArn": f"{DAVE['sessionArn']}0", "principalArn": f"arn:aws:iam::{ACCOUNT}:role/ci"}
    revoked = {**DAVE, "sessionArn": f"{DAVE['sessionArn']}1", "status": "REVOKED"}

    assert read({**FACTS, "SigninSessions": [role, DAVE, revoked]})["audit"]["SigninSessions"] == [DAVE]


def test_another_partition_and_an_old_botocore_leave_the_sessions_unread(monkeypatch):
    assert read(FACTS, partition="aws-cn")["audit"]["Unread"] == {
        "SigninSessions": "AWS Sign-In lists none in this partition"
    }

    monkeypatch.setattr(signin, "knows_sessions", lambda: False)
    found = read(FACTS)["audit"]
    assert found["Unread"]["SigninSessions"].endswith("install boto3 1.44.8 or later")
    assert "SigninSessions" not in found


def test_the_control_does_not_apply_in_another_partition(audit):
    found = json.loads(json.dumps(account()).replace("arn:aws:", "arn:aws-cn:"))
    found["account"]["partition"] = "aws-cn"
    del found["audit"]["SigninSessions"]

    code, out = audit(found)

    assert code == 0, out
    assert "signin-sessions: " in out.split("Not applicable")[1]


@pytest.mark.parametrize("source", ["--snapshot", "--sandbox"])
def test_a_session_that_outlives_its_user_fails_with_the_command_that_ends_it(audit, source):
    code, out = audit(with_sessions(DAVE), source=source)

    assert code == 2
    assert (
        f"      signin-session/dave/{DAVE['sessionArn']}: the user does not exist, but the session "
        "(of CLI, since 2026-11-20, until 2026-12-23) is active (not declared)\n"
        f"          {REVOKE}\n"
    ) in out


def test_sessions_that_the_file_of_a_sandbox_lists_by_user_are_judged(audit):
    found = {**account(), "signin_sessions": {"dave": {"Sessions": [DAVE]}}}
    found["audit"] = {name: value for name, value in found["audit"].items() if name != "SigninSessions"}

    code, out = audit(found, source="--sandbox")

    assert code == 2
    assert REVOKE in out


def test_a_line_accepts_the_sessions_of_a_user_until_its_date(audit):
    line = {"control": "signin-sessions", "address": "user/dave", "until": "2026-11-23", "reason": "OPS-9"}

    code, out = audit(with_sessions(DAVE), audit={"accept": [line]})

    assert code == 0, out
    assert "is active; accepted until 2026-11-23: OPS-9" in out


@pytest.mark.parametrize("sessions", [{}, [{**DAVE, "expiresAt": "2026"}], [DAVE, DAVE]])
def test_a_snapshot_whose_sessions_are_not_as_aws_lists_them_is_refused(audit, sessions):
    found = account(audit={**IN_ORDER["audit"], "SigninSessions": sessions})

    assert audit(found)[0] == 1


def test_a_plan_does_not_take_the_sessions_of_an_audit_for_its_own():
    assert live_account(json.loads(json.dumps(with_sessions(DAVE)))).session_reads == {}
