"""What somebody gains or loses, as rows: by access level, service, resource and condition, the worst first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from iamctl.access.action_sets import ActionSets
from iamctl.access.row import Actions, Example, Grant, Level, Rank, Row
from iamctl.policy.pattern import ANY, resource_includes, resources_meet
from iamctl.text.late_dataclass import dataclass

_MOST_OF_ALL = 0.9
"""What share of all actions a statement that allows everything must bring to be everything: the rest was there before."""

_MOST_COMPARED = 400
"""So many grants of one person are compared with each other; of more, each is compared with those of every resource."""


Find = Callable[[Sequence[Grant], int], Example]
"""Finds a request of one of the grants with one of the actions."""


def rows(grants: Iterable[Grant], sets: ActionSets, find: Find | None = None) -> tuple[Row, ...]:
    """Return the rows of grants, the worst first; what a wider grant contains is left out.

    Each is about one service and level, or about all where there are many services, or more than were found.
    """
    found = _distinct(_joined(grants))
    shown = find or _own_example(sets.actions)
    return tuple(
        sorted((_row(piece, part, sets, shown) for piece in found for part in _parts(piece.grant, sets)), key=order)
    )


def _parts(grant: Grant, sets: ActionSets) -> tuple[int, ...]:
    return (grant.actions,) if grant.up_to else sets.parts(grant.actions)


def order(row: Row) -> tuple[object, ...]:
    """Return what rows are sorted by: the worst rank first, then the widest."""
    return (
        row.rank,
        not row.is_exact,
        ANY not in row.resources,
        not row.is_whole,
        bool(row.within),
        bool(row.when),
        -row.count,
        row.services,
        row.actions,
        row.resources,
        row.within,
        row.excepted,
        row.when,
        row.apart,
        row.kind,
    )


@dataclass(frozen=True)
class _Piece:
    """Grants that differ in nothing but their actions and resources, as one."""

    grant: Grant
    parts: tuple[Grant, ...]


def _joined(grants: Iterable[Grant]) -> list[_Piece]:
    """Return grants of equal actions with all their resources, then those of equal resources with all their actions."""
    found = list(grants)
    by_actions: defaultdict[object, list[Grant]] = defaultdict(list)
    for grant in found:
        if not grant.is_all:
            by_actions[_terms(grant), grant.actions].append(grant)
    wide = [*_everything([grant for grant in found if grant.is_all]), *(_of(parts) for parts in by_actions.values())]
    by_resources: defaultdict[object, list[_Piece]] = defaultdict(list)
    for piece in wide:
        by_resources[_terms(piece.grant), piece.grant.resources].append(piece)
    return [_of([part for piece in pieces for part in piece.parts]) for pieces in by_resources.values()]


def _everything(grants: Iterable[Grant]) -> Iterator[_Piece]:
    """Yield what statements bring that allow everything, as one for each condition; what was allowed before is no gap."""
    found: defaultdict[object, list[Grant]] = defaultdict(list)
    for grant in grants:
        found[grant.when, grant.within, grant.kind, grant.is_exact, bool(grant.up_to)].append(grant)
    for parts in found.values():
        piece = _of(parts)
        apart = parts[0].apart if len({part.apart for part in parts}) == 1 else ()
        is_partial = any(part.excepted or part.is_partial for part in parts)
        whole = replace(piece.grant, excepted=(), apart=apart, is_partial=is_partial, is_all=True)
        yield _Piece(whole, piece.parts)


def _terms(grant: Grant) -> tuple[object, ...]:
    return (
        grant.within,
        grant.excepted,
        grant.when,
        grant.apart,
        grant.kind,
        grant.is_exact,
        bool(grant.up_to),
        grant.is_all,
    )


def _of(parts: Sequence[Grant]) -> _Piece:
    bits, allowed, held, most, is_partial = 0, 0, 0, 0, False
    for part in parts:
        bits |= part.actions
        allowed |= part.allowed_by
        held |= part.held_back_by
        most = max(most, part.up_to)
        is_partial |= part.is_partial
    resources = _widest(resource for part in parts for resource in part.resources)
    whole = replace(
        parts[0],
        actions=bits,
        resources=resources,
        allowed_by=allowed,
        held_back_by=held,
        up_to=most,
        is_partial=is_partial,
    )
    return _Piece(whole, tuple(parts))


def _widest(resources: Iterable[str]) -> tuple[str, ...]:
    found = sorted(set(resources))
    if ANY in found:
        return (ANY,)
    return tuple(one for one in found if not any(one != wide and resource_includes(wide, one) for wide in found))


def _distinct(pieces: list[_Piece]) -> list[_Piece]:
    """Return the pieces without the actions that another one gives on at least the same resources and conditions."""
    pieces = sorted(pieces, key=lambda piece: (_width(piece.grant), *map(str, _terms(piece.grant))))
    seen: list[Grant] = []
    left = []
    for piece in pieces:
        wider = seen if len(pieces) <= _MOST_COMPARED else [one for one in seen if ANY in one.resources]
        kept = piece.grant
        for one in wider:
            kept = _without(kept, one)
        if kept.actions:
            left.append(_Piece(kept, _parts_of(kept, piece.parts)))
            seen.append(kept)
    return left


def _parts_of(kept: Grant, parts: Iterable[Grant]) -> tuple[Grant, ...]:
    """Return the parts on the resources that are kept; for an action that none of them has, those on other resources."""
    of_kept = [part for part in parts if part.actions & kept.actions]
    found = [part for part in of_kept if set(part.resources) & set(kept.resources)]
    missing = kept.actions
    for part in found:
        missing &= ~part.actions
    return (*found, *(part for part in of_kept if part.actions & missing and part not in found))


def _without(narrow: Grant, wide: Grant) -> Grant:
    """Return a grant without the actions, or the resources, that a wider one contains."""
    if not (narrow.actions & wide.actions and _is_wider(wide, narrow)):
        return narrow
    rest = tuple(one for one in narrow.resources if not _includes(wide, one, narrow.excepted))
    if not rest:
        return replace(narrow, actions=narrow.actions & ~wide.actions)
    return narrow if narrow.actions & ~wide.actions else replace(narrow, resources=rest)


def _width(grant: Grant) -> tuple[object, ...]:
    return (
        not grant.is_exact,
        bool(grant.up_to),
        grant.is_partial,
        len(grant.within),
        ANY not in grant.resources,
        len(grant.when),
        len(grant.excepted),
        -grant.actions.bit_count(),
        min(map(len, grant.resources)),
        grant.resources,
    )


def _is_wider(wide: Grant, narrow: Grant) -> bool:
    """Tell whether a grant says at least as much as another one, apart from actions and resources."""
    if wide.up_to or (narrow.is_exact and not wide.is_exact):
        return False
    if wide.is_partial and not (narrow.is_partial and wide.apart == narrow.apart):
        return False
    return set(wide.when) <= set(narrow.when) and set(wide.within) <= set(narrow.within)


def _includes(wide: Grant, resource: str, excepted: tuple[str, ...]) -> bool:
    gaps = (gap for gap in wide.excepted if gap not in excepted)
    return any(resource_includes(one, resource) for one in wide.resources) and not any(
        resources_meet(gap, resource) for gap in gaps
    )


def _row(piece: _Piece, bits: int, sets: ActionSets, find: Find) -> Row:
    grant, told = piece.grant, sets.of(bits)
    is_most = told.known >= sets.actions.known.bit_count() * (_MOST_OF_ALL if grant.is_all else 1)
    everything = is_most and grant.resources == (ANY,) and not (grant.within or grant.excepted or grant.up_to)
    example = find([part for part in piece.parts if part.actions & bits], bits)
    return Row(
        kind=grant.kind,
        rank=Rank.EVERYTHING if everything else _rank(told.levels, told.powerful),
        levels=told.levels,
        services=told.services,
        actions=told.spelled,
        names=told.names,
        powerful=told.powerful,
        count=told.known or bits.bit_count(),
        is_all_of_level=told.is_all_of_level,
        resources=grant.resources,
        within=grant.within,
        excepted=grant.excepted,
        when=grant.when,
        is_partial=grant.is_partial,
        apart=grant.apart,
        is_exact=grant.is_exact,
        up_to=grant.up_to,
        allowed_by=grant.allowed_by,
        held_back_by=grant.held_back_by,
        example=example,
    )


def _rank(levels: Sequence[tuple[Level, int]], powerful: Sequence[str]) -> Rank:
    if powerful:
        return Rank.ESCALATING
    return Rank[levels[0][0].name] if levels else Rank.LIST


def _own_example(actions: Actions) -> Find:
    def find(grants: Sequence[Grant], bits: int) -> Example:
        names = {name.lower() for name in actions.names(bits)}
        fitting = (grant.example for grant in grants if grant.example.action.lower() in names)
        return next(fitting, grants[0].example)

    return find
