"""Searches for one resource that some patterns match and others do not, whatever unknown variables stand for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from iamctl.proof.aws_facts import ALWAYS_PRESENT
from iamctl.proof.encoding import STAR, Pattern, has_symbol, opened, spelled
from iamctl.proof.patterns import BUDGET, find, may_match

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
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


@lru_cache(maxsize=1 << 16)
def look(inside: tuple[Pattern, ...], outside: tuple[Pattern, ...], budget: int = BUDGET) -> Look:
    """Return a text that all of ``inside`` and none of ``outside`` match, preferably for all values of the variables."""
    if STAR in outside:
        return Look(None)
    has_symbols = any(map(has_symbol, inside))
    if any(map(has_symbol, outside)):
        widest = find(inside, tuple(map(opened, outside)), budget)
        if widest.text is not None:
            return Look(widest.text, _doubt(widest.text, outside))
    found = find(inside, outside, budget)
    if found.text is not None:
        return Look(found.text, _doubt(found.text, outside))
    if not found.complete:
        return Look(None, Doubt.BUDGET)
    if has_symbols and sum(pattern != STAR for pattern in inside) > 1:
        wider = find(tuple(map(opened, inside)), outside, budget)
        if wider.text is not None:
            return Look(wider.text, Doubt.VARIABLE)
        return Look(None, None if wider.complete else Doubt.BUDGET)
    return Look(None)


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
