"""What is to be said about findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

from iamctl.model import Address, Change, Finding, Severity
from iamctl.report.blocks import Line, Report, Section, Span, Style, line
from iamctl.report.grouped import MOST_ALIKE, together
from iamctl.text.counted import counted
from iamctl.text.late_pattern import late_pattern

REFUSED = "Refused"

_MOST_STANDING = 3
"""So many findings of a rule that were so before are told in full."""

_IN_NAMES = r"\w/+=,@-"
"""Characters that continue an address; a point does so only before another one."""

_BEFORE = late_pattern(rf"(?<!\bon )(?<!\bbounding )(?<![{_IN_NAMES}])")
_AFTER = late_pattern(rf"(?![{_IN_NAMES}]|\.\w)")

_MARKS: Mapping[Severity, tuple[str, Style]] = {
    Severity.ERROR: ("error", "refuse"),
    Severity.REFUSE: ("refused", "refuse"),
    Severity.WARN: ("warning", "warn"),
    Severity.INFO: ("info", "info"),
}


def findings_report(findings: Sequence[Finding], summary: str, approvals: Iterable[Section] = ()) -> Report:
    """Return the report of what was found in manifests, and what would approve looser settings."""
    data = {"format": "iamctl-findings/1", "findings": [finding.to_json() for finding in findings]}
    return Report(data, (*finding_sections(findings), *approvals, Section("", (line(summary),))))


def finding_sections(findings: Sequence[Finding], *, folds_standing: bool = False) -> list[Section]:
    """Return what stops first, then what warns, then what informs.

    With ``folds_standing``, what was so before of several subjects is one line for each rule, with their names.
    """
    titles = {
        Severity.ERROR: "Errors",
        Severity.REFUSE: REFUSED,
        Severity.WARN: "Warnings",
        Severity.INFO: "Notes",
    }
    found = []
    for severity, title in titles.items():
        told = [finding for finding in findings if finding.severity is severity]
        lines = tuple(map(_line_of_all, _folded(told, folds_standing=folds_standing)))
        if lines:
            found.append(Section(title, lines, is_detail=severity in {Severity.WARN, Severity.INFO}))
    return found


def touched(changes: Iterable[Change]) -> frozenset[Address]:
    """Return what changes are about: the resources, those that they belong to, and the users who join or leave."""
    return frozenset(
        address
        for change in changes
        for address in (
            change.address,
            change.resource.subject,
            *(reference for reference in change.resource.references if reference.kind == "user"),
        )
    )


def standing_sections(findings: Sequence[Finding]) -> Iterator[Section]:
    """Yield what was so before a plan that does not touch it: one line per rule, or the finding if it is the only one."""
    by_rule: dict[tuple[str, Severity], list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault((finding.rule, finding.severity), []).append(finding)
    order = list(Severity)
    found = sorted(by_rule.items(), key=lambda pair: (order.index(pair[0][1]), pair[0][0]))
    if lines := tuple(entry for _, alike in found for entry in _counted_lines(alike)):
        yield Section("Existing findings (details: --all-findings)", lines)


def _counted_lines(alike: Sequence[Finding]) -> Iterator[Line]:
    """Yield one line for all findings of a rule about something, and those about nothing alone, which are sums."""
    yield from (finding_line(finding) for finding in alike if not finding.address)
    about = [finding for finding in alike if finding.address]
    if len(about) == 1:
        yield finding_line(about[0])
    elif about:
        first, number = about[0], len(about)
        mark, style = _MARKS[first.severity]
        told = f"{number:,} {first.plural}" if first.plural else f"{number:,} times, for example {whole_message(first)}"
        yield line(Span(f"{mark}: ", style), Span(told), Span(f" ({first.rule})", "dim"), indent=1)


def whole_message(finding: Finding) -> str:
    """Return the message of a finding, after its address unless the message names it as what it is about."""
    return finding.message if is_named(finding) else f"{finding.address}: {finding.message}"


def is_named(finding: Finding) -> bool:
    """Return whether a message names what the finding is about: not as the holder of a policy, nor within another name."""
    return finding.address is None or any(True for _ in _mentions(finding.address, finding.message))


def _mentions(address: Address, message: str) -> Iterator[slice]:
    """Yield where a message names what it is about. No pattern is compiled for an address: findings have many."""
    name = str(address)
    start = message.find(name)
    while start >= 0:
        end = start + len(name)
        is_one = bool(_BEFORE.match(message, start) and _AFTER.match(message, end))
        if is_one:
            yield slice(start, end)
        start = message.find(name, end if is_one else start + 1)


def _folded(findings: Sequence[Finding], *, folds_standing: bool) -> Iterator[list[Finding]]:
    """Yield findings that are one line: those with a message for several subjects, and too many equal refusals."""
    refusals = Counter(_said(finding) for finding in findings if finding.severity is Severity.REFUSE)
    standing = Counter(finding.rule for finding in findings if _is_counted(finding)) if folds_standing else Counter()

    def key(finding: Finding) -> Hashable:
        if standing[finding.rule] > _MOST_STANDING and _is_counted(finding):
            return (finding.rule,)
        if finding.many and finding.address:
            return (finding.rule, finding.address.kind, finding.many)
        return _said(finding) if refusals[_said(finding)] > MOST_ALIKE else None

    return together(findings, key, most=1)


def _is_counted(finding: Finding) -> bool:
    """Return whether something was so before, and the rule has words for several subjects."""
    return finding.standing and bool(finding.plural and finding.address)


def _said(finding: Finding) -> Hashable:
    """Return what a finding has in common with those that say the same of other things, if anything."""
    return (finding.rule, finding.facts) if finding.address and finding.facts else None


def _of_each(finding: Finding) -> str:
    message = finding.message
    for place in reversed([*_mentions(finding.address, message)] if finding.address else ()):
        message = f"{message[: place.start]}each{message[place.stop :]}"
    return message


def _line_of_all(same: Sequence[Finding]) -> Line:
    """Return the line of a finding, or one of all that say the same of different things."""
    first = same[0]
    if len(same) == 1:
        return finding_line(first)
    mark, style = _MARKS[first.severity]
    rule = Span(f" ({first.rule})", "dim")
    if all(map(_is_counted, same)):
        who = ", ".join(dict.fromkeys(finding.address.name for finding in same if finding.address))
        told = f"{len(same):,} {first.plural}, as before: {who}"
        return Line((Span(f"{mark}: ", style), Span(told), rule), indent=1, is_whole=True)
    if first.many and first.address:
        who = ", ".join(finding.address.name for finding in same if finding.address)
        told = f"{counted(len(same), first.address.kind)} {first.many}: {who}"
        return Line((Span(f"{mark}: ", style), Span(told), rule), indent=1, is_whole=True)
    addresses = ", ".join(str(finding.address) for finding in same)
    told = f"{_of_each(first)}: {addresses}"
    return Line((Span(f"{mark} {len(same):,} times: ", style), Span(told), rule), indent=1, is_whole=True)


def finding_line(finding: Finding) -> Line:
    """Return one line: where, which rule, about what, and what to do."""
    mark, style = _MARKS[finding.severity]
    has_place = finding.origin and finding.origin.path != "."  # the folder itself has no lines
    parts: list[Span] = [Span(f"{finding.origin}: ", origin=finding.origin)] if has_place else []
    parts.append(Span(f"{mark}: ", style))
    if not is_named(finding):
        parts.append(Span(f"{finding.address}: "))
    parts += [Span(finding.message), Span(f" ({finding.rule})", "dim")]
    return line(*parts, indent=1)
