"""People of whom nothing is different are passed over; whatever else a plan changes about somebody is looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from iamctl.access.delta import Deltas, access_changes
from iamctl.account.live import Live
from iamctl.kinds import Group, GroupInlinePolicy, GroupPolicy, Membership, Policy, User, UserInlinePolicy
from iamctl.model import State
from iamctl.policy import Document

ACCOUNT = "123456789012"
NOW = datetime(2026, 11, 29, tzinfo=UTC)
ARN = f"arn:aws:iam::{ACCOUNT}:policy/"


def allow(action, resource="*"):
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return Document.from_data({"Version": "2012-10-17", "Statement": [statement]})


PAT, SAM = User(name="pat", tags={"team": "a"}), User(name="sam", permissions_boundary=f"{ARN}limit")
HOME = allow("s3:GetObject", "arn:aws:s3:::home/${aws:PrincipalTag/team}/*")
OWN, WORK = (
    GroupInlinePolicy(group="all", name="own", document=HOME),
    Policy(name="work", arn=ARN + "work", document=allow("sqs:*")),
)
LIMIT, SHARED = (
    Policy(name="limit", arn=ARN + "limit", document=allow("s3:*")),
    Policy(name="shared", arn=ARN + "shared", document=allow("sns:*")),
)
DIRECT = UserInlinePolicy(user="pat", name="own", document=allow("ecs:*"))
BASE = (
    *(PAT, SAM, Group(name="all"), Group(name="more"), OWN, WORK, LIMIT, SHARED, DIRECT),
    *(GroupPolicy(group="all", policy_arn=ARN + "shared"), GroupPolicy(group="more", policy_arn=ARN + "work")),
    *(Membership(group="all", user="pat"), Membership(group="all", user="sam")),
)
CHANGED = {
    "a membership": (Membership(group="more", user="pat"),),
    "a policy of a group": (replace(OWN, document=allow("s3:GetObject")),),
    "a managed policy": (replace(SHARED, document=allow("kms:*")),),
    "a policy of a user": (replace(DIRECT, document=allow("ecs:List*")),),
    "a tag that a policy asks for": (replace(PAT, tags={"team": "b"}),),
    "a new boundary": (replace(PAT, permissions_boundary=ARN + "limit"),),
    "what a boundary allows": (replace(LIMIT, document=allow("sns:*")),),
    "a lifted boundary": (replace(SAM, permissions_boundary=None),),
    "another attachment": (GroupPolicy(group="all", policy_arn=ARN + "work"),),
    "a new user": (User(name="eve"), Membership(group="more", user="eve")),
}


def found(changed):
    before = State.of(BASE)
    after = State.of({one.address: one for one in (*BASE, *changed)}.values())
    return access_changes(Live(ACCOUNT, "aws", before), before, after, after, NOW)


@pytest.mark.parametrize("changed", CHANGED.values(), ids=CHANGED)
def test_nobody_whose_access_changes_is_passed_over(changed, monkeypatch):
    told = found(changed)
    monkeypatch.setattr(Deltas, "_is_same", lambda *_: False)

    assert told == found(changed)
    assert told.blocks


def test_a_plan_that_is_not_about_somebody_does_not_ask_for_their_sides(monkeypatch):
    asked, of = [], Deltas.of
    monkeypatch.setattr(Deltas, "of", lambda self, person: asked.append(person.name) or of(self, person))

    found(CHANGED["a membership"])

    assert asked == ["pat", "sam"], "pat joins, and a boundary is always looked at"
