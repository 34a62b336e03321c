"""The report of a plan and of an apply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from iamctl.kinds import KINDS
from iamctl.model import Action, Call, Change, Finding, Outcome, OutcomeStatus, Plan, Resource, Severity
from iamctl.policy import Document
from iamctl.report.approvals import approval_sections
from iamctl.report.aws_cli import aws_command
from iamctl.report.blocks import Line, Report, Section, Span, Table, line
from iamctl.report.declared_changes import declared_changes_section
from iamctl.report.findings import REFUSED, finding_sections, standing_sections, touched
from iamctl.report.handed_over import handed_over_lines
from iamctl.report.left_denies import left_deny_lines
from iamctl.report.member_changes import member_sections
from iamctl.report.order_words import late_words
from iamctl.report.plan import block_sections, risky_section
from iamctl.report.statements import document_lines
from iamctl.report.upcoming import upcoming_section
from iamctl.text.counted import counted


def plan_report(
    plan: Plan,
    data: Mapping[str, Any],
    *,
    show_calls: bool = False,
    show_commands: bool = False,
    all_findings: bool = False,
    access: Iterable[Section] = (),
) -> Report:
    """Return the report of a plan; ``data`` is its JSON, and ``access`` says what it changes of everybody's access.

    Without ``all_findings``, what was so before and is not touched by the plan is one line for each rule.
    """
    account = f"{plan.account.name} ({plan.account.id}, {plan.account.partition})"
    changed = touched(plan.changes)
    old = [] if all_findings else [one for one in plan.findings if _is_old(one) and one.address not in changed]
    listed = [one for one in plan.findings if not one.first or one.severity is Severity.REFUSE]
    folded = {id(one) for one in old}  # comparing findings with each other would take long where there are thousands
    told = [one for one in listed if id(one) not in folded]
    findings = finding_sections(told, folds_standing=not all_findings)
    sections = [Section(f"Plan for {account}", ()), *risky_section(plan)]
    sections += [section for section in findings if section.title == REFUSED]
    sections += approval_sections(plan.approve, plan.findings)
    sections += [*member_sections(plan), *block_sections(plan), *access]
    sections += declared_changes_section(plan)
    sections += upcoming_section(plan)
    sections += [section for section in findings if section.title != REFUSED]
    sections += standing_sections(old)
    if show_calls and plan.calls:
        calls = tuple(entry for call in plan.calls for entry in _call_lines(call, plan))
        sections.append(Section("Calls", calls, is_detail=True))
    if show_commands and plan.calls:
        commands = tuple(Line((Span(aws_command(call)),), indent=1, is_to_copy=True) for call in plan.calls)
        sections.append(Section("AWS CLI commands", commands, is_detail=True))
    if plan.changes:
        sections.append(Section("", (), _summary_table(plan)))
    sections.append(Section("", tuple(_plan_summary(plan))))
    return Report(data, tuple(sections), marker=f"iamctl-plan {plan.account.name}", noun="plan")


def _is_old(finding: Finding) -> bool:
    return finding.standing and not finding.first


def outcome_report(
    data: Mapping[str, Any],
    outcomes: Sequence[Outcome],
    remaining: Sequence[str],
    *,
    converged: bool | None,
    journal: str | None = None,
    restore: str | None = None,
    handover: Sequence[Mapping[str, Any]] = (),
    new_keys: Sequence[Mapping[str, Any]] = (),
    only_due: bool = False,
    approval: Mapping[str, Any] | None = None,
) -> Report:
    """Return the report of an apply: each root cause once, what was not started because of it, and the second read.

    ``data`` is the JSON of the plan; ``converged`` is None when nothing was read again; ``handover`` and ``new_keys``
    have the places of secrets; ``approval`` is what was approved, and in what the plan differs from it.
    """
    body = {
        "format": "iamctl-apply/1",
        "plan": dict(data),
        "approval": approval,
        "outcomes": [outcome_json(outcome) for outcome in outcomes],
        "converged": converged,
        "remaining": list(remaining),
        "journal": journal,
        "restore": restore,
        "handover": [dict(given) for given in handover],
        "new_access_keys": [dict(given) for given in new_keys],
    }
    failed = [outcome for outcome in outcomes if outcome.status in {OutcomeStatus.FAILED, OutcomeStatus.UNKNOWN}]
    causes = tuple(entry for cause in failed for entry in failure_lines(cause, outcomes))
    sections = [Section("Failed", causes)] if failed else []
    if remaining:
        sections.append(Section("Still different", tuple(line(address, indent=1) for address in remaining)))
    done = sum(outcome.status is OutcomeStatus.DONE for outcome in outcomes)
    gone = sum(outcome.status is OutcomeStatus.ALREADY_GONE for outcome in outcomes)
    also = f", {gone:,} not needed: the target was already gone" if gone else ""
    lines = [line(Span(f"{done:,} of {counted(len(outcomes), 'call')} done{also}.", "strong"))]
    lines += [*handed_over_lines(handover, new_keys), *left_deny_lines(outcomes)]
    if converged:
        reached = "everything that was due is done" if only_due else "the account matches the manifests"
        lines.append(line(Span("converged", "create"), f": {reached}."))
    elif converged is False:
        lines.append(line(Span("not converged", "refuse"), ": run apply again; it continues from the live account."))
    if journal:
        lines.append(line(Span(f"journal: {journal}", "dim")))
    if restore:
        lines.append(line(Span(f"restore file: {restore}", "dim")))
    return Report(body, (*sections, Section("", tuple(lines))))


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """Return what became of a call as JSON lists it."""
    return {
        "call": outcome.call.index,
        "operation": outcome.call.operation,
        "status": outcome.status.value,
        "error": outcome.error or None,
        "code": outcome.code or None,
        "because": outcome.because,
    }


def failure_lines(cause: Outcome, outcomes: Sequence[Outcome]) -> Iterator[Line]:
    """Yield a call that failed or has an unknown outcome, and the calls that were not started because of it."""
    word = "may or may not have been done" if cause.status is OutcomeStatus.UNKNOWN else "failed"
    yield line(Span(f"{call_text(cause.call)} {word}: ", "refuse"), f"{cause.code}: {cause.error}", indent=1)
    stopped = [outcome for outcome in outcomes if outcome.because == cause.call.index]
    for outcome in stopped:
        yield line(f"not started: {call_text(outcome.call)}", indent=2)


def call_text(call: Call) -> str:
    """Return a call in short: the operation and its parameters, without the text of documents."""
    parts = (f"{name}={_parameter(value)}" for name, value in call.params.items() if name != "PolicyDocument")
    return f"{call.operation}({', '.join(parts)})"


def _parameter(value: object) -> str:
    if isinstance(value, Mapping) and value.keys() == {"$secret"}:
        return "(generated during apply)"
    if not isinstance(value, list):
        return str(value)
    return f"[{', '.join(map(_listed, value))}]"


def _listed(item: object) -> str:
    match item:
        case {"Key": key, "Value": value}:
            return f"{key}={value}"
        case _:
            return str(item)


def _call_lines(call: Call, plan: Plan) -> Iterator[Line]:
    """Yield a call with its parameters, and the document that it writes in full."""
    yield _call_line(call, plan)
    if isinstance(text := call.params.get("PolicyDocument"), str):
        yield from document_lines(None, Document.from_text(text), 4)


def _call_line(call: Call, plan: Plan) -> Line:
    late, relied = plan.late.get(call.index), plan.relies_on.get(call.index)
    needs = f"  needs {', '.join(map(str, call.needs))}" if call.needs else ""
    wait = f"  waits until {_numbered(relied)} propagated" if relied else ""
    return line(
        f"{call.index:>4} {call_text(call)}",
        Span(needs, "dim"),
        Span(f"  {late_words(late)}" if late else "", "warn"),
        Span(wait, "dim"),
    )


def _numbered(calls: Sequence[int]) -> str:
    if len(calls) == 1:
        return f"call {calls[0]} has"
    return f"calls {', '.join(map(str, calls))} have"


def changes_line(changes: Sequence[Change]) -> str:
    """Return how many things a plan creates, updates and deletes."""
    counts = {action: sum(change.action is action for change in changes) for action in Action}
    created, updated, deleted = (counts[action] for action in (Action.CREATE, Action.UPDATE, Action.DELETE))
    return f"{created:,} to create, {updated:,} to update, {deleted:,} to delete"


def _summary_table(plan: Plan) -> Table:
    """Return how many resources of each kind are created, updated and deleted."""
    found: dict[type[Resource], Counter[Action]] = {}
    for change in plan.changes:
        found.setdefault(type(change.resource), Counter())[change.action] += 1
    rows = (
        (kind.title, *(str(found[kind][action] or "") for action in Action)) for kind in sorted(found, key=KINDS.index)
    )
    return Table(
        ("", "create", "update", "delete"), tuple(tuple(line(Span(cell, "dim")) for cell in row) for row in rows)
    )


def _as_of(moment: datetime, now: datetime) -> str:
    """Return when AWS made the credential report, and how long that is before the plan in its largest unit."""
    age = ""
    for seconds, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if number := max(0, int((now - moment).total_seconds())) // seconds:
            age = f", {counted(number, unit)} before this plan"
            break
    return f"Passwords, keys and devices as of {moment:%Y-%m-%d %H:%M} UTC{age} (credential report)."


def _proofs(plan: Plan) -> Iterator[Line]:
    """Yield for how many users with direct policies that the plan takes it is proved that their access stays the same."""
    if plan.access_unchanged:
        told = f"Access unchanged for {counted(len(plan.access_unchanged), 'user')}"
        yield line(Span(told, "create"), " whose policies the plan moves (proved).")
    if plan.access_unproved:
        users = ", ".join(address.name for address in plan.access_unproved)
        told = f"Not proved for {counted(len(plan.access_unproved), 'user')} whose policies the plan moves"
        yield Line((Span(told, "warn"), Span(f": {users}.")), is_whole=True)


def _plan_summary(plan: Plan) -> Iterator[Line]:
    for kind, count in plan.counts.items():
        parts = [
            f"{number:,} {name}"
            for name, number in (
                ("managed", count.managed),
                ("ignored", count.ignored),
                ("not declared", count.undeclared),
            )
            if number
        ]
        if count.live:
            yield line(f"{kind.capitalize()}s: {count.live:,} live = {' + '.join(parts)}.")
    if plan.ignored:
        rules = ", ".join(f"{count:,} by {rule}" for rule, count in plan.ignored)
        yield line(f"Ignored: {rules}.")
    if plan.undeclared:
        yield line(f"Not declared and left alone: {len(plan.undeclared):,}.")
    if not plan.settings_compared:
        yield line(Span("Settings were not compared with a base (--base).", "dim"))
    if plan.credentials_as_of:
        yield line(Span(_as_of(plan.credentials_as_of, plan.created_at), "dim"))
    yield from _proofs(plan)
    if not plan.changes:
        later = counted(len(plan.declared_changes), "change needs", "changes need")
        told = f" {later} no call now." if plan.declared_changes else ""
        yield line(Span(f"Nothing to change.{told}", "strong"))
    else:
        yield line(Span(f"{changes_line(plan.changes)}; {counted(len(plan.calls), 'call')}.", "strong"))
    if plan.is_refused:
        yield line(Span("This plan is refused; apply will not run it.", "refuse"))
    if plan.calls or plan.declared_changes:
        yield line(Span(plan.plan_digest, "dim"))
