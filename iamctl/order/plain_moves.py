"""People who only move between groups, and whose access the order of these calls cannot raise.

Whatever has run of such calls, the person has the same Denies and the same boundary, and Allows that they have before
or after. So each of these states is within both sides, and nobody has to look at it. Since calls that add come first
by their rank, nothing that the person keeps is missing in between, either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from iamctl.model.access_change import MembershipChange
from iamctl.order.graph import Node
from iamctl.order.world import World


def plain_moves(
    nodes: Iterable[Node], touches: Mapping[int, Collection[str]], world: World, then: World, counted: Collection[str]
) -> frozenset[int]:
    """Return the calls that are safe whatever else has run, and that change nothing for anybody whom others touch.

    ``world`` stands as before all calls and ``then`` as after them. Nobody may depend on what is not theirs. People
    who are ``counted`` have to be looked at in each state for another reason than what they may do.
    """
    moves: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    others = set(counted)
    for node in nodes:
        match node.effects:
            case (MembershipChange(person=person, group_key=group, after=after),) if not (after and node.waits_for):
                moves[person].append((node.number, group))
            case _:
                others.update(touches[node.number])
    found: set[int] = set()
    for person, moved in moves.items():
        groups = {group for _, group in moved}
        # the content of these groups is the same all the time: a call that changed it would touch the person
        if (
            person not in others
            and len(groups) == len(moved)  # each of them is joined or left once
            and not _denies(world, groups) & ~_kept_denies(world, then, person)
        ):
            found.update(number for number, _ in moved)
    return frozenset(found)


def _kept_denies(world: World, then: World, person: str) -> int:
    """Return the Denies that somebody has as long as they are in the groups that they are in before and after."""
    boundary = world.boundaries.get(person)
    bounding = world.document_grants(boundary).deny if boundary else 0
    return bounding | _denies(world, (person, *(world.groups[person] & then.groups[person])))


def _denies(world: World, holders: Iterable[str]) -> int:
    found = 0
    for holder in holders:
        found |= world.grants(holder).deny
    return found
