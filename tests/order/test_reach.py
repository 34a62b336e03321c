"""Whom a right over others lets at more, judged in every state that an apply can reach by a model that shares no code."""

from __future__ import annotations

import json
import random
from fnmatch import fnmatchcase
from itertools import islice

import pytest
from effort import first
from oracle_account import Account, Person, Team, after_call, normal
from oracle_checks import ready
from oracle_plans import World, planned

from iamctl.order.consequences import Consequences

ARN = "arn:aws:iam::123456789012:"
GROUPS = ("g0", "g1")
"""Groups that somebody may fill; eve has her rights from the two others."""
TAGS = (
    (("team", "web"),),
    (("team", "ops"),),
    (("team", "web"), ("locked", "yes")),
    (("team", "ops"), ("locked", "yes")),
    (),
)
LOCKED = {"StringEquals": {"aws:ResourceTag/locked": "yes"}}
UNLOCKED = {"StringNotEquals": {"iam:ResourceTag/locked": "yes"}}
WEB = {"StringEquals": {"iam:ResourceTag/team": "web"}}
RIGHTS = (
    {"Effect": "Allow", "Action": "iam:AddUserToGroup", "Resource": f"{ARN}group/g0"},
    {"Effect": "Allow", "Action": "iam:Add*", "Resource": f"{ARN}group/*"},
    {"Effect": "Deny", "Action": "iam:AddUserToGroup", "Resource": f"{ARN}group/g1"},
    {"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": f"{ARN}user/dan"},
    {"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": "*", "Condition": WEB},
    {"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": f"{ARN}user/*", "Condition": UNLOCKED},
    {"Effect": "Deny", "Action": "iam:CreateAccessKey", "Resource": "*", "Condition": LOCKED},
)
GIVEN = tuple(
    {"Effect": effect, "Action": f"s3:{letter}", "Resource": "*"}
    for effect in ("Allow", "Allow", "Deny")
    for letter in "ab"
)
ACTIONS = ("s3:a", "s3:b")


def document(chance, statements):
    return normal({"Version": "2012-10-17", "Statement": chance.sample(statements, chance.randint(1, 2))})


def drawing(chance, before):
    """Return what keeps an old value or draws a new one; without an account before, all is new."""
    return lambda old, new: old if before and chance.random() < 0.5 else new()


def teams(chance, before, rights):
    """Return the groups of an account, those of eve with some of ``rights``."""
    drawn, found = drawing(chance, before), {}
    for name in (*GROUPS, "h0", "h1"):
        old = before.groups[name] if before else None
        menu = GIVEN if name in GROUPS else rights
        found[name] = drawn(
            old,
            lambda name=name, menu=menu: Team(name, name, "/", frozenset(), frozenset({("i", document(chance, menu))})),
        )
    return found


def account(chance, before=None):
    """Return an account, or one in which about half of ``before`` is drawn anew."""
    drawn, groups, users = drawing(chance, before), teams(chance, before, RIGHTS), {}
    for name, joins in (("eve", ("h0", "h1")), ("dan", GROUPS)):
        old = before.users[name] if before else None
        member = drawn(old and old.groups, lambda joins=joins: frozenset(one for one in joins if chance.random() < 0.6))
        tags = drawn(old and old.tags, lambda: frozenset(chance.choice(TAGS)))
        users[name] = Person(name, name, tags=tags if name == "dan" else frozenset(), groups=member)
    return Account(users, groups, {})


def draw(number):
    chance = random.Random(f"reach-{number}")
    before = account(chance)
    return World(before, account(chance, before))


def statements(holders):
    return [one for holder in holders for _, text in holder.inline for one in json.loads(text)["Statement"]]


def held_by(now, name):
    """Return the statements that a user has from groups, and from a temporary policy."""
    user = now.users[name]
    return statements([user, *(now.groups[group] for group in user.groups)])


def is_matched(statement, action, resource, tags):
    actions, resources = (
        [one] if isinstance(one, str) else one for one in (statement["Action"], statement["Resource"])
    )
    if not any(fnmatchcase(action.lower(), one.lower()) for one in actions):
        return False
    if not any(fnmatchcase(resource, one) for one in resources):
        return False
    for operator, keys in statement.get("Condition", {}).items():
        for key, wanted in keys.items():
            if (tags.get(key.partition("/")[2]) == wanted) == (operator == "StringNotEquals"):
                return False
    return True


def is_allowed(held, action, resource="*", tags=()):
    matched = {one["Effect"] for one in held if is_matched(one, action, resource, dict(tags))}
    return matched == {"Allow"}


def within_reach(now):
    """Return what eve may do, and what each of her rights over others gives her."""
    held = held_by(now, "eve")
    found = set()
    for name in GROUPS:
        if is_allowed(held, "iam:AddUserToGroup", f"{ARN}group/{name}"):
            found |= {("join", name)}
            found |= {
                ("join", name, action) for action in ACTIONS if is_allowed(statements([now.groups[name]]), action)
            }
    dan = now.users["dan"]
    if is_allowed(held, "iam:CreateAccessKey", f"{ARN}user/dan", dan.tags):
        found |= {("key", "dan")}
        found |= {("key", "dan", action) for action in ACTIONS if is_allowed(held_by(now, "dan"), action)}
    return found


def broken(plan):
    """Return a set of calls after which eve reaches what she reaches neither before nor after."""
    allowed = within_reach(plan.world.before) | within_reach(plan.world.after)
    seen = {frozenset(): plan.world.before}
    queue = [frozenset()]
    while queue:
        done = queue.pop()
        for call in ready(plan.calls, done):
            reached = done | {call.index}
            if reached not in seen:
                seen[reached] = after_call(seen[done], call.operation, call.params)
                queue.append(reached)
                if more := within_reach(seen[reached]) - allowed:
                    return (
                        f"after {[plan.calls[index].operation for index in sorted(reached)]}: {sorted(more, key=str)}"
                    )
    return None


@pytest.mark.parametrize("part", first(1, range(4)))
@pytest.mark.parametrize("transition", [False, True])
def test_nobody_reaches_more_at_any_state_that_an_apply_can_reach(part, transition):
    refused = 0
    for number in range(part, 160, 4):
        plan = planned(draw(number), transition=transition)
        refused += plan.is_refused
        assert plan.is_refused or broken(plan) is None, number
    assert refused <= (1 if transition else 8)


def test_without_a_look_at_consequences_somebody_reaches_more(monkeypatch):
    monkeypatch.setattr(Consequences, "objection", lambda *_: None)
    plans = (planned(draw(number)) for number in range(160))
    found = (plan for plan in plans if not plan.is_refused and broken(plan) is not None)

    assert len(list(islice(found, 4))) == 4


TEMPORARY = 1802
"""The world in which dan has a temporary policy while eve may make keys for him."""


@pytest.mark.exhaustive
def test_many_worlds_give_nobody_more_to_reach():
    for number in range(160, 3000):
        plan = planned(draw(number), transition=number % 2 == 0)
        assert plan.is_refused or broken(plan) is None, number


def test_who_reaches_somebody_with_a_temporary_policy_reaches_no_more(monkeypatch):
    plan = planned(draw(TEMPORARY), transition=True)

    assert "PutUserPolicy" in [call.operation for call in plan.calls]
    assert broken(plan) is None
    monkeypatch.setattr(
        "test_reach.held_by", lambda now, name: statements(now.groups[one] for one in now.users[name].groups)
    )
    assert broken(plan) is not None
