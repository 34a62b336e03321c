"""``iamctl apply``: plan, confirm, run the calls, and verify."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iamctl import __version__
from iamctl.commands.access_of_plan import Detail, access_of
from iamctl.commands.account_lock import locked, note_no_lock
from iamctl.commands.approval import Approval
from iamctl.commands.ci_surroundings import in_ci
from iamctl.commands.pace import Pace
from iamctl.commands.password_handover import check_terminal, handed_over, note_handed_over, open_handover
from iamctl.commands.propose import Proposal, plan_data, propose, removals
from iamctl.commands.verify import verified
from iamctl.commands.workspace import Workspace, moment, open_workspace
from iamctl.comparison.settings_guard import is_compared
from iamctl.model import Call, IamctlError, Outcome, Plan
from iamctl.model.failures import StaleError, UnverifiedError, UsageError
from iamctl.model.settings import Desired
from iamctl.planning.differences import differences
from iamctl.render.text import render_text
from iamctl.report.approval import differences_section
from iamctl.report.blocks import Report
from iamctl.report.plan import risky_section
from iamctl.report.reports import outcome_report, plan_report
from iamctl.source.open import SourceOptions
from iamctl.terminal.call_progress import CallProgress
from iamctl.terminal.progress import progress
from iamctl.terminal.prompt import typed
from iamctl.terminal.show import note, show
from iamctl.text.counted import counted
from iamctl.text.visible import visible

if TYPE_CHECKING:
    from iamctl.apply.journal import Journal
    from iamctl.apply.lock import AccountLock
    from iamctl.handover.delivery import Handover

_log = logging.getLogger(__name__)

_CHANGED_MEANWHILE = (
    "the account changed after the plan was shown: the plan would now be {}. Nothing was applied. Review the new plan and "
    "run apply again"
)
_NOT_READ_AGAIN = "the calls ran, but the account could not be read again: {}. The journal lists what was done. Run apply again to verify"

_RESTORED = (
    "what this apply removed is there again: {}. Somebody restores access while iamctl takes it away: find out who in "
    "CloudTrail, stop them with an explicit Deny, and run apply again"
)
_UNREAD_BASE = (
    "the manifests of the base ({}) have errors, so it is unknown what was due there. Nothing was applied. Run "
    "'iamctl validate' on the base, and name intact manifests as --base"
)


@dataclass(frozen=True)
class _Run:
    """One apply: what it is to change, and with which options."""

    workspace: Workspace
    allowed: Mapping[str, int]
    only_due: bool
    allow_self: bool
    allow_transition: bool
    pace: Pace
    approval: Approval
    lock: AccountLock | None
    output: str

    def propose(self, made: frozenset[str] = frozenset()) -> Proposal:
        return propose(
            self.workspace,
            allowed_removals=self.allowed,
            only_due=self.only_due,
            allow_self=self.allow_self,
            allow_transition=self.allow_transition,
            made=made,
        )


def _is_base_unread(desired: Desired) -> bool:
    """Return whether there is a base whose manifests have mistakes; one without iamctl.yaml has declared nothing."""
    return is_compared(desired) and desired.base is not None and desired.base.desired is None


def apply(
    directory: Path | None,
    source: SourceOptions,
    *,
    account: str | None,
    now: str | None,
    output: str,
    allow_removals: list[str],
    allow_self: bool,
    allow_transition: bool,
    base: Path | None,
    allow_loosening: bool,
    yes: bool,
    approval: Approval,
    only_due: bool,
    show_calls: bool,
    all_findings: bool,
    access: Detail,
    pace: Pace,
) -> int:
    """Apply the plan; return 0 when the account converged, 3 when refused, 4 when only a part was applied.

    Raises:
        StaleError: the plan has changes, and is not the approved one; or the account changed before the first write.
        UnverifiedError: the calls ran, and the account could not be read again.
    """
    _check_usage(now if not source.sandbox else None, yes=yes)
    at, allowed = moment(now), removals(allow_removals)
    opened = open_workspace(
        directory, source, account=account, now=at, purpose="apply", base=base, allow_loosening=allow_loosening
    )
    with opened as workspace:
        if only_due and _is_base_unread(workspace.desired):
            raise IamctlError(_UNREAD_BASE.format(visible(str(base))))
        approval.check_account(workspace.live.account_id, workspace.live.partition)
        with locked(workspace, directory) as lock:
            run = _Run(workspace, allowed, only_due, allow_self, allow_transition, pace, approval, lock, output)
            proposal = run.propose()
            plan, shown = proposal.plan, access_of(proposal, access)
            data = plan_data(plan, shown.data)
            report = plan_report(plan, data, show_calls=show_calls, all_findings=all_findings, access=shown.sections)
            if output != "json":
                changed = tuple(differences_section(approval.differences(plan)))
                show(in_ci(replace(report, sections=(*report.sections, *changed)), directory), output)
            return _proceed(run, proposal, data, yes=yes)


def _proceed(run: _Run, shown: Proposal, data: Mapping[str, Any], *, yes: bool) -> int:
    """Carry out the plan that was shown, if it may run and somebody wants it."""
    plan = shown.plan
    if not run.approval.allows(plan) or plan.is_refused or not plan.changes:
        return _not_applied(run, plan, data)
    check_terminal(plan, run.workspace.desired.settings.secrets)
    note_no_lock(run.workspace)
    if not yes and not _confirmed(plan):
        note("nothing was changed")
        return 1
    return _carry_out(run, _still_the_same(run, shown), data)


def _still_the_same(run: _Run, shown: Proposal) -> Proposal:
    """Return the plan as the account is right before the first write.

    Raises:
        StaleError: the account no longer asks for the plan that was shown.
    """
    fresh = run.propose()
    if fresh.plan.plan_digest != shown.plan.plan_digest:
        for section in differences_section(differences(shown.plan.covered, fresh.plan.covered)):
            sys.stderr.write(render_text(Report({}, (replace(section, title="Changed meanwhile"),))))
        raise StaleError(_CHANGED_MEANWHILE.format(fresh.plan.plan_digest))
    return fresh


def _not_applied(run: _Run, plan: Plan, data: Mapping[str, Any]) -> int:
    """Report a plan that is not applied; return 3 when it is refused, 0 when it has no changes."""
    is_stale = not run.approval.allows(plan)
    if run.output == "json":
        converged = None if plan.is_refused or is_stale else True
        show(outcome_report(data, (), (), converged=converged, approval=run.approval.to_json(plan)), run.output)
    if is_stale:
        raise run.approval.refusal(plan)
    return 3 if plan.is_refused else 0


def _check_usage(now: str | None, *, yes: bool) -> None:
    if now:
        raise UsageError("apply accepts --now only with --sandbox")
    if not yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("apply cannot ask for confirmation without a terminal; review the plan, then use --yes")


def _confirmed(plan: Plan) -> bool:
    sys.stderr.write("\n")
    for section in risky_section(plan):  # the plan may have scrolled it away
        sys.stderr.write(f"{render_text(Report({}, (section,)))}\n")
    calls = "this call" if len(plan.calls) == 1 else f"these {counted(len(plan.calls), 'call')}"
    note(f"Apply {calls} to {plan.account.name} ({plan.account.id})?")
    sys.stderr.write("Only 'yes' is accepted: ")
    sys.stderr.flush()
    return typed().strip() == "yes"


@dataclass(frozen=True)
class _Record:
    """What an apply reports at its end."""

    run: _Run
    plan: Mapping[str, Any]
    approval: Mapping[str, Any] | None
    journal: Path
    restore: str | None
    handover: Handover | None
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
            only_due=self.run.only_due,
            approval=self.approval,
        )
        show(report, self.run.output)


def _carry_out(run: _Run, proposal: Proposal, data: Mapping[str, Any]) -> int:
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
        record = _Record(run, data, run.approval.to_json(plan), journal.path, restore, handover, outcomes)
        try:
            _send(proposal, record, journal)
            found = verified(lambda made: run.propose(made).plan, run.workspace.live, plan, outcomes)
        except (Interrupted, JournalLostError, RunStoppedError, KeyboardInterrupt):
            record.show((), converged=None)
            raise
        except BaseException:
            note_handed_over(handover, outcomes)
            raise
    is_different = bool(found.left or found.restored)
    record.show(found.left, converged=None if found.unread else not is_different)
    if found.unread:
        raise UnverifiedError(_NOT_READ_AGAIN.format(found.unread), exit_code(outcomes) or 4) from found.unread
    if found.restored:
        raise UnverifiedError(_RESTORED.format(", ".join(found.restored)), 4)
    return exit_code(outcomes) or (4 if is_different else 0)


def _send(proposal: Proposal, record: _Record, journal: Journal) -> None:
    """Send the calls, and record their outcomes in the order of the plan."""
    from iamctl.apply.guard_check import GuardCheck
    from iamctl.apply.params import no_secret
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
            return workspace.live.execute(call)

        around = Surroundings(
            checked,
            journal,
            ask=workspace.live.ask,
            secret=record.handover or no_secret,
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
