"""A saved snapshot as the live account; it holds all that it will ever tell, and nothing can be written to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from iamctl.account.needs import Needs
from iamctl.account.snapshot_file import load_snapshot
from iamctl.model import Call
from iamctl.model.failures import UsageError
from iamctl.model.settings import Settings
from iamctl.source.live_source import LiveSource, Waits, check_identity

if TYPE_CHECKING:
    from iamctl.handover.password import PasswordPolicy
    from iamctl.model.lock import LockSettings
    from iamctl.model.snapshot import Snapshot


class SnapshotSource:
    """The account that a snapshot file holds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._snapshot = load_snapshot(path)
        self.account_id: str = self._snapshot["account"]["id"]
        self.partition: str = self._snapshot["account"]["partition"]
        self.caller_arn: str | None = None
        self.waits = Waits()
        self.is_shared = False

    def fetch(self, needs: Needs, known: Snapshot | None = None) -> Snapshot:
        """Return the snapshot of the file, whatever is needed."""
        return self._snapshot if known is None else known

    def execute(self, call: Call) -> NoReturn:
        """Refuse to write.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{self._path} is a snapshot, so {call.operation} cannot run; use --sandbox to try an apply")

    def ask(self, operation: str, params: Mapping[str, Any]) -> NoReturn:
        """Refuse a read beyond the file.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{self._path} is a snapshot, so {operation} cannot run; use --sandbox to try an apply")

    def password_policy(self) -> PasswordPolicy:
        """Refuse to make passwords.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{self._path} is a snapshot, which has no password policy; use --sandbox to try an apply")

    def lock_store(self, settings: LockSettings) -> None:
        """Return nothing: nobody writes to a snapshot."""

    def events(self, attribute: str, value: str) -> NoReturn:
        """Refuse to look for recorded calls.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{self._path} is a snapshot, which has no recorded calls; omit --actor")


def open_snapshot(path: Path, settings: Settings | None) -> LiveSource:
    """Return the account of a snapshot file, which must be that of ``settings``.

    Raises:
        SnapshotError: the file cannot be read.
        RefusedError: it holds another account.
    """
    source = SnapshotSource(path)
    check_identity(settings, source.account_id)
    return source
