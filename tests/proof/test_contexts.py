"""Candidates of keys reach every combination of truth that brute force reaches; ``least_true`` dominates every context."""

from datetime import UTC, datetime
from itertools import chain, combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamctl.proof.aws_facts import ALWAYS_PRESENT, earliest
from iamctl.proof.contexts import options
from iamctl.proof.encoding import symbol
from iamctl.proof.least_true import least_true
from iamctl.proof.lines import holds, line

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
TIMES = earliest(NOW)

TEXTS = tuple("".join(letters) for size in range(4) for letters in product("ab:", repeat=size))
WORDS = ("true", "True", "TRUE", "tRue", "false", "False", "FALSE", "", "t", "truex", "x")
NUMBERS = tuple(str(number / 2) for number in range(-2, 12))
ADDRESSES = (
    "10.0.0.0",
    "10.0.0.1",
    "10.0.0.128",
    "10.0.1.0",
    "10.1.0.0",
    "9.255.255.255",
    "2001:db8::1",
    "2001:db8:1::",
    "::",
)
PATTERNS = st.text("ab:*?", max_size=3)


def texts(*operators, values):
    return st.builds(
        lambda operator, found: line(operator, "k", found), st.sampled_from(operators), st.lists(values, max_size=2)
    )


PLAIN = (
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIfExists",
    "StringLikeIfExists",
    "StringNotLikeIfExists",
)
NULL = st.builds(lambda value: line("Null", "k", [value]), st.sampled_from(["true", "false"]))
FAMILIES = {
    "texts": (texts(*PLAIN, values=PATTERNS) | NULL, TEXTS),
    "words": (
        texts("Bool", "BoolIfExists", values=st.sampled_from(["true", "false", "True"]))
        | texts(
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            values=st.sampled_from(WORDS[:6]),
        ),
        WORDS,
    ),
    "patterns of words": (
        texts("Bool", values=st.sampled_from(["true", "false"]))
        | texts("StringLike", values=st.sampled_from(["t*", "T*", "*e", "?rue", "true", "*"])),
        WORDS,
    ),
    "numbers": (
        texts(
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericGreaterThanEquals",
            "NumericLessThanIfExists",
            values=st.sampled_from(["0", "1", "1.5", "4", "5"]),
        )
        | NULL,
        NUMBERS,
    ),
    "addresses": (
        texts(
            "IpAddress",
            "NotIpAddress",
            "IpAddressIfExists",
            values=st.sampled_from(["10.0.0.0/24", "10.0.0.128/25", "10.0.0.1", "10.0.0.0/8", "2001:db8::/32", "::/0"]),
        )
        | NULL,
        ADDRESSES,
    ),
    "parts": (
        texts(
            "ArnLike",
            "ArnNotEquals",
            "StringEquals",
            values=st.sampled_from(["arn:a:b::1:x", "arn:*:b::1:*", "arn:a:?::1:x*", "*"]),
        )
        | NULL,
        (
            "arn:a:b::1:x",
            "arn:a:c::1:x",
            "arn:a:b::1:y",
            "arn:z:b::1:x",
            "arn:z:b::1:y:z",
            "arn:a:c::1:xy",
            "q",
            "arn:a:c:d:::1:x",
        ),
    ),
}


def truths(lines, values):
    return frozenset(one for one in lines if holds(one, values))


@pytest.mark.parametrize("name", FAMILIES)
def test_options_reach_every_combination_of_truth(name):
    strategy, domain = FAMILIES[name]

    @given(st.lists(strategy, min_size=1, max_size=4))
    def check(lines):
        found = options("k", tuple(sorted(set(lines))))

        assert found is not None
        assert {truths(lines, values) for values in ((), *((one,) for one in domain))} <= {
            option.true for option in found
        }
        assert all(truths(lines, option.values) == option.true for option in found)

    check()


SETS = texts(
    *(
        f"{prefix}{plain}{suffix}"
        for prefix in ("ForAllValues:", "ForAnyValue:")
        for plain in ("StringEquals", "StringNotLike")
        for suffix in ("", "IfExists")
    ),
    values=st.text("ab*", max_size=2),
)


@given(st.lists(SETS | texts("StringEquals", values=st.text("ab", max_size=2)) | NULL, min_size=1, max_size=3))
def test_sets_of_values_reach_every_combination_of_truth(lines):
    members = tuple("".join(letters) for size in range(3) for letters in product("abz", repeat=size))
    sets = chain.from_iterable(combinations(members, size) for size in range(4))
    if not any(one.prefix for one in lines):
        sets = ((), *((one,) for one in members))

    found = options("k", tuple(sorted(set(lines))))

    assert {truths(lines, values) for values in sets} <= {option.true for option in found}


def test_keys_that_are_always_there_are_never_absent():
    assert all(options(key, (line("Null", key, ["true"]),))[0].true == frozenset() for key in ALWAYS_PRESENT)
    assert all(
        option.values
        for key in ALWAYS_PRESENT
        for option in options(key, (line("StringLike", key, ["a*"]),), None) or ()
    )


