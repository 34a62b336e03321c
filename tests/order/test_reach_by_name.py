"""Whom a right over others lets at more while a user gets another name or path, judged in every state of an apply."""

from __future__ import annotations

import random
from fnmatch import fnmatchcase

import pytest
from oracle_account import Account, Person
from oracle_plans import World, planned
from test_reach import ACTIONS, GROUPS, broken, drawing, held_by, is_allowed, statements, teams

ARN = "arn:aws:iam::123456789012:"
NAMES = ("dan", "dora")
PATHS = ("/", "/staff/", "/admins/")
MAKE = "iam:CreateAccessKey"
RIGHTS = (
    {"Effect": "Allow", "Action": "iam:AddUserToGroup", "Resource": f"{ARN}group/g0"},
    {"Effect": "Allow", "Action": MAKE, "Resource": f"{ARN}user/*"},
    {"Effect": "Allow", "Action": MAKE, "Resource": f"{ARN}user/staff/*"},
    {"Effect": "Allow", "Action": MAKE, "Resource": f"{ARN}user/dan"},
    {"Effect": "Allow", "Action": MAKE, "NotResource": f"{ARN}user/admins/*"},
    {"Effect": "Deny", "Action": MAKE, "Resource": f"{ARN}user/admins/*"},
    {"Effect": "Deny", "Action": MAKE, "Resource": f"{ARN}user/*/dora"},
    {"Effect": "Deny", "Action": "iam:*", "NotResource": [f"{ARN}user/staff/*", f"{ARN}group/*"]},
)


def account(chance, before=None):
    """Return an account, or one in which about half of ``before`` is drawn anew."""
    drawn, groups, users = drawing(chance, before), teams(chance, before, RIGHTS), {}
    for uid, joins in (("eve", ("h0", "h1")), ("dan", GROUPS)):
        old = next((one for one in before.users.values() if one.uid == uid), None) if before else None
        member = drawn(old and old.groups, lambda joins=joins: frozenset(one for one in joins if chance.random() < 0.6))
        name = drawn(old and old.name, lambda: chance.choice(NAMES)) if uid == "dan" else uid
        path = drawn(old and old.path, lambda: chance.choice(PATHS)) if uid == "dan" else "/"
        users[name] = Person(uid, name, path, groups=member)
    return Account(users, groups, {})


def draw(number):
    chance = random.Random(f"name-{number}")
    before = account(chance)
    return World(before, account(chance, before))


def is_matched(statement, action, resource, _tags):
    """Tell whether a statement is about a request; the resources are texts or lists."""
    if not fnmatchcase(action.lower(), statement["Action"].lower()):
        return False
    listed = statement.get("Resource", statement.get("NotResource"))
    texts = [listed] if isinstance(listed, str) else listed
    return any(fnmatchcase(resource, text) for text in texts) == ("Resource" in statement)


@pytest.fixture(autouse=True)
def reach(monkeypatch):
    """Judge with statements about names, and look at dan under the name and path that he has then."""
    monkeypatch.setattr("test_reach.is_matched", is_matched)
    monkeypatch.setattr("test_reach.within_reach", within_reach)


def within_reach(now):
    """Return what eve may do, and what each of her rights over others gives her."""
    held, found = held_by(now, "eve"), set()
    for name in GROUPS:
        if is_allowed(held, "iam:AddUserToGroup", f"{ARN}group/{name}"):
            found |= {("join", name)}
            found |= {
                ("join", name, action) for action in ACTIONS if is_allowed(statements([now.groups[name]]), action)
            }
    dan = next(user for user in now.users.values() if user.uid == "dan")
    if is_allowed(held, MAKE, f"{ARN}user{dan.path}{dan.name}"):
        found |= {("key", "dan")}
        found |= {("key", "dan", action) for action in ACTIONS if is_allowed(held_by(now, dan.name), action)}
    return found


@pytest.mark.parametrize("part", range(4))
def test_nobody_reaches_more_while_a_user_is_renamed_or_moved(part):
    refused = renamed = 0
    for number in range(part, 200, 4):
        plan = planned(draw(number))
        refused += plan.is_refused
        renamed += any(call.operation == "UpdateUser" for call in plan.calls)
        assert plan.is_refused or broken(plan) is None, number
    assert refused <= 5
    assert renamed > 15


@pytest.mark.exhaustive
def test_many_worlds_with_other_names_give_nobody_more_to_reach():
    for number in range(200, 3000):
        plan = planned(draw(number), transition=number % 2 == 0)
        assert plan.is_refused or broken(plan) is None, number
