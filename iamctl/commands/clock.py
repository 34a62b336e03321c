"""The moment at which a command runs, from the clock or from ``--now``."""

from __future__ import annotations

from datetime import UTC, datetime

from iamctl.model.failures import UsageError
from iamctl.text.moment import is_date, start_of


def moment(text: str | None) -> datetime:
    """Return the time that ``--now`` names, the start of a day in UTC for a date; the clock's when it is not given.

    Raises:
        UsageError: the text is neither a date nor an RFC 3339 time with an offset.
    """
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        if is_date(text) or datetime.fromisoformat(text).tzinfo is not None:
            return start_of(text)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--now {text!r} is no date (2026-12-31) or RFC 3339 time (2026-12-31T18:00:00Z)") from error
    raise UsageError(f"--now {text!r} has no offset; add Z for UTC")
