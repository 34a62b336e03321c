"""What somebody gains or loses, as rows: by access level, service, resource and condition, the worst first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import Protocol

from iamctl.access.truth import Truth
from iamctl.policy.pattern import ANY, resource_includes, resources_meet

MANY_SERVICES = 5
"""From so many services on, one row counts all actions by level."""

_MOST_OF_ALL = 0.9
"""What share of all actions a statement that allows everything must bring to be everything: the rest was there before."""

MOST_NAMES = 20
"""So many actions of a row are named one by one."""

_MOST_COMPARED = 400
"""So many grants of one person are compared with each other; of more, each is compared with those of every resource."""


class Kind(StrEnum):
    """Why a request is allowed on one side alone."""

    NEW = "new"
    NO_LONGER_DENIED = "no-longer-denied"
    NO_LONGER_BOUNDED = "no-longer-bounded"


class Level(StrEnum):
    """AWS's access levels, the most dangerous first."""

    PERMISSIONS = "permissions"
    WRITE = "write"
    TAGGING = "tagging"
    READ = "read"
    LIST = "list"


class Rank(IntEnum):
    """How dangerous a row is; the worst is the lowest."""

    EVERYTHING = 0
    ESCALATING = 1
    """An action that changes who may do what, or that acts as somebody else."""
    PERMISSIONS = 2
    WRITE = 3
    TAGGING = 4
    READ = 5
    LIST = 6


RISKY = frozenset({Rank.EVERYTHING, Rank.ESCALATING, Rank.PERMISSIONS})
"""The ranks of rows that a report never cuts, and shows with a request."""


@dataclass(frozen=True, order=True)
class When:
    """One line of a condition."""

    key: str
    """As AWS spells it, where that is known."""
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, order=True)
class Source:
    """A statement with the policy that contains it and the one who holds that."""

    policy: str
    holder: str
    statement: str


@dataclass(frozen=True)
class Example:
    """One request that is allowed on one side and not on the other."""

    action: str
    resource: str
    context: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Condition keys with their values; no value: the request lacks the key."""


class Actions(Protocol):
    """The numbered actions of all policies; see ``iamctl.proof.universe``."""

    @property
    def known(self) -> int:
        """The bits of the actions that the catalogue has."""
        ...

    @property
    def powerful(self) -> int:
        """The bits of the actions that change who may do what, or that act as somebody else."""
        ...

    def names(self, bits: int) -> tuple[str, ...]:
        """Return the actions as AWS spells them."""
        ...

    def of_services(self, bits: int) -> Mapping[str, int]:
        """Return the bits of each service."""
        ...

    def of_level(self, level: Level) -> int:
        """Return the bits of the actions of a level."""
        ...


@dataclass(frozen=True)
class Grant:
    """What one statement brings: actions on resources under a condition, all of it allowed on one side alone."""

    actions: int
    resources: tuple[str, ...]
    within: tuple[str, ...] = ()
    """Patterns that the resources must match as well."""
    excepted: tuple[str, ...] = ()
    """What of the resources is no part of it."""
    when: tuple[When, ...] = ()
    is_partial: bool = False
    """Whether some of these requests were allowed before, or are still denied, by conditions of other statements."""
    apart: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What then sets the meant requests apart, but for what every plain one says that is signed in with MFA."""
    kind: Kind = Kind.NEW
    is_exact: bool = True
    """Whether the example is certainly such a request; otherwise the grant is possible."""
    allowed_by: int = 0
    """The numbers of the statements that allow it, as bits."""
    held_back_by: int = 0
    """The numbers of the statements that allow it no longer, or deny it, on the other side, as bits."""
    up_to: int = 0
    """More actions than ``actions`` may be meant: at most so many; 0 where ``actions`` are all."""
    is_all: bool = False
    """Whether its statement allows every action on every resource."""
    example: Example = field(default=Example("", ""), compare=False)


