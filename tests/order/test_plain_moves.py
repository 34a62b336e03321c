"""Calls that are safe in any order run on no model; which these are, and that the order is the same without that."""

import random

import pytest
from effort import examples, first
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle_cases import world_of, written
from oracle_checks import broken_plan, broken_view
from oracle_plans import planned
from oracle_worlds import KINDS, world

import iamctl.order.search
from iamctl.order.greedy import Attempt

POLICIES = {
    "one": ["allow a"],
    "two": ["allow b"],
    "deny": ["deny a"],
    "both": ["allow b", "deny c"],
    "all": ["allow *"],
}
MOVES = {
    "groups that deny nothing": (["one"], ["two"], {}, True),
    "a group that denies": (["both"], ["two"], {}, False),
    "a group that takes a Deny along": (["two"], ["deny"], {}, False),
    "a Deny that both groups have, and that is not held in between": (["deny"], ["both", "deny"], {}, False),
    "a Deny that they keep in a third group": (["deny"], ["one"], {"stay": ["deny"]}, True),
    "a Deny that they keep themselves": (["deny"], ["one"], {"own": ["deny"]}, True),
    "a Deny of the boundary that they keep": (["deny"], ["one"], {"boundary": "deny"}, True),
    "a group that gets a policy": (["one"], ["two"], {"changed": "g2"}, False),
    "a document that changes": (["one"], ["two"], {"changed": "one"}, False),
    "a password": (["one"], ["two"], {"changed": "password"}, False),
    "the only administrator": (["all"], ["all"], {"login": True}, False),
}


def moving(left, joined, more):
    """Return a world in which one user leaves ``g1`` and joins ``g2``, with what differs."""
    user = {"policies": more.get("own", [])} | ({"boundary": more["boundary"]} if "boundary" in more else {})
    if more.get("login"):
        user |= {"password": True}
    groups = {"g1": {"policies": left}, "g2": {"policies": joined}}
    if "stay" in more:
        groups["g0"] = {"policies": more["stay"], "members": ["u"]}
    after = {"groups": {"g2": {"members": ["u"]}}, "users": {"u": {}}, "policies": {}}
    match more.get("changed"):
        case "g2":
            after["groups"]["g2"]["policies"] = [*joined, "one"]
        case "one":
            after["policies"]["one"] = ["allow a", "allow c"]
        case "password":
            after["users"]["u"]["password"] = True
    both = {"policies": POLICIES, "groups": groups, "users": {"u": user}}
    return world_of({"both": both, "before": {"groups": {"g1": {"members": ["u"]}}}, "after": after})


def shuffled(chance):
    """Return a world in which people move between groups of which some deny, and a group may get a policy."""
    groups = {f"g{number}": {"policies": chance.sample(list(POLICIES), chance.randint(0, 2))} for number in range(5)}
    users = {f"u{number}": {"policies": chance.sample(["one", "deny"], chance.randint(0, 1))} for number in range(4)}
    sides = []
    for _ in range(2):
        joined = {user: chance.sample(list(groups), chance.randint(0, 3)) for user in users}
        members = {name: {"members": [user for user in users if name in joined[user]]} for name in groups}
        if chance.random() < 0.3:
            members["g0"]["policies"] = ["two"]
        sides.append({"groups": members})
    both = {"policies": POLICIES, "groups": groups, "users": users, "quota": chance.choice((3, 10))}
    return world_of({"both": both, "before": sides[0], "after": sides[1]})


def plain_of(drawn, monkeypatch):
    """Return the plan of a world, and the calls that were not looked at."""
    looked, try_ = [], Attempt._try

    def trying(self, number, *, gapless):
        looked.append(number in self._plain and written_step(self._nodes[number].step))
        return try_(self, number, gapless=gapless)

    with monkeypatch.context() as patch:
        patch.setattr(Attempt, "_try", trying)
        plan = planned(drawn)
    return plan, {one for one in looked if one}


def written_step(step):
    return " ".join((step.operation, *step.params.values()))


@pytest.mark.parametrize("name", MOVES)
def test_only_calls_whose_order_cannot_matter_are_not_looked_at(name, monkeypatch):
    left, joined, more, is_plain = MOVES[name]
    plan, plain = plain_of(moving(left, joined, more), monkeypatch)

    assert plain == ({"AddUserToGroup g2 u", "RemoveUserFromGroup g1 u"} if is_plain else set())
    assert not plan.is_refused
    assert [written(call) for call in plan.calls if "UserToGroup" in call.operation or "FromGroup" in call.operation]


@pytest.mark.parametrize("seeds", first(1, [range(30), range(30, 1_500)]))
def test_the_order_is_the_same_when_every_call_is_looked_at(seeds, monkeypatch):
    drawn = [shuffled(random.Random(f"plain-{number}")) for number in seeds]
    drawn += [world(random.Random(f"plain-{number}"), KINDS[number % len(KINDS)]) for number in seeds]
    shortened = [planned(one).ordered for one in drawn]
    monkeypatch.setattr(iamctl.order.search, "plain_moves", lambda *_: frozenset())

    assert [planned(one).ordered for one in drawn] == shortened


@given(st.builds(shuffled, st.randoms(use_true_random=False)), st.integers(0, 2**32))
@settings(max_examples=examples(80), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nobody_gains_access_while_people_move(drawn, seed):
    plan, chance = planned(drawn), random.Random(seed)

    assert plan.is_refused or broken_plan(plan, chance) is None
    assert plan.is_refused or broken_view(plan, chance) is None
