"""The search for an order of all calls, by several attempts and part by part."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from iamctl.access import rebound
from iamctl.access.on_target import Target
from iamctl.access.statement_sets import StatementSets
from iamctl.model import Step
from iamctl.model.access_change import AccessChange, MembershipChange, PrincipalFactChange, ResourceFactChange
from iamctl.order.administrator_floor import ADMINISTRATORS, AdministratorFloor
from iamctl.order.consequences import EVERYTHING, Consequences, Side, reaching_people
from iamctl.order.contents import Contents
from iamctl.order.dead_ends import DeadEnds
from iamctl.order.direction import Directions
from iamctl.order.graph import Node, release_last
from iamctl.order.greedy import MAX_INLINE_SIZE, Attempt, Headroom, SearchResult
from iamctl.order.inverses import additions
from iamctl.order.marks import CallMarks
from iamctl.order.needed import Needed
from iamctl.order.plain_moves import plain_moves
from iamctl.order.rank import ranks
from iamctl.order.safety import Safety
from iamctl.order.visibility import Visibility
from iamctl.order.watched import Watched, arns_of, documents, looking_people, policies_of, turning_calls
from iamctl.order.world import Holdings, World
from iamctl.policy.pattern import ANY


class Search:
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
        self._touches = {node.number: node.touched(joined) for node in nodes}
        people = self._reach()
        groups = {place for place in joined.places(effects) if place.startswith("group/")}
        before_sides = Contents(self._world, effects)
        self._before = self._world.views(sorted(people))
        floor = AdministratorFloor(self._sets)
        ruling = floor.among(people, self._world)
        old = _counts(self._world, people, groups)
        then = World(holdings, self._sets)
        then.run(effects)
        self._after = then.views(sorted(people))
        new = _counts(then, people, groups)
        remaining = floor.among(people, then)
        least = min(len(ruling), len(remaining))
        self._floor = AdministratorFloor(self._sets, ruling | remaining if least else frozenset(), least)
        self._known_keys: dict[str, bool] = {}
        self._watched = self._watch(joined, then)
        self._watchers = self._watched.watchers()
        content = Contents(then, effects).joined(before_sides, self._sets, self._is_unseen)
        found = Directions(nodes, (self._world, then), self._sets, self._knows, self._watchers)
        self._directions = {node.number: found.of(node) for node in nodes}
        self._consequences = self._look_at_watched(joined, then)
        self._turning = turning_calls(nodes, self._directions, self._watched, joined)
        release_last(nodes, self._touches)
        self._ranks: dict[int, tuple[int, int]] = {}
        for place, node in enumerate(sorted(nodes, key=lambda node: node.place)):
            gapless, narrowing = ranks(node, content)
            self._ranks[node.number] = (gapless * len(nodes) + place, narrowing * len(nodes) + place)
        quotas = (holdings.groups_per_user, holdings.policies_per_group, MAX_INLINE_SIZE)
        self._headroom = Headroom(
            *(_headroom(quota, one, other) for quota, one, other in zip(quotas, old, new, strict=True))
        )
        counted = {*groups, *(person for person in people if person.startswith("user/"))}
        full = {holder for holder in counted if self._headroom.exceeded(joined, holder)}
        self._dead_ends = DeadEnds(nodes, self._touches, (self._before, self._after), self._safety, self._world, joined)
        self._shares = {node.number: _counted_at(joined, node) & full if full else full for node in nodes}
        self._plain = frozenset[int]()
        if not self._watched.people:
            self._plain = plain_moves(nodes, self._touches, self._world, then, full | self._floor.watched)

    def _watch(self, joined: World, then: World) -> Watched:
        """Return who depends on what is not theirs, from the world in which all has run."""
        effects = [change for node in self._nodes for change in node.effects]
        arns = arns_of(self._nodes, self._holdings)
        looking = looking_people(self._nodes, joined, self._holdings.prefix)
        after = self._after | then.views(sorted(looking.people))
        reaching = reaching_people(self._sets, (after | self._before, after), joined, effects, arns, looking.people)
        self._learn_about_callers(joined, effects)
        moved = (node for node in self._nodes if not all(map(self._is_about_tags, node.effects)))
        moving = set[str]().union(*(self._touches[node.number] for node in moved)) if looking.people else set[str]()
        targets = {name: Target(name, arns.get(name, frozenset({ANY})), self._holdings.prefix) for name in looking.tags}
        return Watched(targets, looking.tags, looking.by_order(moving), reaching)

    def _learn_about_callers(self, joined: World, effects: Sequence[AccessChange]) -> None:
        """Read all that may decide about people of whom statements may know something that changes."""
        people = {change.person for change in effects if isinstance(change, PrincipalFactChange)}
        policies = {policy for person in people for policy in policies_of(person, joined)}
        policies |= {
            bound for side in (self._world, joined) for person in people if (bound := side.boundaries.get(person))
        }
        for policy, document in documents(joined, effects) if people else ():
            if policy in policies:
                self._sets.of(document)

    def _look_at_watched(self, joined: World, then: World) -> Consequences:
        """Return what judges the consequences of calls."""
        if not self._watched.people:
            return Consequences(self._safety)
        for world in (self._world, joined, then):
            world.watch(self._watchers)
        self._touches = {node.number: node.touched(joined) for node in self._nodes}
        everything = self._sets.bit(EVERYTHING)
        people = sorted(self._watched.people)
        self._after |= then.views(people)
        after = Side.of(then, self._watched, everything)
        self._before |= self._world.views(people)
        undone = (change for node in reversed(self._nodes) for change in node.undoing)
        self._world.run(change for change in undone if isinstance(change, ResourceFactChange))  # it learns these tags
        before = Side.of(self._world, self._watched, everything)
        return Consequences(self._safety, self._watched, (before, after), everything)

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
        found = [self._part(part, placed) for part in self._parts]
        return SearchResult(
            tuple(number for part in found for number in part.order),
            {number: why for part in found for number, why in part.stuck.items()},
            {number: late for part in found for number, late in part.late.items()},
            CallMarks.joined(part.marks for part in found),
        )

    def stuck_parts(self, found: SearchResult, most: int) -> list[frozenset[int]]:
        """Return the changes of each part of at most ``most`` calls of which no order was found, by their indexes."""
        return [
            frozenset(node.change for node in part)
            for part in self._parts
            if len(part) <= most and any(node.number in found.stuck for node in part)
        ]

    def _part(self, nodes: Sequence[Node], forward: Sequence[tuple[SearchResult, frozenset[int]]]) -> SearchResult:
        """Return the order of one part: of the first attempt at all that ordered the whole of it, or of its own."""
        numbers = {node.number for node in nodes}
        for found, placed in forward:
            if numbers <= placed:
                return _restricted(found, numbers)
        stuck = [why for number, why in forward[-1][0].stuck.items() if number in numbers]
        if self._dead_ends.has_one(stuck):
            return _restricted(forward[-1][0], numbers)
        for gapless in (True, False):
            backward = self._backward(nodes, gapless=gapless)
            if len(backward.order) == len(nodes):
                return backward
        return _restricted(forward[-1][0], numbers)

    def needs(self, numbers: Iterable[int], flips: Collection[int]) -> dict[int, set[int]]:
        """Return what each node needs, when they run in the given order; ``flips`` change who is an administrator."""
        world = World(self._holdings, self._sets, self._watchers)
        needed = Needed(world, self._directions, self._shares, flips, self._floor.watched, self._turning, self._plain)
        return {number: needed.of(self._nodes[number]) for number in numbers}

    def relied_on(self, numbers: Sequence[int]) -> dict[int, set[int]]:
        """Return what each node that waits has to see everywhere before it runs."""
        world = World(self._holdings, self._sets, self._watchers)
        visibility = Visibility(
            world, self._safety, self._before, self._after, watching=self._watched.people, turning=self._turning
        )
        judged = [number for number in numbers if number not in self._plain]
        return visibility.relied_on(judged, dict(enumerate(self._nodes)), self._touches, self._directions)

    def _attempt(self, nodes: Sequence[Node], *, gapless: bool) -> SearchResult:
        sides = (self._before, self._after)
        attempt = Attempt(
            nodes,
            self._world,
            self._safety,
            sides,
            self._headroom,
            self._ranks,
            self._floor,
            self._consequences,
            self._plain,
        )
        found = attempt.seek(gapless=gapless)
        if len(found.order) < len(self._nodes):
            self._undo([number for number in found.order if number not in self._plain])
        return found

    def _backward(self, nodes: Sequence[Node], *, gapless: bool) -> SearchResult:
        """Seek from the new state to the old one, and turn what is found round."""
        numbers = [node.number for node in nodes]
        for node in nodes:
            self._world.run(node.effects)
            self._world.forget(self._touches[node.number])
        turned = _turned(nodes)
        ranks_back: dict[int, tuple[int, int]] = {}
        for number in numbers:
            (one, place), (other, _) = (divmod(rank, len(self._nodes)) for rank in self._ranks[number])
            ranks_back[number] = (place - one * len(self._nodes), place - other * len(self._nodes))
        sides = (self._after, self._before)
        attempt = Attempt(
            turned, self._world, self._safety, sides, self._headroom, ranks_back, self._floor, self._consequences
        )
        found = attempt.seek(gapless=gapless)
        left = set(numbers) - set(found.order)
        self._undo([number for number in numbers if number in left])
        return SearchResult(tuple(reversed(found.order)), found.stuck, marks=found.marks)

    def _undo(self, numbers: Sequence[int]) -> None:
        for number in reversed(numbers):
            self._world.run(self._nodes[number].undoing)
            self._world.forget(self._touches[number])

    def _knows(self, key: str) -> bool:
        """Tell whether a statement that counts looks at a condition key of the caller."""
        if key not in self._known_keys:
            self._known_keys[key] = any(rebound.knows(rebound.plain(atom), key) for atom in self._sets.atoms)
        return self._known_keys[key]

    def _is_unseen(self, change: AccessChange) -> bool:
        """Tell whether no statement looks at what a call changes of a name, a path or tags."""
        match change:
            case PrincipalFactChange(keys=keys):
                return not any(map(self._knows, keys))
            case ResourceFactChange(resource=resource):
                return resource.lower() not in self._watchers.tags
            case _:
                return False

    def _is_about_tags(self, change: AccessChange) -> bool:
        """Tell whether a call changes only what others know of somebody."""
        return isinstance(change, ResourceFactChange) or (
            isinstance(change, PrincipalFactChange) and self._is_unseen(change)
        )

    def _reach(self) -> set[str]:
        return set().union(*self._touches.values()) if self._touches else set()

    @cached_property
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


def _counts(world: World, people: Iterable[str], groups: Iterable[str]) -> tuple[dict[str, int], ...]:
    known = sorted(groups)
    return (
        {person: len(world.groups[person]) for person in people},
        {group: world.managed_count(group) for group in known},
        {group: world.inline_size(group) for group in known},
    )


def _counted_at(joined: World, node: Node) -> set[str]:
    """Return the groups whose policies, and the users whose groups a call changes the number of."""
    moved = (change for change in node.effects if isinstance(change, MembershipChange))
    return joined.places(node.effects) | {change.person for change in moved}


def _restricted(found: SearchResult, numbers: Collection[int]) -> SearchResult:
    """Return what an attempt found about some of the nodes."""
    return SearchResult(
        tuple(number for number in found.order if number in numbers),
        {number: why for number, why in found.stuck.items() if number in numbers},
        {number: late for number, late in found.late.items() if number in numbers},
        found.marks.restricted(numbers),
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
