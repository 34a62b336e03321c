"""The order of calls: at every state that an apply can reach, everybody is within what they could do or can do after.

Simulate, and append the first preferred call after which every touched person is provably within old or new access.
The preference makes before it breaks, or narrows before it widens; the predicate alone decides what is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from iamctl.access.statement_sets import StatementSets
from iamctl.model import Call, Change
from iamctl.model.access_change import AccessChange, AttachmentChange
from iamctl.model.blocked import Late, Objection
from iamctl.model.transition import Transition
from iamctl.order.extra_calls import MOST_CALLS, mended
from iamctl.order.gaining import gaining_people
from iamctl.order.graph import NO_EXTRA, CircularOrderError, Extra, Node, by_rank, nodes_of
from iamctl.order.greedy import SearchResult
from iamctl.order.search import Search
from iamctl.order.world import Holdings, World, policy_key
from iamctl.text.late_dataclass import dataclass

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
    transitions: tuple[Transition, ...] = ()
    """The temporary policies among the calls."""


def order(changes: Sequence[Change], holdings: Holdings, users: Mapping[str, str] | None = None) -> Ordered:
    """Return the calls of ``changes`` in an order that is safe after each of them, from the live ``holdings`` on.

    ``needs`` of a call are what must exist and, where it may give something, the earlier calls that touch the same
    people, so that every set of calls closed under ``needs`` is a state that was checked. Where no safe order is found
    with two steps for a document, nor with temporary policies on ``users`` (``user/alice`` to the name as IAM spells
    it), ``impossible`` says for whom, and the calls stand as if nobody looked.

    Raises:
        CircularOrderError: steps wait for each other.
    """
    nodes = nodes_of(changes)
    search = Search(nodes, holdings)
    found, extra = search.order(), NO_EXTRA
    if len(found.order) < len(nodes):
        _plain(nodes)  # which raises where calls wait for each other
    if found.stuck:
        extra = mended(changes, holdings, search.stuck_parts(found, MOST_CALLS), users or {})
    if extra != NO_EXTRA:
        nodes = nodes_of(changes, extra)
        search = Search(nodes, holdings)
        found = search.order()
    numbers = list(found.order) if not found.stuck else _plain(nodes)
    return _ordered(len(changes), nodes, search, found, numbers, extra)


def _plain(nodes: Sequence[Node]) -> list[int]:
    """Return the order of calls where nobody looks whether it is safe."""
    return by_rank(nodes, lambda node: (int(node.step.phase), *node.place))


def _ordered(
    changes: int, nodes: Sequence[Node], search: Search, found: SearchResult, numbers: Sequence[int], extra: Extra
) -> Ordered:
    index = {number: place for place, number in enumerate(numbers)}
    relied = search.relied_on(numbers) if not found.stuck else {}
    needs = search.needs(numbers, found.marks.flips)
    for number, seen in relied.items():
        needs[number] |= seen
    for node in nodes:
        if node.follows:
            needs[node.number] -= node.follows
    calls = tuple(
        Call(
            index[number],
            nodes[number].step.service,
            nodes[number].step.operation,
            nodes[number].step.params,
            tuple(sorted(map(index.__getitem__, needs[number]))),
        )
        for number in numbers
    )
    calls_of: list[list[int]] = [[] for _ in range(changes + len(extra.transitions))]
    for number in numbers:
        calls_of[nodes[number].change].append(index[number])
    return Ordered(
        calls,
        tuple(tuple(indexes) for indexes in calls_of[:changes]),
        {
            index[number]: Late(index[after], why)
            for number, (why, after) in found.late.items()
            if not found.stuck and after != number
        },
        _impossible(found, index),
        {index[number]: tuple(sorted(index[one] for one in seen)) for number, seen in relied.items()},
        tuple(replace(one, calls=tuple(calls_of[changes + at])) for at, one in enumerate(extra.transitions)),
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
