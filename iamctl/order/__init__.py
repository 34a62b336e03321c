"""The order of calls: at every state that an apply can reach, everybody is within what they could do or can do after.

Simulate, and append the first preferred call after which every touched person is provably within old or new access.
The preference makes before it breaks, or narrows before it widens; the predicate alone decides what is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from iamctl.access import rebound
from iamctl.access.statement_sets import Grants, StatementSets
from iamctl.model import Call, Change, Step
from iamctl.model.access_change import AccessChange, AttachmentChange, DocumentChange, MembershipChange
from iamctl.model.blocked import Late, Objection
from iamctl.order.administrator_floor import ADMINISTRATORS, AdministratorFloor
from iamctl.order.direction import Directions
from iamctl.order.gaining import gaining_people
from iamctl.order.graph import CircularOrderError, Node, by_rank, nodes_of
from iamctl.order.greedy import MAX_INLINE_SIZE, Attempt, Headroom, SearchResult
from iamctl.order.marks import CallMarks
from iamctl.order.needed import Needed
from iamctl.order.rank import Content, ranks
from iamctl.order.safety import Safety
from iamctl.order.visibility import Visibility
from iamctl.order.world import Holdings, World, additions, policy_key

__all__ = ["CircularOrderError", "Holdings", "Impossible", "Ordered", "gaining_people", "order", "unread"]


@dataclass(frozen=True)
class Impossible:
    """Calls for which no safe order was found, since each would do harm in between."""

    objection: Objection
    """What would be wrong in between, and for whom."""
    calls: tuple[int, ...]
    """Their indexes."""


@dataclass(frozen=True)
class Ordered:
    """The calls of a plan in their order."""

    calls: tuple[Call, ...]
    calls_of: tuple[tuple[int, ...], ...]
    """The indexes of the calls of each change."""
    late: Mapping[int, Late] = field(default_factory=dict)
    """Call to the call that it had to wait for, and why."""
    impossible: tuple[Impossible, ...] = ()
    relies_on: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    """Call to the earlier calls that must be seen everywhere before it is sent; it needs them, too."""


def order(changes: Sequence[Change], holdings: Holdings) -> Ordered:
    """Return the calls of ``changes`` in an order that is safe after each of them, from the live ``holdings`` on.

    ``needs`` of a call are what must exist and, where it may give something, the earlier calls that touch the same
    people, so that every set of calls closed under ``needs`` is a state that was checked. Where no safe order is found,
    ``impossible`` says for whom, and the calls stand as if nobody looked.

    Raises:
        CircularOrderError: steps wait for each other.
    """
    nodes = nodes_of(changes)
    plain = by_rank(nodes, lambda node: (int(node.step.phase), *node.place))
    search = _Search(nodes, holdings)
    found = search.order()
    numbers = list(found.order) if not found.stuck else plain
    index = {number: place for place, number in enumerate(numbers)}
    relied = search.relied_on(numbers) if not found.stuck else {}
    needs = search.needs(numbers, found.marks.flips)
    for number, seen in relied.items():
        needs[number] |= seen
    calls = tuple(
        Call(
            index[number],
            nodes[number].step.service,
            nodes[number].step.operation,
            nodes[number].step.params,
            tuple(sorted(index[needed] for needed in needs[number])),
        )
        for number in numbers
    )
    calls_of: list[list[int]] = [[] for _ in changes]
    for number in numbers:
        calls_of[nodes[number].change].append(index[number])
    return Ordered(
        calls,
        tuple(tuple(indexes) for indexes in calls_of),
        {
            index[number]: Late(index[after], why)
            for number, (why, after) in found.late.items()
            if not found.stuck and after != number
        },
        _impossible(found, index),
        {index[number]: tuple(sorted(index[one] for one in seen)) for number, seen in relied.items()},
    )


def _impossible(found: SearchResult, index: Mapping[int, int]) -> tuple[Impossible, ...]:
    """Return for each person what is stuck because of them."""
    calls: dict[str, list[int]] = {}
    objections: dict[str, Objection] = {}
    for number, why in sorted(found.stuck.items()):
        calls.setdefault(why.who, []).append(index[number])
        objections.setdefault(why.who, why)
    return tuple(Impossible(objections[who], tuple(sorted(calls[who]))) for who in sorted(calls))


def unread(changes: Sequence[Change], holdings: Holdings) -> tuple[str, ...]:
    """Return the ARNs of the policies without a known document that somebody touched holds, before or after."""
    people, world, effects = _touched(changes, holdings)
    names = {policy_key(change.policy): change.policy for change in effects if isinstance(change, AttachmentChange)}
    policies = set(names)
    for side in (World(holdings, StatementSets()), world):
        holders = people | {group for person in people for group in side.groups[person]}
        policies |= {policy for holder in holders for policy in side.held[holder]}
        policies |= {boundary for person in people if (boundary := side.boundaries.get(person))}
    unknown = (policy for policy in policies if policy.startswith("arn:") and world.documents.get(policy) is None)
    return tuple(sorted(holdings.spelling.get(policy, names.get(policy, policy)) for policy in unknown))


def _touched(changes: Sequence[Change], holdings: Holdings) -> tuple[set[str], World, list[AccessChange]]:
    """Return who is touched, the world in which all has run, and what has run."""
    world = World(holdings, StatementSets())
    effects = [change for node in nodes_of(changes) for change in node.effects]
    people = world.touched(effects)
    world.run(effects)
    return people | world.touched(effects), world, effects


class _Search:
    """What all attempts share: the simulated account, both sides of everybody touched, ranks and headroom."""

    def __init__(self, nodes: Sequence[Node], holdings: Holdings) -> None:
        self._nodes = nodes
        self._holdings = holdings
        self._sets = StatementSets()
        self._safety = Safety(self._sets)
        self._world = World(holdings, self._sets)
        effects = [change for node in nodes for change in node.effects]
        joined = World(holdings, self._sets)
        joined.run(additions(effects))
        self._touches = {node.number: joined.touched(node.effects) for node in nodes}
        people, groups = self._reach(), self._groups(joined)
        before_sides = _Contents(self._world, effects)
        self._before = {person: self._world.view(person) for person in sorted(people)}
        floor = AdministratorFloor(self._sets)
        ruling = floor.among(people, self._world)
        old = self._counts(people, groups)
        self._run_all()
        self._after = {person: self._world.view(person) for person in sorted(people)}
        new = self._counts(people, groups)
        remaining = floor.among(people, self._world)
        self._floor = AdministratorFloor(self._sets, ruling | remaining, min(len(ruling), len(remaining)))
        self._known_keys: dict[str, bool] = {}
        content = _Contents(self._world, effects).joined(before_sides, self._sets, self._knows)
        found = Directions(nodes, (World(holdings, self._sets), self._world), self._sets, self._knows)
        self._directions = {node.number: found.of(node) for node in nodes}
        self._unrun_all()
        self._ranks: dict[int, tuple[Any, Any]] = {}
        for node in nodes:
            gapless, narrowing = ranks(node, content)
            self._ranks[node.number] = ((gapless, *node.place), (narrowing, *node.place))
        quotas = (holdings.groups_per_user, holdings.policies_per_group, MAX_INLINE_SIZE)
        self._headroom = Headroom(
            *(_headroom(quota, one, other) for quota, one, other in zip(quotas, old, new, strict=True))
        )
        counted = {*groups, *(person for person in people if person.startswith("user/"))}
        full = {holder for holder in counted if self._headroom.exceeded(joined, holder)}
        self._shares = {node.number: _counted_at(joined, node) & full for node in nodes}

    def order(self) -> SearchResult:
        """Return an order of all nodes: of all at once, or else of each part that shares nobody with the others.

        What an attempt at all found for a part is an order of that part, so that only a part that is stuck forwards
        in both ways is tried backwards.
        """
        forward: list[SearchResult] = []
        for gapless in (True, False):
            forward.append(self._attempt(self._nodes, gapless=gapless))
            if len(forward[-1].order) == len(self._nodes):
                return forward[-1]
        placed = [(sought, frozenset(sought.order)) for sought in forward]
        found = [self._part(part, placed) for part in self._parts()]
        return SearchResult(
            tuple(number for part in found for number in part.order),
            {number: why for part in found for number, why in part.stuck.items()},
            {number: late for part in found for number, late in part.late.items()},
            CallMarks.joined(part.marks for part in found),
        )

    def _part(self, nodes: Sequence[Node], forward: Sequence[tuple[SearchResult, frozenset[int]]]) -> SearchResult:
        """Return the order of one part: of the first attempt at all that ordered the whole of it, or of its own."""
        numbers = {node.number for node in nodes}
        for found, placed in forward:
            if numbers <= placed:
                return _restricted(found, numbers)
        for gapless in (True, False):
            backward = self._backward(nodes, gapless=gapless)
            if len(backward.order) == len(nodes):
                return backward
        return _restricted(forward[-1][0], numbers)

    def needs(self, numbers: Iterable[int], flips: Collection[int]) -> dict[int, set[int]]:
        """Return what each node needs, when they run in the given order; ``flips`` change who is an administrator."""
        world = World(self._holdings, self._sets)
        needed = Needed(world, self._directions, self._shares, flips, self._floor.watched)
        return {number: needed.of(self._nodes[number]) for number in numbers}

    def relied_on(self, numbers: Sequence[int]) -> dict[int, set[int]]:
        """Return what each node that waits has to see everywhere before it runs."""
        visibility = Visibility(self._world, self._safety, self._before, self._after)
        return visibility.relied_on(numbers, dict(enumerate(self._nodes)), self._touches, self._directions)

    def _attempt(self, nodes: Sequence[Node], *, gapless: bool) -> SearchResult:
        sides = (self._before, self._after)
        attempt = Attempt(nodes, self._world, self._safety, sides, self._headroom, self._ranks, self._floor)
        found = attempt.seek(gapless=gapless)
        self._undo(found.order)
        return found

    def _backward(self, nodes: Sequence[Node], *, gapless: bool) -> SearchResult:
        """Seek from the new state to the old one, and turn what is found round."""
        numbers = [node.number for node in nodes]
        for node in nodes:
            self._world.run(node.effects)
            self._world.forget(self._touches[node.number])
        turned = _turned(nodes)
        ranks_back: dict[int, tuple[Any, Any]] = {}
        for number in numbers:
            one, other = self._ranks[number]
            ranks_back[number] = ((-one[0], *one[1:]), (-other[0], *other[1:]))
        sides = (self._after, self._before)
        attempt = Attempt(turned, self._world, self._safety, sides, self._headroom, ranks_back, self._floor)
        found = attempt.seek(gapless=gapless)
        left = set(numbers) - set(found.order)
        self._undo([number for number in numbers if number in left])
        return SearchResult(tuple(reversed(found.order)), found.stuck, marks=found.marks)

    def _undo(self, numbers: Sequence[int]) -> None:
        for number in reversed(numbers):
            self._world.run(self._nodes[number].undoing)
            self._world.forget(self._touches[number])

    def _run_all(self) -> None:
        for node in self._nodes:
            self._world.run(node.effects)
        self._world.forget(self._reach())

    def _unrun_all(self) -> None:
        self._undo([node.number for node in self._nodes])
        self._world.forget(self._reach())

    def _knows(self, key: str) -> bool:
        """Tell whether a statement that counts looks at a condition key of the caller."""
        if key not in self._known_keys:
            self._known_keys[key] = any(rebound.knows(rebound.plain(atom), key) for atom in self._sets.atoms)
        return self._known_keys[key]

    def _reach(self) -> set[str]:
        return set().union(*self._touches.values()) if self._touches else set()

    def _groups(self, joined: World) -> set[str]:
        places = (joined.places(node.effects) for node in self._nodes)
        return {place for found in places for place in found if place.startswith("group/")}

    def _counts(self, people: Iterable[str], groups: Iterable[str]) -> tuple[dict[str, int], ...]:
        known = sorted(groups)
        return (
            {person: len(self._world.groups[person]) for person in people},
            {group: self._world.managed_count(group) for group in known},
            {group: self._world.inline_size(group) for group in known},
        )

    def _parts(self) -> list[list[Node]]:
        """Return the nodes in parts that share neither people nor what must exist."""
        parent = list(range(len(self._nodes)))

        def root(number: int) -> int:
            while parent[number] != number:
                parent[number] = parent[parent[number]]
                number = parent[number]
            return number

        first: dict[str, int] = {}
        for node in self._nodes:
            for needed in node.waits_for:
                parent[root(node.number)] = root(needed)
            people = self._touches[node.number]
            for person in people | {ADMINISTRATORS} if people & self._floor.watched else people:
                parent[root(node.number)] = root(first.setdefault(person, node.number))
            for place in self._world.places(node.effects):
                parent[root(node.number)] = root(first.setdefault(place, node.number))
        parts: dict[int, list[Node]] = {}
        for node in self._nodes:
            parts.setdefault(root(node.number), []).append(node)
        return sorted(parts.values(), key=lambda part: min(self._ranks[node.number] for node in part))


def _counted_at(joined: World, node: Node) -> set[str]:
    """Return the groups whose policies, and the users whose groups a call changes the number of."""
    moved = (change for change in node.effects if isinstance(change, MembershipChange))
    return joined.places(node.effects) | {f"user/{change.user.lower()}" for change in moved}


def _restricted(found: SearchResult, numbers: Collection[int]) -> SearchResult:
    """Return what an attempt found about some of the nodes."""
    return SearchResult(
        tuple(number for number in found.order if number in numbers),
        {number: why for number, why in found.stuck.items() if number in numbers},
        {number: late for number, late in found.late.items() if number in numbers},
        found.marks.restricted(numbers),
    )


class _Contents:
    """What groups and policies hold at one moment."""

    def __init__(self, world: World, effects: Iterable[AccessChange]) -> None:
        self._world = world
        named = list(effects)
        policies = {policy_key(change.policy) for change in named if isinstance(change, AttachmentChange)}
        groups = {f"group/{change.group.lower()}" for change in named if hasattr(change, "group")}
        self.documents = {policy: world.document_grants(policy) for policy in sorted(policies)}
        self.holders = {group: world.grants(group) for group in sorted(groups)}

    def joined(self, other: _Contents, sets: StatementSets, knows: Callable[[str], bool]) -> Content:
        """Return the contents of both moments together."""

        def written(change: DocumentChange) -> tuple[Grants, Grants]:
            before, after = change.before, change.after
            return (sets.of(before) if before else Grants(), sets.of(after) if after else Grants())

        return Content(
            document=lambda policy: self.documents[policy].joined(other.documents[policy]),
            holder=lambda group: self.holders[group].joined(other.holders[group]),
            written=written,
            knows=knows,
        )


def _turned(nodes: Sequence[Node]) -> list[Node]:
    """Return the nodes as they undo what they do, each after those that waited for it."""
    turned = {
        node.number: Node(node.number, node.change, node.position, _inverse_step(node), node.address) for node in nodes
    }
    for node in nodes:
        for needed in node.waits_for:
            if needed in turned:
                turned[needed].waits_for.add(node.number)
    return list(turned.values())


def _inverse_step(node: Node) -> Step:
    return replace(node.step, effects=node.undoing)


def _headroom(quota: int, old: Mapping[str, int], new: Mapping[str, int]) -> dict[str, int]:
    """Return how many there may be on the way: the quota, or what either side has where that is more."""
    return {name: max(quota, old.get(name, 0), new.get(name, 0)) for name in old.keys() | new.keys()}
