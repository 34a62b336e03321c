"""Whom an assertion is about, in one state of an account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property

from iamctl.access.held import PolicySources
from iamctl.account.live import Live
from iamctl.kinds import Group, GroupPolicy, User, UserPolicy
from iamctl.kinds.arn import is_aws_managed
from iamctl.model import Address, Resource, State
from iamctl.model.assertion import Assertion, is_pattern, names


class Principals:
    """The users, groups and roles of a state by address."""

    def __init__(self, sources: PolicySources, state: State) -> None:
        self._sources = sources
        self.users = _of_kind(state, User)
        self._groups = _of_kind(state, Group)
        self._roles = frozenset(Address.of("role", role.name) for role in sources.roles)

    @property
    def all(self) -> frozenset[Address]:
        """All of them."""
        return self.users | self._groups | self._roles

    @cached_property
    def _members(self) -> dict[Address, set[Address]]:
        found: dict[Address, set[Address]] = {}
        for user, group in self._sources.memberships():
            found.setdefault(group, set()).add(user)
        return found

    def about(self, assertion: Assertion, now: datetime) -> tuple[Address, ...]:
        """Return the users and roles that an assertion is about, by name."""
        meant = self._people(assertion.who) if assertion.who else set(self.users)
        meant -= self._people(one.pattern for one in assertion.exempt if one.holds(now))
        return tuple(sorted(meant))

    def groups_of(self, person: Address) -> tuple[Address, ...]:
        """Return the groups that a user is in; none for a role."""
        return self._sources.groups(person)

    def named(self, pattern: str) -> tuple[Address, ...]:
        """Return the users, groups and roles that an address pattern names, by name."""
        kind, _, name = pattern.partition("/")
        known = {"user": self.users, "group": self._groups, "role": self._roles}.get(kind, frozenset())
        if not is_pattern(name):
            address = Address.of(kind, name)
            return (address,) if address in known else ()
        return tuple(sorted(address for address in known if names(pattern, address)))

    def _people(self, patterns: Iterable[str]) -> set[Address]:
        return {person for pattern in patterns for person in self._expanded(pattern)}

    def _expanded(self, pattern: str) -> Iterator[Address]:
        for address in self.named(pattern):
            if address.kind == "group":
                yield from self._members.get(address, ())
            else:
                yield address


def _of_kind(state: State, kind: type[Resource]) -> frozenset[Address]:
    """Return the addresses of a kind; those whom a plan renames have their new name."""
    return frozenset(address for address, resource in state.resources.items() if isinstance(resource, kind))


def unread_documents(live: Live, states: Iterable[State]) -> frozenset[str]:
    """Return the ARNs of the AWS-managed policies that somebody holds and whose documents are not known.

    ``states`` are the account before and after a plan; roles hold the same in both.
    """
    known = {arn.lower() for arn in (*live.aws_documents, *live.missing_policies)}
    held = {arn for state in states for arn in _held(state)} | set(live.role_policies) | set(live.role_boundaries)
    return frozenset(arn for arn in held if is_aws_managed(arn) and arn.lower() not in known)


def _held(state: State) -> Iterator[str]:
    for resource in state:
        if isinstance(resource, (GroupPolicy, UserPolicy)):
            yield resource.policy_arn
        elif isinstance(resource, User) and resource.permissions_boundary:
            yield resource.permissions_boundary
