"""Policies that a plan takes from users directly, and whether these users may do exactly as much afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from iamctl.access.delta import Deltas
from iamctl.access.held import PolicySources
from iamctl.access.sides import Sides
from iamctl.kinds import UserInlinePolicy, UserPolicy
from iamctl.model import Address, Resource, State

Direct = UserPolicy | UserInlinePolicy


@dataclass(frozen=True)
class Moves:
    """What a plan does for users from whom it takes policies."""

    groups: Mapping[Address, tuple[Address, ...]] = field(default_factory=dict)
    """Each policy that groups of the user grant after the plan, with these groups."""
    unchanged: tuple[Address, ...] = ()
    """Users of whom it is proved that they may do exactly as much after the plan."""
    unproved: tuple[Address, ...] = ()
    """The other users with such a policy: what they may do changes, or the proof was given up."""
    lossless: frozenset[Address] = frozenset()
    """Users of whom it is proved that they lose nothing, also no Deny."""


def moves(removed: Sequence[Direct], sides: tuple[Sides, Sides], after: PolicySources, state: State) -> Moves:
    """Return what replaces the policies ``removed`` from users who stay; ``state`` has the ends of memberships."""
    of_users: defaultdict[Address, list[Direct]] = defaultdict(list)
    for policy in removed:
        of_users[Address.of("user", policy.user)].append(policy)
    deltas = Deltas(*sides, state)
    groups: dict[Address, tuple[Address, ...]] = {}
    unchanged, unproved, lossless = list[Address](), list[Address](), set[Address]()
    for user in sorted(of_users):
        found = {policy.address: granting(policy, user, after) for policy in of_users[user]}
        groups |= {address: given for address, given in found.items() if given}
        delta = deltas.of(user)
        if delta is None or delta.is_unchanged:
            unchanged.append(user)
        elif any(found.values()):
            unproved.append(user)
        if delta is None or delta.loses_nothing:
            lossless.add(user)
    return Moves(groups, tuple(unchanged), tuple(unproved), frozenset(lossless))


def granting(policy: Resource, user: Address, after: PolicySources) -> tuple[Address, ...]:
    """Return the groups of a user that grant the same as a policy directly on the user."""
    return tuple(
        group
        for group in after.groups(user)
        if any(_is_same(policy, held.key, held.document) for held in after.held_by(group))
    )


def _is_same(policy: Resource, key: str, document: object) -> bool:
    if isinstance(policy, UserPolicy):
        return policy.policy_arn.lower() == key
    return isinstance(policy, UserInlinePolicy) and policy.document == document
