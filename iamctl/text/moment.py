"""Moments written as a date or as an RFC 3339 time, read as UTC.

https://www.rfc-editor.org/rfc/rfc3339
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def is_date(text: str) -> bool:
    """Return whether a text that names a moment names a whole day."""
    return len(text) == len("2026-12-31")


def start_of(text: str) -> datetime:
    """Return the moment at which a date begins in UTC, or the time itself; a time without an offset is in UTC.

    Raises:
        ValueError: the text is neither a date nor a time.
        OverflowError: the moment in UTC is outside the years 1 to 9999.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is UTC:
        return moment
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def written(moment: datetime) -> str:
    """Return the date of a moment at the end of a day in UTC, otherwise date and time."""
    utc = moment.astimezone(UTC)
    if (utc + timedelta(seconds=1)).date() != utc.date() and utc.microsecond:
        return f"{utc:%Y-%m-%d}"
    return to_the_second(utc)


def to_the_second(moment: datetime) -> str:
    """Return a moment as an RFC 3339 time in UTC, without a fraction of a second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def end_of(text: str) -> datetime:
    """Return the moment at which ``until: text`` ends: the end of that day in UTC, or the time itself.

    Raises:
        ValueError: the text is neither a date nor a time with an offset.
        OverflowError: as for ``start_of``.
    """
    if is_date(text):
        return start_of(text) + timedelta(days=1) - timedelta(microseconds=1)
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError(text)
    return start_of(text)
