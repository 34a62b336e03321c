"""What is certain of plans without a safe order spares the search its last ways, and is never said of another plan."""

from __future__ import annotations

import random

import pytest
from oracle_cases import world_of
from oracle_plans import planned
from oracle_worlds import KINDS, world
from test_extra_calls import REFUSED, STUCK
from test_safe_order import CASES

from iamctl.model.blocked import Gain, Objection
from iamctl.order.dead_ends import DeadEnds
from iamctl.order.search import Search

TWO_WHO_WAIT_FOR_EACH_OTHER = {
    "both": {
        "policies": {"p1": ["allow a", "deny b"], "p2": ["allow b", "deny a"], "a": ["deny a"], "b": ["deny b"]},
        "groups": {
            "g1": {"members": ["u", "v"]},
            "g2": {"members": ["u", "v"]},
            "without-a": {"policies": ["a"], "members": ["u"]},
            "without-b": {"policies": ["b"], "members": ["v"]},
        },
        "users": {"u": {}, "v": {}},
    },
    "after": {"groups": {"g1": {"policies": ["p1"]}, "g2": {"policies": ["p2"]}}},
}
"""Each of them has a safe order, and not the same one."""
SHAPES = {name: CASES[name] for name in REFUSED} | {"two who wait for each other": TWO_WHO_WAIT_FOR_EACH_OTHER}


@pytest.fixture
def searches(monkeypatch):
    """All searches of a test with what they found, and how often one was turned round."""
    found, turned = {}, []
    order, backward = Search.order, Search._backward
    monkeypatch.setattr(Search, "order", lambda search: found.setdefault(search, order(search)))
    monkeypatch.setattr(
        Search, "_backward", lambda search, nodes, **how: turned.append(search) or backward(search, nodes, **how)
    )
    return found, turned


def drawn(numbers):
    return (world(random.Random(f"x-{number}"), KINDS[number % len(KINDS)]) for number in numbers)


def test_a_plan_with_a_safe_order_has_no_dead_end(searches):
    for one in (*map(world_of, CASES.values()), *drawn(range(60))):
        planned(one)
    ordered = [search for search, found in searches[0].items() if len(found.order) == len(search._nodes)]

    assert len(ordered) > 40
    for search in ordered:
        gains = [Gain(atom) for atom in search._sets.atoms]
        assert not search._dead_ends.has_one(Objection(person, gain) for person in search._before for gain in gains)


@pytest.mark.parametrize("name", SHAPES)
def test_a_search_that_cannot_succeed_is_not_turned_round(name, searches):
    found = planned(world_of(SHAPES[name]))

    assert found.is_refused
    assert not searches[1]


def test_what_is_found_is_the_same_without_a_look_at_dead_ends(monkeypatch, searches):
    worlds = [*map(world_of, CASES.values()), *drawn(STUCK[:6])]
    found = [planned(one).ordered for one in worlds]
    fewer = len(searches[1])
    monkeypatch.setattr(DeadEnds, "has_one", lambda *_: False)

    assert [planned(one).ordered for one in worlds] == found
    assert fewer < len(searches[1]) - fewer
