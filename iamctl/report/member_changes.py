"""The groups whose members a plan changes, in short."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from iamctl.kinds import Membership
from iamctl.model import Action, Address, Change, Plan, State
from iamctl.report.blocks import Line, Section, Span, Style, line, names, places
from iamctl.report.words import terms_of_membership
from iamctl.text.counted import counted
from iamctl.text.origin import Origin

_MOST_NAMED = 50
"""The names of more people who join or leave alike are only in the section of people, which formats can fold."""

_SIGNS: dict[Action, tuple[str, Style]] = {Action.CREATE: ("+", "create"), Action.DELETE: ("-", "delete")}


def live_member_counts(live: State, changes: Iterable[Change]) -> dict[Address, int]:
    """Return how many members each group has in ``live`` of which the changes add or remove some."""
    counts = Counter(resource.group.lower() for resource in live if isinstance(resource, Membership))
    return {_group(change): counts[_group(change).name.lower()] for change in changes if _is_membership(change)}


def member_sections(plan: Plan) -> Iterator[Section]:
    """Yield one section with who joins and leaves each group, until when and why, or nothing."""
    by_group: dict[Address, list[Change]] = defaultdict(list)
    for change in plan.changes:
        if _is_membership(change):
            by_group[_group(change)].append(change)
    if by_group:
        gone = {change.address for change in plan.changes if change.action is Action.DELETE}
        lines: list[Line] = []
        for group, found in sorted(by_group.items()):
            then = _then(found, plan.live_members.get(group, 0), is_gone=group in gone)
            lines += [line(group.name, Span(f"  ({then})", "dim"), indent=1), *_edges(found)]
        yield Section("Who joins and leaves", tuple(lines))


def _then(changes: list[Change], live: int, *, is_gone: bool) -> str:
    """Return how many members a group has now and afterwards."""
    if is_gone:
        return "the group will be deleted"
    after = live + sum({Action.CREATE: 1, Action.DELETE: -1}.get(change.action, 0) for change in changes)
    return f"{live:,} -> {counted(after, 'member')}"


def _edges(changes: list[Change]) -> Iterator[Line]:
    """Yield a line for all who join or leave on the same terms."""
    alike: dict[tuple[Action, str], list[Change]] = defaultdict(list)
    for change in changes:
        alike[change.action, terms_of_membership(change)].append(change)
    for action in (Action.CREATE, Action.DELETE):
        for (done, terms), found in alike.items():
            if done is action:
                sign, style = _SIGNS[action]
                people = names((change.address.name for change in found), style, f"{sign} ")
                if len(found) > _MOST_NAMED:
                    people = replace(people, whole="")
                note = (Span(f"  {terms}", "dim"),) if terms else ()
                yield line(people, *note, *places(map(_origin, found)), indent=2)


def _origin(change: Change) -> Origin | None:
    if change.after is not None:
        return change.after.origin
    return change.why.origin if change.why else None


def _is_membership(change: Change) -> bool:
    return isinstance(change.resource, Membership)


def _group(change: Change) -> Address:
    return Address.of("group", change.address.parts[0])
