"""What ``iamctl audit`` reports: a verdict for each control, with what fails and what would cure it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby

from iamctl.audit import Control, Weight, all_controls
from iamctl.audit.frameworks import Framework
from iamctl.audit.judged import Accepted, Judgement, Verdict
from iamctl.audit.outcome import Failing, ManifestLine
from iamctl.model import Account, Address, Finding, Origin, Severity, State
from iamctl.model.settings import Acceptance
from iamctl.report.audit_words import (
    EXEMPTIONS,
    FRAMEWORKS,
    VERDICTS,
    accepted_text,
    cure_text,
    failing_text,
    ids_text,
    undecided_texts,
)
from iamctl.report.blocks import Line, Section, Span, Style, Table, line, places
from iamctl.report.placed import RuleText
from iamctl.text.counted import counted
from iamctl.text.late_dataclass import dataclass

MOST_FAILING = 20
"""So much of what fails one control is in text and Markdown; CSV and JSON have all."""

_HOUR = timedelta(hours=1)
VERDICT_TITLES: Mapping[Verdict, str] = {
    Verdict.FAIL: "Failed",
    Verdict.NOT_EVALUATED: "Not evaluated",
    Verdict.ACCEPTED: "Accepted",
    Verdict.NOT_APPLICABLE: "Not applicable",
    Verdict.PASS: "Passed",
}
"""The headings of the controls of each verdict."""
STYLES: Mapping[Weight, Style] = {
    Weight.CRITICAL: "refuse",
    Weight.HIGH: "refuse",
    Weight.MEDIUM: "warn",
    Weight.LOW: "info",
}
_SEVERITIES: Mapping[Weight, Severity] = {
    Weight.CRITICAL: Severity.ERROR,
    Weight.HIGH: Severity.ERROR,
    Weight.MEDIUM: Severity.WARN,
    Weight.LOW: Severity.INFO,
}
_ALL_IN = "--format csv and --format json list all"


@dataclass(frozen=True)
class Audit:
    """The judgements on one account, with all that a report says of them."""

    account: Account
    at: datetime
    judged: tuple[Judgement, ...]
    declared: State
    framework: Framework | None = None
    """None: all controls."""
    taken_at: datetime | None = None
    """When the account was read; None where a snapshot does not say it."""
    credentials_as_of: datetime | None = None
    unread: Mapping[str, str] = field(default_factory=dict)
    """Why a read failed, by fact."""
    unused: tuple[Acceptance, ...] = ()
    """The acceptances that are over, or accept nothing."""

    @cached_property
    def counts(self) -> Mapping[Verdict, int]:
        """How many controls have each verdict."""
        found = Counter(judgement.verdict for judgement in self.judged)
        return {verdict: found[verdict] for verdict in Verdict}

    def user_of(self, address: Address | None) -> Address | None:
        """Return the user that something is or belongs to; None for what belongs to no user."""
        if address is None or address.kind not in {
            "user",
            "access-key",
            "signin-session",
            "user-policy",
            "user-inline-policy",
        }:
            return None
        return Address.of("user", address.parts[0])

    def origin(self, failing: Failing) -> Origin | None:
        """Return where the manifests declare what fails, or its user."""
        found = self.declared.get(failing.address) if failing.address else None
        user = self.user_of(failing.address)
        found = found or (self.declared.get(user) if user else None)
        return found.origin if found else None

    def cure(self, failing: Failing) -> str:
        """Return the line or the command that would cure it; empty where there is none, or its user is not declared."""
        user = self.user_of(failing.address)
        is_ours = user is None or user in self.declared
        if failing.cure is None or (isinstance(failing.cure, ManifestLine) and not is_ours):
            return ""
        return cure_text(failing.cure)

    def is_undeclared(self, failing: Failing) -> bool:
        """Tell whether something fails of a user whom no manifest declares."""
        user = self.user_of(failing.address)
        return user is not None and user not in self.declared


def audit_sections(audit: Audit) -> Iterator[Section]:
    """Yield what fails first, then what was not evaluated, what is accepted, and what passes."""
    account = audit.account
    title = f"Audit of {account.name} ({account.id}, {account.partition})"
    title += f": {FRAMEWORKS[audit.framework]}" if audit.framework else ""
    yield Section(title, tuple(line(Span(text, "dim"), indent=1) for text in _ages(audit)))
    for verdict, heading in VERDICT_TITLES.items():
        found = [judgement for judgement in audit.judged if judgement.verdict is verdict]
        lines = tuple(entry for judgement in found for entry in _lines(judgement, audit))
        if lines:
            yield Section(heading, lines, is_detail=verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE})
    if audit.unused:
        yield Section("Acceptances without effect", tuple(_unused(audit.unused, audit.at)))
    yield Section("", (line(Span(_summary(audit), "strong")),))


def _ages(audit: Audit) -> Iterator[str]:
    taken = audit.taken_at
    yield (
        f"account read at {_moment(taken)}{_age(taken, audit.at)}"
        if taken
        else "it is unknown when the account was read"
    )
    if as_of := audit.credentials_as_of:
        yield f"credential report of {_moment(as_of)}{_age(as_of, audit.at)}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _age(at: datetime, now: datetime) -> str:
    hours = (now - at) // _HOUR
    if hours < 1:
        return ""
    return f", {counted(hours // 24, 'day')} old" if hours >= 48 else f", {counted(hours, 'hour')} old"


def _lines(judgement: Judgement, audit: Audit) -> Iterator[Line]:
    control = judgement.control
    told = ids_text(control, audit.framework)
    parts = [Span(f"{control.weight.value} ", STYLES[control.weight])] if judgement.failing else []
    parts += [Span(f"{control.id}: {control.title}"), Span(f"  {told}" if told else "", "dim")]
    yield line(*parts, indent=1)
    shown = judgement.failing[:MOST_FAILING]
    for cure, alike in groupby(shown, audit.cure):
        yield from (_failing_line(failing, control, audit) for failing in alike)
        if cure:
            yield Line((Span(cure, "strong"),), indent=5, is_to_copy=True)
    if (more := len(judgement.failing) - MOST_FAILING) > 0:
        yield line(f"and {more:,} more; {_ALL_IN}", indent=3)
    for text in undecided_texts(judgement.undecided, audit.unread):
        yield line(Span("not evaluated: ", "warn"), text, indent=3)
    for accepted in judgement.accepted:
        about = f"{accepted.failing.address}: " if accepted.failing.address else ""
        words = f"{about}{failing_text(control, accepted.failing, audit.at)}; {accepted_text(accepted)}"
        yield line(words, *places([accepted.by.origin]), indent=3)
    for exempt in judgement.exempt:
        yield line(EXEMPTIONS[exempt.why], indent=3)


def _failing_line(failing: Failing, control: Control, audit: Audit) -> Line:
    about = f"{failing.address}: " if failing.address else ""
    note = " (not declared)" if audit.is_undeclared(failing) else ""
    words = f"{about}{failing_text(control, failing, audit.at)}{note}"
    return line(words, *places([audit.origin(failing)]), indent=3)


def _unused(unused: Iterable[Acceptance], now: datetime) -> Iterator[Line]:
    for one in unused:
        about = f" of {one.address}" if one.address else ""
        why = "fits no finding; delete it" if one.holds(now) else f"ended on {one.until:%Y-%m-%d}; delete it"
        yield line(f"{one.control}{about}: {why}", *places([one.origin]), indent=1)


def _summary(audit: Audit) -> str:
    """Return how many controls have which verdict."""
    told = ", ".join(f"{number} {VERDICTS[verdict]}" for verdict, number in audit.counts.items() if number)
    return f"{counted(len(audit.judged), 'control')}: {told}."


def audit_table(audit: Audit) -> Table:
    """Return a row for each thing that fails or is accepted, and one for each control without such a thing."""
    columns = ("control", "severity", "verdict", "title", *(name.value for name in Framework))
    columns += ("address", "finding", "cure", "until", "reason")
    return Table(columns, tuple(tuple(line(cell) for cell in row) for row in _rows(audit)))


def _rows(audit: Audit) -> Iterator[tuple[str, ...]]:
    for judgement in audit.judged:
        control = judgement.control
        ids = tuple(" ".join(control.numbers(framework)) for framework in Framework)

        def row(
            verdict: Verdict, *cells: str, control: Control = control, ids: tuple[str, ...] = ids
        ) -> tuple[str, ...]:
            five = (*cells, *[""] * (5 - len(cells)))
            return (control.id, control.weight.value, verdict.value, control.title, *ids, *five)

        for failing in judgement.failing:
            yield row(Verdict.FAIL, *_cells(failing, control, audit))
        for accepted in judgement.accepted:
            until = f"{accepted.by.until:%Y-%m-%d}" if accepted.by.until else ""
            yield row(Verdict.ACCEPTED, *_cells(accepted.failing, control, audit), until, accepted.by.reason)
        if judgement.undecided:
            told = "; ".join(undecided_texts(judgement.undecided, audit.unread))
            yield row(Verdict.NOT_EVALUATED, "", told)
        elif not (judgement.failing or judgement.accepted):
            yield row(judgement.verdict, "", "; ".join(EXEMPTIONS[exempt.why] for exempt in judgement.exempt))


def _cells(failing: Failing, control: Control, audit: Audit) -> tuple[str, str, str]:
    return str(failing.address or ""), failing_text(control, failing, audit.at), audit.cure(failing)


def audit_findings(audit: Audit) -> tuple[Finding, ...]:
    """Return what fails, and what was not evaluated, as findings on lines of the manifests."""
    found = []
    for judgement in audit.judged:
        control, severity = judgement.control, _SEVERITIES[judgement.control.weight]
        for failing in judgement.failing:
            cure = audit.cure(failing)
            words = failing_text(control, failing, audit.at) + (f". Cure: {cure}" if cure else "")
            facts = tuple(str(failing.values[name]) for name in ("policy",) if name in failing.values)
            found.append(Finding(control.id, severity, words, failing.address, audit.origin(failing), facts))
        told = "; ".join(undecided_texts(judgement.undecided, audit.unread))
        if told:
            found.append(Finding(control.id, Severity.WARN, f"not evaluated: {told}", facts=("not-evaluated",)))
    return tuple(found)


def control_texts() -> tuple[RuleText, ...]:
    """Return the controls as a tool for reviews shows them."""
    return tuple(RuleText(one.id, _SEVERITIES[one.weight], one.title, one.source) for one in all_controls())


def accepted_until(accepted: Accepted) -> str | None:
    """Return until when something is accepted; None for no end."""
    return _moment(accepted.by.until) if accepted.by.until else None
