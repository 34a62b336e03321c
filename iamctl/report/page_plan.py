"""The page of a plan, of drift and of members: what is shown in which order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from iamctl.access.together import AccessChanges
from iamctl.access.together import Block as AccessBlock
from iamctl.account.live import Live
from iamctl.kinds import Group, User
from iamctl.model import Address, Finding, Plan, Severity
from iamctl.report.access import FULL_TITLE, TITLE, block_lines, summary_lines
from iamctl.report.blocks import MOST_NAMES, Line, Report, Section, Span, Style, Table, line
from iamctl.report.findings import REFUSED
from iamctl.report.page import ROW_INDENT, Card, Page, PageGroup, PagePerson, Place, Sign, Tile, TopSection
from iamctl.report.page_edges import Both, Edges
from iamctl.report.plan import FIRST, SIGNS, Block, blocks
from iamctl.report.plan import block_lines as lines_of_block
from iamctl.text.counted import counted, listed

JOINS = "Who joins and leaves"
_IN_CARDS = frozenset({JOINS, "People", "Groups", TITLE, FULL_TITLE})
"""Sections of a plan whose lines are in the cards of people and groups."""

_LEGENDS = {
    True: "+ is added, - is removed and ~ is changed by this plan.",
    False: "+ would be added, - removed and ~ changed by the next apply.",
}
"""What the signs mean, by whether the page is that of a plan."""

_PLACES = {FIRST: Place.FIRST, REFUSED: Place.REFUSED}

_NOUNS = {
    Severity.ERROR: "error",
    Severity.REFUSE: "refusal",
    Severity.WARN: "warning",
    Severity.INFO: "note",
}
_STYLES: Mapping[Severity, Style] = {
    Severity.ERROR: "refuse",
    Severity.REFUSE: "refuse",
    Severity.WARN: "warn",
    Severity.INFO: "info",
}

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))


def page_of(
    report: Report,
    both: Both,
    plan: Plan | None = None,
    access: AccessChanges | None = None,
    *,
    findings: Table | None = None,
    is_first: bool = False,
) -> Page:
    """Return the page of a report; with ``plan`` also what the plan does to each person and group.

    With ``is_first`` the sections of the report come before the groups. ``findings`` are those by rule.
    """
    edges = Edges(both)
    cards, group_cards = _cards(plan, access) if plan else ((), ())
    told = [section for section in report.sections if not (plan and section.title in _IN_CARDS)]
    top = tuple(
        TopSection(section, _PLACES.get(section.title))
        for section in told
        if section.title in _PLACES or (is_first and section.title and section.lines)
    )
    return Page(
        created_at=both.now,
        tiles=tuple(_tiles(both, edges, plan, access)),
        top=top,
        rest=(*_by_rule(findings), *(section for section in told if section not in [one.section for one in top])),
        legend=_LEGENDS[plan is not None],
        people=edges.people,
        groups=edges.groups,
        policies=edges.policies(),
        services=edges.services(),
        cards=cards,
        group_cards=group_cards,
        access=tuple(map(_access_lines, access.blocks)) if access else (),
        limits=summary_lines(access) if access else (),
    )


def _access_lines(block: AccessBlock) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Return the rows of a block in short, and in full where that is more."""
    full = block_lines(block)
    short = tuple(entry for entry in block_lines(block, "below") if entry.indent <= ROW_INDENT)
    return short, full if full != short else ()


def _by_rule(findings: Table | None) -> Iterator[Section]:
    if findings and findings.rows:
        yield Section("Findings by rule", (), findings)