@dataclass(frozen=True)
class Row:
    """Actions of one service and level, or of many services, on resources under a condition."""

    kind: Kind
    rank: Rank
    levels: tuple[tuple[Level, int], ...]
    """How many actions there are of each level, the worst level first."""
    services: tuple[str, ...]
    actions: tuple[str, ...]
    """As AWS spells them; all known actions of a service as ``s3:*``, all of all services as ``*``."""
    names: tuple[str, ...]
    """The first of them by name, one by one, the powerful ones before others."""
    powerful: tuple[str, ...]
    """Those of them that change who may do what."""
    count: int
    is_all_of_level: bool
    """Whether it is every known action of its services and levels."""
    resources: tuple[str, ...]
    within: tuple[str, ...]
    excepted: tuple[str, ...]
    when: tuple[When, ...]
    is_partial: bool
    apart: tuple[tuple[str, tuple[str, ...]], ...]
    is_exact: bool
    up_to: int = 0
    until: str = ""
    """When the memberships end that bring it; empty where one of them does not."""
    trusted: tuple[tuple[str, Truth], ...] = ()
    """The roles that it allows to assume, each with whether its trust policy lets the person."""
    allowed_by: int = field(default=0, compare=False)
    held_back_by: int = field(default=0, compare=False)
    example: Example = field(default=Example("", ""), compare=False)
    sources: tuple[Source, ...] = field(default=(), compare=False)
    """Who gets it from where: labels differ from person to person, so they are no part of equality."""
    restraints: tuple[Source, ...] = field(default=(), compare=False)
    """What holds it back on the other side."""

    @property
    def is_whole(self) -> bool:
        """Whether all requests of these actions, resources and conditions are meant."""
        return not (self.excepted or self.is_partial)


Find = Callable[[Sequence[Grant], int], Example]
"""Finds a request of one of the grants with one of the actions."""


def rows(grants: Iterable[Grant], actions: Actions, find: Find | None = None) -> tuple[Row, ...]:
    """Return the rows of grants, the worst first; what a wider grant contains is left out."""
    found = _distinct(_joined(grants))
    shown = (row for pieces in found for row in _split(pieces, actions, find or _own_example(actions)))
    return tuple(sorted(shown, key=order))


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
            parts = [part for part in piece.parts if part.actions & kept.actions]
            on_kept = [part for part in parts if set(part.resources) & set(kept.resources)]
            left.append(_Piece(kept, tuple(on_kept or parts)))
            seen.append(kept)
    return left


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


def _split(piece: _Piece, actions: Actions, find: Find) -> Iterator[Row]:
    """Yield a row for each service and level, or one for all where there are many services."""
    bits = piece.grant.actions
    services = actions.of_services(bits)
    if len(services) >= MANY_SERVICES:
        yield _row(piece, bits, tuple(services), actions, find)
        return
    for service, of_service in services.items():
        for level in Level:
            if of_level := of_service & actions.of_level(level):
                yield _row(piece, of_level, (service,), actions, find)


def _row(piece: _Piece, bits: int, services: tuple[str, ...], actions: Actions, find: Find) -> Row:
    grant = piece.grant
    known = bits & actions.known
    levels = tuple((level, number) for level in Level if (number := (bits & actions.of_level(level)).bit_count()))
    powerful = actions.names(bits & actions.powerful)
    first = (*powerful[:MOST_NAMES], *actions.names(_first(bits & ~actions.powerful, actions)))
    is_most = known.bit_count() >= actions.known.bit_count() * (_MOST_OF_ALL if grant.is_all else 1)
    everything = is_most and grant.resources == (ANY,) and not (grant.within or grant.excepted or grant.up_to)
    of_levels = 0
    for level, _ in levels:
        of_levels |= actions.of_level(level)
    all_of_level = actions.of_services(actions.known & of_levels)
    example = find([part for part in piece.parts if part.actions & bits], bits)
    return Row(
        kind=grant.kind,
        rank=Rank.EVERYTHING if everything else _rank(levels, powerful),
        levels=levels,
        services=services,
        actions=_names(bits, actions),
        names=first[:MOST_NAMES],
        powerful=powerful,
        count=known.bit_count() or bits.bit_count(),
        is_all_of_level=all(all_of_level.get(service, 0) & ~bits == 0 for service in services),
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


def _first(bits: int, actions: Actions) -> int:
    """Return the bits of the first actions: numbers are in the order of names."""
    first = 0
    for _ in range(MOST_NAMES):
        lowest = bits & -bits
        first |= lowest
        bits ^= lowest
    return first


def _names(bits: int, actions: Actions) -> tuple[str, ...]:
    """Return the names of actions, ``s3:*`` for all known ones of a service."""
    if bits & actions.known == actions.known:
        return (ANY,)
    whole = actions.of_services(actions.known)
    found: list[str] = []
    for service, of_service in actions.of_services(bits).items():
        is_all = service in whole and whole[service] & ~of_service == 0
        found += [f"{service}:*"] if is_all else actions.names(of_service)
    return tuple(found)


def _own_example(actions: Actions) -> Find:
    def find(grants: Sequence[Grant], bits: int) -> Example:
        names = {name.lower() for name in actions.names(bits)}
        fitting = (grant.example for grant in grants if grant.example.action.lower() in names)
        return next(fitting, grants[0].example)

    return find
