"""The embedded IAM of a file behind a port, for programs that are to use it as AWS."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from iamctl.aws.session import Session
from iamctl.kinds.signin_session import SIGNIN
from iamctl.model import Call
from iamctl.model.failures import UsageError
from iamctl.sandbox.serving import Asked, Reply, SandboxServer
from iamctl.source.sandbox import SandboxSource, check_sandbox, loaded_sandbox, read_file
from iamctl.text.late_pattern import late_pattern

if TYPE_CHECKING:
    from iamctl.model.snapshot import SnapshotAccount

IDLE_SECONDS = 1.0
"""How long after the last write the account is saved, so that even a killed server loses little."""

_ACCOUNT_ID = late_pattern(r"\d{12}", re.ASCII)
_READS = ("Get", "List", "Generate", "Simulate", "Assume")


@contextmanager
def open_served(path: Path, account_id: str | None, port: int) -> Iterator[ServedFile]:
    """Yield a server of the account in a file, which is saved while it is idle and at the end.

    Raises:
        UsageError: the sandbox cannot run here, or the file is not of that account, or new and of no account.
        IamctlError: the file cannot be used.
        OSError: the port is taken.
    """
    check_sandbox(path)
    if account_id is not None and not _ACCOUNT_ID.fullmatch(account_id):
        raise UsageError(f"--account-id {account_id!r} is not an account id, which has twelve digits")
    snapshot = read_file(path)
    if snapshot is None and account_id is None:
        raise UsageError(f"{path} does not exist; set the account of a new one with --account-id")
    account: SnapshotAccount = snapshot["account"] if snapshot else {"id": str(account_id), "partition": "aws"}
    if account_id not in (None, account["id"]):
        raise UsageError(f"{path} is of account {account['id']}, not {account_id}")
    now = datetime.now(UTC).replace(microsecond=0)
    opened = loaded_sandbox(path, snapshot, account, credentials="exact", now=now, moment=None)
    with opened as (session, source), ServedFile(session, port, source) as server:
        try:
            yield server
        finally:
            server.save()


class ServedFile(SandboxServer):
    """Serves the account of a file, and saves it when no write came for a while."""

    def __init__(self, session: Session, port: int, source: SandboxSource) -> None:
        super().__init__(session, port)
        self._source = source
        self.region = session.region_name
        """The region in which the partition of the account keeps IAM."""
        self.writes = 0
        """How many requests changed the account."""
        self._unsaved_since: float | None = None

    def reply_to(self, asked: Asked) -> Reply:
        """Return the sandbox's answer, and remember a write that it carried out."""
        with self.one_at_a_time:
            reply = self.forwarded(asked)
            is_kept = asked.service in {"iam", SIGNIN} and not asked.operation.startswith(_READS)
            if reply.status < 300 and is_kept:
                self._source.note_written(Call(self.writes, asked.service, asked.operation, asked.params, ()))
                self.writes += 1
                self._unsaved_since = time.monotonic()
        return reply

    def service_actions(self) -> None:
        """Save the account if the last write is a while ago; the loop that accepts connections calls this."""
        if self._unsaved_since is not None and time.monotonic() - self._unsaved_since >= IDLE_SECONDS:
            self.save()

    def save(self) -> None:
        """Write the account to its file, if anything was written since it was saved last."""
        with self.one_at_a_time:
            if self._unsaved_since is not None:
                self._source.save()
                self._unsaved_since = None
