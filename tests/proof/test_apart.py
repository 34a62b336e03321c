"""A resource that no pattern in the way can meet needs no search; the answer is the one that searching gives."""

import pytest
from effort import examples
from hypothesis import given, settings
from proof.worlds import NOW, engine_for, sides

from iamctl.policy.normalized import normalize
from iamctl.proof.encoding import Reading, encode_resource
from iamctl.proof.engine import Engine, Side
from iamctl.proof.known_actions import known_actions
from iamctl.proof.patterns import find
from iamctl.proof.searches import Doubt
from iamctl.proof.universe import Universe

PATTERNS = [
    encode_resource(text, Reading.PARTS)
    for text in ("*", "arn:aws:s3:::logs*", "arn:aws:ec2:*:*:instance/*", "arn:aws:*:*:*:a-1*", "arn:aws:s3:::*/x")
]


@pytest.mark.parametrize("action", ["s3:GetObject", "ec2:RunInstances", "iam:CreateUser", "sqs:SendMessage"])
def test_resources_are_apart_only_from_what_they_share_no_text_with(action):
    known = known_actions()
    resources = known.resources(known.number(action.lower()))

    for one in PATTERNS:
        for other in PATTERNS:
            apart = [each for each in resources if not any(find((each, out), ()).text for out in (one, other))]
            for formats in (resources, *((each,) for each in resources)):
                expected = bool(set(formats) & set(apart))
                assert Universe([]).is_apart(formats, (one, other)) == expected


def same_either_way(gains):
    """Return what is found where every resource is searched, after comparing it with what is found otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Universe, "is_apart", lambda *_: False)
        expected = gains()
    assert gains() == expected
    return expected


@settings(max_examples=examples(25))
@given(sides(), sides())
def test_searching_everything_gives_the_same_gains(old, new):
    def gains():
        engine, before, after = engine_for(old, new)
        return engine.gains(before, after)

    same_either_way(gains)


def ec2(resource, effect="Allow"):
    return {"Effect": effect, "Action": "ec2:*", "Resource": f"arn:aws:ec2:*:{resource}"}


INSTANCES = ec2("*:instance/*", "Deny")


def bounded(allow, *ceilings):
    """Return what an Allow gives through some ceilings, except on instances."""
    engine = Engine(Universe(["ec2:*"]), NOW)

    def numbers(*blocks):
        return engine.statements(normalize({"Version": "2012-10-17", "Statement": list(blocks)}))

    held = numbers(allow, INSTANCES)
    return engine.gains(Side(), Side(held.allow, held.deny, tuple(numbers(one).allow for one in ceilings)))


def test_two_patterns_that_each_meet_a_resource_need_not_meet_on_it():
    names = ec2("*:??????/a"), ec2("*:*x*")

    (alone,) = (gain for gain in bounded(names[0]) if gain.usual)  # also on volumes

    found = same_either_way(lambda: bounded(*names))

    assert not any(gain.usual and not alone.actions & ~gain.actions for gain in found)


def test_a_variable_that_may_have_no_value_leaves_its_doubt():
    allow = ec2("*:*${aws:PrincipalTag/team}")

    assert all(Doubt.VARIABLE in gain.doubts for gain in same_either_way(lambda: bounded(allow)))


def test_actions_on_other_resources_than_those_denied_are_not_searched():
    allow = {**INSTANCES, "Effect": "Allow", "Resource": "*"}
    engine = Engine(Universe([allow["Action"]]), NOW)
    numbers = engine.statements(normalize({"Version": "2012-10-17", "Statement": [allow, INSTANCES]}))

    (gain, *_) = engine.gains(Side(), Side(numbers.allow, numbers.deny))

    assert gain.actions.bit_count() > 500
    assert engine.searched < 60


@pytest.mark.parametrize("most", range(1, 60, 3))
def test_what_nobody_could_search_for_any_more_is_in_doubt(most):
    allow = {**INSTANCES, "Effect": "Allow", "Resource": "*"}
    engine = Engine(Universe([allow["Action"]]), NOW, most_steps=most)
    numbers = engine.statements(normalize({"Version": "2012-10-17", "Statement": [allow, INSTANCES]}))

    gains = engine.gains(Side(), Side(numbers.allow, numbers.deny))

    assert gains
    assert all(gain.witness or Doubt.BUDGET in gain.doubts for gain in gains)
