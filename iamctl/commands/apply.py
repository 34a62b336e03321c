"""``iamctl apply``: plan, confirm, run the calls, and verify."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from iamctl.commands.access_of_plan import Detail, access_of
from iamctl.commands.account_lock import locked, note_no_lock
from iamctl.commands.approval import Approval
from iamctl.commands.carry_out import ApplyRun, carry_out, check_due_is_known
from iamctl.commands.ci_surroundings import in_ci
from iamctl.commands.pace import Pace
from iamctl.commands.password_handover import check_terminal
from iamctl.commands.propose import Proposal, plan_data, removals
from iamctl.commands.workspace import moment, open_workspace
from iamctl.model import Plan
from iamctl.model.failures import StaleError, UsageError
from iamctl.planning.differences import differences
from iamctl.render.text import render_text
from iamctl.report.approval import differences_section
from iamctl.report.blocks import Report
from iamctl.report.plan import risky_section
from iamctl.report.reports import outcome_report, plan_report
from iamctl.source.open import SourceOptions
from iamctl.terminal.prompt import typed
from iamctl.terminal.show import note, show
from iamctl.text.counted import counted

_CHANGED_MEANWHILE = (
    "the account changed after the plan was shown: the plan would now be {}. Nothing was applied. Review the new plan and "
    "run apply again"
)


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
        if only_due:
            check_due_is_known(workspace.desired, base)
        approval.check_account(workspace.live.account_id, workspace.live.partition)
        with locked(workspace, directory) as lock:
            show_it = partial(show, output=output)
            run = ApplyRun(workspace, allowed, only_due, allow_self, allow_transition, pace, approval, lock, show_it)
            proposal = run.propose()
            plan, shown = proposal.plan, access_of(proposal, access)
            data = plan_data(plan, shown.data)
            report = plan_report(plan, data, show_calls=show_calls, all_findings=all_findings, access=shown.sections)
            if output != "json":
                changed = tuple(differences_section(approval.differences(plan)))
                show(in_ci(replace(report, sections=(*report.sections, *changed)), directory), output)
            return _proceed(run, proposal, data, yes=yes, has_shown=output != "json")


def _proceed(run: ApplyRun, shown: Proposal, data: Mapping[str, Any], *, yes: bool, has_shown: bool) -> int:
    """Carry out the plan that was shown, if it may run and somebody wants it."""
    plan = shown.plan
    if not run.approval.allows(plan) or plan.is_refused or not plan.changes:
        return _not_applied(run, plan, data, has_shown=has_shown)
    check_terminal(plan, run.workspace.desired.settings.secrets)
    note_no_lock(run.workspace)
    if not yes and not _confirmed(plan):
        note("nothing was changed")
        return 1
    return carry_out(run, _still_the_same(run, shown), data)


def _still_the_same(run: ApplyRun, shown: Proposal) -> Proposal:
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


def _not_applied(run: ApplyRun, plan: Plan, data: Mapping[str, Any], *, has_shown: bool) -> int:
    """Report a plan that is not applied; return 3 when it is refused, 0 when it has no changes."""
    is_stale = not run.approval.allows(plan)
    if not has_shown:
        converged = None if plan.is_refused or is_stale else True
        run.report(outcome_report(data, (), (), converged=converged, approval=run.approval.to_json(plan)))
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
