"""The lock of the account around an apply, and the word that there is none."""

from __future__ import annotations

import logging
import os
import platform
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from iamctl.commands.workspace import Workspace

if TYPE_CHECKING:
    from iamctl.apply.lock import AccountLock

_log = logging.getLogger(__name__)

NO_LOCK = (
    "no lock is set, so nothing keeps a second apply of this account away: set 'lock' in iamctl.yaml, or run one apply "
    "after the other"
)


@contextmanager
def locked(workspace: Workspace, directory: Path | None) -> Iterator[AccountLock | None]:
    """Yield the lock of the account, taken; None where no setting asks for one or no other apply can reach the account.

    Raises:
        LockHeldError: another run holds it.
    """
    settings, live = workspace.desired.settings, workspace.live
    store = live.lock_store(settings.lock) if settings.lock else None
    if store is None:
        yield None
        return
    from iamctl.apply.lock import VALID_SECONDS, held
    from iamctl.apply.lock_note import LockNote

    own = LockNote.of(live.account_id, live.caller_arn or "", where(os.environ), VALID_SECONDS, datetime.now(UTC))
    with held(store, own, unlock_command(directory, settings.account_name)) as lock:
        yield lock


def note_no_lock(workspace: Workspace) -> None:
    """Say that nothing keeps a second apply away, where one could come; a sandbox is nobody else's."""
    if workspace.desired.settings.lock is None and workspace.live.is_shared:
        _log.warning(NO_LOCK)


def unlock_command(directory: Path | None, account: str) -> str:
    """Return the command that removes the lock of a run that is dead, but for the id of the run."""
    words = ["iamctl", "unlock", *([str(directory)] if directory else []), "--account", account]
    return shlex.join(words)


def where(environment: Mapping[str, str]) -> str:
    """Return which job of a CI system runs this, else which process of which machine.

    https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    https://docs.gitlab.com/ci/variables/predefined_variables/
    """
    if environment.get("GITHUB_RUN_ID"):
        address = f"{environment.get('GITHUB_SERVER_URL', '')}/{environment.get('GITHUB_REPOSITORY', '')}"
        return f"{address}/actions/runs/{environment['GITHUB_RUN_ID']}"
    return environment.get("CI_JOB_URL") or f"process {os.getpid()} on {platform.node()}"
