"""In small worlds the engine misses no gain, and shows none that is not there."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from operator import or_

import pytest
from effort import examples
from hypothesis import given, settings
from proof.worlds import ACTIONS, allowed, engine_for, sides, statements

from iamctl.policy.normalized import normalize
from iamctl.proof.decide import Held, decide
from iamctl.proof.encoding import Reading
from iamctl.proof.engine import Engine, Side
from iamctl.proof.universe import Universe


def check(old, new):
    """Compare the gains of a world with all its requests, in each reading of stars."""
    engine, before, after = engine_for(old, new)
    gains = engine.gains(before, after)
    covered = 0
    for gain in gains:
        covered |= gain.actions | gain.up_to
        if gain.exact:
            confirm(gain, old, new)
    for reading in Reading:
        one, other = allowed(old, reading), allowed(new, reading)
        missed = [
            name for name in ACTIONS if other[name] & ~one[name] and not covered >> engine.universe.number(name) & 1
        ]
        assert not missed, reading
    return gains


def confirm(gain, old, new):
    assert decide(gain.witness, new, gain.reading) is True
    assert decide(gain.witness, old, gain.reading) is False
    if gain.usual:
        assert gain.reading is Reading.PARTS


FEW = settings(max_examples=examples(25))


def names(engine, bits):
    return engine.universe.names(bits)


@pytest.mark.exhaustive
@settings(max_examples=examples(400))
@given(sides(), sides())
def test_no_gain_is_missed_in_many_worlds(old, new):
    check(old, new)


@FEW
@given(sides(), sides())
def test_no_gain_is_missed_and_every_witness_is_allowed(old, new):
    check(old, new)


@FEW
@given(sides(), statements())
def test_one_statement_more(held, more):
    added = normalize({"Version": "2012-10-17", "Statement": [more]})
    wider = replace(held, policies=(*held.policies, added))

    gained, lost = check(held, wider), check(wider, held)

    assert not (gained if more["Effect"] == "Deny" else lost)


@given(sides())
def test_nothing_is_gained_over_oneself(held):
    engine, side = engine_for(held)

    assert engine.gains(side, side) == ()
    assert engine.first(side, side) is None


@FEW
@given(sides(), sides(), sides())
def test_what_is_gained_in_one_step_is_gained_in_two(one, two, three):
    engine, first, second, third = engine_for(one, two, three)
    steps = (*engine.gains(first, second), *engine.gains(second, third))

    shown = reduce(or_, (gain.actions for gain in engine.gains(first, third)), 0)

    assert not names(engine, shown & ~reduce(or_, (gain.actions | gain.up_to for gain in steps), 0))


@FEW
@given(sides(), sides())
def test_the_first_gain_is_there_exactly_when_there_is_one(old, new):
    engine, before, after = engine_for(old, new)
    gains = engine.gains(before, after)

    first = engine.first(before, after)

    assert (first is None) == (gains == ())
    if first is not None:
        assert (first.usual, first.exact) == max((gain.usual, gain.exact) for gain in gains)


@pytest.mark.parametrize(
    ("left", "counted"),
    [
        ({"Action": ["iam:CreateUser"], "Resource": "*"}, {"iam:DeleteUser"}),
        ({"Action": ["iam:CreateUser"], "Resource": "arn:aws:iam::1:user/a"}, {"iam:CreateUser", "iam:DeleteUser"}),
        (
            {"Action": ["iam:CreateUser"], "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
            {"iam:CreateUser", "iam:DeleteUser"},
        ),
    ],
)
def test_what_another_deny_still_takes_whole_is_not_counted_as_allowed_again(left, counted):
    allow = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}
    denied = {"Effect": "Deny", "Action": ["iam:CreateUser", "iam:DeleteUser"], "Resource": "*"}
    old = normalize({"Version": "2012-10-17", "Statement": [allow, denied]})
    new = normalize({"Version": "2012-10-17", "Statement": [allow, {"Effect": "Deny", **left}]})
    universe = Universe(["iam:*", "iam:CreateUser", "iam:DeleteUser"])
    engine = Engine(universe, datetime(2026, 11, 29, tzinfo=UTC))
    before, after = (Side(one.allow, one.deny) for one in map(engine.statements, (old, new)))

    gains = engine.gains(before, after)

    assert {frozenset(universe.names(gain.up_to)) for gain in gains} == {frozenset(counted)}


def test_an_unread_document_is_no_proof_that_a_lost_deny_changes_nothing():
    document = normalize(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"},
            ],
        }
    )
    engine, held = engine_for(Held((document,)))
    unread = engine.unread("of AWS")
    before = Side(held.allow | unread.allow, held.deny | unread.deny)
    after = Side(before.allow, unread.deny)

    found = [gain for gain in engine.gains(before, after) if gain.exact and gain.usual]

    assert [names(engine, gain.actions) for gain in found] == [("s3:PutObject",)]
