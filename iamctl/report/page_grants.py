"""What each policy allows by itself, in a few lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from iamctl.access.found import Finder
from iamctl.access.held import HeldPolicy
from iamctl.access.known_policies import document_of
from iamctl.access.sides import Sides
from iamctl.proof.engine import Side
from iamctl.report.access_words import row_text
from iamctl.text.counted import counted

_MOST = 4
"""So many lines are shown of what a policy allows, and of what it denies."""


def grants_of(held: Iterable[HeldPolicy | None], sides: Sides) -> tuple[tuple[str, ...], ...]:
    """Return what each policy allows and denies, one tuple per policy; empty where a document is unknown."""
    finder, engine = Finder(sides), sides.engine
    memo: dict[tuple[int, str], tuple[str, ...]] = {}

    def lines(bits: int, sign: str) -> tuple[str, ...]:
        if bits and (bits, sign) not in memo:
            rows = finder.found(engine.gains(Side(), Side(allow=bits)), with_examples=False).rows
            memo[bits, sign] = tuple(_cut([f"{sign}{row_text(row)}" for row in rows], sign))
        return memo[bits, sign] if bits else ()

    def told(one: HeldPolicy | None) -> tuple[str, ...]:
        document = document_of(one) if one else None
        if one is None or document is None or document.normalized is None:
            return ()
        numbers = sides.numbers(one)
        return (*lines(numbers.allow, ""), *lines(numbers.deny, "denies "))

    return tuple(map(told, held))


def _cut(lines: Sequence[str], sign: str) -> Iterator[str]:
    yield from lines[: _MOST + (len(lines) == _MOST + 1)]
    if len(lines) > _MOST + 1:
        yield f"{sign}{counted(len(lines) - _MOST, 'more line')}"
