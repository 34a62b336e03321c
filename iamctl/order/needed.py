"""What each call of an order needs, so that every set of calls closed under it is within a state that was checked.

A call that only takes, and one that only gives, does so in every state of the account. Taken of one person, a closed
set of calls holds all that took something, or both took and gave, before the last call in it that gives. So it is a
state of the order without some calls that only give, and with some more that only take: everybody can do as much as in
that checked state, or less. Therefore

- a call that only takes needs no other that takes, and one that only gives needs no other that gives;
- a call that gives needs the last mixed call, and all that took something since;
- a call that takes Allows, and a mixed one, need all that gave something before, so that nobody loses what they get in
  another way.

In two cases it is not enough to take and to give. There must be administrators left: a call that makes one needs all
that was given to them before, and what takes something from one needs that, too. And a right to write into a group or
a policy is worth most to those whom these reach: for them a call that brings or ends just this counts as mixed.

A call touches those who can be members by then; who joins later needs the calls that made the group what it was, and
what is written into a group later needs those who left it before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import field

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
from iamctl.text.late_dataclass import dataclass

MOST_NEEDED = 100
"""When a call that only gives needs more calls than this that took something, later ones need it instead of them."""


@dataclass
class _Calls:
    """The calls so far that touched one person."""

    mixed: int | None = None
    """The last of those that neither only take nor only give."""
    taken: list[int] = field(default_factory=list)
    """Those since then that only took."""
    given: list[int] = field(default_factory=list)
    """Those since then that only gave, but for what a later one of them needs."""


class Needed:
    """Walks through an order, on a world that stands as before it, and finds what each call needs."""

    def __init__(
        self,
        world: World,
        directions: Mapping[int, Direction],
        shares: Mapping[int, Collection[str]],
        flips: Collection[int],
        watched: Collection[str],
        turning: Mapping[int, Collection[str]],
        plain: Collection[int] = (),
    ) -> None:
        self._world = world
        self._directions = directions
        self._shares = shares
        self._flips = flips
        self._watched = frozenset(watched)
        self._turning = turning
        """Call to those for whom it is mixed, other than for the rest of whom it touches."""
        self._plain = plain
        """Calls that only other such calls of the same person see."""
        self._calls: defaultdict[str, _Calls] = defaultdict(_Calls)
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
        if node.number in self._plain:
            return found | self._of_people(node, node.touched(self._world), self._directions[node.number])
        people = node.touched(self._world)
        direction = self._directions[node.number]
        if direction is not Direction.NEUTRAL:
            found |= self._of_people(node, people, direction)
            if self._watched:
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

    def _of_people(self, node: Node, people: Collection[str], direction: Direction) -> set[int]:
        """Return the earlier calls that touched the same people and count for this one, and note this one."""
        number, found, taken = node.number, set[int](), set[int]()
        turned, is_flip = self._turning.get(number, ()), number in self._flips
        for person in people:
            calls, kind = self._calls[person], Direction.MIXED if person in turned else direction
            narrows = kind in NARROWING
            counts = (narrows or is_flip) and person in self._watched
            if counts or kind is Direction.REVOKES or kind is Direction.MIXED:
                found.update(calls.given)  # what somebody keeps in another way is not taken before
            if calls.mixed is not None and (counts or not narrows or kind is Direction.REVOKES):
                found.add(calls.mixed)
            if not narrows:
                taken.update(calls.taken)
        replaces = len(taken) > MOST_NEEDED
        needed = node.waits_for - node.follows if len(people) == 1 else ()
        for person in people:
            calls, kind = self._calls[person], Direction.MIXED if person in turned else direction
            if kind is Direction.MIXED:
                calls.mixed, calls.taken, calls.given = number, [], []
            elif kind is Direction.WIDENS:
                if replaces and calls.taken:
                    calls.taken = [number]
                calls.given = [*(one for one in calls.given if one not in needed), number]
            else:
                calls.taken.append(number)
        return found | taken

    def _of_administrators(self, number: int, people: Collection[str], direction: Direction) -> set[int]:
        """Return the earlier calls that made somebody an administrator, or no longer one, which count for this one."""
        is_flip = number in self._flips
        if direction is Direction.WIDENS:  # one more administrator never makes too few
            if is_flip:
                self._flipped.append((number, frozenset(people)))
            return set()
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
            case MembershipChange(group_key=name, after=after):
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
