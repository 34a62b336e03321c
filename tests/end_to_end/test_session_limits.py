"""The limit of sign-in sessions of a user: declared, set, reset, and kept when the password is replaced."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from command_line import NO_CREDENTIALS, account, user, write_tree
from world import world

from iamctl.account.live import live_account
from iamctl.apply.read_back import TABLE, Verdict
from iamctl.cli.process import run_command_line
from iamctl.commands.workspace import declared, open_tree
from iamctl.kinds.session_limit import console_of, duration_text, seconds_of
from iamctl.planning.plan import make_plan

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
SECRETS = {"secrets": {"deliver": "terminal"}}


def live_with(limit):
    profile = {"CreateDate": "2026-01-31T10:00:00Z", "PasswordResetRequired": False}
    known = profile if limit == "unknown" else {**profile, "MaxSigninSessionDuration": limit}
    return live_account(account([user("alice")], credentials={"alice": {**NO_CREDENTIALS, "LoginProfile": known}}))


def plan_for(tmp_path, console, live):
    write_tree(tmp_path, {"users": {"alice": {"console": console}}}, **SECRETS)
    return make_plan(declared(open_tree(tmp_path), "test", "aws", NOW), live, now=NOW)


def sent(plan):
    return [(call.operation, {key: value for key, value in call.params.items() if "Max" in key}) for call in plan.calls]


LIMIT = {"MaxSigninSessionDuration": 43200}
NEW = {"reissue": "2026-11-01"}


@pytest.mark.parametrize(
    ("console", "live", "calls"),
    [
        ({"max_session": "12h"}, None, [("UpdateLoginProfile", LIMIT)]),
        ({"max_session": "12h"}, 3600, [("UpdateLoginProfile", LIMIT)]),
        ({"max_session": "12h"}, 43200, []),
        ({"max_session": "12h"}, "unknown", []),
        ({"max_session": "none"}, 3600, [("UpdateLoginProfile", {"ResetMaxSigninSessionDuration": True})]),
        ({"max_session": "none"}, None, []),
        (True, 43200, []),
        (NEW, 43200, [("DeleteLoginProfile", {}), ("CreateLoginProfile", LIMIT)]),
        (NEW, None, [("DeleteLoginProfile", {}), ("CreateLoginProfile", {})]),
        ({**NEW, "max_session": "12h"}, 3600, [("DeleteLoginProfile", {}), ("CreateLoginProfile", LIMIT)]),
        ({**NEW, "max_session": "12h"}, "unknown", [("DeleteLoginProfile", {}), ("CreateLoginProfile", LIMIT)]),
        ({**NEW, "max_session": "none"}, 3600, [("DeleteLoginProfile", {}), ("CreateLoginProfile", {})]),
    ],
)
def test_a_limit_is_set_reset_and_kept(tmp_path, console, live, calls):
    assert sent(plan_for(tmp_path, console, live_with(live))) == calls


def test_a_botocore_that_does_not_know_limits_sends_none(tmp_path):
    old = replace(live_with("unknown"), has_session_limits=False)

    plan = plan_for(tmp_path, {**NEW, "max_session": "12h"}, old)
    assert sent(plan) == [("DeleteLoginProfile", {}), ("CreateLoginProfile", {})]
    told = [one.message for one in plan.findings if one.rule == "IAM458"]
    assert [text[:11] for text in sorted(told)] == ["if the acco", "max_session"]


def test_a_limit_alone_makes_no_new_password_and_no_refusal(tmp_path):
    write_tree(tmp_path, {"users": {"alice": {"console": {"max_session": "12h"}}}}, protect=["user/alice"])
    plan = make_plan(declared(open_tree(tmp_path), "test", "aws", NOW), live_with(None), now=NOW)

    assert not plan.is_refused
    assert [change.fields for change in plan.changes] == [("max_session",)]


@pytest.mark.parametrize("text", ["59m", "0h", "2161h", "91d", "12", "forever", "1h "])
def test_other_durations_are_refused(tmp_path, capsys, text):
    write_tree(tmp_path, {"users": {"alice": {"console": {"max_session": text}}}})

    assert run_command_line(["validate", str(tmp_path)]) == 1
    assert "write hours (1h to 2160h), days (1d to 90d), or none" in capsys.readouterr().out


@pytest.mark.parametrize(("text", "seconds"), [("1h", 3600), ("12h", 43200), ("1d", 86400), ("90d", 7776000)])
def test_durations_are_read_and_written(text, seconds):
    assert (seconds_of(text), duration_text(seconds)) == (seconds, text)


def test_an_import_writes_the_limits_that_manifests_can_say():
    assert [console_of(seconds) for seconds in (None, 0, 5000, 43200)] == [True, True, True, {"max_session": "12h"}]


@pytest.mark.parametrize(
    ("limit", "answer", "verdict"),
    [
        ({"MaxSigninSessionDuration": 3600}, {"MaxSigninSessionDuration": 3600}, Verdict.DONE),
        ({"MaxSigninSessionDuration": 3600}, {}, Verdict.NOT_DONE),
        ({"ResetMaxSigninSessionDuration": True}, {}, Verdict.DONE),
        ({"ResetMaxSigninSessionDuration": True}, {"MaxSigninSessionDuration": 3600}, Verdict.NOT_DONE),
    ],
)
def test_a_lost_answer_is_judged_by_the_limit_that_is_there(limit, answer, verdict):
    found = TABLE["UpdateLoginProfile"]({"UserName": "alice", **limit}, lambda _name, _params: {"LoginProfile": answer})
    assert found is verdict


GUARDED = {
    "groups": {"everyone": {"policies": ["require-mfa"]}},
    "memberships": {"everyone": ["alice"]},
    "policies": {"require-mfa": {"builtin": "require-mfa/1"}},
}


def test_the_sandbox_sets_and_resets_a_limit():
    with world() as live:
        iam = live.session.client("iam")
        for text, held in (("12h", 43200), ("1h", 3600), ("none", None)):
            live.reach({**GUARDED, "users": {"alice": {"console": {"max_session": text}}}}, SECRETS)
            assert iam.get_login_profile(UserName="alice")["LoginProfile"].get("MaxSigninSessionDuration") == held
        assert live.plan({**GUARDED, "users": {"alice": {"console": True}}}, SECRETS).changes == ()
