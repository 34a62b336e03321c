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
    """Return the pairs of items in the order of both lists: those that have most in common, so that least is written anew."""
    low, (end, stop) = 0, (len(before), len(after))
    while low < min(end, stop) and before[low] == after[low]:
        low += 1
    while min(end, stop) > low and before[end - 1] == after[stop - 1]:
        end, stop = end - 1, stop - 1
    rows, columns = range(low, end), range(low, stop)
    found: list[Pair] = [(index, index) for index in range(low)]
    is_small = len(rows) * len(columns) <= _MOST_COMPARED
    i = j = low
    for row, column in _best(before, after, rows, columns) if is_small else _equal(before, after, rows, columns):
        found += _in_order(before, after, range(i, row), range(j, column))
        found.append((row, column))
        i, j = row + 1, column + 1
    found += _in_order(before, after, range(i, end), range(j, stop))
    return [*found, *zip(range(end, len(before)), range(stop, len(after)), strict=True)]


def _equal(before: Sequence[Raw], after: Sequence[Raw], rows: range, columns: range) -> Iterator[tuple[int, int]]:
    """Yield the pairs of equal items of two ranges."""
    old, new = [_key(before[row]) for row in rows], [_key(after[column]) for column in columns]
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        yield from ((rows.start + block.a + offset, columns.start + block.b + offset) for offset in range(block.size))


def _key(value: Raw) -> str:
    """Return a text that two values share only if they are equal."""
    return json.dumps(value, default=lambda leaf: {"": [leaf.text, leaf.is_typed]}, sort_keys=True)


def _best(before: Sequence[Raw], after: Sequence[Raw], rows: range, columns: range) -> Iterator[tuple[int, int]]:
    """Yield the series of pairs that together have most in common."""
    best: dict[tuple[int, int], int] = {}
    for i in reversed(rows):
        for j in reversed(columns):
            common = _common(before[i], after[j])
            paired = common + best.get((i + 1, j + 1), 0) if common else 0
            best[i, j] = max(paired, best.get((i + 1, j), 0), best.get((i, j + 1), 0))
    i, j = rows.start, columns.start
    while best.get((i, j), 0):
        if best[i, j] == best.get((i + 1, j), 0):
            i += 1
        elif best[i, j] == best.get((i, j + 1), 0):
            j += 1
        else:
            yield i, j
            i, j = i + 1, j + 1


def _common(one: Raw, other: Raw) -> int:
    """Return how much two values have in common: the leaves and the names of equal parts, at least 1 if they are equal."""
    if isinstance(one, Leaf) or isinstance(other, Leaf):
        return 2 * (one == other)
    if isinstance(one, dict) and isinstance(other, dict):
        return sum(1 + _common(value, other[key]) for key, value in one.items() if key in other) or (one == other)
    if isinstance(one, list) and isinstance(other, list):
        return sum(max((_common(item, there) for there in other), default=0) for item in one) or (one == other)
    return 0


def _in_order(before: Sequence[Raw], after: Sequence[Raw], rows: range, columns: range) -> Iterator[Pair]:
    """Yield the pairs of items that share nothing: texts with texts, and everything else alone."""
    left = list(rows)
    for column in columns:
        if left and isinstance(before[left[0]], Leaf) and isinstance(after[column], Leaf):
            yield left.pop(0), column
        else:
            yield None, column
    yield from ((row, None) for row in left)
