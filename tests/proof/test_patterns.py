"""The search finds a shortest text within some patterns and outside others, or proves that there is none."""

from itertools import product

import pytest
from effort import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st
from proof.texts import FREE, TEXTS, fits, patterns, truth

from iamctl.proof.encoding import INNER, ONE, SOME, STAR, STEM, Reading, encode_resource, encode_text, symbol
from iamctl.proof.patterns import BUDGET, Machine, _branched, _Search, counted, find, matches, may_match

USER = symbol("aws:username")
TEAM = symbol("aws:PrincipalTag/team")
WITH_SYMBOLS = ("a", "b", "/", STAR, ONE, STEM, USER, TEAM)
VALUES = ("", "a", "b", "ab", "xx")


@given(patterns(), st.sampled_from(TEXTS))
def test_one_pattern_matches_as_a_regular_expression_does(pattern, text):
    assert matches(pattern, text) is fits(pattern, text)


@settings(max_examples=examples(150))
@example([STAR], [STEM])
@example([ONE + STAR], [INNER + STAR])
@example([STAR + ":" + STAR], [STEM + ":" + STEM])
@example([STAR + "a" + STAR, STAR + "b" + STAR], [f"{STAR}a{STAR}b{STAR}", f"b{STAR}"])
@given(st.lists(patterns(), min_size=1, max_size=3), st.lists(patterns(), max_size=3))
def test_find_is_what_enumeration_finds(inside, outside):
    found = find(inside, outside)
    known = next((text for text in TEXTS if all(truth(inside, text)) and not any(truth(outside, text))), None)

    assert found.complete
    if found.text is None:
        assert known is None
    else:
        assert all(truth(inside, found.text))
        assert not any(truth(outside, found.text))
        assert known is None or len(known) == len(found.text)


@settings(max_examples=examples(200))
@example("ab", [STAR, STEM], ["a", f"ab{STAR}"], BUDGET)
@example("ab", ["", "a"], ["b"], 1)
@example("a", [STAR + "b"], [STAR + "b"], BUDGET)
@given(
    st.text("ab:", max_size=4),
    st.lists(patterns(("a", "b", ":", STAR, ONE, STEM, INNER, SOME, USER)), min_size=1, max_size=3),
    st.lists(patterns(("a", "b", ":", STAR, ONE, STEM, INNER, SOME, USER), most=8), max_size=4),
    st.sampled_from((1, 2, 3, 5, BUDGET)),
)
def test_the_only_possible_beginning_is_read_as_a_search_reads_it(beginning, inside, outside, budget):
    """The same text or proof after as many states: these count against the budget of a question."""
    first, *others = inside
    inside = [beginning + first, *others]
    machine = Machine((*inside, *outside), len(inside))
    search = _Search(machine, len(inside))
    if not search.ends_now(machine.start) and not search.is_hopeless(machine.start):
        assert counted(inside, outside, budget) == _branched(search, machine.start, "", budget)


def test_the_budget_is_never_a_proof():
    assert find((STAR,), (STEM,), budget=0) == (None, False)
    assert find((STAR,), (STEM,)) == (":", True)


@pytest.mark.parametrize(
    ("inside", "outside", "text"),
    [
        (["arn:aws:s3:::logs/*"], ["arn:aws:s3:::logs/2026/*"], "arn:aws:s3:::logs/"),
        (["arn:aws:s3:::*"], ["arn:aws:s3:::*"], None),
        (["arn:aws:s3:::a*", "arn:aws:s3:::*b"], [], "arn:aws:s3:::ab"),
        (["*"], ["arn:aws:*"], ""),
        (["a?"], ["ax", "ay"], "ab"),
        (["*"], ["", "?", "??*"], None),
    ],
)
def test_found_texts(inside, outside, text):
    assert find([*map(encode_text, inside)], [*map(encode_text, outside)]) == (text, True)


def test_arns_that_differ_behind_stars_meet():
    """A shortcut that compares literal beginnings must stop at the first wildcard of either pattern."""
    one, other = (encode_resource(f"ec2:*:*:{end}", Reading.GLOB) for end in ("a*", "b*"))

    assert find((one, other), ()).text is not None


@settings(max_examples=examples(150))
@given(st.lists(patterns(WITH_SYMBOLS), min_size=1, max_size=2), st.lists(patterns(WITH_SYMBOLS), max_size=2))
def test_what_is_found_for_symbols_holds_for_every_value(inside, outside):
    """Values without a colon; patterns of outside must not match the found text for any of them."""
    found = find(inside, outside)
    if found.text is not None and not any(may_match(pattern, found.text) for pattern in outside):
        for user, team in product(VALUES, VALUES):
            assert all(fits(valued(pattern, user, team), valued(found.text, user, team)) for pattern in inside)
            assert not any(fits(valued(pattern, user, team), valued(found.text, user, team)) for pattern in outside)


@settings(max_examples=examples(100))
@given(patterns(WITH_SYMBOLS), st.lists(patterns(WITH_SYMBOLS), max_size=2))
def test_what_is_proved_for_symbols_holds_for_every_value(inside, outside):
    """One pattern inside: its symbols stay symbols, and only the same symbol or a star of outside matches them."""
    if find([inside], outside) == (None, True):
        for user, team in product(("", "a", "b/"), ("a", "xx")):
            pattern = valued(inside, user, team)
            assert find([pattern], [valued(each, user, team) for each in outside]) == (None, True)


def test_a_stem_of_inside_takes_a_symbol_and_one_of_outside_does_not():
    bucket = f"arn:{STEM}:s3:::{STEM}"

    assert find((f"arn:aws:s3:::{USER}", bucket), ()).text == f"arn:aws:s3:::{USER}"
    assert find((f"arn:aws:s3:::{USER}",), (bucket,)).text == f"arn:aws:s3:::{USER}"
    assert find((f"a{USER}",), (f"a{ONE}",)).text == f"a{USER}"
    assert find((f"a{USER}",), (f"a{STAR}",)).text is None


def test_a_variable_may_say_anything():
    assert may_match(f"home/{USER}", "home/alice")
    assert may_match("home/alice", f"home/{USER}")
    assert may_match(f"{USER}a", f"b{TEAM}")
    assert not may_match(f"home/{USER}", "house/alice")
    assert not may_match("home/alice", f"house/{USER}")


def test_the_free_character_is_one_that_no_pattern_holds():
    assert find((ONE,), ()).text == FREE
    assert find((ONE,), (FREE,)).text == "a"


def valued(text, user, team):
    return text.replace(USER, user).replace(TEAM, team)


IN_A_BYTE = ("a", "b", ":", "\xff", STAR, ONE, STEM, INNER, SOME)
WITH_OTHERS = (IN_A_BYTE, (*IN_A_BYTE, "\x01"), (*IN_A_BYTE, USER, "\u0100"))


def parts(machine):
    """Return all that a machine reads by."""
    fields = ("start", "ends", "one", "inner", "some", "loop", "stem", "held", "literals", "spans")
    return {name: getattr(machine, name) for name in fields}


@settings(max_examples=examples(100))
@given(st.sampled_from(WITH_OTHERS), st.data())
def test_many_patterns_at_once_are_the_machine_of_one_after_the_other(tokens, data):
    some, more = (data.draw(st.lists(patterns(tokens), min_size=least, max_size=12)) for least in (0, 8))
    machine = Machine(())

    machine.extend(some)
    machine.extend(more)

    assert parts(machine) == parts(Machine((*some, *more), len(some + more)))
    assert parts(machine.holding_nothing()) == parts(Machine((*some, *more)))
