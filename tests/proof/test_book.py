"""A book reads one pattern through all others at once: which may match a common text, and which match all of its texts."""

from effort import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st
from proof.texts import TEXTS, fits, patterns

from iamctl.proof.book import BLOCK, Book
from iamctl.proof.encoding import INNER, ONE, SOME, STAR, STEM, has_symbol, symbol
from iamctl.proof.patterns import find

TOKENS = ("a", "b", ":", STAR, ONE, STEM, INNER, SOME, symbol("aws:username"), symbol("aws:userid"))
LISTS = st.lists(patterns(TOKENS), min_size=1, max_size=6, unique=True)


def book_of(others):
    book = Book()
    assert [book.number(other) for other in others] == list(range(len(others)))
    return book


def chosen(bits, others):
    return [other for place, other in enumerate(others) if bits >> place & 1]


@settings(max_examples=examples(400))
@example(STAR, ["", "a", STEM])
@example(STEM + "b", ["a:b", f"a{ONE}b", f"{STAR}:b"])
@example(f"{STEM}a:{STEM}", [f"b{STEM}:a", f"{STEM}:", ":a"])
@given(patterns(TOKENS), LISTS)
def test_those_that_meet_are_those_that_a_search_finds_a_text_for(pattern, others):
    assert chosen(book_of(others).meeting(pattern), others) == [
        other for other in others if find((pattern, other), ()).text is not None
    ]


@settings(max_examples=examples(400))
@example(STEM, [STAR, STEM, ONE + STAR])
@example(f"a{STAR}", [f"a{STAR}", f"{STAR}a{STAR}", f"a{STEM}"])
@example(STEM + symbol("aws:userid"), [STEM + SOME])
@given(patterns(TOKENS), LISTS)
def test_those_that_include_leave_no_text(pattern, others):
    """Not all that include it are found; all that are found do.

    A search lets no stem of the other pattern match an unknown variable, though its value has no colon either.
    """
    for other in chosen(book_of(others).including(pattern), others):
        found = find((pattern,), (other,))
        assert found == (None, True) or (has_symbol(found.text) and fits(other, found.text))


@given(patterns(), LISTS)
def test_a_pattern_includes_itself_and_each_of_its_texts(pattern, others):
    assert book_of([pattern]).including(pattern) == 1
    for text in TEXTS:
        matching = [other for other in others if fits(other, text)] if not has_others(others) else []
        assert not matching or chosen(book_of(others).including(text), others) == matching


def has_others(others):
    return any(token not in "ab:" + STAR + ONE + STEM + INNER for other in others for token in other)


def test_patterns_that_come_later_are_found_in_every_block():
    book = book_of([f"a{number}" for number in range(BLOCK + 2)])
    assert book.meeting("a*".replace("*", STAR)) == (1 << BLOCK + 2) - 1
    assert book.number("ab") == BLOCK + 2
    assert book.meeting("a*".replace("*", STAR)) == (1 << BLOCK + 3) - 1
    assert book.meeting("ab") == book.including("ab") == 1 << BLOCK + 2
    assert book.number("ab") == BLOCK + 2
