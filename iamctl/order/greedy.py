"""The search for an order: append the first preferred call after which every touched person is provably safe."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import field

from iamctl.model.access_change import AccessChange, AttachmentChange, DocumentChange, MembershipChange
from iamctl.model.blocked import Objection, Quota, QuotaExceeded, TooFewAdministrators
from iamctl.order.administrator_floor import ADMINISTRATORS, AdministratorFloor
from iamctl.order.consequences import Consequences
from iamctl.order.graph import Node, followers_of
from iamctl.order.marks import CallMarks
from iamctl.order.safety import Safety
from iamctl.order.world import View, World, policy_key
from iamctl.text.late_dataclass import dataclass

MAX_INLINE_SIZE = 5120
"""Characters of all inline policies of a group. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

NOBODY = View(exists=False)


@dataclass(frozen=True)
class Headroom:
    """How much of what IAM counts there may be on the way: the quota, or more where a side has more already."""

    groups: Mapping[str, int]
    policies: Mapping[str, int]
    inline: Mapping[str, int]

    def exceeded(self, world: World, holder: str) -> Quota | None:
        """Return the quota that a user's groups or a group's policies exceed; None where they fit."""
        if holder.startswith("user/"):
            return Quota.GROUPS_PER_USER if len(world.groups[holder]) > self.groups.get(holder, 0) else None
        if world.managed_count(holder) > self.policies.get(holder, 0):
            return Quota.POLICIES_PER_GROUP
        return Quota.INLINE_SIZE if world.inline_size(holder) > self.inline.get(holder, 0) else None


@dataclass(frozen=True)
class SearchResult:
    """What one attempt found: an order of node numbers; what is stuck, and why each late call was late."""

    order: tuple[int, ...]
    stuck: Mapping[int, Objection] = field(default_factory=dict)
    late: Mapping[int, tuple[Objection, int]] = field(default_factory=dict)
    """Node to why it waited, and after which node it could go."""
    marks: CallMarks = field(default_factory=CallMarks)


