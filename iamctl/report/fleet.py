"""One report of a run over many accounts: what is worst first, and what is equal over accounts once."""

from __future__ import annotations

import shlex
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from iamctl.kinds import parse_address
from iamctl.model import Severity
from iamctl.model.deed import Attribution, Deed
from iamctl.model.fleet import FAILURES, AccountOutcome, AccountResult, FleetCommand, fleet_digest
from iamctl.model.plan import MANAGED_ACCOUNTS
from iamctl.report.attribution import attribution_json, started_by_line
from iamctl.report.blocks import Line, Report, Section, Span, Style, line
from iamctl.report.drift import SHORT_ID
from iamctl.report.fleet_changes import change_section
from iamctl.report.fleet_groups import (
    ACCOUNT_ID,
    ACCOUNT_NAME,
    Note,
    Removal,
    Summed,
    errors_of,
    is_risk,
    removals,
    summed,
)
from iamctl.report.fleet_json import fleet_json
from iamctl.report.fleet_words import CLEAN, DELETED, OUTCOMES, TOTALS, WILL_BE_DELETED, outcome_words
from iamctl.report.grouped import together
from iamctl.report.plan import FIRST, subject_name
from iamctl.text.counted import counted, listed
from iamctl.text.late_dataclass import dataclass

_MOST_CHARACTERS = 25_000
"""So long may the names of accounts beside risks, removals and refusals be together before each has only the first."""

_MOST_NAMES = 10

_MOST_LINES = 40
"""If there are more reasons than this, all accounts are listed by name before them."""

_FAILED = frozenset({AccountOutcome.UNREACHABLE, AccountOutcome.ERROR})


@dataclass(frozen=True)
class NextSteps:
    """The commands that follow on a run, as words; empty where there is none."""

    apply: tuple[str, ...] = ()
    """Applies exactly what was planned, without the digest."""
    retry: tuple[str, ...] = ()
    """Runs the same again for the accounts that did not end well."""


@dataclass(frozen=True)
class RunFacts:
    """What is known of a run of drift beside its results."""

    event: Deed | None = None
    """What started it."""
    applied: str | None = None
    """The id of the commit whose manifests were applied last."""


def fleet_report(
    results: Sequence[AccountResult],
    command: FleetCommand,
    version: str,
    steps: NextSteps = NextSteps(),
    *,
    selection: str = "",
    facts: RunFacts = RunFacts(),
) -> Report:
    """Return the report of a run, in which each of its accounts has one result.

    ``selection`` tells runs over different accounts of one pull request apart: each has a comment of its own.
    """
    found = worst_first(results)
    tally = Span(f"{outcome_words(found, command)}.", "strong")
    head = (*map(_kept, _about_run(facts)), *(_kept(line(tally)),) * bool(found))
    sections = [Section(f"Fleet {command.value}: {counted(len(found), 'account')}", head)]
    sections += _failed(found, command)
    sections += _first(found, command)
    sections += _listed_outcome(found, AccountOutcome.NOT_STARTED, "Not started")
    sections += change_section(found, command)
    sections += _refused_plans(found, command)
    sections += _warnings(found, command)
    sections += _listed_outcome(found, AccountOutcome.SKIPPED, "Skipped")
    sections.append(Section("", (*_placeholders(sections), *_summary(found, command, steps))))
    marker = f"iamctl-fleet-{command.value}{f' {selection}' if selection else ''}"
    event = attribution_json(Attribution(facts.event)) if facts.event else None
    data = {**fleet_json(found, command, version), "applied": facts.applied, "event": event}
    return Report(data, tuple(sections), marker=marker, noun="report")


def _about_run(facts: RunFacts) -> Iterator[Line]:
    if facts.event:
        yield replace(started_by_line(facts.event), indent=0)
    if facts.applied:
        yield line(Span(f"applied last: commit {facts.applied[:SHORT_ID]}", "dim"))


def worst_first(results: Iterable[AccountResult]) -> list[AccountResult]:
    """Return the results by outcome, the worst first, then by name."""
    return sorted(results, key=lambda one: ([*AccountOutcome].index(one.outcome), one.account))


