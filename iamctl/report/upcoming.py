"""What begins and ends within the next days, without any change of the manifests."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.model import Plan
from iamctl.model.upcoming import Event, Upcoming
from iamctl.report.blocks import Line, Section, Span, line
from iamctl.report.grouped import together

MOST_ALIKE = 5
"""So many deletions of one day have a line each; more of them share one."""


def upcoming_section(plan: Plan) -> Iterator[Section]:
    """Yield the section of what is due soon, or nothing."""
    if plan.upcoming:
        found = together(plan.upcoming, _kind_of_deletion, MOST_ALIKE)
        yield Section("Begins and ends within 14 days", tuple(_line(group) for group in found))


def _kind_of_deletion(one: Upcoming) -> tuple[str, str] | None:
    return (one.address.kind, one.date) if one.event is Event.DELETED else None


def _line(group: list[Upcoming]) -> Line:
    first = group[0]
    if len(group) > 1:
        names = ", ".join("/".join(one.address.parts) for one in group)
        told = f"{len(group)} of kind {first.address.kind}"
        return Line((Span(told), Span(f"  will be deleted from {first.date} on", "warn"), Span(f": {names}")), indent=1)
    words = {
        Event.BEGINS: f"from {first.date}",
        Event.ENDS: f"until {first.date}",
        Event.DELETED: f"will be deleted from {first.date} on",
    }
    reason = f"  {first.reason}" if first.reason else ""
    return line(f"{first.address}", Span(f"  {words[first.event]}", "warn"), Span(reason, "dim"), indent=1)
