"""Cells are one text for each combination of patterns, and no combination is missed."""

from hypothesis import example, given
from hypothesis import strategies as st
from proof.texts import LONGEST, TEXTS, patterns, truth

from iamctl.proof.cells import cells
from iamctl.proof.encoding import INNER, STAR, STEM, encode_text


@example([STEM])
@example([INNER + STAR])
@example([STEM + "a", STAR])
@given(st.lists(patterns(most=4), max_size=4))
def test_cells_are_the_combinations_that_enumeration_finds(several):
    texts = cells(several, most=16)
    assert texts is not None
    found = {truth(several, text): len(text) for text in texts}
    known = {}
    for text in TEXTS:
        known.setdefault(truth(several, text), len(text))

    assert len(found) == len(texts)
    assert known.keys() <= found.keys()
    assert known == {cell: size for cell, size in found.items() if size <= LONGEST}


def test_the_text_that_nothing_matches_comes_along():
    assert cells([], most=1) == ("",)
    assert cells([encode_text("a*"), "ab"], most=3) == ("", "a", "ab")


def test_more_cells_than_wanted_are_none():
    several = [encode_text(f"*{letter}*") for letter in "abcdef"]

    assert len(cells(several, most=64)) == 64
    assert cells(several, most=63) is None
    assert cells(several, most=64, budget=10) is None
