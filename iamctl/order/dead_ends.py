"""Whether certainly no order of calls is safe, so that no further way of searching is worth its time.

Looked at are one person, the statements of one service, and of the calls that touch the person those that change which
of these statements are held: a handful of hundreds, so that each set of them that may have run can be judged. What is
wrong as far as the statements of one service go is wrong as a whole, since only statements of that service, and those
about any service, cover or meet one of it. So what must come first in each safe order of the few must come first in
each safe order of all. Where calls wait for each other by that, there is none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from iamctl.access.statement_sets import Grants
from iamctl.model.access_change import AccessChange, AttachmentChange, DocumentChange, MembershipChange
from iamctl.model.blocked import DenyMissing, Gain, Objection
from iamctl.order.graph import Node
from iamctl.order.safety import Safety
from iamctl.order.world import View, World, policy_key
from iamctl.policy import Document
from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once

MOST_CALLS = 9
"""Of one person and about one service; of more of them nothing is known."""
MOST_LOOKS = 500
"""So many pairs of a person and a service are looked at in one plan."""


@dataclass(frozen=True)
class DeadEnds:
    """Looks at who is stuck; ``world`` stands as before all calls, in ``joined`` all is held that ever can be."""

    nodes: Sequence[Node]
    touches: Mapping[int, Collection[str]]
    sides: tuple[Mapping[str, View], Mapping[str, View]]
    safety: Safety
    world: World
    joined: World

    def has_one(self, stuck: Iterable[Objection]) -> bool:
        """Tell whether certainly no order is safe, given why calls are stuck after one attempt."""
        looks = sorted({(why.who, self._service(why)) for why in stuck if isinstance(why.why, Gain | DenyMissing)})
        people = {person for person, _ in looks[:MOST_LOOKS]}
        calls: defaultdict[str, list[Node]] = defaultdict(list)
        waits: dict[int, set[int]] = {}
        for node in self.nodes:
            waits[node.number] = set(node.waits_for)
            for person in people.intersection(self.touches[node.number]):
                calls[person].append(node)
        for person, counted in looks[:MOST_LOOKS]:
            for number, needed in self._needed(person, calls[person], counted):
                waits[number] |= needed
        try:
            TopologicalSorter(waits).prepare()
        except CycleError:
            return True
        return False

    def _service(self, objection: Objection) -> tuple[int, int]:
        """Return the statements of the service because of which a call is stuck, and those that decide about them."""
        why = objection.why
        return self.safety.sets.of_service(why.statement) if isinstance(why, Gain | DenyMissing) else (0, 0)

    def _needed(self, person: str, calls: Sequence[Node], counted: tuple[int, int]) -> Iterator[tuple[int, set[int]]]:
        """Yield calls that touch a person, and what comes before each of them in every safe order; all if none is."""
        views = [view for side in self.sides if (view := side.get(person)) and view.bound is None]
        moves = MembershipChange | AttachmentChange | DocumentChange
        if (
            not counted[0]
            or len(views) < 2
            or not all(isinstance(one, moves) for node in calls for one in node.effects)
        ):
            return
        kept = [node for node in calls if any(self._matters(change, counted[1]) for change in node.effects)]
        places = [_place(change) for node in kept for change in node.effects]
        if len(kept) > MOST_CALLS or len(set(places)) < len(places):  # what is written twice depends on the order
            return
        before, after = (_narrowed(view, counted[1], counted[1]) for view in views)
        passed = self._passed(person, kept, (before, after), counted)
        for place, node in enumerate(kept):
            common = (1 << len(kept)) - 1
            for ran in passed:
                common &= ran if ran >> place & 1 else common
            yield node.number, {other.number for at, other in enumerate(kept) if common >> at & 1 and other != node}

    def _passed(
        self, person: str, calls: Sequence[Node], sides: tuple[View, View], counted: tuple[int, int]
    ) -> set[int]:
        """Return the sets of calls that may have run on a way through safe states from none of them to all."""
        places = {node.number: place for place, node in enumerate(calls)}
        waits = [sum(1 << places[one] for one in node.waits_for if one in places) for node in calls]
        everything = (1 << len(calls)) - 1

        def next_after(ran: int) -> list[int]:
            return [ran | 1 << place for place, waiting in enumerate(waits) if not (waiting & ~ran or ran >> place & 1)]

        reached, wrong = {0}, set[int]()
        for ran in range(everything):  # each set comes after all its parts
            for then in next_after(ran) if ran in reached else ():
                if then not in reached and then not in wrong:
                    known = [node for place, node in enumerate(calls) if then >> place & 1]
                    (reached if self._is_safe(person, known, sides, counted) else wrong).add(then)
        passed = reached & {everything}
        for ran in sorted(reached, reverse=True):
            if not passed.isdisjoint(next_after(ran)):
                passed.add(ran)
        return passed

    def _is_safe(self, person: str, ran: Sequence[Node], sides: tuple[View, View], counted: tuple[int, int]) -> bool:
        effects = [change for node in ran for change in node.effects]
        undoing = [change for node in reversed(ran) for change in node.undoing]
        now = _narrowed(self.world.peek(person, effects, undoing), *counted)
        return self.safety.objection(*sides, now) is None

    def _matters(self, change: AccessChange, counted: int) -> bool:
        """Tell whether a call may change which of some statements are held; in doubt it does."""
        match change:
            case MembershipChange(group_key=group):
                policies = self.joined.held[group]
                return any(self._statements(policy) & counted for policy in policies)
            case AttachmentChange(policy=policy):
                return bool(self._statements(policy_key(policy)) & counted)
            case DocumentChange(policy=policy, before=before, after=after):
                if before is None or after is None:
                    return bool(self._statements(policy_key(policy)) & counted)
                return bool((self._bits(before) ^ self._bits(after)) & counted)
            case _:
                return True

    def _statements(self, policy: str) -> int:
        """Return the statements of a policy at any moment, all that there can be where its document is not known."""
        document = self.world.documents.get(policy)
        if document is None and (policy not in self._written or self.world.holders.get(policy)):
            return -1
        return self._written.get(policy, 0) | self._bits(document)

    @once
    def _written(self) -> Mapping[str, int]:
        """The statements that the calls write into policies or out of them."""
        found: defaultdict[str, int] = defaultdict(int)
        for node in self.nodes:
            for change in node.effects:
                if isinstance(change, DocumentChange):
                    found[policy_key(change.policy)] |= self._bits(change.before) | self._bits(change.after)
        return found

    def _bits(self, document: Document | None) -> int:
        grants = self.safety.sets.of(document) if document else Grants()
        return grants.allow | grants.deny


def _narrowed(view: View, allows: int, denies: int) -> View:
    """Return a view with these statements alone; a password without a guard or a device is another question."""
    return View(view.allow & allows, view.deny & denies, None, login=False, device=True, exists=view.exists)


def _place(change: AccessChange) -> tuple[str, ...]:
    """Return what a call writes."""
    match change:
        case MembershipChange(person=person, group_key=group):
            return person, group
        case AttachmentChange(holder=holder, policy=policy):
            return holder.lower(), policy_key(policy)
        case DocumentChange(policy=policy):
            return (policy_key(policy),)
        case _:
            return ()
