"""What is said of many things alike, told once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

MOST_ALIKE = 20
"""So many lines say the same of different things before they become one line with all names."""


def together(things: Iterable[T], key: Callable[[T], Hashable], most: int = MOST_ALIKE) -> Iterator[list[T]]:
    """Yield each thing alone, and more than ``most`` of one key together, at the place of the first; None is no key."""
    found = list(things)
    groups: defaultdict[Hashable, list[T]] = defaultdict(list)
    for thing in found:
        groups[key(thing)].append(thing)
    for thing in found:
        group = groups[key(thing)]
        if len(group) <= most or key(thing) is None:
            yield [thing]
        elif group[0] is thing:
            yield group
