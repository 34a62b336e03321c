"""The steps of a plan, and which of them wait for which because of what must exist."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import field
from typing import Any

from iamctl.kinds.transition import transition_steps
from iamctl.model import Address, Change, IamctlError, Phase, Step
from iamctl.model.access_change import (
    AccessChange,
    AttachmentChange,
    BoundaryChange,
    DocumentChange,
    ResourceFactChange,
)
from iamctl.model.transition import Transition, names_transition
from iamctl.order.inverses import inverses
from iamctl.order.world import World
from iamctl.policy import Document
from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once


class CircularOrderError(IamctlError):
    """Some steps wait for each other; a combination of changes that no order of calls can carry out."""

    def __init__(self, addresses: Iterable[Address]) -> None:
        names = ", ".join(sorted({str(address) for address in addresses}))
        super().__init__(f"no order of calls carries out these changes, since they wait for each other: {names}")


@dataclass
class Node:
    """One step, and the numbers of the nodes that must come before it."""

    number: int
    change: int
    position: int
    step: Step
    address: Address
    waits_for: set[int] = field(default_factory=set)
    follows: set[int] = field(default_factory=set)
    """Those of them that may fail without consequence for it."""

    @once
    def effects(self) -> tuple[AccessChange, ...]:
        """What the step changes in who may do what."""
        return self.step.effects

    @once
    def undoing(self) -> tuple[AccessChange, ...]:
        """What takes the effects back; kept, since most steps are tried several times."""
        return inverses(self.effects)

    @once
    def named(self) -> frozenset[str] | None:
        """The people whom the step changes, where these do not depend on who holds or is a member of what."""
        found = set[str]()
        for change in self.effects:
            if isinstance(change, AttachmentChange | DocumentChange | ResourceFactChange):
                return None
            found.add(change.person)
        return frozenset(found)

    def touched(self, world: World) -> AbstractSet[str]:
        """Return whose view the step may change in a world, and who depends on what these people have."""
        if world.is_watched or (named := self.named) is None:
            return world.touched(self.effects)
        return named

    @once
    def place(self) -> tuple[Address, int, int]:
        """What decides among nodes of the same rank."""
        return (self.address, self.change, self.position)


@dataclass(frozen=True)
class Extra:
    """Calls beyond those that the changes need, for plans that have no safe order without them."""

    splits: Mapping[int, Document] = field(default_factory=dict)
    """The index of a change of a document to the document in between."""
    transitions: tuple[Transition, ...] = ()

    def joined(self, other: Extra) -> Extra:
        """Return the extra calls of both."""
        return Extra({**self.splits, **other.splits}, self.transitions + other.transitions)

    def without(self, dropped: int | Transition) -> Extra:
        """Return the extra calls without one split document or temporary policy."""
        splits = {index: middle for index, middle in self.splits.items() if index != dropped}
        return Extra(splits, tuple(one for one in self.transitions if one != dropped))


NO_EXTRA = Extra()


def nodes_of(changes: Sequence[Change], extra: Extra = NO_EXTRA, only: Collection[int] | None = None) -> list[Node]:
    """Return the steps of all changes, or of ``only`` some, connected by what must exist.

    A step comes after the one that makes what it uses, what is ended after all that use it, and the steps of one
    change in the order of the kind. A boundary may also come before or after a new path and new tags.
    """
    nodes: list[Node] = []
    for index, change in enumerate(changes):
        if only is None or index in only:
            for position, step in enumerate(_steps(change, extra.splits.get(index))):
                nodes.append(Node(len(nodes), index, position, step, change.address))
    for index, transition in enumerate(extra.transitions, len(changes)):
        for position, step in enumerate(transition_steps(transition)):
            nodes.append(Node(len(nodes), index, position, step, transition.address))
    makers: dict[Address, int] = {}
    users: defaultdict[Address, list[int]] = defaultdict(list)
    for node in nodes:
        for address in node.step.makes:
            makers[address] = node.number
        for address in node.step.uses:
            users[address].append(node.number)
    for node in nodes:
        for address in node.step.uses:
            if (maker := makers.get(address)) is not None:
                node.waits_for.add(maker)
        for address in node.step.ends:
            node.waits_for.update(users[address])
        if node.position and not any(isinstance(change, BoundaryChange) for change in node.effects):
            node.waits_for |= _steps_before(node, nodes)  # a boundary says by itself all that it uses
        if node.step.follows:
            node.follows = _ends_of_ways_in(node, nodes, users) - node.waits_for
            node.waits_for |= node.follows
        node.waits_for.discard(node.number)
    return nodes


def _ends_of_ways_in(node: Node, nodes: Sequence[Node], users: Mapping[Address, Sequence[int]]) -> set[int]:
    """Return the steps that take the ways in of the users whom a step follows."""
    found = (number for address in node.step.follows for number in users.get(address, ()))
    return {number for number in found if nodes[number].step.phase is Phase.LOCK}


def _steps(change: Change, middle: Document | None) -> tuple[Step, ...]:
    if middle is None or change.before is None or change.after is None:
        return change.steps()
    return tuple(change.before.split_steps(change.after, middle)) or change.steps()


def _steps_before(node: Node, nodes: Sequence[Node]) -> set[int]:
    """Return the steps of the same change that run right before a later one."""
    previous = nodes[node.number - 1]
    if previous.step.beside_previous:
        return {previous.number, previous.number - 1}
    if not node.step.beside_previous:
        return {previous.number}
    return {previous.number - 1} if previous.position else set()


def release_last(nodes: Sequence[Node], touches: Mapping[int, Collection[str]]) -> None:
    """Let the end of each temporary policy wait for all calls that touch its user and need not come after it."""
    for node in nodes:
        user = next((person for person in map(_released, node.effects) if person), None)
        if user is None:
            continue
        followers = followers_of(nodes)
        later, found = {node.number}, [node.number]
        while found:
            fresh = set(followers[found.pop()]) - later
            later |= fresh
            found += fresh
        node.waits_for |= {other.number for other in nodes if user in touches[other.number]} - later


def _released(change: AccessChange) -> str | None:
    """Return the user who loses a temporary policy."""
    if not isinstance(change, AttachmentChange) or change.after or not change.holder.startswith("user/"):
        return None
    is_temporary = names_transition(change.policy.rpartition("/")[2])
    return change.holder.lower() if is_temporary and "-inline-policy/" in change.policy else None


def followers_of(nodes: Iterable[Node]) -> dict[int, list[int]]:
    """Return for each node the ones that wait for it."""
    found: dict[int, list[int]] = {node.number: [] for node in nodes}
    for node in nodes:
        for needed in sorted(node.waits_for) if node.waits_for else ():
            found[needed].append(node.number)
    return found


def by_rank(nodes: Sequence[Node], rank: Callable[[Node], Any]) -> list[int]:
    """Return the numbers of the nodes in an order in which all can run: always the first by rank of those that may.

    Raises:
        CircularOrderError: nodes wait for each other.
    """
    waiting = {node.number: len(node.waits_for) for node in nodes}
    followers = followers_of(nodes)
    known = {node.number: node for node in nodes}
    ready = [(rank(node), node.number) for node in nodes if not node.waits_for]
    heapq.heapify(ready)
    placed: list[int] = []
    while ready:
        _, number = heapq.heappop(ready)
        placed.append(number)
        for follower in followers[number]:
            waiting[follower] -= 1
            if not waiting[follower]:
                heapq.heappush(ready, (rank(known[follower]), follower))
    if len(placed) < len(nodes):
        stuck = known.keys() - set(placed)
        raise CircularOrderError(known[number].address for number in stuck)
    return placed
