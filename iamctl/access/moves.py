"""Policies that a plan moves to groups or to managed policies, and whether users may do exactly as much afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from iamctl.access.held import PolicySources
from iamctl.kinds import GroupInlinePolicy, UserInlinePolicy, UserPolicy
from iamctl.model import Address, Resource, State
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from iamctl.access.sides import Sides


@dataclass(frozen=True)
class Moves:
    """What a plan does for users from whom it takes policies, and for members of groups whose inline ones it replaces."""

    groups: Mapping[Address, tuple[Address, ...]] = field(default_factory=dict)
    """Each policy that groups of the user grant after the plan, with these groups."""
    unchanged: tuple[Address, ...] = ()
    """Users of whom it is proved that they may do exactly as much after the plan."""
    unproved: tuple[Address, ...] = ()
    """The other users with a policy that moves: what they may do changes, or the proof was given up."""
    merged: frozenset[Address] = frozenset()
    """The inline policies of groups in place of which the group has a managed policy with an equal document."""
    lossless: frozenset[Address] = frozenset()
    """Users of whom it is proved that they lose nothing, also no Deny."""


def moves(
    removed: Sequence[Resource], sides: tuple[Sides, Sides], held: tuple[PolicySources, PolicySources], state: State
) -> Moves:
    """Return what replaces the policies ``removed`` from users and groups that stay; ``state`` has the ends of memberships."""
    from iamctl.access.delta import Deltas  # a plan that moves nothing loads no proof

    before, after = held
    merged = frozenset(one.address for one in removed if isinstance(one, GroupInlinePolicy) and _is_merged(one, after))
    shrunk = {Address.of("group", address.parts[0]) for address in merged}
    of_users: defaultdict[Address, list[Resource]] = defaultdict(list)
    for policy in removed:
        if isinstance(policy, (UserPolicy, UserInlinePolicy)):
            of_users[Address.of("user", policy.user)].append(policy)
    members = {user for user, group in before.memberships() if group in shrunk}
    deltas = Deltas(*sides, state)
    groups: dict[Address, tuple[Address, ...]] = {}
    unchanged, unproved, lossless = list[Address](), list[Address](), set[Address]()
    for user in sorted({*of_users, *members}):
        found = {policy.address: granting(policy, user, after) for policy in of_users.get(user, ())}
        groups |= {address: given for address, given in found.items() if given}
        delta = deltas.of(user)
        if delta is None or delta.is_unchanged:
            unchanged.append(user)
        elif user in members or any(found.values()):
            unproved.append(user)
        if delta is None or delta.loses_nothing:
            lossless.add(user)
    return Moves(groups, tuple(unchanged), tuple(unproved), merged, frozenset(lossless))


def _is_merged(policy: GroupInlinePolicy, after: PolicySources) -> bool:
    """Tell whether the group has another policy with an equal document after the plan."""
    return any(held.document == policy.document for held in after.held_by(Address.of("group", policy.group)))


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
