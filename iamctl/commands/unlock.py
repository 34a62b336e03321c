"""``iamctl unlock``: show who holds the lock of an account, and remove the lock of a run that is dead."""

from __future__ import annotations

import sys
from pathlib import Path

from iamctl.apply.lock import LockHeldError, is_expired
from iamctl.apply.lock_note import LockNote
from iamctl.commands.account_lock import unlock_command
from iamctl.commands.workspace import moment, open_workspace
from iamctl.model.failures import UsageError
from iamctl.model.lock import ConditionFailedError
from iamctl.source.open import SourceOptions
from iamctl.text.visible import visible

_OTHER = "the lock is that of {}, not of run {}. Nothing was removed"


def unlock(directory: Path | None, source: SourceOptions, *, account: str | None, run: str | None) -> int:
    """Show the holder of the lock; with ``run``, remove the lock if that run holds it.

    Raises:
        UsageError: no lock is set.
        LockHeldError: another run holds the lock.
        NotALockError: what is there is not a lock.
    """
    with open_workspace(directory, source, account=account, now=moment(None), purpose="apply") as workspace:
        settings, live = workspace.desired.settings, workspace.live
        store = live.lock_store(settings.lock) if settings.lock else None
        if store is None:
            raise UsageError(f"no lock is set for account {settings.account_name}; set 'lock' in iamctl.yaml")
        found = store.read()
        if found is None:
            _say(f"not locked: {store.place} does not exist")
            return 0
        note = LockNote.read(found.body, store.place)
        age = f"renewed {max(found.age_seconds, 0):.0f} s ago"
        state = "expired, so the next apply takes it over" if is_expired(found, note) else "valid"
        _say(f"{store.place}: held by {note}; {age}, {state}")
        if run is None:
            command = f"{unlock_command(directory, settings.account_name)} --run {note.run}"
            _say(f"If that run is dead, remove its lock with: {command}")
            return 0
        if run != note.run:
            raise LockHeldError(_OTHER.format(note, run))
        try:
            store.delete(found.etag)
        except ConditionFailedError as error:
            raise LockHeldError(
                f"the lock changed while it was removed, so run {run} is alive or has just ended. Nothing was removed"
            ) from error
        _say("unlocked")
        return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{visible(text)}\n")
