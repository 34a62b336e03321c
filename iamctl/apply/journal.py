"""The journal of a run: each call before it is sent, and its outcome."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from iamctl.handover.on_disk import sync_directory
from iamctl.model import Call, IamctlError, Outcome, OutcomeStatus

FORMAT = "iamctl-journal/1"

DIRECTORY = Path(".iamctl/journal")
"""Where runs have their journals, below the working directory."""

_SECRET_PARAMETERS = frozenset({"Password", "OldPassword", "NewPassword", "CertificateBody", "PrivateKey"})


class JournalError(IamctlError):
    """The journal cannot be written; nothing is sent without it."""


class Journal:
    """One file of JSON lines, which are kept in memory until ``flush`` puts them on disk, many at a time."""

    def __init__(self, path: Path, descriptor: int, now: Callable[[], datetime]) -> None:
        self.path = path
        self._descriptor = descriptor
        self._now = now
        self._kept: list[str] = []

    @classmethod
    def create(
        cls,
        directory: Path,
        *,
        plan_digest: str,
        account_id: str,
        version: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> Self:
        """Return a new journal in ``directory``, with its header on disk; names of files sort by time.

        Raises:
            JournalError: the file cannot be made or written, or a link stands on the way.
        """
        started_at = now()
        if link := linked_part(directory):
            raise JournalError(f"{link} is a symbolic link; remove it or replace it with a folder. Nothing was sent")
        path = directory / f"{started_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{os.getpid()}.jsonl"
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise JournalError(f"{path}: the journal cannot be created: {error.strerror}. Nothing was sent") from error
        journal = cls(path, descriptor, now)
        header = {"format": FORMAT, "plan_digest": plan_digest, "account": account_id, "version": version}
        try:
            journal._keep({**header, "started_at": started_at.astimezone(UTC).isoformat()})
            journal._write()
            sync_directory(directory)
        except OSError as error:
            journal.close()
            raise JournalError(f"{path}: the journal cannot be written: {error.strerror}. Nothing was sent") from error
        return journal

    def intent(self, call: Call) -> None:
        """Note that ``call`` is about to be sent, with the parameters of the plan."""
        self._line("intent", {**call.to_json(), "params": _without_secrets(call.params)})

    def retry(self, call: Call, code: str, wait_seconds: float) -> None:
        """Note that AWS refused ``call`` for now and that it is sent again after a wait."""
        self._line("retry", {"index": call.index, "code": code, "wait_seconds": round(wait_seconds, 3)})

    def spread(self, call: Call, relied: int, wait_seconds: float) -> None:
        """Note that ``call`` waits until the call ``relied`` has propagated."""
        self._line("wait", {"index": call.index, "for": relied, "wait_seconds": round(wait_seconds, 3)})

    def outcome(self, outcome: Outcome) -> None:
        """Note the outcome of a call; of one that was not started there is no intent, so the call itself, too."""
        told: dict[str, Any] = {"index": outcome.call.index, "status": outcome.status.value}
        if outcome.status is OutcomeStatus.NOT_STARTED:
            told = {**outcome.call.to_json(), "params": _without_secrets(outcome.call.params), **told}
        extra = {"code": outcome.code, "error": outcome.error, "because": outcome.because}
        self._line("outcome", {**told, **{key: value for key, value in extra.items() if value not in ("", None)}})

    def end(self, reason: str) -> None:
        """Note how the run ended."""
        self._line("end", {"reason": reason})

    def close(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(JournalError):
            self.flush()
        self.close()

    def flush(self) -> None:
        """Put on disk what was noted since the last time.

        Raises:
            JournalError: it is not on disk.
        """
        try:
            self._write()
        except OSError as error:
            raise JournalError(f"{self.path}: the journal cannot be written: {error.strerror}") from error

    def _line(self, event: str, facts: Mapping[str, Any]) -> None:
        self._keep({"event": event, "at": self._now().astimezone(UTC).isoformat(), **facts})

    def _keep(self, line: Mapping[str, Any]) -> None:
        self._kept.append(json.dumps(line, ensure_ascii=True) + "\n")

    def _write(self) -> None:
        if not self._kept:
            return
        rest = memoryview("".join(self._kept).encode("ascii"))
        self._kept = []
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        os.fsync(self._descriptor)


def linked_part(directory: Path) -> Path | None:
    """Return the symbolic link on the way to a folder, None where there is none.

    What a run writes down stays in the working directory, whatever a repository brings.
    """
    return next((part for part in (directory, *directory.parents) if part.is_symlink()), None)


def _without_secrets(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a plan, where a secret is only a reference; a literal one is left out."""
    return {
        key: "(not written)" if key in _SECRET_PARAMETERS and isinstance(value, str) else value
        for key, value in params.items()
    }
