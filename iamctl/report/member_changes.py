"""The groups whose members a plan changes, in short."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from iamctl.kinds import Membership
from iamctl.model import Action, Address, Change, Plan, State
from iamctl.report.blocks import Line, Section, Span, Style, Table, line
from iamctl.text.counted import counted

MOST_NAMES = 10
"""So many who join and so many who leave are named for a group; the plan lists all of them above."""


def live_member_counts(live: State, changes: Iterable[Change]) -> dict[Address, int]:
    """Return how many members each group has in ``live`` of which the changes add or remove some."""
    counts = Counter(resource.group.lower() for resource in live if isinstance(resource, Membership))
    return {_group(change): counts[_group(change).name.lower()] for change in changes if _is_membership(change)}


def member_sections(plan: Plan) -> Iterator[Section]:
    """Yield one section with a line for each group whose members change, or nothing."""
    by_group: dict[Address, list[Change]] = defaultdict(list)
    for change in plan.changes:
        if _is_membership(change):
            by_group[_group(change)].append(change)
    if by_group:
        gone = {change.address for change in plan.changes if change.action is Action.DELETE}
        rows = [
            _Row.of(group, found, plan.live_members.get(group, 0), is_gone=group in gone)
            for group, found in sorted(by_group.items())
        ]
        table = Table(("group", "joins", "leaves", "members"), tuple(row.to_cells() for row in rows))
        yield Section("Who joins and leaves", tuple(row.to_line() for row in rows), table, is_detail=True)


@dataclass(frozen=True)
class _Row:
    """What becomes of one group."""

    group: str
    joins: tuple[str, ...]
    leaves: tuple[str, ...]
    then: str
    """How many members it has now and afterwards."""

    @classmethod
    def of(cls, group: Address, changes: list[Change], live: int, *, is_gone: bool) -> _Row:
        joins, leaves = (
            [change.address.name for change in changes if change.action is action]
            for action in (Action.CREATE, Action.DELETE)
        )
        after = live + len(joins) - len(leaves)
        then = "the group will be deleted" if is_gone else f"{live:,} -> {counted(after, 'member')}"
        return cls(group.name, _some(joins), _some(leaves), then)

    def to_line(self) -> Line:
        signs: tuple[tuple[tuple[str, ...], str, Style], ...]
        signs = ((self.joins, "+", "create"), (self.leaves, "-", "delete"))
        spans: list[Span] = []
        for names, sign, style in signs:
            for name in names:
                spans += [Span(", ")] if spans else []
                spans.append(Span(f"{sign} {name}", style))
        return line(f"{self.group}: ", *spans, Span(f" ({self.then})", "dim"), indent=1)

    def to_cells(self) -> tuple[Line, ...]:
        return line(self.group), line(*self.joins), line(*self.leaves), line(Span(self.then, "dim"))


def _some(names: list[str]) -> tuple[str, ...]:
    rest = len(names) - MOST_NAMES
    return (*names[:MOST_NAMES], f"{rest} more") if rest > 0 else tuple(names)


def _is_membership(change: Change) -> bool:
    return isinstance(change.resource, Membership)


def _group(change: Change) -> Address:
    return Address.of("group", change.address.parts[0])
