"""How rules tell numbers, names and moments, so that no message grows without bound."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time

MOST_NAMES = 10


def some(names: Iterable[object]) -> str:
    """Return the first ten names and how many more there are."""
    told = [str(name) for name in names]
    rest = len(told) - MOST_NAMES
    return ", ".join(told[:MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")


def counted(number: int, one: str, many: str = "") -> str:
    """Return ``1 user`` or ``3 users``; ``many`` is the plural where it is not ``one`` with an s."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def shortened(text: str, most: int) -> str:
    """Return a text of at most ``most`` characters."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def told_moment(moment: datetime) -> str:
    """Return a date for the end of a day in UTC, and the time with it for every other moment."""
    utc = moment.astimezone(UTC)
    if utc.time().replace(microsecond=0) == time(23, 59, 59):
        return f"{utc:%Y-%m-%d}"
    return f"{utc:%Y-%m-%dT%H:%M:%SZ}"