def test_boolean_keys_have_two_words_and_the_service_one_is_false():
    found = options(
        "aws:viaawsservice",
        (line("Bool", "aws:viaawsservice", ["true"]), line("StringEquals", "aws:viaawsservice", ["True"])),
    )
    service = options("aws:principalisawsservice", (line("Bool", "aws:principalisawsservice", ["true"]),))

    assert [option.values for option in found] == [("false",), ("true",)]
    assert [option.values for option in service] == [("false",)]


def test_time_does_not_go_back():
    past = line("DateLessThan", "aws:currenttime", ["2026-11-24T10:00:00Z"])
    soon = line("DateLessThan", "aws:currenttime", ["2026-11-24T10:00:01Z"])
    token = line("DateLessThan", "aws:tokenissuetime", ["2026-11-22T21:00:00Z"])
    young = line("DateLessThan", "aws:tokenissuetime", ["2026-11-22T23:00:00Z"])

    def can(one):
        return bool(least_true(frozenset({one}), (), TIMES))

    assert [can(past), can(soon), can(token), can(young)] == [False, True, False, True]


def test_different_ways_to_compare_one_key_are_not_listed():
    assert options("k", (line("StringLike", "k", ["1*"]), line("NumericEquals", "k", ["1"]))) is None
    assert (
        options("aws:currenttime", (line("StringLike", "aws:currenttime", ["2026*"]),), TIMES["aws:currenttime"])
        is None
    )
    assert options("k", tuple(line("StringLike", "k", [f"*{letter}*"]) for letter in "abcdefghij")) is None


def test_usual_values_come_first():
    mfa = line("Bool", "aws:multifactorauthpresent", ["true"])
    region = line("StringEquals", "aws:requestedregion", ["eu-west-1", "us-east-1"])

    contexts = least_true(frozenset({region}), (frozenset({mfa}),), TIMES)

    assert dict(contexts[0].context) == {
        "aws:multifactorauthpresent": ("false",),
        "aws:requestedregion": ("us-east-1",),
    }


# --- least_true ---------------------------------------------------------------------------------------------------

KEYS = ("j", "k", "l")
LINE = st.builds(
    lambda operator, key, value: line(operator, key, [value]),
    st.sampled_from(["StringEquals", "StringNotEquals", "StringEqualsIfExists", "Null", "StringLike", "BinaryEquals"]),
    st.sampled_from(KEYS),
    st.sampled_from(["a", "b", "true", "a*"]),
).filter(lambda one: one.operator != "Null" or one.values == ("true",))
CONDITION = st.frozensets(LINE, max_size=3)
EVERY = [
    dict(zip(KEYS, values, strict=True))
    for values in product([(), ("a",), ("b",), ("true",), ("ab",), ("z",)], repeat=3)
]


def known(one):
    return one.operator != "BinaryEquals"


@given(CONDITION, st.lists(CONDITION, max_size=4))
def test_least_true_dominates_every_context(wanted, against):
    """Whatever truth the lines have that are not known, one choice holds no more than this context does."""
    choices = least_true(wanted, against, TIMES)
    opaque = sorted({one for block in (wanted, *against) for one in block if not known(one)})

    for context in EVERY:
        for guesses in product([False, True], repeat=len(opaque)):
            guess = dict(zip(opaque, guesses, strict=True))
            true = {
                one
                for block in (wanted, *against)
                for one in block
                if guess.get(one, known(one) and holds(one, context[one.key]))
            }
            if wanted <= true:
                held = sum(1 << place for place, block in enumerate(against) if block <= true)
                assert any(choice.possible & ~held == 0 for choice in choices)
    for choice in choices:
        context = dict(choice.context)
        assert all(holds(one, context.get(one.key, ())) for one in wanted if known(one))
        certain = sum(
            1 << place
            for place, block in enumerate(against)
            if all(holds(one, context.get(one.key, ())) for one in block if known(one))
        )
        assert choice.certain == certain
        assert choice.is_exact == all(map(known, wanted))


def test_least_true_returns_each_smallest_set():
    """Two blocks that cannot both be avoided: a request escapes the one or the other."""
    absent, present = line("Null", "k", ["true"]), line("Null", "k", ["false"])

    choices = least_true(frozenset(), (frozenset({absent}), frozenset({present})), TIMES)

    assert sorted(choice.certain for choice in choices) == [1, 2]


def test_too_many_combinations_are_never_a_proof():
    blocks = [frozenset({line("Null", f"k{number}", [value])}) for number in range(12) for value in ("true", "false")]

    choices = least_true(frozenset(), blocks, TIMES)

    assert not any(choice.is_exact for choice in choices)
    for present in (0b101010101010, 0b111111000000, 0):
        held = sum(1 << 2 * number + (present >> number & 1) for number in range(12))
        assert any(choice.possible & ~held == 0 for choice in choices)


def test_a_variable_in_a_value_leaves_the_line_open():
    own = line("StringEquals", "k", [symbol("aws:username")])

    assert not least_true(frozenset({own}), (), TIMES)[0].is_exact
    assert [(choice.certain, choice.possible) for choice in least_true(frozenset(), (frozenset({own}),), TIMES)] == [
        (1, 0)
    ]