def finding_lines(result: AccountResult, command: FleetCommand) -> Iterator[Line]:
    """Yield what stops one account, then what must be seen first in it."""
    stops = (Severity.ERROR, Severity.REFUSE)
    for one in summed([result], lambda one: any(_stops(one, stop, command) for stop in stops), has_place=True):
        note = one.note
        place = Span(f"{note.place}: " if note.place else "", "dim")
        yield line(place, Span(_text(note.address, note.message), "refuse"), Span(f" ({note.rule})", "dim"), indent=1)
    for one in summed([result], lambda one: is_risk(one, command)):
        yield line(Span(_risk(one.note), "refuse"), indent=1)


def _kept(entry: Line) -> Line:
    return replace(entry, is_kept=True, is_whole=True)


def _failed(found: Sequence[AccountResult], command: FleetCommand) -> Iterator[Section]:
    """Yield the accounts that could not be read or finished, those that a rule refuses, and those that are locked."""
    failed = [one for one in found if one.outcome in _FAILED]
    mistakes = summed(failed, lambda one: _stops(one, Severity.ERROR, command), has_place=True)
    if failed:
        yield Section("Errors", _kept_names(failed, [*_reasons(failed), *_notes(mistakes)]))
    refused = [one for one in found if one.outcome is AccountOutcome.REFUSED]
    refusals = summed(refused, lambda one: _stops(one, Severity.REFUSE, command))
    others = [one for one in refused if not _is_told(one)]
    if refused:
        yield Section("Refused", _kept_names(refused, [*_notes(refusals), *_reasons(others)]))
    yield from _listed_outcome(found, AccountOutcome.LOCKED, "Locked")


def _stops(finding: Mapping[str, Any], severity: Severity, command: FleetCommand) -> bool:
    """Tell whether a finding stops an account; those of an audit are its result and listed by control."""
    return finding.get("severity") == severity.value and command is not FleetCommand.AUDIT


def _is_told(refused: AccountResult) -> bool:
    """Tell whether a finding says why an account is refused, so that its reason would say it again."""
    told = {one.get("message") for one in refused.findings if one.get("severity") == Severity.REFUSE.value}
    return bool(told) and refused.error in {"", *told}


def _refused_plans(found: Sequence[AccountResult], command: FleetCommand) -> Iterator[Section]:
    """Yield why a plan of an account that was only compared would be refused."""
    compared = [one for one in found if one.outcome in {AccountOutcome.CHANGES, AccountOutcome.CLEAN}]
    if refusals := summed(compared, lambda one: _stops(one, Severity.REFUSE, command)):
        yield Section("A plan would be refused", tuple(_notes(refusals)), is_detail=True)


