"""A plan says how old the facts are that it has from the credential report."""

from datetime import UTC, datetime, timedelta

import pytest

from iamctl.account.live import live_account
from iamctl.kinds import User
from iamctl.model import State
from iamctl.model.settings import Desired, Settings
from iamctl.planning.plan import make_plan
from iamctl.planning.plan_json import plan_json
from iamctl.render.text import render_text
from iamctl.report.reports import plan_report

ACCOUNT = "123456789012"
MADE = datetime(2026, 11, 23, 8, tzinfo=UTC)
ALICE = {"UserName": "alice", "UserId": "AIDA1", "Arn": f"arn:aws:iam::{ACCOUNT}:user/alice"}
BARE = {"account": {"id": ACCOUNT, "partition": "aws"}, "UserDetailList": [ALICE], "GroupDetailList": []}
REPORTED = {**BARE, "credential_report": {"GeneratedTime": "2026-11-23T08:00:00Z", "users": {}}}


def plan(snapshot, now=MADE):
    desired = Desired(Settings("prod", ACCOUNT), "aws", State.of([User(name="alice")]))
    return make_plan(desired, live_account(snapshot), now=now)


def said(made):
    return render_text(plan_report(made, {}))


@pytest.mark.parametrize(
    ("later", "age"),
    [
        (timedelta(seconds=-90), ""),
        (timedelta(seconds=59), ""),
        (timedelta(seconds=60), ", 1 minute before this plan"),
        (timedelta(minutes=59), ", 59 minutes before this plan"),
        (timedelta(hours=2, minutes=40), ", 2 hours before this plan"),
        (timedelta(days=1, hours=3), ", 1 day before this plan"),
    ],
)
def test_the_text_says_when_the_report_was_made_and_how_long_ago(later, age):
    line = f"Passwords, keys and devices as of 2026-11-23 08:00 UTC{age} (credential report)."

    assert line in said(plan(REPORTED, MADE + later)).splitlines()


def test_the_json_says_when_the_report_was_made():
    assert plan_json(plan(REPORTED), "1")["credentials_as_of"] == "2026-11-23T08:00:00Z"
    assert plan_json(plan(BARE), "1")["credentials_as_of"] is None


def test_without_a_report_nothing_is_said():
    assert live_account(BARE).credentials_as_of is None
    assert "as of" not in said(plan(BARE))


def test_the_age_of_the_report_is_no_part_of_the_promise():
    assert plan(REPORTED).plan_digest == plan(BARE).plan_digest
