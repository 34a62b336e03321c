"""Whoever may join a named group of administrators, or make keys for one of them, can become an administrator."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from iamctl.account.live import Live
from iamctl.kinds import Group, GroupInlinePolicy, Membership, User
from iamctl.model import State
from iamctl.model.settings import Desired, Settings
from iamctl.planning.plan import make_plan
from iamctl.policy import Document

ARN = "arn:aws:iam::123456789012:"


def policy(group: str, actions: list[str], resources: list[str]) -> GroupInlinePolicy:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    document = Document.from_data({"Version": "2012-10-17", "Statement": [statement]})
    return GroupInlinePolicy(group=group, name="work", document=document)


def risks(actions: list[str], resources: list[str]) -> list[str]:
    base = [Group(name="admins", path="/it/"), Group(name="dev"), User(name="root-like"), User(name="eve")]
    base += [Membership(group="admins", user="root-like"), Membership(group="dev", user="eve")]
    base += [policy("admins", ["*"], ["*"])]
    live, desired = [*base, policy("dev", ["s3:GetObject"], ["*"])], [*base, policy("dev", actions, resources)]
    wanted = Desired(Settings("prod", "123456789012"), "aws", State.of(desired))
    made = make_plan(wanted, Live("123456789012", "aws", State.of(live)), now=datetime(2026, 11, 23, tzinfo=UTC))
    return [f"{risk.address} {risk.facts[0]}" for risk in made.risks]


@pytest.mark.parametrize(
    ("action", "target"),
    [
        ("iam:AddUserToGroup", "group/it/admins"),
        ("iam:AddUser*", "group/*/admins"),
        ("iam:CreateAccessKey", "user/root-like"),
        ("iam:UpdateLoginProfile", "user/root-?ike"),
    ],
)
def test_a_named_target_that_can_do_all_is_a_way(action: str, target: str) -> None:
    assert risks(["iam:GetUser", "iam:ListGroups", "iam:GetGroup", action], [ARN + "group/dev", ARN + target]) == [
        "user/eve escalation"
    ]


@pytest.mark.parametrize(
    ("action", "target"),
    [
        ("iam:AddUserToGroup", "group/dev"),
        ("iam:AddUserToGroup", "user/root-like"),
        ("iam:GetGroup", "group/it/admins"),
        ("iam:CreateAccessKey", "user/${aws:username}"),
    ],
)
def test_other_targets_are_none(action: str, target: str) -> None:
    assert risks([action], [ARN + target]) == []
