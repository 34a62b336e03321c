"""How rules write numbers, names and moments, so that no message grows without bound."""

from __future__ import annotations

from datetime import UTC, datetime, time

from iamctl.text.counted import counted, listed

__all__ = ["counted", "shortened", "some", "told_moment"]

some = listed


def shortened(text: str, most: int) -> str:
    """Return a text of at most ``most`` characters."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def told_moment(moment: datetime) -> str:
    """Return a date for the end of a day in UTC, and the time with it for every other moment."""
    utc = moment.astimezone(UTC)
    if utc.time().replace(microsecond=0) == time(23, 59, 59):
        return f"{utc:%Y-%m-%d}"
    return f"{utc:%Y-%m-%dT%H:%M:%SZ}"