def _kept_names(failed: Sequence[AccountResult], lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines, all kept on a page; of too many only a line with all names, so that risks keep their room."""
    if len(lines) <= _MOST_LINES:
        return tuple(map(_kept, lines))
    names = line(Span(f"{counted(len(failed), 'account')}: {_names(failed)}", "refuse"), indent=1)
    return (_kept(names), *lines)


def _listed_outcome(found: Sequence[AccountResult], outcome: AccountOutcome, title: str) -> Iterator[Section]:
    if asked := [one for one in found if one.outcome is outcome]:
        yield Section(title, tuple(map(_kept, _reasons(asked))))


def _reason(result: AccountResult) -> str:
    """Return why an account ended as it did; mistakes in manifests are listed below and only counted here."""
    mistakes = [one for one in result.findings if one.get("severity") == Severity.ERROR.value]
    if any(str(one.get("message")) in result.error for one in mistakes):
        return f"{counted(len(mistakes), 'error')} in the manifests"
    return result.error


def _reasons(found: Sequence[AccountResult]) -> Iterator[Line]:
    """Yield one line for each account, or one for all that ended alike for the same reason."""
    for outcome, error, alike in errors_of(found, _reason):
        style: Style = "" if outcome in {AccountOutcome.SKIPPED, AccountOutcome.NOT_STARTED} else "refuse"
        word, first = OUTCOMES[outcome], alike[0]
        who = f"{first.account} ({first.account_id})" if len(alike) == 1 else counted(len(alike), "account")
        reason = error or (f"exit code {first.exit}" if style else "")
        names = f": {_names(alike)}" if len(alike) > 1 else ""
        yield line(Span(f"{who} {word}{names}", style), f"{': ' if reason else ''}{reason}", indent=1)


def _names(found: Iterable[AccountResult]) -> str:
    return ", ".join(one.account for one in found)


def _notes(found: Sequence[Summed]) -> Iterator[Line]:
    """Yield a line for each finding that stops, with the accounts that have it."""
    most = _most_names(one.accounts for one in found)
    for one in found:
        note = one.note
        place = Span(f"{note.place}: " if note.place else "", "dim")
        yield line(
            place,
            Span(_text(note.address, note.message), "refuse"),
            Span(f" ({note.rule})", "dim"),
            _where(one.accounts, most),
            indent=1,
        )


def _text(about: str, message: str) -> str:
    """Return what a finding says, with the address that it is about."""
    return message if not about or about in message else f"{about}: {message}"


def _alike(risk: Summed) -> Hashable:
    """Return what risks have in common that differ in nothing but their user, group or policy."""
    address = parse_address(risk.note.address)
    return (risk.note.rule, address.kind, risk.note.message, risk.accounts) if address else None


def _risk_of_all(alike: Sequence[Summed]) -> str:
    """Return what a risk says, of several users, groups or policies as one sentence."""
    first = alike[0].note
    addresses = [address for one in alike if (address := parse_address(one.note.address))]
    if len(alike) == 1:
        return _risk(first)
    return (
        f"each of {counted(len(alike), addresses[0].kind)} {first.message}: {', '.join(one.name for one in addresses)}"
    )


def _risk(note: Note) -> str:
    """Return what a risk says, as a sentence about its user, group or policy."""
    address = parse_address(note.address)
    is_told = address is None or note.address in note.message
    return (
        _text(note.address, note.message) if address is None or is_told else f"{subject_name(address)} {note.message}"
    )


def _where(accounts: Sequence[str], most: int | None) -> Span:
    if len(accounts) == 1:
        return Span(f"  in {accounts[0]}", "quiet")
    told = ", ".join(accounts) if most is None else listed(accounts, most)
    return Span(f"  in {counted(len(accounts), 'account')}: {told}", "quiet")


def _places(risk: Summed, most: int | None) -> Iterator[Span]:
    """Yield the accounts of a risk, unless it is about the accounts themselves."""
    if risk.note.rule != MANAGED_ACCOUNTS:
        yield _where(risk.accounts, most)


def _most_names(lists: Iterable[Sequence[str]]) -> int | None:
    """Return how many names of a list are told: all, unless all lists together would leave no room for lines."""
    return _MOST_NAMES if sum(len(name) + 2 for names in lists for name in names) > _MOST_CHARACTERS else None


def _first(found: Sequence[AccountResult], command: FleetCommand) -> Iterator[Section]:
    """Yield what a reviewer must not miss, summed over accounts: risks, then who and what is deleted."""
    risks = summed(found, lambda one: is_risk(one, command))
    gone = [*_removals(found, command)]
    most = _most_names([*(one.accounts for one in risks), *(one.accounts for one, _ in gone)])
    lines = [
        line(Span(_risk_of_all(alike), "refuse"), *_places(alike[0], most), indent=1)
        for alike in together(risks, _alike, most=1)
    ]
    lines += [
        line(Span(f"{subject_name(one.address)} {done}", "delete"), *_along(one), _where(one.accounts, most), indent=1)
        for one, done in gone
    ]
    if lines:
        yield Section(FIRST, tuple(map(_kept, lines)))


def _removals(found: Sequence[AccountResult], command: FleetCommand) -> Iterator[tuple[Removal, str]]:
    """Yield who and what is deleted, and whether that is done."""
    if command is FleetCommand.PLAN:
        yield from ((one, WILL_BE_DELETED) for one in removals(found))
    elif command is FleetCommand.APPLY:
        is_done = {one.account: one.outcome is AccountOutcome.CHANGES for one in found}
        yield from ((one, DELETED) for one in removals(one for one in found if is_done[one.account]))
        yield from ((one, WILL_BE_DELETED) for one in removals(one for one in found if not is_done[one.account]))


def _along(removal: Removal) -> Iterator[Span]:
    """Yield what is deleted along with something, in all accounts together."""
    if told := ", ".join(counted(number, noun) for noun, number in removal.along):
        yield Span(f" with {'in total ' if len(removal.accounts) > 1 else ''}{told}", "delete")


def _warnings(found: Sequence[AccountResult], command: FleetCommand) -> Iterator[Section]:
    """Yield what warns and is new, summed, and how often a rule found what was so before."""

    def is_new(one: Mapping[str, object]) -> bool:
        if command is FleetCommand.DRIFT:  # what a plan would bring is not so in the account
            return str(one.get("address") or "").startswith("assertion/")
        if command is FleetCommand.AUDIT:
            return False
        return one.get("severity") == Severity.WARN.value and not one.get("standing") and not is_risk(one, command)

    is_about_files = command is FleetCommand.VALIDATE
    lines = [
        line(
            f"{one.note.place}: " if one.note.place else "",
            Span("warning: ", "warn"),
            _text(one.note.address, one.note.message),
            Span(f" ({one.note.rule})", "dim"),
            _where(one.accounts, 10),
            indent=1,
        )
        for one in summed(found, is_new, has_place=is_about_files)
    ]
    if lines:
        yield Section("Warnings", tuple(lines), is_detail=True)
    if existing := tuple(_existing(found, command)):
        yield Section("Existing findings", existing, is_detail=True)


def _existing(found: Sequence[AccountResult], command: FleetCommand) -> Iterator[Line]:
    """Yield one line for each rule that found what was so before, with an example."""
    rules: defaultdict[str, list[tuple[AccountResult, Mapping[str, Any]]]] = defaultdict(list)
    for result in found:
        for finding in result.findings:
            if finding.get("standing") and not is_risk(finding, command):
                rules[str(finding.get("rule"))].append((result, finding))
    for rule, alike in sorted(rules.items()):
        accounts, (first, example) = {result.account for result, _ in alike}, alike[0]
        told = counted(len(alike), "finding")
        about = f"{told} in {counted(len(accounts), 'account')}, for example in {first.account}: "
        text = _text(str(example.get("address") or ""), str(example.get("message") or ""))
        yield line(f"{about}{text}", Span(f" ({rule})", "dim"), indent=1)


def _placeholders(sections: Iterable[Section]) -> Iterator[Line]:
    """Yield what the names stand for that are told in place of each account's own id and name."""
    told = "".join(span.text for section in sections for entry in section.lines for span in entry.spans)
    if used := [name for name in (ACCOUNT_ID, ACCOUNT_NAME) if name in told]:
        stand = "stands for the value" if len(used) == 1 else "stand for the values"
        yield line(Span(f"{' and '.join(used)} {stand} of each account.", "dim"))


def _summary(found: Sequence[AccountResult], command: FleetCommand, steps: NextSteps) -> Iterator[Line]:
    """Yield the sums over all accounts, the digest of the run, and the commands that follow."""
    sums: Counter[str] = Counter()
    for result in found:
        if command is not FleetCommand.APPLY or result.outcome is AccountOutcome.CHANGES:
            sums.update(result.summary)
    clean = sum(one.outcome is AccountOutcome.CLEAN for one in found)
    if 0 < clean < len(found):  # of all, the first line says it
        yield _kept(line(Span(f"{counted(clean, 'account')} {CLEAN[command]}.", "create")))
    is_compared = any(one.outcome in {AccountOutcome.CHANGES, AccountOutcome.CLEAN} for one in found)
    if is_compared and (told := TOTALS[command](sums)):
        yield _kept(line(Span(told, "strong")))
    if steps.retry and any(one.outcome in FAILURES or one.outcome is AccountOutcome.NOT_STARTED for one in found):
        yield _kept(Line((Span("retry what failed: ", "dim"), Span(shlex.join(steps.retry))), is_to_copy=True))
    if command in {FleetCommand.PLAN, FleetCommand.APPLY} and any(one.digest for one in found):
        digest = fleet_digest(found)
        yield _kept(line(Span(f"fleet digest {digest}", "dim")))
        if steps.apply and any(one.outcome is AccountOutcome.CHANGES for one in found):
            told = shlex.join((*steps.apply, "--expect-digest", digest))
            yield _kept(Line((Span("apply exactly this: ", "dim"), Span(told)), is_to_copy=True))
