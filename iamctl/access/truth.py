"""Three-valued answers."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Truth(IntEnum):
    """Whether something holds; ``MAYBE`` where it depends on what is not known."""

    NO = 0
    MAYBE = 1
    YES = 2

    def __invert__(self) -> Truth:
        return Truth(2 - self)


def any_of(truths: Iterable[Truth]) -> Truth:
    """Return whether one of several things holds; NO for none."""
    found = Truth.NO
    for truth in truths:
        if truth is Truth.YES:
            return truth
        found = max(found, truth)
    return found


def all_of(truths: Iterable[Truth]) -> Truth:
    """Return whether all of several things hold; YES for none."""
    found = Truth.YES
    for truth in truths:
        if truth is Truth.NO:
            return truth
        found = min(found, truth)
    return found
