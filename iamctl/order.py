"""The order of calls: what must exist first, narrowing before widening, then by address."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from iamctl.model import Address, Call, Change, IamctlError, State, Step


class CircularOrderError(IamctlError):
    """Some steps wait for each other; a combination of changes that no order of calls can carry out."""

    def __init__(self, addresses: Iterable[Address]) -> None:
        names = ", ".join(sorted({str(address) for address in addresses}))
        super().__init__(f"no order of calls carries out these changes, since they wait for each other: {names}")


@dataclass
class _Node:
    change: int
    position: int
    step: Step
    address: Address
    waits_for: set[int] = field(default_factory=set)

    @property
    def rank(self) -> tuple[int, tuple[str, ...], int, int]:
        return (int(self.step.phase), self.address.key, self.change, self.position)


def order(
    changes: Sequence[Change], live: State, desired: State
) -> tuple[tuple[Call, ...], tuple[tuple[int, ...], ...]]:
    """Return the calls in an order that is allowed, and for each change the indexes of its calls.

    A call comes after the one that makes what it uses, what is ended after all that use it, and the steps of one
    change in the order of the kind. Both states are given for the order that looks at who may do what on the way.

    Raises:
        CircularOrderError: steps wait for each other.
    """
    nodes = [
        _Node(index, position, step, change.address)
        for index, change in enumerate(changes)
        for position, step in enumerate(change.steps())
    ]
    _connect(nodes)
    places = _places(nodes)
    calls: list[Call | None] = [None] * len(nodes)
    calls_of: list[list[int]] = [[] for _ in changes]
    for number, node in enumerate(nodes):
        place, step = places[number], node.step
        needs = tuple(sorted(places[needed] for needed in node.waits_for))
        calls[place] = Call(place, step.service, step.operation, step.params, needs)
        calls_of[node.change].append(place)
    return tuple(call for call in calls if call), tuple(tuple(sorted(indexes)) for indexes in calls_of)


def _connect(nodes: Sequence[_Node]) -> None:
    """Fill in what each node waits for."""
    makers: dict[Address, int] = {}
    users: defaultdict[Address, list[int]] = defaultdict(list)
    for number, node in enumerate(nodes):
        makers.update(dict.fromkeys(node.step.makes, number))
        for address in node.step.uses:
            users[address].append(number)
    for number, node in enumerate(nodes):
        node.waits_for.update(makers[address] for address in node.step.uses if address in makers)
        for address in node.step.ends:
            node.waits_for.update(users[address])
        if node.position:
            node.waits_for.add(number - 1)
        node.waits_for.discard(number)


def _places(nodes: Sequence[_Node]) -> list[int]:
    """Return for each node its place in the order: the first by rank among those that wait for nothing."""
    waiting = [len(node.waits_for) for node in nodes]
    followers: defaultdict[int, list[int]] = defaultdict(list)
    for number, node in enumerate(nodes):
        for needed in node.waits_for:
            followers[needed].append(number)
    ready = [(node.rank, number) for number, node in enumerate(nodes) if not node.waits_for]
    heapq.heapify(ready)
    places = [-1] * len(nodes)
    for place in range(len(nodes)):
        if not ready:
            raise CircularOrderError(node.address for node, taken in zip(nodes, places, strict=True) if taken < 0)
        _, number = heapq.heappop(ready)
        places[number] = place
        for follower in followers[number]:
            waiting[follower] -= 1
            if not waiting[follower]:
                heapq.heappush(ready, (nodes[follower].rank, follower))
    return places
