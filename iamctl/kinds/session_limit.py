"""How long a sign-in session of a user lasts at most, in seconds and as manifests write it.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html
"""

from __future__ import annotations

DURATIONS = "^(([1-9][0-9]{0,2}|1[0-9]{3}|20[0-9]{2}|21[0-5][0-9]|2160)h|([1-9]|[1-8][0-9]|90)d|none)$"
"""One hour to 90 days, or none."""

NO_LIMIT = 0

_HOUR, _DAY = 3600, 86400


def seconds_of(text: str) -> int:
    """Return the seconds of a duration as manifests write it; ``NO_LIMIT`` for none."""
    if text == "none":
        return NO_LIMIT
    return int(text[:-1]) * (_DAY if text.endswith("d") else _HOUR)


def duration_text(seconds: int) -> str:
    """Return a duration as manifests write it, in days or hours; one that they cannot write in seconds."""
    if seconds % _HOUR:
        return f"{seconds}s"
    return f"{seconds // _DAY}d" if seconds % _DAY == 0 else f"{seconds // _HOUR}h"


def console_of(seconds: int | None) -> bool | dict[str, str]:
    """Return what ``console`` of a user with a password is in a manifest; a limit that it cannot write is left open."""
    if not seconds or seconds % _HOUR:
        return True
    return {"max_session": duration_text(seconds)}
