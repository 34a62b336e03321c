"""Actions as bits: patterns match what they say, and what AWS adds later is there by one example for each."""

import re
from fnmatch import translate

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from iamctl.policy.actions.details import Level
from iamctl.proof.encoding import ANY_ARN, Reading, encode_format, encode_resource, symbol
from iamctl.proof.known_actions import known_actions, numbers
from iamctl.proof.patterns import find, matches
from iamctl.proof.universe import ForgottenPatternError, Universe

NAMES = known_actions().folded
NOTHING = Universe(())


@st.composite
def action_patterns(draw):
    name = draw(st.sampled_from(NAMES))
    for _ in range(draw(st.integers(0, 2))):
        cut = draw(st.integers(0, len(name)))
        end = draw(st.integers(cut, len(name)))
        name = name[:cut] + draw(st.sampled_from("*?")) + name[end:]
    return name


def read(universe, bits):
    return {name.lower() for name in universe.names(bits)}


@settings(max_examples=examples(50))
@given(action_patterns())
def test_a_pattern_is_the_known_actions_that_it_matches(pattern):
    universe = Universe([pattern])
    fits = re.compile(translate(pattern)).match
    expected = {name for name in NAMES if fits(name)}

    assert read(universe, universe.bits(pattern) & universe.known) == expected
    assert universe.bits(pattern.upper()) == universe.bits(pattern)


def test_an_action_that_only_a_policy_names_has_a_number():
    universe = Universe(["s3:GetMoonObject", "moon:Land"])
    number = universe.number("S3:getmoonobject")

    assert universe.bits("s3:getmoonobject") == 1 << number
    assert universe.matching("s3:Get*") >> number & 1
    assert universe.matching("s3:GetMoonObjec?") >> number & 1
    assert not universe.known >> number & 1
    assert not universe.coming >> number & 1
    assert universe.level(number) is None
    assert NOTHING.number("moon:Land") is None


@pytest.mark.parametrize("pattern", ["moon:Land", "s3:Get*", "*:*"])
def test_a_pattern_that_the_universe_was_not_made_for_is_an_error(pattern):
    with pytest.raises(ForgottenPatternError, match=re.escape(pattern)):
        NOTHING.bits(pattern)

    assert Universe([pattern]).bits(pattern.upper())


def test_the_known_actions_are_numbered_in_the_order_of_their_names():
    known = known_actions()

    assert list(NAMES) == sorted(NAMES)
    assert len(NAMES) == known.count
    for number in range(0, known.count, 23):
        assert known.number(NAMES[number]) == number
        assert known.name(number).lower() == NAMES[number]
        assert NAMES[number].startswith(f"{known.prefix(number)}:")
    assert known.number("s3:zzz") is known.number("zzz:get") is known.number("") is None


def test_known_actions_need_not_be_given():
    assert NOTHING.bits("s3:getobject") == 1 << NOTHING.number("s3:GetObject")


def test_coming_actions_tell_a_pattern_from_the_list_of_what_it_matches_today():
    universe = Universe(["s3:Get*", "s3:*"])
    listed = sum(1 << universe.number(name) for name in NAMES if name.startswith("s3:get"))

    assert universe.names(universe.bits("s3:Get*") ^ listed) == ("s3:get*",)
    assert universe.bits("s3:Get*") & ~universe.bits("s3:*") == 0
    assert universe.names(universe.bits("s3:*") & universe.coming) == ("s3:*", "s3:get*")


@pytest.mark.parametrize(
    ("pattern", "other", "matched"),
    [
        ("s3:Get*", "s3:G*", True),
        ("s3:Get*", "s3:Get?", False),
        ("s3:Get*", "s3:Get*Object", False),
        ("s3:Get?", "s3:Get*", True),
        ("s3:Get?", "s3:Get??", False),
        ("*", "*:*", True),
        ("*", "s3:*", False),
        ("iam:*", "*", True),
    ],
)
def test_what_a_star_stands_for_is_as_general_as_can_be(pattern, other, matched):
    universe = Universe([pattern])
    coming = universe.coming & universe.bits(pattern)
    own = next(
        number
        for number in numbers(coming)
        if universe.name(number) == pattern.lower().replace("*", "*:*", pattern == "*")
    )

    assert bool(universe.matching(other) >> own & 1) is matched


