"""The account as controls see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from iamctl.access.held import PolicySources, policy_words
from iamctl.account.audit_facts import AuditFacts
from iamctl.account.live import Live
from iamctl.kinds import GroupInlinePolicy, GroupPolicy, Policy, User, UserInlinePolicy, UserPolicy
from iamctl.model import Address, State
from iamctl.model.settings import Settings
from iamctl.policy import Document
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from iamctl.access.mfa_guard import Guards


@dataclass(frozen=True, eq=False)
class Grant:
    """A policy where it is attached, or an inline policy."""

    address: Address
    """Of the attachment, of the inline policy, or of the role that has the policy."""
    policy: str
    """How people call it: its address, ``aws:Name``, or the name of an inline policy."""
    document: Document | None
    """None where it is not known."""


@dataclass(frozen=True, eq=False)
class Audited:
    """One account at one moment, with all that controls may inspect."""

    live: Live
    state: State
    """All live resources."""
    settings: Settings
    now: datetime
    facts: AuditFacts = field(default_factory=AuditFacts)

    @cached_property
    def users(self) -> tuple[User, ...]:
        """The users by name."""
        return tuple(sorted(self.state.of_kind(User), key=lambda user: user.address))

    @cached_property
    def sources(self) -> PolicySources:
        """Who holds which policy."""
        return PolicySources(self.live, self.state)

    @cached_property
    def guards(self) -> Guards:
        """Who has an MFA guard."""
        from iamctl.access.guard_proof import GuardProof
        from iamctl.access.mfa_guard import Guards
        from iamctl.access.people import People
        from iamctl.access.sides import Sides, engine_of

        def proof() -> GuardProof:
            engine = engine_of((self.sources,), self.now)
            return GuardProof(Sides(engine, People(self.sources, self.state, self.now), self.state))

        return Guards(self.sources, self.state, proof)

    @cached_property
    def grants(self) -> tuple[Grant, ...]:
        """The policies of users, groups and roles by address; a boundary grants nothing."""
        return tuple(sorted(self._grants(), key=lambda grant: (grant.address, grant.policy)))

    def _grants(self) -> Iterator[Grant]:
        for resource in self.state:
            if isinstance(resource, (GroupPolicy, UserPolicy)):
                yield self._managed(resource.address, resource.policy_arn)
            elif isinstance(resource, (GroupInlinePolicy, UserInlinePolicy)):
                yield Grant(resource.address, resource.name, resource.document)
        for role in self.live.roles:
            address = Address.of("role", role.name)
            yield from (self._managed(address, arn) for arn in role.policies)
            yield from (Grant(address, name, document) for name, document in role.inline.items())

    def _managed(self, address: Address, arn: str) -> Grant:
        return Grant(address, policy_words(arn), self.sources.documents.get(arn.lower()))

    @cached_property
    def granting_policies(self) -> tuple[Policy, ...]:
        """The customer-managed policies by name, without those that are only permissions boundaries."""
        bounding = {user.permissions_boundary.lower() for user in self.users if user.permissions_boundary}
        bounding |= {arn.lower() for arn in self.live.role_boundaries}
        attached = {arn.lower() for arn in self.live.role_policies}
        for resource in self.state:
            if isinstance(resource, (GroupPolicy, UserPolicy)):
                attached.add(resource.policy_arn.lower())
        only_bounding = bounding - attached
        found = (policy for policy in self.state.of_kind(Policy) if policy.arn.lower() not in only_bounding)
        return tuple(sorted(found, key=lambda policy: policy.address))
