"""What is to be said about a plan, about findings and about outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from iamctl.document import Document, differences, summaries
from iamctl.kinds import KINDS
from iamctl.model import Action, Call, Change, Finding, Outcome, OutcomeStatus, Plan, Resource, Severity
from iamctl.render.blocks import Line, Report, Section, Span, Style, line
from iamctl.roster.changes import member_sections

_SIGNS: Mapping[Action, tuple[str, Style]] = {
    Action.CREATE: ("+", "create"),
    Action.UPDATE: ("~", "update"),
    Action.DELETE: ("-", "delete"),
}

_MARKS: Mapping[Severity, tuple[str, Style]] = {
    Severity.ERROR: ("error", "refuse"),
    Severity.REFUSE: ("refused", "refuse"),
    Severity.WARN: ("warning", "warn"),
    Severity.INFO: ("info", "info"),
}


def plan_report(plan: Plan, data: Mapping[str, Any], *, show_calls: bool = False) -> Report:
    """Return the report of a plan; ``data`` is its JSON."""
    account = f"{plan.account.name} ({plan.account.id}, {plan.account.partition})"
    sections = [Section(f"Plan for {account}", ())]
    sections += _change_sections(plan.changes)
    if plan.ending:
        sections.append(Section("Ends within 14 days", tuple(_ending_line(item) for item in plan.ending)))
    sections += finding_sections(plan.findings)
    if show_calls and plan.calls:
        sections.append(Section("Calls", tuple(_call_line(call, plan) for call in plan.calls)))
    sections += member_sections(plan)
    sections.append(Section("", tuple(_plan_summary(plan))))
    return Report(data, tuple(sections))


def outcome_report(
    data: Mapping[str, Any],
    outcomes: Sequence[Outcome],
    remaining: Sequence[str],
    *,
    converged: bool | None,
    journal: str | None = None,
    restore: str | None = None,
    handover: Sequence[Mapping[str, Any]] = (),
    only_expired: bool = False,
) -> Report:
    """Return the report of an apply: each root cause once, what was not started because of it, and the second read.

    ``data`` is the JSON of the plan; ``converged`` is None when nothing was read again; ``handover`` tells where the
    passwords are.
    """
    body = {
        "format": "iamctl-apply/1",
        "plan": dict(data),
        "outcomes": [_outcome_json(outcome) for outcome in outcomes],
        "converged": converged,
        "remaining": list(remaining),
        "journal": journal,
        "restore": restore,
        "handover": [dict(given) for given in handover],
    }
    failed = [outcome for outcome in outcomes if outcome.status in {OutcomeStatus.FAILED, OutcomeStatus.UNKNOWN}]
    sections = []
    if failed:
        sections.append(Section("Failed", tuple(entry for cause in failed for entry in _failure(cause, outcomes))))
    if remaining:
        sections.append(Section("Still different", tuple(line(address, indent=1) for address in remaining)))
    done = sum(outcome.status is OutcomeStatus.DONE for outcome in outcomes)
    lines = [line(Span(f"{done} of {_counted_calls(len(outcomes))} done.", "strong"))]
    lines += map(_password_line, handover)
    if converged:
        reached = "the memberships that have ended are gone" if only_expired else "the account is as the manifests say"
        lines.append(line(Span("converged", "create"), f": {reached}."))
    elif converged is False:
        lines.append(line(Span("not converged", "refuse"), ": run apply again; it starts from what is live."))
    if journal:
        lines.append(line(Span(f"journal: {journal}", "dim")))
    if restore:
        lines.append(line(Span(f"restore file: {restore}", "dim")))
    return Report(body, (*sections, Section("", tuple(lines))))


def _password_line(given: Mapping[str, Any]) -> Line:
    """Return where the password of a user is, and whether it is one."""
    about = Span(f"password for {given['user']}: ", "strong")
    where = given["file"] or "shown above"
    if given["valid"] is None:
        return line(about, f"{where}, ", Span("which may or may not be valid", "warn"), ": see the failed call")
    if not given["valid"]:
        return line(about, f"{where}, ", Span("not valid", "refuse"), ": no login profile was made; throw it away")
    return line(about, where)


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "call": outcome.call.index,
        "operation": outcome.call.operation,
        "status": outcome.status.value,
        "error": outcome.error or None,
        "code": outcome.code or None,
        "because": outcome.because,
    }


def _failure(cause: Outcome, outcomes: Sequence[Outcome]) -> Iterator[Line]:
    word = "may or may not have been done" if cause.status is OutcomeStatus.UNKNOWN else "failed"
    yield line(Span(f"{_call_text(cause.call)} {word}: ", "refuse"), f"{cause.code}: {cause.error}", indent=1)
    stopped = [outcome for outcome in outcomes if outcome.because == cause.call.index]
    for outcome in stopped:
        yield line(f"not started: {_call_text(outcome.call)}", indent=2)


def _counted_calls(number: int) -> str:
    return f"{number} call" if number == 1 else f"{number} calls"


def _call_text(call: Call) -> str:
    """Return a call in short: the operation and its parameters, without the text of documents."""
    parts = (f"{name}={_parameter(value)}" for name, value in call.params.items() if name != "PolicyDocument")
    return f"{call.operation}({', '.join(parts)})"


def _parameter(value: object) -> str:
    if isinstance(value, Mapping) and value.keys() == {"$secret"}:
        return "(made while applying)"
    if not isinstance(value, list):
        return str(value)
    return "[" + ", ".join(f"{tag['Key']}={tag['Value']}" if isinstance(tag, Mapping) else tag for tag in value) + "]"


def _call_line(call: Call, plan: Plan) -> Line:
    late, relied = plan.late.get(call.index, ""), plan.relies_on.get(call.index)
    needs = f"  needs {', '.join(map(str, call.needs))}" if call.needs else ""
    wait = "" if relied is None else f"  once all of AWS sees {relied}"
    return line(
        f"{call.index:>4} {_call_text(call)}",
        Span(needs, "dim"),
        Span(f"  {late}" if late else "", "warn"),
        Span(wait, "dim"),
    )


def findings_report(findings: Sequence[Finding], summary: str) -> Report:
    """Return the report of what was found in manifests."""
    data = {"format": "iamctl-findings/1", "findings": [finding.to_json() for finding in findings]}
    return Report(data, (*finding_sections(findings), Section("", (line(summary),))))


def finding_sections(findings: Sequence[Finding]) -> list[Section]:
    """Return what stops first, then what warns, then what informs."""
    titles = {
        Severity.ERROR: "Errors",
        Severity.REFUSE: "Refused",
        Severity.WARN: "Warnings",
        Severity.INFO: "To know",
    }
    found = []
    for severity, title in titles.items():
        lines = tuple(finding_line(finding) for finding in findings if finding.severity is severity)
        if lines:
            found.append(Section(title, lines))
    return found


def finding_line(finding: Finding) -> Line:
    """Return one line: where, which rule, about what, and what to do."""
    mark, style = _MARKS[finding.severity]
    parts: list[Span] = [Span(f"{finding.origin}: ")] if finding.origin else []
    parts.append(Span(f"{mark}: ", style))
    if finding.address and str(finding.address) not in finding.message:
        parts.append(Span(f"{finding.address}: "))
    parts += [Span(finding.message), Span(f" ({finding.rule})", "dim")]
    return line(*parts, indent=1)


def changes_line(changes: Sequence[Change]) -> str:
    """Return how many things a plan creates, updates and deletes."""
    counts = {action: sum(change.action is action for change in changes) for action in Action}
    return f"{counts[Action.CREATE]} to create, {counts[Action.UPDATE]} to update, {counts[Action.DELETE]} to delete"


def _change_sections(changes: Iterable[Change]) -> Iterator[Section]:
    by_kind: dict[type[Resource], list[Change]] = {}
    for change in changes:
        by_kind.setdefault(type(change.resource), []).append(change)
    for kind in sorted(by_kind, key=KINDS.index):
        lines = tuple(entry for change in by_kind[kind] for entry in _change_lines(change))
        yield Section(kind.title, lines)


def _change_lines(change: Change) -> Iterator[Line]:
    sign, style = _SIGNS[change.action]
    origin = change.resource.origin if change.after else None
    place = [Span(f"  {origin}", "dim")] if origin else []
    yield line(Span(f"{sign} {change.address}", style), Span(f"  {change.reason}", "dim"), *place, indent=1)
    for detail in _details(change):
        yield line(detail, indent=3)


def _details(change: Change) -> Iterator[str]:
    """Yield one line per field that says more than the address does."""
    before, after = change.before, change.after
    if before is not None:
        yield from before.facts()
    if after is None:
        if before and (along := before.along()):
            yield f"with it: {', '.join(along)}"
        return
    told = set(change.address.parts)
    fields = after.to_json()
    if before is None:
        for name, value in fields.items():
            if name == "document":
                yield from _document_lines(None, getattr(after, "document", None))
            elif value not in ({}, "/", None) and str(value) not in told:
                yield f"{name}: {_plain(value)}"
        return
    old = before.to_json()
    for name in change.fields:
        if name == "document":
            yield from _document_lines(getattr(before, "document", None), getattr(after, "document", None))
        else:
            yield f"{name}: {_plain(_at(old, name))} -> {_plain(_at(fields, name))}"


def _document_lines(before: object, after: object) -> Iterator[str]:
    if isinstance(before, Document) and isinstance(after, Document):
        yield from (f"document: {difference}" for difference in differences(before, after))
    elif isinstance(after, Document):
        yield from (f"document: + {summary}" for summary in summaries(after))


def _at(fields: Mapping[str, Any], path: str) -> Any:
    head, _, rest = path.partition(".")
    value = fields.get(head)
    return value.get(rest) if rest and isinstance(value, Mapping) else value


def _plain(value: Any) -> str:
    if value is None:
        return "(none)"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={item}" for key, item in value.items())
    return str(value)


def _ending_line(membership: Resource) -> Line:
    why = getattr(membership, "why", None)
    until = getattr(membership, "until", "")
    return line(
        f"{membership.address}", Span(f"  until {until}", "warn"), Span(f"  {why}" if why else "", "dim"), indent=1
    )


def _as_of(moment: datetime, now: datetime) -> str:
    """Return when AWS made the credential report, and how long that is before the plan in its largest unit."""
    age = ""
    for seconds, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if number := max(0, int((now - moment).total_seconds())) // seconds:
            age = f", {number} {unit}{'' if number == 1 else 's'} before this plan"
            break
    return f"Passwords, keys and devices as of {moment:%Y-%m-%d %H:%M} UTC{age} (credential report)."


def _plan_summary(plan: Plan) -> Iterator[Line]:
    if plan.ignored:
        rules = ", ".join(f"{count} by {rule}" for rule, count in plan.ignored)
        yield line(f"Ignored: {rules}.")
    if plan.undeclared:
        yield line(f"Not declared and left alone: {len(plan.undeclared)}.")
    if not plan.settings_compared:
        yield line(Span("Settings were not compared with a base (--base).", "dim"))
    if plan.credentials_as_of:
        yield line(Span(_as_of(plan.credentials_as_of, plan.created_at), "dim"))
    if not plan.changes:
        yield line(Span("Nothing to change.", "strong"))
    else:
        yield line(Span(f"{changes_line(plan.changes)}; {_counted_calls(len(plan.calls))}.", "strong"))
    if plan.is_refused:
        yield line(Span("This plan is refused: nothing of it may be applied.", "refuse"))
    if plan.calls:
        yield line(Span(plan.plan_digest, "dim"))
