"""Ways are looked for once for people whose statements about them are equal; who differs has ways of their own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from iamctl.access.authority import Authority
from iamctl.access.escalation import Escalations
from iamctl.access.held import PolicySources
from iamctl.access.people import People
from iamctl.access.sides import Sides, engine_of
from iamctl.account.live import Live, Role
from iamctl.kinds import Group, GroupInlinePolicy, Membership, User
from iamctl.model import Address, State
from iamctl.policy import Document

ACCOUNT = "123456789012"
NOW = datetime(2026, 11, 29, tzinfo=UTC)
CODE = {"Effect": "Allow", "Action": "lambda:UpdateFunctionCode", "Resource": "*"}
REGION, ELSEWHERE = "aws:RequestedRegion", ["us-east-1", "eu-west-1", "us-west-2"]
HERE = {**CODE, "Effect": "Deny", "Condition": {"StringEquals": {REGION: ELSEWHERE}}}
LOGS = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
LAMBDA = Document.from_data(
    {"Version": "2012-10-17", "Statement": [{"Principal": {"Service": "lambda.amazonaws.com"}, "Effect": "Allow"}]}
)


def ways(*groups):
    """Return what ann and bob can do to come to more access, each in groups of their own."""
    people = [User(name="ann", tags={"team": "a"}), User(name="bob")]
    resources = [*people, *(Group(name=f"{user.name}s") for user in people)]
    for user, statements in zip(people, groups, strict=True):
        document = Document.from_data({"Version": "2012-10-17", "Statement": statements})
        resources.append(GroupInlinePolicy(group=f"{user.name}s", name="own", document=document))
        resources.append(Membership(group=f"{user.name}s", user=user.name))
    state = State.of(resources)
    sources = PolicySources(Live(ACCOUNT, "aws", state, roles=(Role("worker", trust=LAMBDA),)), state)
    who = People(sources, state, NOW)
    found = Escalations(who, Authority(Sides(engine_of((sources,), NOW), who, state)))
    return tuple(
        [(step.actions, step.by and str(step.by), step.is_certain) for step in found.lesser(Address.of("user", name))]
        for name in ("ann", "bob")
    )


@pytest.mark.parametrize(
    ("group", "other"),
    [
        ([{**CODE, "Condition": {"StringEquals": {"aws:username": "ann"}}}], None),
        ([{**CODE, "Condition": {"StringEquals": {"aws:PrincipalTag/team": "a"}}}], None),
        ([CODE, {**CODE, "Effect": "Deny", "Condition": {"StringNotEquals": {"aws:username": "ann"}}}], None),
        ([CODE], [CODE, {**CODE, "Effect": "Deny"}]),
        ([CODE, HERE, {**LOGS, "Condition": {"StringEquals": {REGION: "ap-south-1"}}}], [CODE, HERE, LOGS]),
    ],
    ids=["name", "tag", "name in a Deny", "Deny", "Region that another statement names"],
)
def test_only_who_may_take_a_way_has_it(group, other):
    ann, bob = ways(group, other or group)
    bob_first = ways(other or group, group)[1] if other else ann

    assert [actions for actions, _, _ in ann] == [("lambda:UpdateFunctionCode",)]
    assert bob == []
    assert [actions for actions, _, _ in bob_first] == [("lambda:UpdateFunctionCode",)]


def test_each_holds_the_way_by_a_policy_of_their_own():
    assert [[by for _, by, _ in found] for found in ways([CODE], [CODE])] == [
        ["group-inline-policy/anns/own"],
        ["group-inline-policy/bobs/own"],
    ]
