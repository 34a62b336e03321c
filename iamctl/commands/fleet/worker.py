"""What a worker runs: one task in, one result out, and never an exception."""

from __future__ import annotations

import pickle
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from iamctl import __version__
from iamctl.apply.lock import LockHeldError
from iamctl.aws.errors import UnreachableError, one_line
from iamctl.commands.fleet.flags import source_options
from iamctl.commands.fleet.one_account import audited, drifted, findings_json, outcome_of, planned
from iamctl.commands.workspace import Workspace
from iamctl.model import IamctlError, ManifestError
from iamctl.model.fleet import AccountOutcome, AccountResult, AccountTask, FleetCommand
from iamctl.model.settings import Desired
from iamctl.source.open import open_source
from iamctl.source.watched import answers_of
from iamctl.terminal.log import about

_OTHER_VERSION = "this worker has iamctl {}, but the task was made by {}; install the same version everywhere"
_OTHER_PARTITION = "the live account is in partition {}, but its manifests were read for {}; set 'assume_role' to roles of its partition"
_INTERNAL = "iamctl failed with {} at {}; run 'iamctl {} --account {}' to see it whole"


def _applied(task: AccountTask, blank: AccountResult, workspace: Workspace) -> AccountResult:
    from iamctl.commands.fleet.applying import applied

    return applied(task, blank, workspace)


_COMMANDS: Mapping[FleetCommand, Callable[[AccountTask, AccountResult, Workspace], AccountResult]] = {
    FleetCommand.PLAN: planned,
    FleetCommand.DRIFT: drifted,
    FleetCommand.AUDIT: audited,
    FleetCommand.APPLY: _applied,
}


def run_task(task: AccountTask) -> AccountResult:
    """Return what became of one account; whatever goes wrong in it is its result."""
    began = time.monotonic()
    with about(task.account):
        found = _ran(task, blank_result(task))
    return replace(found, seconds=round(time.monotonic() - began, 3))


def blank_result(task: AccountTask) -> AccountResult:
    """Return the result of a task that did nothing yet."""
    return AccountResult(task.account, task.account_id, task.wave, task.command, AccountOutcome.ERROR, 1)


def _ran(task: AccountTask, blank: AccountResult) -> AccountResult:
    if task.iamctl_version != __version__:  # what it declares may be of another shape
        return replace(blank, error=_OTHER_VERSION.format(__version__, task.iamctl_version))
    try:
        return _in_account(task, blank)
    except Exception as error:  # noqa: BLE001 - it is the result of this account
        return failed(blank, error)


def _in_account(task: AccountTask, blank: AccountResult) -> AccountResult:
    desired: Desired = pickle.loads(task.declared)  # noqa: S301 - made by whoever may run code here
    options = source_options(task)
    if task.command is FleetCommand.AUDIT:
        options = replace(options, credentials="none")
    purpose: Literal["plan", "apply"] = "apply" if task.command is FleetCommand.APPLY else "plan"
    with open_source(options, desired.settings, purpose, task.now) as live:
        if live.partition != desired.partition:
            raise IamctlError(_OTHER_PARTITION.format(live.partition, desired.partition))
        try:
            found = _COMMANDS[task.command](task, blank, Workspace(desired, live, task.now))
        except Exception as error:  # noqa: BLE001 - it is the result of this account
            found = failed(blank, error)
        return replace(found, calls=answers_of(live))


def failed(blank: AccountResult, error: Exception) -> AccountResult:
    """Return the result that an error is.

    The text of an error that nobody expects may hold anything, so its kind and place stand for it.
    """
    match error:
        case UnreachableError():
            return replace(blank, outcome=AccountOutcome.UNREACHABLE, exit=1, error=one_line(error))
        case LockHeldError():
            return replace(blank, outcome=AccountOutcome.LOCKED, exit=error.exit_code, error=one_line(error))
        case ManifestError():
            text = f"the manifests have mistakes: {one_line(error.findings[0].message) if error.findings else ''}"
            return replace(blank, exit=1, findings=findings_json(error.findings), error=text)
        case IamctlError():
            return replace(blank, outcome=outcome_of(error.exit_code), exit=error.exit_code, error=one_line(error))
        case OSError():
            place = f"{error.filename}: " if error.filename else ""
            return replace(blank, exit=1, error=one_line(f"{place}{error.strerror or type(error).__name__}"))
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(last.filename).name}:{last.lineno}"
    return replace(blank, exit=1, error=_INTERNAL.format(type(error).__name__, place, blank.command, blank.account))
