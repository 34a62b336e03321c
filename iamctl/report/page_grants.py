"""What each policy allows by itself, in a few lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from iamctl.access.found import Finder
from iamctl.access.held import HeldPolicy, PolicySources
from iamctl.access.people import People
from iamctl.access.sides import Sides, engine_of
from iamctl.model import State
from iamctl.policy import Document
from iamctl.proof.engine import Side
from iamctl.report.access_words import row_text
from iamctl.text.counted import counted

_MOST = 4
"""So many lines are shown of what a policy allows, and of what it denies."""


def grants_of(
    held: Iterable[HeldPolicy | None], sources: tuple[PolicySources, PolicySources], now: datetime
) -> tuple[tuple[str, ...], ...]:
    """Return what each policy allows and denies, one tuple per policy; empty where a document is unknown."""
    engine = engine_of(sources, now)
    sides = Sides(engine, People(sources[1], State({}), now), State({}))
    finder = Finder(sides)
    memo: dict[str, tuple[str, ...]] = {}

    def lines(one: HeldPolicy) -> Iterator[str]:
        numbers = sides.numbers(one)
        for sign, bits in (("", numbers.allow), ("denies ", numbers.deny)):
            rows = finder.found(engine.gains(Side(), Side(allow=bits))).rows if bits else ()
            yield from _cut([f"{sign}{row_text(row)}" for row in rows], sign)

    def told(document: Document | None, one: HeldPolicy | None) -> tuple[str, ...]:
        if document is None or one is None or document.normalized is None:
            return ()
        if document.text not in memo:
            memo[document.text] = tuple(lines(one))
        return memo[document.text]

    return tuple(told(one.document if one else None, one) for one in held)


def _cut(lines: Sequence[str], sign: str) -> Iterator[str]:
    yield from lines[: _MOST + (len(lines) == _MOST + 1)]
    if len(lines) > _MOST + 1:
        yield f"{sign}{counted(len(lines) - _MOST, 'more line')}"
