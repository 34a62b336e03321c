"""Numbers with their nouns, and lists that stay short."""

from __future__ import annotations

from collections.abc import Iterable

from iamctl.text.late_pattern import late_pattern

_TAKES_ES = late_pattern(r"(?:s|x|z|ch|sh)$")
_CONSONANT_Y = late_pattern(r"(?<=[^aeiou])y$")


def plural(noun: str) -> str:
    """Return the regular plural of a noun: ``users``, ``policies``, ``addresses``."""
    if _CONSONANT_Y.search(noun):
        return _CONSONANT_Y.sub("ies", noun)
    return f"{noun}es" if _TAKES_ES.search(noun) else f"{noun}s"


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun, ``1 user`` or ``2,000 policies``; ``many`` is an irregular plural."""
    return f"{number:,} {one if number == 1 else many or plural(one)}"


def listed(names: Iterable[object], most: int = 10) -> str:
    """Return ``a, b and 3 more``: the first ``most`` names and the number of the others."""
    shown = [str(name) for name in names]
    rest = len(shown) - most
    return ", ".join(shown[:most]) + (f" and {rest:,} more" if rest > 0 else "")
