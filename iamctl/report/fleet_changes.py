"""What differs in the accounts of a run: equal plans and equal drift once, and an audit control by control."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from iamctl.audit import Weight
from iamctl.model import Action, Address
from iamctl.model.affected import Affected
from iamctl.model.fleet import AccountOutcome, AccountResult, FleetCommand
from iamctl.report.attribution import NOT_LOOKED_UP, attribution_lines, attribution_of, not_looked_up_text
from iamctl.report.audit import STYLES
from iamctl.report.blocks import Line, Section, Span, Style, line
from iamctl.report.change_rows import row_blocks, row_lines, row_of
from iamctl.report.fleet_groups import SamePlan, is_risk, same_plans, without_account
from iamctl.report.fleet_values import Block, Varied, value_lines, varied
from iamctl.text.counted import counted, listed

_MOST_LINES = 1_200
"""So many lines have all plans together; beyond it each has an equal part of them."""

_LEAST_LINES = 20
_MOST_NAMES = 10

_TITLES: Mapping[FleetCommand, str] = {
    FleetCommand.VALIDATE: "Changes",
    FleetCommand.PLAN: "Changes",
    FleetCommand.APPLY: "Changes",
    FleetCommand.DRIFT: "Differences from the manifests",
    FleetCommand.AUDIT: "Failed controls",
}

_NOT_DONE: Mapping[AccountOutcome, str] = {
    AccountOutcome.REFUSED: "refused",
    AccountOutcome.ERROR: "not finished",
    AccountOutcome.LOCKED: "locked",
    AccountOutcome.UNREACHABLE: "unreachable",
    AccountOutcome.NOT_STARTED: "not started",
    AccountOutcome.SKIPPED: "skipped",
}


def change_section(found: Sequence[AccountResult], command: FleetCommand) -> Iterator[Section]:
    """Yield the section of what differs, the worst first; nothing where nothing does."""
    if command is FleetCommand.AUDIT:
        lines = tuple(_controls(found))
    else:
        groups = _told_groups(same_plans(found), command)
        most = max(_LEAST_LINES, _MOST_LINES // max(1, len(groups)))
        lines = tuple(entry for group, values in groups for entry in _plan_lines(group, command, most, values))
    if command is FleetCommand.DRIFT:
        lines = (*lines, *_not_looked_up(found))
    if lines:
        yield Section(_TITLES[command], lines, is_detail=True)


def _told_groups(groups: Sequence[SamePlan], command: FleetCommand) -> list[tuple[SamePlan, Varied | None]]:
    """Return what is told as one plan, those first that weigh most: equal plans, and plans that differ in values alone."""
    if command is FleetCommand.DRIFT:
        return [(group, None) for group in sorted(groups, key=_weight)]
    together, others = varied(groups, lambda group, affected: _blocks(group, command, affected))
    told = [*((one.plan, one) for one in together), *((group, None) for group in others)]
    return sorted(told, key=lambda one: _weight(one[0]))


def _not_looked_up(found: Sequence[AccountResult]) -> Iterator[Line]:
    asked = (attribution_of(change.get("actor")) for result in found for change in result.changes)
    if left := sum(one == NOT_LOOKED_UP for one in asked):
        yield line(Span(not_looked_up_text(left, for_each=" for each account"), "dim"), indent=1)


def _weight(group: SamePlan) -> tuple[bool, int, bool, int, str]:
    """Return what plans are sorted by: those that risks name, by outcome, those that delete, those of most accounts."""
    first = group.first
    deletes = any(change.get("action") == Action.DELETE.value for change in first.changes)
    return (
        not _risky(group),
        [*AccountOutcome].index(first.outcome),
        not deletes,
        -len(group.results),
        first.account,
    )


def _risky(group: SamePlan) -> frozenset[str]:
    """Return the addresses that "Look at this first" names in any account of the group, in lower case."""
    return frozenset(
        str(finding.get("address") or "").lower()
        for result in group.results
        for finding in result.findings
        if is_risk(finding, result.command)
    )


def _plan_lines(group: SamePlan, command: FleetCommand, most: int, values: Varied | None) -> Iterator[Line]:
    """Yield a headline, the values of each account, and the changes: the first ``most`` lines, and all that risks name."""
    risky = _risky(group)
    blocks = [
        (any(str(one).lower() in risky for one in subjects), lines)
        for subjects, lines in (values.blocks if values else _blocks(group, command, group.affected))
    ]
    blocks.sort(key=lambda block: not block[0])
    yield replace(_headline(group, command, has_values=values is not None), is_kept=bool(risky))
    yield from (replace(entry, is_kept=bool(risky)) for entry in (value_lines(values) if values else ()))
    left, unsaid = most, 0
    for is_kept, lines in blocks:
        if left <= 0 and not is_kept:
            unsaid += len(lines)
            continue
        left -= len(lines)
        yield from (replace(entry, is_kept=is_kept) for entry in lines)
    if unsaid:
        told = f"and {counted(unsaid, 'more line')}; 'iamctl {command.value} --account {group.first.account}' shows all"
        yield line(Span(told, "warn"), indent=2)


def plan_lines(group: SamePlan, command: FleetCommand) -> tuple[Line, ...]:
    """Return all that changes or differs in each account of a group."""
    if command is FleetCommand.AUDIT:
        return tuple(_control_lines(group.first))
    return tuple(entry for _, lines in _blocks(group, command, group.affected) for entry in lines)


def _blocks(group: SamePlan, command: FleetCommand, affected: Mapping[Address, Sequence[Affected]]) -> Iterator[Block]:
    """Yield what changes or differs in each account, with the users, groups and policies that it is about."""
    if command is FleetCommand.DRIFT:
        for number, change in enumerate(group.first.changes):
            yield (), (*_of_all(drift_lines(change), group), *_actor_lines(group, number))
        return
    for subjects, lines in row_lines(row_blocks(group.rows), affected, is_done=is_done(group.first)):
        yield subjects, tuple(_of_all(lines, group))
    for change in group.first.changes:
        if row_of(change) is None:  # of a kind that this version does not know
            yield (), tuple(_of_all((line(f"{change.get('address')}: {change.get('action')}"),), group))


def _actor_lines(group: SamePlan, number: int) -> Iterator[Line]:
    """Yield who made a difference, or why that is not known; of several accounts with the accounts of each."""
    told: defaultdict[Line, list[str]] = defaultdict(list)
    for result in group.results:
        for entry in attribution_lines(attribution_of(result.changes[number].get("actor"))):
            told[entry].append(result.account)
    for entry, names in told.items():
        where = Span(f"  in {_where(names)}", "quiet")
        yield replace(entry, spans=(*entry.spans, where)) if len(group.results) > 1 else entry


def is_done(result: AccountResult) -> bool:
    """Tell whether the changes of an account are made."""
    return result.command is FleetCommand.APPLY and result.outcome is AccountOutcome.CHANGES


def _headline(group: SamePlan, command: FleetCommand, *, has_values: bool) -> Line:
    first, noun = group.first, "difference" if command is FleetCommand.DRIFT else "change"
    number = counted(len(first.changes), noun)
    ended = Span(f"  {_NOT_DONE[first.outcome]}" if first.outcome in _NOT_DONE else "", "refuse")
    if len(group.results) == 1:
        return line(Span(f"{first.account} ({first.account_id}): {number}", "strong"), ended, indent=1)
    names = [result.account for result in group.results]
    own = " with values of their own" if has_values else ""
    head = f"the same {number}{own} in {counted(len(names), 'account')}: "
    return line(
        Span(f"{head}{listed(names, _MOST_NAMES)}", "strong", whole=f"{head}{', '.join(names)}"), ended, indent=1
    )


def _of_all(lines: Sequence[Line], group: SamePlan) -> Iterator[Line]:
    """Yield lines as they hold for each account of the group."""

    def told(text: str) -> str:
        return without_account(text, group.first, is_named=group.is_named) if len(group.results) > 1 else text

    for entry in lines:
        spans = (replace(span, text=told(span.text), whole=told(span.whole)) for span in entry.spans)
        yield replace(entry, spans=tuple(spans), indent=entry.indent + 2)


def drift_lines(change: Mapping[str, Any]) -> tuple[Line, ...]:
    """Return one difference: the sentence, what differs, and what hangs on it."""
    sentence = str(change.get("sentence") or f"no manifest declares {change.get('address')}")
    waits = "due" if change.get("is_due") else "merged" if change.get("is_merged") else ""
    along = [str(address) for address in change.get("along") or ()]
    told = Span(f"  {waits}, not applied yet", "dim") if waits else Span("")
    lines = [line(Span(sentence, "" if waits else "delete"), told)]
    lines += [line(str(detail), indent=1) for detail in change.get("details") or ()]
    lines += [line(f"with it: {', '.join(along)}", indent=1)] * bool(along)
    return tuple(lines)


def _control_lines(result: AccountResult) -> Iterator[Line]:
    """Yield the controls that fail in one account, with what fails."""
    for control in result.changes:
        weight = str(control.get("severity"))
        yield line(Span(f"{weight} ", _style(weight)), f"{control.get('id')}: {control.get('title')}", indent=2)
        yield from (line(_failing(one), indent=3) for one in control.get("failing") or ())


def _failing(one: Mapping[str, Any]) -> str:
    return f"{one['address']}: {one.get('message')}" if one.get("address") else str(one.get("message"))


def _style(weight: str) -> Style:
    return next((style for one, style in STYLES.items() if one.value == weight), "")


def _controls(found: Sequence[AccountResult]) -> Iterator[Line]:
    """Yield each control that fails, the gravest first, with the accounts and with what fails, equal things once."""
    accounts: defaultdict[str, list[AccountResult]] = defaultdict(list)
    told: dict[str, Mapping[str, Any]] = {}
    failing: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for result in found:
        for control in result.changes:
            name = str(control.get("id"))
            told.setdefault(name, control)
            accounts[name].append(result)
            for one in control.get("failing") or ():
                failing[name][without_account(_failing(one), result, is_named=False)].append(result.account)
    order = {weight.value: number for number, weight in enumerate(Weight)}
    most = max(_LEAST_LINES, _MOST_LINES // max(1, len(told)))
    for name in sorted(told, key=lambda one: (order.get(str(told[one].get("severity")), 9), -len(accounts[one]), one)):
        control = told[name]
        weight = str(control.get("severity"))
        names = [result.account for result in accounts[name]]
        head = f"{name}: {control.get('title')}  in {counted(len(names), 'account')}: "
        yield line(
            Span(f"{weight} ", _style(weight)),
            Span(f"{head}{listed(names, _MOST_NAMES)}", whole=f"{head}{', '.join(names)}"),
            indent=1,
        )
        ranked = sorted(failing[name].items(), key=lambda pair: (-len(pair[1]), pair[0]))
        for text, where in ranked[:most]:
            yield line(text, Span(f"  in {_where(where)}", "quiet"), indent=2)
        if (more := len(ranked) - most) > 0:
            yield line(Span(f"and {counted(more, 'more line')}; --format json lists all", "warn"), indent=2)


def _where(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{counted(len(names), 'account')}: {listed(names, _MOST_NAMES)}"
