"""Which earlier calls a call has to see everywhere before it is sent.

AWS shows each call after a delay of its own, so that at any moment some of the calls that have run may not be seen.
A call waits for the earlier ones without which, whichever others are seen, a user might do more than before and
after the plan. What may or may not be seen is judged at its worst: each policy that may be held counts with the Denies
that are seen whenever it is. When in doubt, the call waits.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import NamedTuple

from iamctl.access.statement_sets import Grants
from iamctl.model.access_change import (
    AccessChange,
    AttachmentChange,
    BoundaryChange,
    DeviceChange,
    DocumentChange,
    LoginChange,
    MembershipChange,
    PrincipalFactChange,
    ResourceFactChange,
)
from iamctl.order.direction import Direction
from iamctl.order.graph import Node
from iamctl.order.safety import Safety
from iamctl.order.world import View, World, policy_key
from iamctl.text.late_dataclass import dataclass

MOST_UNSEEN = 60
"""With more calls than this that may not be seen, a call waits for all of them."""

MOST_WORK = 200_000
"""How many calls are looked at in one ordering, at 15 microseconds each; beyond it a call waits for all earlier ones
that restrain the same people, so that a large plan is slower to apply and not to make."""

_ADDING = frozenset({Direction.WIDENS, Direction.NEUTRAL})
_GIVING = frozenset({Direction.WIDENS, Direction.MIXED})
NOBODY = View(exists=False)


class _Item(NamedTuple):
    """One call as far as one person goes; the same for all persons to whom the same happens."""

    direction: Direction
    effects: tuple[AccessChange, ...]


class _Edge(NamedTuple):
    """Whether something is held: for certain, or perhaps."""

    certain: bool
    possible: bool


_HELD, _FREE = _Edge(certain=True, possible=True), _Edge(certain=False, possible=False)


@dataclass
class _Seen:
    """What a person may hold, where some calls are seen and others perhaps."""

    groups: dict[str, _Edge]
    policies: dict[tuple[str, str], _Edge]
    documents: dict[str, list[Grants]]
    boundaries: set[str | None]
    has_login: bool
    devices: set[str]


@dataclass
class Visibility:
    """Finds what the calls of an order wait for; ``world`` stands as before them."""

    world: World
    safety: Safety
    before: Mapping[str, View]
    after: Mapping[str, View]
    made: dict[str, Grants] = field(default_factory=dict)
    """What the policies say that the calls create."""
    watching: frozenset[str] = frozenset()
    """Who depends on what is not theirs: what happens to others may not be looked at as if it happened to them."""
    turning: Mapping[int, Collection[str]] = field(default_factory=dict)
    """Call to those of them for whom it is mixed."""
    work: int = 0
    """How many calls were looked at."""
    _known: dict[object, dict[int, frozenset[int]]] = field(default_factory=dict)

    def relied_on(
        self,
        order: Sequence[int],
        nodes: Mapping[int, Node],
        touches: Mapping[int, Iterable[str]],
        directions: Mapping[int, Direction],
    ) -> dict[int, set[int]]:
        """Return for each call that waits the earlier calls that must be seen everywhere before it is sent."""
        for number in order:
            for change in nodes[number].effects:
                if isinstance(change, DocumentChange) and change.before is None and change.after:
                    self.made[policy_key(change.policy)] = self.world.sets.of(change.after)
        calls: defaultdict[str, list[int]] = defaultdict(list)
        for number in order:
            if directions[number] is not Direction.NEUTRAL:
                for person in touches[number]:
                    calls[person].append(number)
        found: defaultdict[int, set[int]] = defaultdict(set)
        for person, numbers in calls.items():
            if person in self.watching:
                found.update(_all_that_take(numbers, self._directions_for(person, numbers, directions), found))
                continue
            if not _gives_after_taking(directions[number] for number in numbers):
                continue
            items = tuple(_Item(directions[number], nodes[number].effects) for number in numbers)
            for place, relied in self._of_person(person, numbers, items).items():
                found[numbers[place]].update(numbers[earlier] for earlier in relied)
        return {number: relied for number, relied in found.items() if relied}

    def _directions_for(
        self, person: str, numbers: Iterable[int], directions: Mapping[int, Direction]
    ) -> Mapping[int, Direction]:
        is_mixed = {number for number in numbers if person in self.turning.get(number, ())}
        return {number: Direction.MIXED if number in is_mixed else directions[number] for number in numbers}

    def _of_person(self, person: str, numbers: Sequence[int], items: tuple[_Item, ...]) -> dict[int, frozenset[int]]:
        key = (
            frozenset(self.world.groups[person]),
            frozenset(self.world.held[person]),
            self.world.boundaries.get(person),
            person in self.world.logins,
            frozenset(self.world.devices[person]) if person in self.world.devices else None,
            self.before.get(person),
            self.after.get(person),
            tuple(self._signature(number, item) for number, item in zip(numbers, items, strict=True)),
        )
        if key not in self._known:
            self._known[key] = dict(_Person(self, person, items).relied_on())
        return self._known[key]

    def _signature(self, number: int, item: _Item) -> object:
        """Return what tells a call from others in what it does to a person."""
        effect = item.effects[0] if len(item.effects) == 1 else None
        match effect:
            case MembershipChange(group_key=group, after=after):
                return "group", group, after
            case LoginChange(after=after):
                return "login", after
            case _:
                return "call", number


class _Person:
    """One person, and the calls that may touch them."""

    def __init__(self, visibility: Visibility, person: str, items: tuple[_Item, ...]) -> None:
        self._visibility = visibility
        self._world = visibility.world
        self._made = visibility.made
        self._safety = visibility.safety
        self._before = visibility.before.get(person, NOBODY)
        self._after = visibility.after.get(person, NOBODY)
        self._person = person
        self._items = items
        self._is_rebound = any(
            isinstance(change, PrincipalFactChange | ResourceFactChange) for item in items for change in item.effects
        )

    def relied_on(self) -> Iterator[tuple[int, frozenset[int]]]:
        """Yield the place of each call that waits, and the places of those that it waits for."""
        closures: dict[int, frozenset[int]] = {}
        for place, item in enumerate(self._items):
            if item.direction in _GIVING:
                unseen = [earlier for earlier in range(place) if self._items[earlier].direction not in _ADDING]
                relied = self._needed(place, unseen, closures)
                if relied:
                    closures[place] = relied.union(*(closures.get(earlier, frozenset()) for earlier in relied))
                    yield place, relied

    def _needed(self, place: int, unseen: Sequence[int], closures: Mapping[int, frozenset[int]]) -> frozenset[int]:
        """Return what a call waits for: as little as is found to be enough, and of that the earliest."""
        if self._is_rebound or len(unseen) > MOST_UNSEEN or self._visibility.work >= MOST_WORK:
            return frozenset(unseen)

        def is_enough(seen: Iterable[int]) -> bool:
            chosen = frozenset(seen)
            closed = chosen.union(*(closures.get(earlier, frozenset()) for earlier in chosen))
            self._visibility.work += place + 1
            return self._is_safe(place, closed)

        fewest = bisect_left(range(len(unseen)), x=True, key=lambda count: is_enough(unseen[:count]))
        chosen = list(unseen[:fewest])
        for earlier in reversed(chosen[:-1]):
            fewer = [other for other in chosen if other != earlier]
            if self._visibility.work < MOST_WORK and is_enough(fewer):
                chosen = fewer
        return frozenset(chosen)

    def _is_safe(self, place: int, seen: frozenset[int]) -> bool:
        """Tell whether nobody gains anything once a call is seen, with those in ``seen`` and any of the other ones."""
        found = self._look(place, seen)
        bounds = list(self._bounds(found))
        floor = self._certain_denies(found, bounds)
        base = View(deny=floor, bound=bounds[0][1].allow if bounds[0][0] else None, login=found.has_login)
        base = base._replace(device=bool(found.devices))
        if self._is_wrong(base):
            return False
        for allow, deny in self._units(found):
            for is_bound, grants in bounds:
                denies = floor | deny | (grants.deny if is_bound else 0)
                if self._is_wrong(View(allow, denies, grants.allow if is_bound else None, device=True)):
                    return False
        return True

    def _is_wrong(self, view: View) -> bool:
        return self._safety.objection(self._before, self._after, view) is not None

    def _units(self, found: _Seen) -> Iterator[tuple[int, int]]:
        """Yield the Allows of each policy that may be held, and the Denies that are seen whenever they are."""
        for holder, edge in ((self._person, _HELD), *found.groups.items()):
            if not edge.possible:
                continue
            beside = self._denies_of(found, holder)
            for (name, policy), held in found.policies.items():
                if name == holder and held.possible:
                    for grants in found.documents[policy]:
                        if grants.allow:
                            yield grants.allow, grants.deny | beside

    def _denies_of(self, found: _Seen, holder: str) -> int:
        """Return the Denies that whoever belongs to a holder certainly has by it."""
        denies = 0
        for (name, policy), held in found.policies.items():
            if name == holder and held.certain:
                denies |= _common([grants.deny for grants in found.documents[policy]])
        return denies

    def _certain_denies(self, found: _Seen, bounds: Iterable[tuple[bool, Grants]]) -> int:
        denies = self._denies_of(found, self._person)
        for group, edge in found.groups.items():
            if edge.certain:
                denies |= self._denies_of(found, group)
        return denies | _common([grants.deny if is_bound else 0 for is_bound, grants in bounds])

    def _bounds(self, found: _Seen) -> Iterator[tuple[bool, Grants]]:
        """Yield whether there is a boundary and what it says, for each that there may be."""
        for boundary in sorted(found.boundaries, key=str):
            if boundary is None:
                yield False, Grants()
            else:
                yield from ((True, grants) for grants in found.documents[boundary])

    def _look(self, place: int, seen: frozenset[int]) -> _Seen:
        """Return what may be held once a call is seen, with those in ``seen`` and any of the other ones before it."""
        world, person = self._world, self._person
        found = _Seen(
            dict.fromkeys(world.groups[person], _HELD),
            {},
            {},
            {world.boundaries.get(person)},
            person in world.logins,
            set(world.devices[person]) if person in world.devices else set(),
        )
        items = [(number, change) for number in range(place + 1) for change in self._items[number].effects]
        named = {change.group_key for _, change in items if isinstance(change, MembershipChange)}
        for holder in {person, *found.groups, *named}:
            found.policies.update({(holder, policy): _HELD for policy in world.held[holder]})
        for number, change in items:
            self._carry_out(found, change, is_sure=number in seen or number == place)
        policies = {policy for _, policy in found.policies} | {policy for policy in found.boundaries if policy}
        for policy in policies:
            found.documents[policy] = [self._made.get(policy) or world.document_grants(policy)]
        for number, change in items:
            if isinstance(change, DocumentChange) and change.before and change.after:
                key = policy_key(change.policy)
                if key in found.documents:
                    versions = [] if number in seen or number == place else found.documents[key]
                    found.documents[key] = [*versions, world.sets.of(change.after)]
        return found

    def _carry_out(self, found: _Seen, change: AccessChange, *, is_sure: bool) -> None:
        match change:
            case MembershipChange(group_key=name, after=after):
                found.groups[name] = _moved(found.groups.get(name, _FREE), after=after, is_sure=is_sure)
            case AttachmentChange(holder=holder, policy=policy, after=after):
                edge = (holder.lower(), policy_key(policy))
                found.policies[edge] = _moved(found.policies.get(edge, _FREE), after=after, is_sure=is_sure)
            case BoundaryChange(after=bound):
                boundary = policy_key(bound) if bound else None
                found.boundaries = {boundary} if is_sure else found.boundaries | {boundary}
            case LoginChange(after=after):
                found.has_login = after if is_sure else found.has_login or after
            case DeviceChange(serial=serial, after=after):
                if not after:
                    found.devices.discard(serial)
                elif is_sure:
                    found.devices.add(serial)
            case _:
                pass


def _gives_after_taking(directions: Iterable[Direction]) -> bool:
    """Tell whether some call may give something, and an earlier one may take something."""
    is_taken = False
    for direction in directions:
        if is_taken and direction in _GIVING:
            return True
        is_taken = is_taken or direction not in _ADDING
    return False


def _all_that_take(
    numbers: Sequence[int], directions: Mapping[int, Direction], found: Mapping[int, set[int]]
) -> dict[int, set[int]]:
    """Return for each call that may give something all earlier ones that may take something."""
    return {
        number: found.get(number, set())
        | {earlier for earlier in numbers[:place] if directions[earlier] not in _ADDING}
        for place, number in enumerate(numbers)
        if directions[number] in _GIVING
    }


def _moved(edge: _Edge, *, after: bool, is_sure: bool) -> _Edge:
    if is_sure:
        return _HELD if after else _FREE
    return _Edge(edge.certain and after, edge.possible or after)


def _common(sets: Sequence[int]) -> int:
    """Return what is in all of the sets, nothing where there is none."""
    if not sets:
        return 0
    found = sets[0]
    for other in sets[1:]:
        found &= other
    return found
