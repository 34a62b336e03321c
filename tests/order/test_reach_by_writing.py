"""A right to write into a group is worth everything to its members, in every state that an apply can reach."""

import random

import pytest
from oracle_account import Account, Person, Team
from oracle_plans import World, planned
from test_reach import ACTIONS, ARN, GIVEN, broken, document, held_by, is_allowed

import iamctl.order.search

GROUPS = ("g0", "g1")
RIGHTS = tuple(
    {"Effect": effect, "Action": f"iam:{action}", "Resource": f"{ARN}group/{group}"}
    for effect, action in (("Allow", "PutGroupPolicy"), ("Allow", "AddUserToGroup"), ("Deny", "PutGroupPolicy"))
    for group in GROUPS
)


def account(chance, before=None):
    """Return an account in which eve may be in every group, or one in which about half of ``before`` is drawn anew."""
    groups = {}
    for name in (*GROUPS, "h0", "h1"):
        if before and chance.random() < 0.5:
            groups[name] = before.groups[name]
        else:
            menu = RIGHTS if name.startswith("h") else GIVEN if chance.random() < 0.4 else GIVEN[-2:]
            groups[name] = Team(name, name, "/", frozenset(), frozenset({("i", document(chance, menu))}))
    member = frozenset(name for name in groups if chance.random() < 0.6)
    return Account({"eve": Person("eve", "eve", groups=member)}, groups, {})


def draw(number):
    chance = random.Random(f"writing-{number}")
    before = account(chance)
    return World(before, account(chance, before))


@pytest.fixture(autouse=True)
def by_writing(monkeypatch):
    monkeypatch.setattr("test_reach.within_reach", within_reach)


def within_reach(now):
    """Return what eve may do, and the groups of hers into which she may write."""
    held = held_by(now, "eve")
    found = {action for action in ACTIONS if is_allowed(held, action)}
    written = (name for name in GROUPS if name in now.users["eve"].groups)
    return found | {name for name in written if is_allowed(held, "iam:PutGroupPolicy", f"{ARN}group/{name}")}


def test_nobody_may_write_into_a_group_of_theirs_on_the_way():
    refused = 0
    for number in range(40):
        plan = planned(draw(number))
        refused += plan.is_refused
        assert plan.is_refused or broken(plan) is None, number
    assert refused <= 8


def test_a_planner_that_does_not_turn_calls_is_found_out(monkeypatch):
    monkeypatch.setattr(iamctl.order.search, "turning_calls", lambda *_: {})
    plans = (planned(draw(number)) for number in range(80))

    assert any(not plan.is_refused and broken(plan) for plan in plans)


@pytest.mark.exhaustive
def test_many_worlds_in_which_nobody_may_write_into_a_group_of_theirs():
    for number in range(40, 1500):
        plan = planned(draw(number))
        assert plan.is_refused or broken(plan) is None, number
