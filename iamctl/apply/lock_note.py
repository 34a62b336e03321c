"""What a lock says: which run holds it, who runs it, where and until when."""

from __future__ import annotations

import json
import re
import secrets
from datetime import UTC, datetime
from typing import Any, Self

from iamctl.model import IamctlError
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern
from iamctl.text.moment import to_the_second

FORMAT = "iamctl-lock/1"


MAX_VALID_SECONDS = 3600
_MAX_TEXT = 500
_RUN = late_pattern(r"[A-Za-z0-9-]{1,64}", re.ASCII)
"""The id of a run. People are told to paste it into a command, so it holds nothing that a shell understands."""
_TEXTS = ("account", "run", "holder", "where", "taken_at", "expires_at")


class NotALockError(IamctlError):
    """What is kept where the lock should be is something else."""

    exit_code = 5


@dataclass(frozen=True)
class LockNote:
    """Who holds a lock. What was read of it is the text of whoever may write to the bucket."""

    account: str
    run: str
    holder: str
    """The ARN of the caller."""
    where: str
    """The job or the machine."""
    taken_at: str
    valid_seconds: int
    """How long after its last renewal it is respected."""

    @classmethod
    def of(cls, account_id: str, holder: str, where: str, valid_seconds: int, now: datetime) -> Self:
        """Return the note of a new run, whose id nobody can guess."""
        taken = now.astimezone(UTC)
        run = f"{taken:%Y%m%dT%H%M%SZ}-{secrets.token_hex(6)}"
        return cls(account_id, run, holder[:_MAX_TEXT], where[:_MAX_TEXT], _time(taken), valid_seconds)

    @classmethod
    def read(cls, body: bytes, place: str) -> Self:
        """Return what a lock says.

        Raises:
            NotALockError: it is not one that iamctl wrote.
        """
        try:
            found = json.loads(body)
            return cls._read(found)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise NotALockError(
                f"{place} is not a lock of iamctl, so it is unknown whether another apply runs. Nothing was changed. "
                "Look at the object, delete it if nothing needs it, or set another lock"
            ) from error

    @classmethod
    def _read(cls, found: Any) -> Self:
        texts = {name: found[name] for name in _TEXTS}
        seconds = found["valid_seconds"]
        if found["format"] != FORMAT or not all(
            isinstance(text, str) and len(text) <= _MAX_TEXT for text in texts.values()
        ):
            raise ValueError
        if not _RUN.fullmatch(texts["run"]):
            raise ValueError
        if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 < seconds <= MAX_VALID_SECONDS:
            raise ValueError
        del texts["expires_at"]
        return cls(**texts, valid_seconds=seconds)

    def body(self, expires_at: datetime) -> bytes:
        """Return the lock as it is written; no two are the same, so that each has an ETag of its own."""
        facts = {
            "format": FORMAT,
            "account": self.account,
            "run": self.run,
            "holder": self.holder,
            "where": self.where,
            "taken_at": self.taken_at,
            "expires_at": _time(expires_at),
            "valid_seconds": self.valid_seconds,
            "nonce": secrets.token_hex(8),
        }
        return json.dumps(facts, ensure_ascii=True).encode("ascii")

    def __str__(self) -> str:
        return f"run {self.run} by {self.holder} ({self.where}) since {self.taken_at}"


def _time(moment: datetime) -> str:
    return to_the_second(moment)
