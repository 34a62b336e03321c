"""A document that differs in Sid or Id alone is shown and not written."""

from datetime import UTC, datetime

import pytest

from iamctl.account.live import Live
from iamctl.kinds import Group, GroupInlinePolicy, Policy
from iamctl.model import State
from iamctl.model.settings import Desired, Settings
from iamctl.planning.plan import make_plan
from iamctl.planning.plan_json import plan_json
from iamctl.policy import Document
from iamctl.render.text import render_text
from iamctl.report.reports import plan_report

ARN = "arn:aws:iam::123456789012:policy/logs"


def document(sid, action="s3:GetObject"):
    statement = {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": "*"}
    return Document.from_data({"Version": "2012-10-17", "Statement": [statement]})


def managed(written):
    return (Policy(name="logs", document=written, arn=ARN),)


def inline(written):
    return Group(name="dev"), GroupInlinePolicy(group="dev", name="logs", document=written)


def plan(live, desired):
    wanted = Desired(Settings("prod", "123456789012"), "aws", State.of(desired))
    return make_plan(wanted, Live("123456789012", "aws", State.of(live)), now=datetime(2026, 11, 23, tzinfo=UTC))


@pytest.mark.parametrize(("kind", "address"), [(managed, "policy/logs"), (inline, "group-inline-policy/dev/logs")])
def test_another_sid_is_shown_and_not_written(kind, address):
    made = plan(kind(document("One")), kind(document("Two")))
    data = plan_json(made, "0")
    text = render_text(plan_report(made, data))

    assert (made.changes, made.calls) == ((), ())
    assert data["cosmetic"] == [address]
    assert f"Changes that need no call now\n  {address}  only Sid or Id differs\n" in text
    assert "Nothing to change." in text


@pytest.mark.parametrize("other", [document("One"), document("Two", "s3:PutObject")])
def test_the_same_document_and_another_meaning_are_not_cosmetic(other):
    assert plan(managed(document("One")), managed(other)).cosmetic == ()