def test_everything_and_what_is_left_of_it():
    universe = Universe(["iam:*"])

    assert universe.bits("*") == universe.all == universe.matching("*:*")
    assert universe.names(universe.all & ~universe.bits("iam:*") & universe.coming) == ("*:*",)


def test_levels_share_out_the_known_actions():
    assert set(NOTHING.levels) == set(Level)
    assert sum(NOTHING.levels.values()) == NOTHING.known
    assert min(map(int.bit_count, NOTHING.levels.values())) > 400


@pytest.mark.parametrize(
    ("action", "level", "formats"),
    [
        ("s3:GetObject", Level.READ, {"arn:${Partition}:s3:::${BucketName}/${ObjectName}"}),
        ("s3:PutObject", Level.WRITE, {"arn:${Partition}:s3:::${BucketName}/${ObjectName}"}),
        ("ec2:DescribeInstances", Level.LIST, set()),
        ("iam:PassRole", Level.PERMISSIONS, {"arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"}),
        ("sts:AssumeRole", Level.PERMISSIONS, {"arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"}),
        ("iam:AttachUserPolicy", Level.PERMISSIONS, {"arn:${Partition}:iam::${Account}:user/${UserNameWithPath}"}),
        ("iam:TagUser", Level.TAGGING, {"arn:${Partition}:iam::${Account}:user/${UserNameWithPath}"}),
    ],
)
def test_what_the_catalogue_says_of_an_action(action, level, formats):
    number = NOTHING.number(action)

    assert NOTHING.level(number) is level
    assert formats <= set(known_actions().formats(number))
    assert bool(formats) is bool(known_actions().formats(number))


@pytest.mark.parametrize("pattern", ["*", "s3:*", "ec2:*", "iam:PassRole", "moon:*", "s3:NoSuchAction"])
def test_places_and_services_share_out_the_actions(pattern):
    universe = Universe([pattern, "moon:Land"])
    bits = universe.bits(pattern)
    kinds = universe.places(bits)
    services = universe.by_service(bits)

    assert sum(actions for actions, _ in kinds) == bits == sum(services.values())
    assert list(services) == sorted(services)
    for actions, resources in kinds:
        assert actions
        for number in list(numbers(actions))[:3]:
            known = universe.known >> number & 1
            formats = known_actions().formats(number) if known else ()
            expected = tuple(map(encode_format, formats)) or ("*",)
            assert resources == (expected if known else (ANY_ARN, "*"))
            assert services[universe.name(number).partition(":")[0]] >> number & 1


def test_the_resource_of_an_action_without_resources_is_a_star_that_only_a_star_matches():
    (place,) = NOTHING.places(NOTHING.bits("ec2:DescribeInstances"))
    inside = [encode_resource("arn:aws:ec2:*:*:instance/*", Reading.GLOB), *place.resources]

    assert place.resources == ("*",)
    assert find(inside, ()).text is None
    assert find([encode_resource("*", Reading.PARTS), *place.resources], ()).text == "*"


def test_a_format_matches_arns_with_no_part_empty():
    bucket = encode_format("arn:${Partition}:s3:::${BucketName}")
    role = encode_format("arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}")
    user = symbol("aws:username")

    assert matches(bucket, "arn:aws:s3:::b")
    assert not matches(bucket, "arn:aws:s3:::")
    assert not matches(role, "arn:aws:iam:::role/x")
    assert matches(role, "arn:aws:iam::1:role/path/x")
    assert not matches(role, "arn:aws:iam:::1:role/x")
    assert matches(bucket, f"arn:aws:s3:::{user}")
    assert matches(encode_format("arn:${Partition}:health:*::event/${Service}/*"), "arn:aws:health:x::event/a/b")
    assert matches(ANY_ARN, "arn:::::")
    assert not matches(ANY_ARN, "*")
