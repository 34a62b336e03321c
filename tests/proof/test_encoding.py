"""Texts of policies become patterns as each reading of ``*`` understands them."""

import re
from fnmatch import translate

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from iamctl.proof.encoding import (
    INNER,
    ONE,
    STAR,
    STEM,
    Reading,
    encode_literal,
    encode_resource,
    encode_text,
    encode_widest,
    has_symbol,
    opened,
    spelled,
    symbol,
)
from iamctl.proof.patterns import find, matches

WRITTEN = st.text(alphabet="ab:*?", max_size=12)
REQUESTED = st.lists(st.text(alphabet="ab", max_size=2), min_size=5, max_size=5)
RESTS = st.text(alphabet="ab:", max_size=4)


def globbed(pattern, text):
    return re.fullmatch(translate(pattern), text) is not None


def by_parts(pattern, text):
    parts = pattern.split(":", 5)
    parts += ["*"] * (6 - len(parts))
    return all(map(globbed, parts, text.split(":", 5)))


@given(WRITTEN, REQUESTED, RESTS)
def test_stars_stay_in_their_part_and_short_arns_are_filled_up(pattern, head, rest):
    text = ":".join((*head, rest))
    assume(pattern.strip("*"))

    assert matches(encode_resource(pattern, Reading.PARTS), text) is by_parts(pattern, text)


@given(WRITTEN, REQUESTED, RESTS)
def test_the_third_reading_is_a_plain_glob(pattern, head, rest):
    text = ":".join((*head, rest))

    assert matches(encode_resource(pattern, Reading.GLOB), text) is globbed(pattern, text)


@given(WRITTEN, REQUESTED, RESTS)
def test_the_widest_pattern_matches_what_any_reading_does(pattern, head, rest):
    text = ":".join((*head, rest))
    readings = {reading: matches(encode_resource(pattern, reading), text) for reading in Reading}

    assert matches(encode_widest(pattern), text) or not any(readings.values())
    assert readings[Reading.GLOB] or not readings[Reading.ENDS]
    if pattern.count(":") >= 5:
        assert readings[Reading.ENDS] or not readings[Reading.PARTS]


@pytest.mark.parametrize(
    ("pattern", "text", "readings"),
    [
        ("arn:aws:s3:::logs/*", "arn:aws:s3:::logs/a:b", {"parts", "ends", "glob"}),
        ("arn:aws:*:b", "arn:aws:s3:::b", {"ends", "glob"}),
        ("arn:aws:e*s:a", "arn:aws:ecs:::s:a", {"glob"}),
        ("arn:aws:ecs:*", "arn:aws:ecs:a:b:task/c", {"parts", "ends", "glob"}),
        ("arn:aws:ecs", "arn:aws:ecs:a:b:task/c", {"parts"}),
        ("arn:aws:s?:::b", "arn:aws:s3:::b", {"parts", "ends", "glob"}),
        ("arn:aws:s?::b", "arn:aws:s:::b", {"glob"}),
        ("arn:aws:iam::1:user/*", "arn:aws:iam::1:role/x", set()),
        ("*", "*", {"parts", "ends", "glob"}),
        ("arn:*", "*", set()),
    ],
)
def test_readings_of_one_pattern(pattern, text, readings):
    assert {reading.value for reading in Reading if matches(encode_resource(pattern, reading), text)} == readings


@pytest.mark.parametrize(
    ("written", "pattern"),
    [
        ("a*b?", f"a{STAR}b{ONE}"),
        ("***", STAR),
        ("*?*?", ONE + ONE + STAR),
        ("a${*}${?}${$}", "a*?$"),
        ("a${*", "a${" + STAR),
        ("${aws:username}", "${aws:username}"),
        ("a\n*", f"a\n{STAR}"),
    ],
)
def test_wildcards_and_escapes(written, pattern):
    assert encode_text(written) == pattern


def test_documents_of_2008_have_no_escapes():
    assert encode_text("${*}", escapes=False) == f"${{{STAR}}}"
    assert encode_resource("arn:aws:s3:::${*}", Reading.PARTS, escapes=False) == f"arn:aws:s3:::${{{STAR}}}"


def test_a_literal_star_is_no_wildcard():
    assert encode_literal("*") == "*" != encode_text("*")
    assert not matches(encode_text("${*}"), "a")


@given(st.lists(st.sampled_from("ab:*?"), max_size=8), st.randoms())
def test_equal_runs_of_wildcards_are_one_pattern(tokens, random):
    shuffled = re.sub(r"[*?]+", lambda run: "".join(random.sample(run[0], len(run[0]))), "".join(tokens))

    assert encode_text("".join(tokens)) == encode_text(shuffled)
    for reading in (Reading.PARTS, Reading.GLOB):
        assert encode_resource("".join(tokens), reading) == encode_resource(shuffled, reading)


def test_a_symbol_is_one_character_for_one_name():
    user = symbol("aws:username")

    assert len(user) == 1
    assert user == symbol("AWS:UserName") != symbol("aws:userid")
    assert has_symbol(f"a{user}")
    assert not has_symbol(f"a{STAR}{STEM}{INNER}{ONE}*")
    assert opened(f"{user}{user}/a{user}*") == f"{STAR}/a{STAR}*"
    assert spelled(f"arn:{STEM}{INNER}:{user}/{STAR}{ONE}") == "arn:*?:${aws:username}/*?"


def test_a_variable_is_shown_as_aws_spells_it_whoever_used_it_first():
    first = symbol("AWS:MultiFactorAUTHage"), symbol("AWS:principalTAG/CostCenter")

    assert first == (symbol("aws:MultiFactorAuthAge"), symbol("aws:PrincipalTag/costcenter"))
    assert spelled("".join(first)) == "${aws:MultiFactorAuthAge}${aws:PrincipalTag/costcenter}"
    assert spelled(symbol("AWS:sourceIP, 'Nobody'")) == "${aws:SourceIp, 'Nobody'}"


def test_many_symbols_are_different_characters():
    assert len({symbol(f"aws:PrincipalTag/{number}") for number in range(2000)}) == 2000


def test_a_hostile_text_ends_the_search_within_its_budget():
    stars = encode_text("*a" * 40)

    assert find((stars,), tuple(encode_text("?" * size + "b*" * 30) for size in range(20)), budget=300).text is not None
    assert find((encode_text("*b" * 20),), (encode_text("*b*b" * 5),), budget=10) == (None, False)
