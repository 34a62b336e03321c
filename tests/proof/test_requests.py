"""Requests about one resource are decided as each context decides them."""

from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from proof.worlds import ACTIONS, CONTEXTS, NOW, RESOURCES, allowed, engine_for, sides

from iamctl.policy.normalized import normalize
from iamctl.proof.encoding import Reading
from iamctl.proof.engine import Side
from iamctl.proof.requests import Allowed, Requests
from iamctl.proof.statements import NO_FACTS, Facts

FEW = settings(max_examples=examples(40))
PLACES = st.sampled_from(range(len(RESOURCES)))


def in_contexts(held, action, place):
    """Return whether a request is allowed in each context of the small world."""
    bits = allowed(held, Reading.PARTS)[action] >> place * len(CONTEXTS)
    return [bool(bits >> number & 1) for number in range(len(CONTEXTS))]


@FEW
@given(sides(), st.sampled_from(ACTIONS), PLACES)
def test_with_every_key_known_the_answer_is_exact(held, action, place):
    engine, side = engine_for(held)
    requests = Requests(engine, NOW)

    for context, expected in zip(CONTEXTS, in_contexts(held, action, place), strict=True):
        found = requests.decide(side, action, RESOURCES[place], Facts(context, is_complete=True))
        assert (found.allowed is Allowed.ALWAYS) == expected
        assert found.allowed in ((Allowed.ALWAYS,) if expected else (Allowed.NO, Allowed.POSSIBLE))


@FEW
@given(sides(), st.sampled_from(ACTIONS), PLACES)
def test_with_no_key_known_the_answer_holds_for_all_contexts(held, action, place):
    engine, side = engine_for(held)

    found = Requests(engine, NOW).decide(side, action, RESOURCES[place], NO_FACTS)

    expected = in_contexts(held, action, place)
    if any(expected):
        assert found.allowed >= Allowed.SOMETIMES
        assert side.allow >> found.by & 1
    if found.allowed is Allowed.ALWAYS:
        assert all(expected)


@FEW
@given(sides(), st.sampled_from(ACTIONS))
def test_somewhere_is_on_any_resource(held, action):
    engine, side = engine_for(held)

    found = Requests(engine, NOW).somewhere(side, action, NO_FACTS)

    if allowed(held, Reading.PARTS)[action] and found.allowed is Allowed.NO:
        gains = engine.gains(Side(), side)
        assert not any(gain.usual and gain.actions >> engine.universe.number(action) & 1 for gain in gains)


def side_of(*statements):
    document = normalize({"Version": "2012-10-17", "Statement": list(statements)})
    engine, side = engine_for()[0], None
    numbers = engine.statements(document)
    side = Side(numbers.allow, numbers.deny)
    return engine, side


ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def test_contexts_that_exclude_each_other_are_no():
    inside = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    engine, side = side_of({**ALLOW, "Condition": inside}, {**ALLOW, "Effect": "Deny", "Condition": inside})

    assert Requests(engine, NOW).decide(side, "s3:GetObject", "arn:aws:s3:::b/x", NO_FACTS).allowed is Allowed.NO


def test_a_variable_is_what_is_known_of_the_person():
    own = {**ALLOW, "Resource": "arn:aws:s3:::home/${aws:username}"}
    engine, side = side_of(own)
    requests, known = Requests(engine, NOW), Facts({"aws:username": ("ann",)})

    def answer(resource, facts):
        return requests.decide(side, "s3:GetObject", resource, facts).allowed

    assert answer("arn:aws:s3:::home/ann", known) is Allowed.ALWAYS
    assert answer("arn:aws:s3:::home/bob", known) is Allowed.NO
    assert answer("arn:aws:s3:::home/ann", NO_FACTS) is Allowed.POSSIBLE


def test_a_boundary_that_nobody_has_read_makes_it_possible():
    engine, side = side_of(ALLOW)
    unread = engine.unread("of AWS")
    bounded = Side(side.allow, side.deny, (unread.allow,))

    found = Requests(engine, NOW).decide(bounded, "s3:GetObject", "arn:aws:s3:::b/x", NO_FACTS)

    assert found.allowed is Allowed.POSSIBLE


def test_what_only_a_star_over_a_colon_gives_is_possible():
    engine, side = side_of({**ALLOW, "Resource": "arn:aws:*x"})

    found = Requests(engine, NOW).decide(side, "s3:GetObject", "arn:aws:s3:::b/x", NO_FACTS)

    assert found.allowed is Allowed.POSSIBLE


def test_denying_names_the_denies_that_certainly_apply():
    deny = {**ALLOW, "Effect": "Deny"}
    engine, side = side_of(ALLOW, deny, {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}})

    found = Requests(engine, NOW).denying(side, "s3:GetObject", "arn:aws:s3:::b/x", NO_FACTS)

    assert [engine.statement(number).condition for number in range(99) if found >> number & 1] == [frozenset()]
