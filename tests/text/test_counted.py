"""Numbers with their nouns, and lists that stay short."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamctl.text.counted import counted, listed, plural


@pytest.mark.parametrize(
    ("noun", "many"),
    [
        ("user", "users"),
        ("policy", "policies"),
        ("access key", "access keys"),
        ("day", "days"),
        ("address", "addresses"),
        ("branch", "branches"),
        ("MFA device", "MFA devices"),
    ],
)
def test_a_regular_plural(noun: str, many: str) -> None:
    assert plural(noun) == many


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (counted(0, "user"), "0 users"),
        (counted(1, "user"), "1 user"),
        (counted(2, "policy"), "2 policies"),
        (counted(1, "person", "people"), "1 person"),
        (counted(12_345, "person", "people"), "12,345 people"),
        (listed([], 3), ""),
        (listed("ab", 3), "a, b"),
        (listed("abc", 3), "a, b, c"),
        (listed("abcd", 3), "a, b, c and 1 more"),
        (listed(range(3_010)), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 3,000 more"),
    ],
)
def test_numbers_and_lists(text: str, told: str) -> None:
    assert text == told


@given(st.lists(st.text("abcxyz", min_size=1), max_size=40), st.integers(1, 20))
def test_a_list_names_the_first_and_counts_the_others(names: list[str], most: int) -> None:
    shown, _, more = listed(names, most).partition(" and ")
    assert [*filter(None, shown.split(", "))] == names[:most]
    assert int(more.removesuffix(" more") or 0) == max(0, len(names) - most)
