"""What each call of an order needs, so that every set of calls closed under it is a state that was checked.

A call that may give something needs all earlier calls that touch the same people. A call that only takes needs no
other that takes: any of them may run first, and everybody can do less. A call touches those who can be members by
then; who joins later needs the calls that made the group what it was, and what is written into a group later needs
those who left it before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from iamctl.model.access_change import (
    AccessChange,
    AttachmentChange,
    BoundaryChange,
    DocumentChange,
    MembershipChange,
)
from iamctl.order.direction import NARROWING, Direction
from iamctl.order.graph import Node
from iamctl.order.world import World, policy_key


class Needed:
    """Walks through an order, on a world that stands as before it, and finds what each call needs."""

    def __init__(
        self,
        world: World,
        directions: Mapping[int, Direction],
        shares: Mapping[int, Collection[str]],
        flips: Collection[int],
        watched: Collection[str],
    ) -> None:
        self._world = world
        self._directions = directions
        self._shares = shares
        self._flips = flips
        self._watched = frozenset(watched)
        self._last: dict[str, int] = {}
        self._taken: defaultdict[str, list[int]] = defaultdict(list)
        """Person to the calls that only took something since the last other one."""
        self._last_share: dict[str, int] = {}
        self._flipped: list[tuple[int, frozenset[str]]] = []
        self._contents: defaultdict[str, set[int]] = defaultdict(set)
        """Group to the calls that made its content what it is."""
        self._written: defaultdict[str, set[int]] = defaultdict(set)
        """Policy to the calls that wrote its document."""
        self._left: defaultdict[str, set[int]] = defaultdict(set)
        """Group to the calls by which its users left it."""
        self._detached: defaultdict[str, set[int]] = defaultdict(set)
        """Policy to the calls that took it from a holder."""

    def of(self, node: Node) -> set[int]:
        """Return the numbers of the calls that the next call of the order needs, and run it."""
        found = set(node.waits_for)
        people = self._world.touched(node.effects)
        direction = self._directions[node.number]
        if direction is not Direction.NEUTRAL:
            found |= self._of_people(node.number, people, direction)
            found |= self._of_administrators(node.number, people & self._watched, direction)
        for share in self._shares[node.number]:
            if share in self._last_share:
                found.add(self._last_share[share])
            self._last_share[share] = node.number
        for change in node.effects:
            found |= self._of_places(node.number, change, found, may_give=direction not in NARROWING)
        self._world.run(node.effects)
        found.discard(node.number)
        return found

    def _of_people(self, number: int, people: Iterable[str], direction: Direction) -> set[int]:
        found = set[int]()
        for person in people:
            last = self._last.get(person)
            if direction in NARROWING:
                if direction is Direction.REVOKES and last is not None:
                    found.add(last)  # what somebody keeps in another way is not taken before
                self._taken[person].append(number)
                continue
            if last is not None:
                found.add(last)
            found.update(self._taken.pop(person, ()))
            self._last[person] = number
        return found

    def _of_administrators(self, number: int, people: Collection[str], direction: Direction) -> set[int]:
        """Return the earlier calls that made somebody an administrator, or no longer one, which count for this one."""
        is_flip = number in self._flips
        if not is_flip and not (people and direction in NARROWING):
            return set()
        owners = frozenset(people)
        narrows = direction in NARROWING
        needed = {
            flip
            for flip, owned in self._flipped
            if not (narrows and len(owners) == 1 and owned == owners and self._directions[flip] in NARROWING)
        }
        if is_flip:
            if len(needed) == len(self._flipped):
                self._flipped = []
            self._flipped.append((number, owners))
        return needed

    def _of_places(self, number: int, change: AccessChange, known: Collection[int], *, may_give: bool) -> set[int]:
        """Return the calls needed because of the content of groups and policies."""
        match change:
            case MembershipChange(group=group, after=after):
                name = f"group/{group.lower()}"
                if after:
                    return set(self._contents[name])
                self._left[name].add(number)
            case AttachmentChange(holder=holder, policy=policy, after=after):
                name, key = holder.lower(), policy_key(policy)
                found = self._left[name] if may_give else set()
                if after:
                    found = found | self._written[key]
                else:
                    self._detached[key].add(number)
                self._made_of(name, number, found | set(known))
                return set(found)
            case DocumentChange(policy=policy):
                return self._of_document(number, policy_key(policy), known, may_give=may_give)
            case BoundaryChange(before=before, after=bound):
                if before:
                    self._detached[policy_key(before)].add(number)
                return set(self._written[policy_key(bound)]) if bound else set()
            case _:
                pass
        return set()

    def _of_document(self, number: int, policy: str, known: Collection[int], *, may_give: bool) -> set[int]:
        holders = self._world.holders[policy]
        found = set[int]()
        if may_give:
            found = set(self._detached[policy]).union(*(self._left[holder] for holder in holders))
        for holder in holders:
            self._made_of(holder, number, found | set(known))
        self._written[policy].add(number)
        return found

    def _made_of(self, holder: str, number: int, needed: set[int]) -> None:
        """Note a call that changes what a group holds; what it needs itself nobody else has to need because of that."""
        self._contents[holder] = (self._contents[holder] - needed) | {number}