class Attempt:
    """One greedy run over some nodes; ``world`` is changed by it."""

    def __init__(
        self,
        nodes: Sequence[Node],
        world: World,
        safety: Safety,
        sides: tuple[Mapping[str, View], Mapping[str, View]],
        headroom: Headroom,
        ranks: Mapping[int, tuple[int, int]],
        floor: AdministratorFloor,
        consequences: Consequences,
        plain: AbstractSet[int] = frozenset(),
    ) -> None:
        self._nodes = {node.number: node for node in nodes}
        self._world = world
        self._safety = safety
        self._before, self._after = sides
        self._headroom = headroom
        self._ranks = ranks
        self._waiting = {node.number: sum(map(self._nodes.__contains__, node.waits_for)) for node in nodes}
        self._followers = followers_of(nodes) if nodes else {}
        self._ready: list[tuple[int, int]] = []
        self._lossy: list[tuple[int, int]] = []
        self._parked: defaultdict[str, set[int]] = defaultdict(set)
        self._why: dict[int, Objection] = {}
        self._late: dict[int, tuple[Objection, int]] = {}
        self._woken_by: dict[int, int] = {}
        self._suspects: dict[int, str] = {}
        self._column = 0
        self._floor = floor
        self._consequences = consequences
        self._administrators = set(floor.among(floor.watched, world))
        self._flips: set[int] = set()
        self._touched: AbstractSet[str] = set()
        self._plain = plain
        """Calls that need no look, and that no other call sees: they do not run."""

    def seek(self, *, gapless: bool) -> SearchResult:
        """Return the order found; with ``gapless``, a call that costs kept access waits as long as another can run."""
        self._column = 0 if gapless else 1
        self._ready = [(self._rank(number), number) for number, count in self._waiting.items() if not count]
        heapq.heapify(self._ready)
        placed: list[int] = []
        done: set[int] = set()
        while len(placed) < len(self._nodes):
            number, losing = self._next(done)
            if number is None:
                break
            if self._try(number, gapless=gapless and not losing):
                placed.append(number)
                done.add(number)
                self._open(number)
        stuck = {number: why for number, why in self._why.items() if number not in done}
        marks = CallMarks(frozenset(self._flips))
        return SearchResult(tuple(placed), stuck, self._late, marks)

    def _rank(self, number: int) -> int:
        return self._ranks[number][self._column]

    def _next(self, done: set[int]) -> tuple[int | None, bool]:
        while self._ready:
            _, number = heapq.heappop(self._ready)
            if number not in done:
                return number, False
        while self._lossy:
            _, number = heapq.heappop(self._lossy)
            if number not in done:
                return number, True
        return None, False

    def _try(self, number: int, *, gapless: bool) -> bool:
        effects = self._nodes[number].effects
        if not effects or number in self._plain:
            self._touched = set()
            return True
        if still := self._still_blocked(number, effects):
            self._park(number, still.who, still)
            return False
        people = sorted(touched := self._nodes[number].touched(self._world))
        seen = self._world.views(people)
        self._world.run(effects)
        self._world.forget(people)
        why = self._objection(number, effects, seen)
        if why is not None:
            self._world.undo(self._nodes[number].undoing, seen)
            self._park(number, why.who, why)
            return False
        loser = self._loser(number, seen) if gapless else None
        if loser is not None:
            self._world.undo(self._nodes[number].undoing, seen)
            heapq.heappush(self._lossy, (self._ranks[number][1], number))
            self._park(number, loser, None)
            return False
        if self._floor.watched:
            self._note_administrators(number, seen)
        if len(effects) == 1:  # who is touched by one change is the same after it
            self._touched = touched
        return True

    def _still_blocked(self, number: int, effects: Sequence[AccessChange]) -> Objection | None:
        """Return why the call waits still, asking only the person because of whom it waited: one of hundreds."""
        suspect = self._suspects.get(number)
        if suspect is None or suspect not in self._world.people:
            return None
        now = self._world.peek(suspect, effects, self._nodes[number].undoing)
        why = self._safety.objection(self._before.get(suspect, NOBODY), self._after.get(suspect, NOBODY), now)
        return Objection(suspect, why) if why else None

    def _objection(self, number: int, effects: Iterable[AccessChange], people: Mapping[str, View]) -> Objection | None:
        """Return what would be wrong once the effects have run, and for whom; the one it waited for is asked first."""
        if full := self._full(effects):
            return Objection(full.holder, full)
        view, safety = self._world.view, self._safety
        for person in self._asked_first(number, people):
            now = view(person)
            if safety.certainly_safe(now, people[person]):
                continue
            if why := safety.objection(self._before.get(person, NOBODY), self._after.get(person, NOBODY), now):
                return Objection(person, why)
        why_not = self._consequences.objection(self._world, effects, people)
        return why_not or (self._missed(people) if self._floor.watched else None)

    def _missed(self, people: Collection[str]) -> Objection | None:
        """Return an administrator without whom there are fewer than before and fewer than after the plan."""
        watched = self._floor.watched.intersection(people)
        if not watched:
            return None
        now = self._floor.among(watched, self._world)
        lost = (self._administrators & watched) - now
        left = len(self._administrators) - len(self._administrators & watched) + len(now)
        return Objection(min(lost), TooFewAdministrators()) if lost and left < self._floor.least else None

    def _note_administrators(self, number: int, people: Collection[str]) -> None:
        watched = self._floor.watched.intersection(people)
        now = self._floor.among(watched, self._world)
        if now != self._administrators & watched:
            self._administrators = (self._administrators - watched) | now
            self._flips.add(number)

    def _loser(self, number: int, seen: Mapping[str, View]) -> str | None:
        """Return somebody who would lose on the way what they keep, beyond what they miss already."""
        for person in self._asked_first(number, seen):
            now, then = self._world.view(person), seen[person]
            if now[1:] == then[1:] and not then[0] & ~now[0]:
                continue
            before, after = self._before.get(person, NOBODY), self._after.get(person, NOBODY)
            loss = self._safety.loss(before, after, now)
            if loss and loss > self._safety.loss(before, after, then):
                return person
        return None

    def _asked_first(self, number: int, people: Mapping[str, View]) -> Iterable[str]:
        suspect = self._suspects.get(number)
        return (suspect, *people) if suspect is not None and suspect in people else people

    def _full(self, effects: Iterable[AccessChange]) -> QuotaExceeded | None:
        """Return the first quota that is exceeded now by what the effects added or wrote."""
        groups: set[str] = set()
        for change in effects:
            match change:
                case MembershipChange(person=person, after=True):
                    if exceeded := self._headroom.exceeded(self._world, person):
                        return QuotaExceeded(exceeded, person)
                case AttachmentChange(holder=holder, after=True) if holder.startswith("group/"):
                    groups.add(holder.lower())
                case DocumentChange(policy=policy) if policy.startswith("group-inline-policy/"):
                    groups |= self._world.holders[policy_key(policy)]
                case _:
                    pass
        for group in sorted(groups):
            if exceeded := self._headroom.exceeded(self._world, group):
                return QuotaExceeded(exceeded, group)
        return None

    def _park(self, number: int, person: str, why: Objection | None) -> None:
        self._suspects[number] = person
        if why is not None:
            self._why[number] = why
        places = [ADMINISTRATORS] if why and isinstance(why.why, TooFewAdministrators) else []
        for place in (person, *places, *needed_places(self._nodes[number].effects)):
            self._parked[place].add(number)

    def _open(self, number: int) -> None:
        """Make ready what waited for this node to run, or for the people and places that it touched."""
        if number in self._why:
            self._late[number] = (self._why[number], self._woken_by.get(number, number))
        effects = self._nodes[number].effects
        opened = set()
        for follower in self._followers[number]:
            self._waiting[follower] -= 1
            if not self._waiting[follower]:
                opened.add(follower)
        more = {ADMINISTRATORS} if number in self._flips else set()
        touched = self._touched if len(effects) == 1 else self._nodes[number].touched(self._world)
        if not self._parked:
            touched = set()
        elif not (len(effects) == 1 and isinstance(effects[0], MembershipChange)):  # members are no content
            touched = touched | self._world.changed_places(effects)
        for place in touched | more:
            for parked in self._parked.pop(place, ()):
                self._woken_by[parked] = number
                opened.add(parked)
        for found in opened:
            heapq.heappush(self._ready, (self._rank(found), found))


def needed_places(effects: Iterable[AccessChange]) -> Iterator[str]:
    """Yield the groups and policies whose content decides what the effects give to a person."""
    for change in effects:
        match change:
            case MembershipChange(group_key=group):
                yield group
            case AttachmentChange(holder=holder, policy=policy):
                yield holder.lower()
                yield policy_key(policy)
            case _:
                pass
