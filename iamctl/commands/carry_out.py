"""Carries out the plan of one account: calls, journal, passwords and access keys, and the read that verifies; it asks nobody."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iamctl import __version__
from iamctl.commands.approval import Approval
from iamctl.commands.key_handover import (
    handed_keys,
    note_handed_keys,
    open_key_handover,
    received,
    secret_maker,
)
from iamctl.commands.pace import Pace
from iamctl.commands.password_handover import handed_over, note_handed_over, open_handover
from iamctl.commands.propose import Proposal, propose
from iamctl.commands.verify import verified
from iamctl.commands.workspace import Workspace
from iamctl.comparison.settings_guard import is_compared
from iamctl.model import Call, IamctlError, Outcome
from iamctl.model.failures import UnverifiedError
from iamctl.model.settings import Desired
from iamctl.report.blocks import Report
from iamctl.report.reports import outcome_report
from iamctl.terminal.call_progress import CallProgress
from iamctl.terminal.progress import progress
from iamctl.terminal.show import note
from iamctl.text.late_dataclass import dataclass
from iamctl.text.visible import visible

if TYPE_CHECKING:
    from iamctl.apply.journal import Journal
    from iamctl.apply.lock import AccountLock
    from iamctl.handover.delivery import Handover
    from iamctl.handover.keys import KeyHandover

_NOT_READ_AGAIN = "the calls ran, but the account could not be read again: {}. The journal lists what was done. Run apply again to verify"

_NOT_SHOWN = "the report could not be written: {}. Run 'iamctl journal' to read what was done"

_RESTORED = (
    "what this apply removed is there again: {}. Somebody restores access while iamctl takes it away: find out who in "
    "CloudTrail, stop them with an explicit Deny, and run apply again"
)
_UNREAD_BASE = (
    "the manifests of the base ({}) have errors, so it is unknown what was due there. Nothing was applied. Run "
    "'iamctl validate' on the base, and name intact manifests as --base"
)


@dataclass(frozen=True)
class ApplyRun:
    """One apply of one account: what it is to change, with which options, and who gets its report."""

    workspace: Workspace
    allowed: Mapping[str, int]
    only_due: bool
    allow_self: bool
    allow_transition: bool
    pace: Pace
    approval: Approval
    lock: AccountLock | None
    report: Callable[[Report], None]

    def propose(self, made: frozenset[str] = frozenset()) -> Proposal:
        """Return the plan of the account as it is now; ``made`` are the users whom this run created."""
        return propose(
            self.workspace,
            allowed_removals=self.allowed,
            only_due=self.only_due,
            allow_self=self.allow_self,
            allow_transition=self.allow_transition,
            made=made,
        )


def check_due_is_known(desired: Desired, base: Path | None) -> None:
    """Refuse to apply what is due alone where the manifests of the base have mistakes.

    A base without iamctl.yaml has declared nothing.

    Raises:
        IamctlError: they have.
    """
    if is_compared(desired) and desired.base is not None and desired.base.desired is None:
        raise IamctlError(_UNREAD_BASE.format(visible(str(base or "--base"))))


@dataclass(frozen=True)
class _Record:
    """What an apply reports at its end."""

    run: ApplyRun
    plan: Mapping[str, Any]
    approval: Mapping[str, Any] | None
    journal: Path
    restore: str | None
    handover: Handover | None
    keys: KeyHandover | None
    outcomes: list[Outcome]

    def show(self, left: Sequence[str], *, converged: bool | None) -> None:
        report = outcome_report(
            self.plan,
            self.outcomes,
            left,
            converged=converged,
            journal=str(self.journal),
            restore=self.restore,
            handover=handed_over(self.handover, self.outcomes),
            new_keys=handed_keys(self.keys, self.outcomes),
            only_due=self.run.only_due,
            approval=self.approval,
        )
        self.run.report(report)

    def show_or_note(self) -> None:
        """Report a run that ended early; where that cannot be written, print what matters to stderr."""
        try:
            self.show((), converged=None)
        except OSError as error:
            self.note_secrets()
            note(_NOT_SHOWN.format(error.strerror or error))

    def note_secrets(self) -> None:
        """Print to stderr where passwords and access keys are."""
        note_handed_over(self.handover, self.outcomes)
        note_handed_keys(self.keys, self.outcomes)


def carry_out(run: ApplyRun, proposal: Proposal, data: Mapping[str, Any]) -> int:
    """Run the calls of a plan, read the account again, and report; return the exit code.

    ``data`` is the JSON of the plan. The journal is below the working directory.

    Raises:
        UnverifiedError: the calls ran, and the account could not be read again or the report not be written.
        IamctlError: nothing was sent, or the run ended before its last call; then its report was made.
    """
    from iamctl.apply.interrupt import Interrupted
    from iamctl.apply.journal import DIRECTORY, Journal
    from iamctl.apply.run import JournalLostError, RunStoppedError
    from iamctl.apply.summary import exit_code

    plan, outcomes = proposal.plan, list[Outcome]()
    journal = Journal.create(DIRECTORY, plan_digest=plan.plan_digest, account_id=plan.account.id, version=__version__)
    with journal:
        restore = _write_down(proposal, journal.path)
        secrets, read_policy = run.workspace.desired.settings.secrets, run.workspace.live.password_policy
        handover = open_handover(plan, secrets, read_policy, journal.path.stem)
        keys = open_key_handover(plan, secrets, journal.path.stem)
        record = _Record(run, data, run.approval.to_json(plan), journal.path, restore, handover, keys, outcomes)
        try:
            _send(proposal, record, journal)
            found = verified(lambda made: run.propose(made).plan, run.workspace.live, plan, outcomes)
        except (Interrupted, JournalLostError, RunStoppedError, KeyboardInterrupt):
            record.show_or_note()
            raise
        except BaseException:
            record.note_secrets()
            raise
    is_different = bool(found.left or found.restored)
    try:
        record.show(found.left, converged=None if found.unread else not is_different)
    except OSError as error:
        record.note_secrets()
        told = f"the calls ran, but {_NOT_SHOWN.format(error.strerror or error)}"
        raise UnverifiedError(told, exit_code(outcomes) or 4) from error
    if found.unread:
        raise UnverifiedError(_NOT_READ_AGAIN.format(found.unread), exit_code(outcomes) or 4) from found.unread
    if found.restored:
        raise UnverifiedError(_RESTORED.format(", ".join(found.restored)), 4)
    return exit_code(outcomes) or (4 if is_different else 0)


def _send(proposal: Proposal, record: _Record, journal: Journal) -> None:
    """Send the calls, and record their outcomes in the order of the plan."""
    from iamctl.apply.guard_check import GuardCheck
    from iamctl.apply.run import Surroundings
    from iamctl.apply.run import run as run_calls
    from iamctl.apply.schedule import Spreading
    from iamctl.planning.relied_guards import relied_guards

    plan, workspace = proposal.plan, record.run.workspace
    secrets = workspace.desired.settings.secrets
    with progress(is_wanted=not (secrets and secrets.deliver == "terminal")) as line:
        call_progress = CallProgress(line, len(plan.calls))
        check = GuardCheck(relied_guards(proposal.compared, plan), workspace.live.ask, time.monotonic)

        def checked(call: Call) -> Mapping[str, Any]:
            check(call)
            if record.run.lock:
                record.run.lock.check()
            return received(record.keys, call, workspace.live.execute(call))

        around = Surroundings(
            checked,
            journal,
            ask=workspace.live.ask,
            secret=secret_maker(record.handover, record.keys),
            spreading=Spreading(plan.relies_on, workspace.live.waits.spread_seconds),
            waiting=call_progress.waiting,
            slow=call_progress.slow,
            parallel=record.run.pace.parallel,
            patience_seconds=record.run.pace.patience_seconds,
        )
        try:
            for outcome in run_calls(plan.calls, around):
                record.outcomes.append(outcome)
                call_progress.ended(outcome)
        finally:
            record.outcomes.sort(key=lambda outcome: outcome.call.index)


def _write_down(proposal: Proposal, journal: Path) -> str | None:
    """Write the users, groups and policies to be deleted beside the journal; return the path, or None without any.

    Raises:
        RestoreFileError: it cannot be written.
    """
    from iamctl.apply.restore import restore_facts, write_restore_file

    facts = restore_facts(proposal.plan, proposal.snapshot, __version__)
    if facts is None:
        return None
    path = journal.with_suffix(".restore.json")
    write_restore_file(path, facts)
    return str(path)
