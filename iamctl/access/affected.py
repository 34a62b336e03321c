"""Whose access the changes of a plan touch, by name: the members of groups, the holders of policies, and roles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from iamctl.access.held import PolicySources
from iamctl.kinds import GroupInlinePolicy, GroupPolicy, Membership, Policy, User, UserInlinePolicy, UserPolicy
from iamctl.model import Address, Change, Resource, State
from iamctl.model.affected import Affected, Through, Way


def affected(changes: Iterable[Change], before: Reached, after: Reached) -> dict[Address, Affected]:
    """Return who is affected by each change of a policy, of a policy of a group or a user, or of a boundary.

    What is removed or replaced affects those whom it reaches before, what is added those whom it reaches afterwards.
    """
    found: dict[Address, Affected] = {}
    merged: dict[tuple[Affected, ...], Affected] = {}
    for change in changes:
        if _is_about_access(change):
            sides = tuple(
                dict.fromkeys(
                    reached.by(side) for side, reached in ((change.before, before), (change.after, after)) if side
                )
            )
            if sides not in merged:
                merged[sides] = joined(sides)
            found[change.address] = merged[sides]
    return found


def touched_users(changes: Iterable[Change], found: Mapping[Address, Affected]) -> frozenset[Address]:
    """Return the users whose access, credentials or facts the changes touch; ``found`` is what ``affected`` returned."""
    touched: set[Address] = set()
    for one in {id(one): one for one in found.values()}.values():
        touched.update(one.people)
    for change in changes:
        for address in (change.address, *change.resource.references):
            if address.kind == "user":
                touched.add(address)
    return frozenset(touched)


def joined(parts: Iterable[Affected]) -> Affected:
    """Return all whom several changes affect."""
    first, *others = parts
    if not others:
        return first
    users = {name.lower(): name for part in (first, *others) for name in part.users}
    return Affected(
        users=tuple(sorted(users.values(), key=str.lower)),
        roles=tuple(sorted({name for part in (first, *others) for name in part.roles})),
        through=tuple(
            sorted({through for part in (first, *others) for through in part.through}, key=lambda way: way.rank)
        ),
    )


class Reached:
    """Who is reached by each policy and each group in one state."""

    def __init__(self, sources: PolicySources, state: State) -> None:
        self._sources = sources
        self._state = state
        self._of_groups: dict[Address, Affected] = {}
        self._of_policies: dict[str, Affected] = {}

    def by(self, resource: Resource) -> Affected:
        """Return whom a policy, or the attachment of one, reaches; of a user, that user."""
        match resource:
            case Policy():
                return self._by_policy(resource.arn.lower())
            case GroupPolicy() | GroupInlinePolicy():
                return self._by_group(Address.of("group", resource.group))
            case UserPolicy() | UserInlinePolicy():
                return Affected((resource.user,), through=(Through(Way.DIRECT),))
            case User():
                return Affected((resource.name,), through=(Through(Way.BOUNDARY),))
        return Affected()

    def _by_group(self, group: Address) -> Affected:
        found = self._of_groups.get(group)
        if found is None:
            users = tuple(sorted(self._members.get(group, ()), key=str.lower))
            found = self._of_groups[group] = Affected(users, through=(Through(Way.GROUP, group.name),))
        return found

    def _by_policy(self, key: str) -> Affected:
        found = self._of_policies.get(key)
        if found is None:
            parts = [self._by_holder(holder) for holder in self._holders.get(key, ())]
            parts += [Affected((name,), through=(Through(Way.BOUNDARY),)) for name in self._bounded.get(key, ())]
            for way, roles in ((Way.DIRECT, self._roles), (Way.BOUNDARY, self._bounded_roles)):
                if names := roles.get(key):
                    parts.append(Affected(roles=tuple(sorted(names)), through=(Through(way),)))
            found = self._of_policies[key] = joined(parts or [Affected()])
        return found

    def _by_holder(self, holder: Address) -> Affected:
        if holder.kind == "group":
            return self._by_group(holder)
        return Affected((holder.name,), through=(Through(Way.DIRECT),))

    @cached_property
    def _members(self) -> Mapping[Address, list[str]]:
        found: defaultdict[Address, list[str]] = defaultdict(list)
        for membership in self._state.of_kind(Membership):
            found[Address.of("group", membership.group)].append(membership.user)
        return found

    @cached_property
    def _holders(self) -> Mapping[str, list[Address]]:
        found: defaultdict[str, list[Address]] = defaultdict(list)
        for held in self._sources.direct():
            found[held.key].append(held.holder)
        return found

    @cached_property
    def _bounded(self) -> Mapping[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for user in self._state.of_kind(User):
            if user.permissions_boundary:
                found[user.permissions_boundary.lower()].append(user.name)
        return found

    @cached_property
    def _roles(self) -> Mapping[str, list[str]]:
        return _by_policy((arn, role.name) for role in self._sources.roles for arn in role.policies)

    @cached_property
    def _bounded_roles(self) -> Mapping[str, list[str]]:
        return _by_policy((role.boundary, role.name) for role in self._sources.roles if role.boundary)


def _by_policy(pairs: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for arn, name in pairs:
        found[arn.lower()].append(name)
    return found


def _is_about_access(change: Change) -> bool:
    match change.resource:
        case Policy():
            return getattr(change.before, "document", None) != getattr(change.after, "document", None)
        case User():
            sides = (change.before, change.after)
            both = [side.permissions_boundary for side in sides if isinstance(side, User)]
            return len(set(both)) > 1
    return isinstance(change.resource, (GroupPolicy, GroupInlinePolicy, UserPolicy, UserInlinePolicy))
