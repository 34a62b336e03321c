"""Reads the event that started a run of drift."""

from __future__ import annotations

import json
from pathlib import Path

from iamctl.comparison.deeds import deed_of
from iamctl.model.deed import Deed
from iamctl.model.failures import UsageError

MOST_BYTES = 256 * 1024
"""EventBridge's own limit for an event: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"""


def started_by(given: str) -> Deed:
    """Return the call that an event records: a record of CloudTrail, or an event of EventBridge, as JSON or in a file.

    Raises:
        UsageError: it cannot be read, or is no such event.
    """
    text = given if given.lstrip().startswith("{") else _read(Path(given))
    if len(text) > MOST_BYTES:
        raise UsageError(f"--event: an event has at most {MOST_BYTES // 1024} KiB")
    try:
        event = json.loads(text)
        return deed_of(event.get("detail", event))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise UsageError(
            "--event is not a CloudTrail record with eventName and eventTime, as JSON or in a file"
        ) from error


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"--event: {str(path)!r} is neither JSON nor a file that can be read") from error
