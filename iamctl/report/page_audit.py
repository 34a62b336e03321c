"""The page of an audit: the verdicts first, then groups and people as they are now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from iamctl.audit.judged import Verdict
from iamctl.model import Address
from iamctl.report.audit import VERDICT_TITLES, Audit
from iamctl.report.audit_words import failing_text
from iamctl.report.blocks import Report, Style
from iamctl.report.page import Page, Place, Tile, TopSection
from iamctl.report.page_edges import Both, Edges
from iamctl.report.page_plan import age_tiles

_VERDICTS: Mapping[Verdict, tuple[str, Place, Style]] = {
    Verdict.FAIL: ("controls failed", Place.FAILED, "refuse"),
    Verdict.NOT_EVALUATED: ("not evaluated", Place.NOT_EVALUATED, "warn"),
    Verdict.ACCEPTED: ("accepted", Place.ACCEPTED, ""),
    Verdict.PASS: ("passed", Place.SUMMARY, "create"),
}
"""What a tile calls a verdict, the part that it leads to, and its style where there are such controls."""

_FAILED = VERDICT_TITLES[Verdict.FAIL]


def audit_page(report: Report, audit: Audit, both: Both) -> Page:
    """Return the page of an audit; ``both`` is the same account twice."""
    edges = Edges(both)
    title, *others = report.sections
    first = tuple(section for section in others if section.title and not section.is_detail)
    places = {VERDICT_TITLES[verdict]: place for verdict, (_, place, _) in _VERDICTS.items()}
    last = tuple(section for section in others if section.title and section.is_detail)
    return Page(
        created_at=both.now,
        tiles=tuple(_tiles(audit, edges, both)),
        top=tuple(TopSection(one, places.get(one.title), is_urgent=one.title == _FAILED) for one in first),
        rest=(title, *(section for section in others if not section.title), *last),
        people=edges.people,
        groups=edges.groups,
        policies=edges.policies(),
        services=edges.services(),
    )


def notes_of_audit(audit: Audit) -> Mapping[Address, tuple[str, ...]]:
    """Return what fails of each user."""
    found: defaultdict[Address, list[str]] = defaultdict(list)
    for judgement in audit.judged:
        for failing in judgement.failing:
            if user := audit.user_of(failing.address):
                found[user].append(f"{failing_text(judgement.control, failing, audit.at)} ({judgement.control.id})")
    return {address: tuple(texts) for address, texts in found.items()}


def _tiles(audit: Audit, edges: Edges, both: Both) -> Iterator[Tile]:
    for verdict, (label, place, style) in _VERDICTS.items():
        number = audit.counts[verdict]
        if number or verdict in {Verdict.FAIL, Verdict.PASS}:
            yield Tile(label, f"{number:,}", place, style if number else "")
    yield Tile("people", f"{len(edges.people):,}", Place.MATRIX)
    yield Tile("groups", f"{len(edges.groups):,}", Place.GROUPS)
    yield from age_tiles(both.live, both.now)
