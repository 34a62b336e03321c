"""Numbers, names and dates in rule messages, bounded in length."""

from __future__ import annotations

from datetime import UTC, datetime, time

from iamctl.text.counted import counted, listed

__all__ = ["counted", "shortened", "some", "told_moment"]

some = listed


def shortened(text: str, most: int) -> str:
    """Return a text of at most ``most`` characters."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def told_moment(moment: datetime) -> str:
    """Return the date if the moment is the end of a day in UTC, otherwise date and time."""
    utc = moment.astimezone(UTC)
    if utc.time().replace(microsecond=0) == time(23, 59, 59):
        return f"{utc:%Y-%m-%d}"
    return f"{utc:%Y-%m-%dT%H:%M:%SZ}"