def rule_table(findings: Iterable[Finding], titles: Mapping[str, str]) -> Table:
    """Return a row for each rule that found something, the most severe first."""
    by_rule: defaultdict[tuple[Severity, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        by_rule[finding.severity, finding.rule].append(finding)
    order = list(Severity)
    rows = []
    for (severity, rule), found in sorted(by_rule.items(), key=lambda pair: (order.index(pair[0][0]), pair[0][1])):
        about = listed(dict.fromkeys(str(one.address) for one in found if one.address), MOST_NAMES)
        number = Span(counted(len(found), _NOUNS[severity]), _STYLES[severity])
        rows.append((line(rule), line(number), line(titles.get(rule, "")), line(about)))
    return Table(("Rule", "Findings", "What it checks", "About"), tuple(rows))


def notes_of(findings: Iterable[Finding]) -> Mapping[Address, tuple[str, ...]]:
    """Return what rules found about each user."""
    found: defaultdict[Address, list[str]] = defaultdict(list)
    for finding in findings:
        if finding.address and finding.address.kind == User.kind:
            found[finding.address].append(f"{finding.message} ({finding.rule})")
    return {address: tuple(texts) for address, texts in found.items()}


def _cards(plan: Plan, access: AccessChanges | None) -> tuple[tuple[Card, ...], tuple[Card, ...]]:
    """Return the cards of people and of groups, those whose access changes first."""
    positions = (
        {person: number for number, block in enumerate(access.blocks) for person in block.people} if access else {}
    )
    found: dict[str, list[Card]] = {User.kind: [], Group.kind: []}
    for block in blocks(plan.changes):
        if block.subject.kind in found:
            found[block.subject.kind].append(_card(block, plan, positions.pop(block.subject, None)))
    by_group = (
        Card(person.name, "~", "", "", (), number) for person, number in positions.items() if person.kind == User.kind
    )
    people = sorted([*found[User.kind], *by_group], key=lambda card: (card.access is None, card.access or 0))
    return tuple(people), tuple(found[Group.kind])


def _card(block: Block, plan: Plan, access: int | None) -> Card:
    headline, *lines = lines_of_block(block, plan)
    sign, style = SIGNS[block.own.action] if block.own else ("~", "")
    first = replace(headline, spans=headline.spans[1:])  # the card has the name and the sign itself
    note = headline.spans[0].text.removeprefix(f"{sign} {block.subject.name}").strip()
    kept = (first, *lines) if any(span.text for span in first.spans) else tuple(lines)
    return Card(block.subject.name, sign, note if block.own else "", style, kept, access)


def _tiles(both: Both, edges: Edges, plan: Plan | None, access: AccessChanges | None) -> Iterator[Tile]:
    yield Tile("people now", f"{_number(edges.people):,}", Place.MATRIX)
    yield Tile("groups now", f"{_number(edges.groups):,}", Place.GROUPS)
    moves = [edge.sign for person in edges.people for edge in person.groups]
    for label, sign, style in (("joins", Sign.ADDED, "create"), ("leaves", Sign.REMOVED, "delete")):
        number = moves.count(sign)
        told: Style = style if number else ""  # type: ignore[assignment]
        yield Tile(label, f"{number:,}", Place.PEOPLE if plan else Place.MATRIX, told)
    if access:
        new = sum(len(block.people) for block in access.blocks if block.becomes_administrator)
        yield Tile("new administrators", f"{new:,}", Place.FIRST, "refuse" if new else "")
    if plan:
        refused = sum(finding.severity is Severity.REFUSE for finding in plan.findings)
        yield Tile("refused", f"{refused:,}", Place.REFUSED, "refuse" if refused else "")
    yield from age_tiles(both.live, both.now)


def _number(found: Iterable[PagePerson] | Iterable[PageGroup]) -> int:
    """Return how many there are now."""
    return sum(one.sign is not Sign.ADDED for one in found)


def age_tiles(live: Live, now: datetime) -> Iterator[Tile]:
    """Yield how old the data is, as far as that is known."""
    yield Tile("age of the data", _age(live.taken_at, now) if live.taken_at else "unknown", Place.SUMMARY)
    if live.credentials_as_of:
        yield Tile("age of the credential data", _age(live.credentials_as_of, now), Place.SUMMARY)


def _age(moment: datetime, now: datetime) -> str:
    seconds = max(0, int((now - moment).total_seconds()))
    return next((counted(seconds // size, unit) for size, unit in _UNITS if seconds >= size), "0 minutes")
