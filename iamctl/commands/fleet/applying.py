"""Applies the plan of one account in a worker, where nobody is asked and nothing is printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from iamctl.aws.errors import one_line
from iamctl.commands.account_lock import locked
from iamctl.commands.approval import Approval
from iamctl.commands.carry_out import ApplyRun, carry_out, check_due_is_known
from iamctl.commands.fleet.one_account import with_plan
from iamctl.commands.pace import Pace
from iamctl.commands.password_handover import check_terminal
from iamctl.commands.propose import plan_data
from iamctl.commands.workspace import Workspace
from iamctl.model import IamctlError, OutcomeStatus
from iamctl.model.fleet import AccountOutcome, AccountResult, AccountTask
from iamctl.report.blocks import Report
from iamctl.text.counted import counted

_FAILED = {OutcomeStatus.FAILED.value, OutcomeStatus.UNKNOWN.value}


def applied(task: AccountTask, blank: AccountResult, workspace: Workspace) -> AccountResult:
    """Return the result of ``apply``: the account is planned again, and only the approved plan is carried out.

    Raises:
        LockHeldError: another run holds the lock of the account.
        IamctlError: nothing was sent.
    """
    flags, approval = task.flags, Approval(task.expected_digest)
    only_due = bool(flags.get("only_due"))
    if only_due:
        check_due_is_known(workspace.desired, None)
    with locked(workspace, Path(str(flags.get("directory", ".")))) as lock:
        reports: list[Report] = []
        run = ApplyRun(
            workspace,
            flags.get("allow_removals") or {},
            only_due,
            bool(flags.get("allow_self")),
            bool(flags.get("allow_transition")),
            Pace(flags.get("parallel", Pace.parallel), flags.get("patience_seconds", Pace.patience_seconds)),
            approval,
            lock,
            reports.append,
        )
        proposal = run.propose()
        plan, found = proposal.plan, with_plan(blank, proposal.plan)
        if not approval.allows(plan):
            return replace(found, outcome=AccountOutcome.REFUSED, exit=5, error=str(approval.refusal(plan)))
        if plan.is_refused:
            return replace(found, outcome=AccountOutcome.REFUSED, exit=3)
        if not plan.changes:
            return replace(found, outcome=AccountOutcome.CLEAN, exit=0)
        check_terminal(plan, workspace.desired.settings.secrets, is_alone=False)
        said = ""
        try:
            code = carry_out(run, proposal, plan_data(plan))
        except IamctlError as error:
            if not reports:  # nothing was sent
                raise
            code, said = error.exit_code, one_line(error)
        return _ended(found, code, reports[-1].data, said)


def _ended(found: AccountResult, code: int, data: Mapping[str, Any], said: str) -> AccountResult:
    """Return the result of calls that were sent; ``data`` is the JSON of the apply."""
    statuses = Counter(outcome["status"] for outcome in data["outcomes"])
    counts = {status.value.replace("-", "_"): statuses[status.value] for status in OutcomeStatus}
    found = replace(found, exit=code, summary={**found.summary, **counts})
    if code == 0:
        return replace(found, outcome=AccountOutcome.CHANGES, error="")
    parts = [f"{statuses[OutcomeStatus.DONE.value]} of {counted(len(data['outcomes']), 'call')} done"]
    parts += [
        one_line(f"{outcome['operation']}: {outcome['error'] or outcome['status']}")
        for outcome in data["outcomes"]
        if outcome["status"] in _FAILED
    ][:1]
    parts += [said] if said else []
    parts += [f"still different: {', '.join(data['remaining'][:3])}"] if data["remaining"] and not said else []
    parts.append(f"journal: {data['journal']}")
    return replace(found, outcome=AccountOutcome.ERROR, error="; ".join(parts))
