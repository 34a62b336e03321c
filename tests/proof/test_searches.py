"""Searches of one question share a budget; what is left undone is never a proof."""

from functools import reduce
from operator import or_

import pytest
from effort import examples
from hypothesis import given, settings
from proof.worlds import ACTIONS, allowed, engine_for, sides

from iamctl.proof.encoding import STAR, Reading, encode_text, symbol
from iamctl.proof.searches import Doubt, Look, Searches

INSIDE, OUTSIDE = (encode_text("a*b"),), (encode_text("a?*b"),)
FOUND = Look("ab")


def test_equal_looks_are_searched_once():
    some = Searches()

    assert some.look(INSIDE, OUTSIDE) == some.look(INSIDE, OUTSIDE) == FOUND
    assert some.count == 1


def test_a_spent_budget_leaves_doubt_until_the_next_question():
    some = Searches(most=2)
    assert some.look(INSIDE, ()) == FOUND
    assert some.left < 1

    assert some.look(INSIDE, OUTSIDE) == Look(None, Doubt.BUDGET)

    some.restart()
    assert some.look((encode_text("a"),), ()) == Look("a")


def test_a_search_that_the_budget_cut_short_is_made_again():
    some = Searches(most=3)
    some.take(2)
    assert some.look(INSIDE, OUTSIDE).doubt is Doubt.BUDGET

    some.restart()

    assert some.look(INSIDE, OUTSIDE) == FOUND


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        (("a",), ("b", STAR)),
        (("a", STAR), ("b", "a")),
        ((encode_text("ab*"),), (encode_text("a*"),)),
        ((f"a{symbol('aws:username')}", encode_text("a*")), (f"a{symbol('aws:username')}",)),
    ],
)
def test_what_is_surely_left_out_needs_no_search(inside, outside):
    some = Searches(most=0)

    assert some.look(inside, outside) == Look(None)
    assert some.count == 0


@settings(max_examples=examples(60))
@given(sides(), sides())
def test_no_budget_makes_a_gain_disappear(old, new):
    engine, before, after = engine_for(old, new, most_steps=5)

    gains = engine.gains(before, after)

    assert all(gain.witness for gain in gains if gain.exact)
    covered = reduce(or_, (gain.actions | gain.up_to for gain in gains), 0)
    for reading in Reading:
        one, other = allowed(old, reading), allowed(new, reading)
        assert not [
            name for name in ACTIONS if other[name] & ~one[name] and not covered >> engine.universe.number(name) & 1
        ]
