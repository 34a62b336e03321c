"""Searches for one resource that some patterns match and others do not, whatever unknown variables stand for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from functools import reduce
from operator import or_
from typing import NamedTuple

from iamctl.proof.aws_facts import ALWAYS_PRESENT
from iamctl.proof.book import Book
from iamctl.proof.encoding import STAR, Pattern, has_symbol, opened, spelled
from iamctl.proof.patterns import BUDGET, counted, may_match
from iamctl.text.late_pattern import late_pattern

MOST_STEPS = 300_000
"""States that all searches of one question visit, with one step for each pattern that they leave out."""

_VARIABLE = late_pattern(r"\$\{([^}]*)\}")
_ALWAYS_SAID = ALWAYS_PRESENT | {"aws:username"}


class Doubt(Enum):
    """Why a gain is only possible; the absence of gains never is in doubt."""

    CONDITION = "condition"
    """A condition took part of which it is not known when it holds."""
    VARIABLE = "variable"
    """It depends on the value of a variable."""
    BUDGET = "budget"
    """The search was given up."""
    UNREAD = "unread"
    """A policy took part whose document is not known."""


class Look(NamedTuple):
    """A resource; or none, proved if there is no doubt."""

    text: str | None
    doubt: Doubt | None = None


class Searches:
    """Looks for resources: equal looks once, and with a budget for all looks of one question."""

    def __init__(self, most: int = MOST_STEPS) -> None:
        self._most = self._left = most
        self._memo: dict[tuple[tuple[Pattern, ...], tuple[Pattern, ...]], Look] = {}
        self._book = Book()
        self._numbers: dict[tuple[Pattern, ...], int] = {}
        self.count = 0
        """How many searches there were."""

    def restart(self) -> None:
        """Begin another question."""
        self._left = self._most

    @property
    def left(self) -> int:
        """How many steps the question has left; none: what was not looked for stays unknown."""
        return self._left

    def take(self, steps: int) -> None:
        """Count other work of the question."""
        self._left -= steps

    def look(self, inside: tuple[Pattern, ...], outside: tuple[Pattern, ...]) -> Look:
        """Return a text that all of ``inside`` and none of ``outside`` match, preferably for all values of variables."""
        if STAR in outside:
            return Look(None)
        key = inside, outside
        found = self._memo.get(key)
        if found is None:
            if self._is_included(inside, outside):
                found = Look(None)
            elif self._left <= 0:
                return Look(None, Doubt.BUDGET)
            else:
                found = self._looked(inside, outside)
                if found.doubt is Doubt.BUDGET and self._left <= 0:
                    return found
            self._memo[key] = found
        return found

    def _looked(self, inside: tuple[Pattern, ...], outside: tuple[Pattern, ...]) -> Look:
        self.count += 1
        found, states = _looked(inside, outside, min(BUDGET, self._left))
        self._left -= states + len(outside) + 1
        return found

    def _is_included(self, inside: Iterable[Pattern], outside: tuple[Pattern, ...]) -> bool:
        """Return whether a pattern of ``outside`` surely matches all that one of ``inside`` does."""
        if not outside:
            return False
        numbers = self._numbers.get(outside)
        if numbers is None:
            numbers = self._numbers[outside] = reduce(or_, (1 << self._book.number(each) for each in outside))
        return any(self._book.including(pattern) & numbers for pattern in inside)


def look(inside: tuple[Pattern, ...], outside: tuple[Pattern, ...], budget: int = BUDGET) -> Look:
    """Return a text that all of ``inside`` and none of ``outside`` match, preferably for all values of the variables."""
    return Look(None) if STAR in outside else _looked(inside, outside, budget)[0]


def _looked(inside: tuple[Pattern, ...], outside: tuple[Pattern, ...], budget: int) -> tuple[Look, int]:
    """Return what was found, and how many states were visited; ``budget`` is for each of three searches."""
    has_symbols = any(map(has_symbol, inside))
    states = 0
    if any(map(has_symbol, outside)):
        widest, states = counted(inside, tuple(map(opened, outside)), budget)
        if widest.text is not None:
            return Look(widest.text, _doubt(widest.text, outside)), states
    found, more = counted(inside, outside, budget)
    states += more
    if found.text is not None:
        return Look(found.text, _doubt(found.text, outside)), states
    if not found.complete:
        return Look(None, Doubt.BUDGET), states
    if has_symbols and sum(pattern != STAR for pattern in inside) > 1:
        wider, more = counted(tuple(map(opened, inside)), outside, budget)
        states += more
        if wider.text is not None:
            return Look(wider.text, Doubt.VARIABLE), states
        return Look(None, None if wider.complete else Doubt.BUDGET), states
    return Look(None), states


def doubt_about(pattern: Pattern = STAR) -> Doubt | None:
    """Return why it is not certain that requests match a pattern which nothing else restrains."""
    return _doubt(pattern, ())


def _doubt(text: str, outside: Sequence[Pattern]) -> Doubt | None:
    """Return whether some values of variables make the text match, or a variable may lack a value."""
    variables = _VARIABLE.findall(spelled(text)) if has_symbol(text) else ()
    if any(variable.lower() not in _ALWAYS_SAID for variable in variables):
        return Doubt.VARIABLE
    if variables or any(map(has_symbol, outside)):
        return Doubt.VARIABLE if any(may_match(pattern, text) for pattern in outside) else None
    return None
