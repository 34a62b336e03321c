"""Which items of a list became which items of another one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from iamctl.manifests.spans import Leaf, Raw

_MOST_COMPARED = 20_000
"""So many pairs of items are compared part by part; in longer lists, items that differ are paired in their order."""

Pair = tuple[int | None, int | None]
"""The index of an item before and after; None where there is none."""


def aligned(before: Sequence[Raw], after: Sequence[Raw]) -> list[Pair]:
    """Return the pairs of items in the order of both lists: equal ones first of all, then those that share a part."""
    matcher = SequenceMatcher(None, list(map(_key, before)), list(map(_key, after)), autojunk=False)
    found: list[Pair] = []
    for tag, low, high, first, end in matcher.get_opcodes():
        if tag == "equal":
            found += zip(range(low, high), range(first, end), strict=True)
        else:
            found += _similar_pairs(before, after, (low, high), (first, end))
    return found


def _key(value: Raw) -> str:
    """Return a text that two values share only if they are equal."""
    return json.dumps(value, default=lambda leaf: {"": [leaf.text, leaf.is_typed]}, sort_keys=True)


def _similar_pairs(
    before: Sequence[Raw], after: Sequence[Raw], old: tuple[int, int], new: tuple[int, int]
) -> Iterator[Pair]:
    """Yield the pairs of two ranges: those that share a part, and between them those of the same sort in their order."""
    rows, columns = range(*old), range(*new)
    i, j = old[0], new[0]
    for row, column in _longest(before, after, rows, columns):
        yield from _in_order(before, after, range(i, row), range(j, column))
        yield row, column
        i, j = row + 1, column + 1
    yield from _in_order(before, after, range(i, old[1]), range(j, new[1]))


def _longest(before: Sequence[Raw], after: Sequence[Raw], rows: range, columns: range) -> list[tuple[int, int]]:
    """Return the longest series of pairs that share a part."""
    if len(rows) * len(columns) > _MOST_COMPARED:
        return []
    best: dict[tuple[int, int], tuple[int, tuple[int, int] | None]] = {}
    for i in reversed(rows):
        for j in reversed(columns):
            choices = [
                (best.get((i + 1, j), (0, None))[0], (i + 1, j)),
                (best.get((i, j + 1), (0, None))[0], (i, j + 1)),
            ]
            if _shares(before[i], after[j]):
                choices.append((best.get((i + 1, j + 1), (0, None))[0] + 1, (i + 1, j + 1)))
            best[i, j] = max(choices, key=lambda choice: (choice[0], choice[1] == (i + 1, j + 1)))
    found, at = [], (rows.start, columns.start)
    while at in best:
        number, following = best[at]
        assert following is not None
        if following == (at[0] + 1, at[1] + 1) and number > best.get(following, (0, None))[0]:
            found.append(at)
        at = following
    return found


def _shares(one: Raw, other: Raw) -> bool:
    """Return whether two values have a part in common, so that one may have become the other."""
    if isinstance(one, dict) and isinstance(other, dict):
        return any(key in other and (other[key] == value or _shares(value, other[key])) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return any(item == there or _shares(item, there) for item in one for there in other)
    return False


def _in_order(before: Sequence[Raw], after: Sequence[Raw], rows: range, columns: range) -> Iterator[Pair]:
    """Yield the pairs of items that share nothing: texts with texts, and everything else alone."""
    left = list(rows)
    for column in columns:
        if left and isinstance(before[left[0]], Leaf) and isinstance(after[column], Leaf):
            yield left.pop(0), column
        else:
            yield None, column
    yield from ((row, None) for row in left)
