"""What a run does in one account, and the result of it."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from iamctl import __version__
from iamctl.commands.propose import plan_data, propose
from iamctl.commands.workspace import Workspace
from iamctl.model import Finding, Plan, Severity
from iamctl.model.fleet import AccountOutcome, AccountResult, AccountTask

_OUTCOMES = {0: AccountOutcome.CLEAN, 2: AccountOutcome.CHANGES, 3: AccountOutcome.REFUSED, 5: AccountOutcome.REFUSED}


def outcome_of(exit_code: int) -> AccountOutcome:
    """Return how an account ended whose command alone would have exited with a code."""
    return _OUTCOMES.get(exit_code, AccountOutcome.ERROR)


def findings_json(findings: Iterable[Finding]) -> tuple[dict[str, Any], ...]:
    """Return findings as JSON."""
    return tuple(finding.to_json() for finding in findings)


def planned(task: AccountTask, blank: AccountResult, workspace: Workspace) -> AccountResult:
    """Return the result of ``plan``."""
    proposal = propose(
        workspace,
        allowed_removals=task.flags.get("allow_removals"),
        allow_self=bool(task.flags.get("allow_self")),
        allow_transition=bool(task.flags.get("allow_transition")),
        only_due=bool(task.flags.get("only_due")),
        trusts_report=True,
    )
    wants_code = bool(task.flags.get("detailed_exitcode"))
    code = 3 if proposal.plan.is_refused else 2 if proposal.plan.changes else 0
    found = with_plan(blank, proposal.plan)
    return replace(found, outcome=outcome_of(code), exit=code if wants_code or code != 2 else 0)


def with_plan(blank: AccountResult, plan: Plan) -> AccountResult:
    """Return the result with what a plan says; the first refusal is its error."""
    data = plan_data(plan)
    refusals = [finding for finding in plan.findings if finding.severity is Severity.REFUSE]
    return replace(
        blank,
        digest=plan.plan_digest,
        summary=data["summary"],
        changes=tuple(data["changes"]),
        findings=tuple(data["findings"]),
        error=refusals[0].message if refusals else "",
    )


def drifted(task: AccountTask, blank: AccountResult, workspace: Workspace) -> AccountResult:
    """Return the result of ``drift``."""
    from iamctl.commands.drift import drift_exit_code, ways_for
    from iamctl.commands.fleet.flags import source_options
    from iamctl.comparison.shared_files import shared_places
    from iamctl.report.drift import drift_report, drifts

    proposal = propose(workspace, asserts_live=True, trusts_report=True)
    merged = None
    if task.applied is not None:
        from iamctl.commands.applied import merged_with

        merged = merged_with(workspace, proposal, pickle.loads(task.applied))  # noqa: S301 - made by the same run
    found = drifts(proposal.plan.changes, merged)
    if task.flags.get("actor"):
        from iamctl.commands.attributed import attributed

        found = attributed(workspace.live, found)
    ways = ways_for(str(task.flags.get("directory", ".")), source_options(task), task.account)
    shared = frozenset(task.flags.get("shared", ()))
    ways = replace(ways, shared=shared_places(proposal.plan.changes, proposal.compared.desired.state, shared))
    data = drift_report(proposal.plan, found, __version__, ways, merged=merged).data
    code = drift_exit_code(proposal.plan, found, merged)
    undeclared = [{"address": address} for address in data["undeclared_drift"]]
    return replace(
        blank,
        outcome=outcome_of(code),
        exit=code,
        digest=proposal.plan.plan_digest,
        summary=data["summary"],
        changes=(*data["drift"], *undeclared),
        findings=tuple(data["findings"]),
    )


def audited(task: AccountTask, blank: AccountResult, workspace: Workspace) -> AccountResult:
    """Return the result of ``audit``."""
    from iamctl.audit.frameworks import Framework
    from iamctl.audit.judged import Verdict
    from iamctl.commands.audit import audit_exit_code, audited_account, read_account
    from iamctl.report.audit import audit_findings
    from iamctl.report.audit_json import audit_report

    framework = task.flags.get("framework")
    found = audited_account(workspace, read_account(workspace), Framework(framework) if framework else None)
    data, code = audit_report(found, __version__).data, audit_exit_code(found)
    missing = data["summary"]["not_evaluated"]
    return replace(
        blank,
        outcome=outcome_of(code),
        exit=code,
        summary=data["summary"],
        changes=tuple(one for one in data["controls"] if one["verdict"] == Verdict.FAIL.value),
        findings=findings_json(audit_findings(found)),
        error=f"not evaluated: {missing} of {data['summary']['controls']} controls" if code == 1 else "",
    )
