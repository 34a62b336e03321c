"""Who holds which policy: groups, users and roles, directly or as permissions boundary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import Literal

from iamctl.access.row import Source
from iamctl.account.live import Live, Role
from iamctl.kinds import GroupInlinePolicy, GroupPolicy, Membership, Policy, User, UserInlinePolicy, UserPolicy
from iamctl.kinds.arn import is_aws_managed, policy_address
from iamctl.model import Address, Change, State
from iamctl.policy import Document
from iamctl.text.late_dataclass import dataclass

Way = Literal["group", "boundary", "user", "role"]


@dataclass(frozen=True, eq=False)
class HeldPolicy:
    """A policy with the one who holds it."""

    holder: Address
    """The group, user or role that holds it directly or has it as boundary."""
    policy: str
    """Its address, or ``aws:Name``."""
    key: str
    """What tells it from others: the ARN in lower case, or how an inline one is called, whose case may count."""
    way: Way
    document: Document | None
    """None where it is not known."""

    def source(self, statement: str) -> Source:
        """Return a statement of the policy, by its Sid or its number, as a source of access."""
        return Source(self.policy, "" if self.policy.endswith(str(self.holder)) else str(self.holder), statement)

    def __str__(self) -> str:
        if "-inline-policy/" in self.policy:
            return self.policy
        return f"{self.policy} {'bounding' if self.way == 'boundary' else 'on'} {self.holder}"


class PolicySources:
    """Who holds which policy in one state, and in the roles, which stay as they are."""

    def __init__(self, live: Live, state: State) -> None:
        self._own = {policy.arn.lower(): policy.document for policy in state if isinstance(policy, Policy)}
        self.documents = {**{arn.lower(): document for arn, document in live.aws_documents.items()}, **self._own}
        """The documents of managed policies that are known, by ARN in lower case."""
        self._policies = (*live.state.of_kind(Policy), *state.of_kind(Policy))
        self.roles = live.roles
        self.account_id, self.partition = live.account_id, live.partition
        self._direct: defaultdict[Address, list[HeldPolicy]] = defaultdict(list)
        self._groups: defaultdict[Address, list[Address]] = defaultdict(list)
        self._reaching: dict[Address, tuple[HeldPolicy, ...]] = {}
        self._boundaries: dict[tuple[str, tuple[str, ...], str], HeldPolicy] = {}
        for resource in state:
            if isinstance(resource, Membership) and resource.owner:
                self._groups[resource.subject].append(resource.owner)
            elif isinstance(resource, (GroupPolicy, UserPolicy)) and resource.owner:
                way: Way = "group" if isinstance(resource, GroupPolicy) else "user"
                self._direct[resource.owner].append(self._held(resource.owner, resource.policy_arn, way))
            elif isinstance(resource, (GroupInlinePolicy, UserInlinePolicy)) and resource.owner:
                way = "group" if isinstance(resource, GroupInlinePolicy) else "user"
                name = str(resource.address)
                held = HeldPolicy(resource.owner, name, name, way, resource.document)
                self._direct[resource.owner].append(held)
        for policies in self._direct.values():
            policies.sort(key=lambda held: held.policy)
        for groups in self._groups.values():
            groups.sort()

    def knowing(self, live: Live) -> PolicySources:
        """Return the sources of the same state with the documents of AWS's policies that ``live`` has, and its equal roles."""
        found: PolicySources = copy(self)
        found.roles = live.roles  # whose documents are those of other sources of ``live``, and are compared as such
        found.__dict__.pop("versions", None)
        found.documents = {**{arn.lower(): document for arn, document in live.aws_documents.items()}, **self._own}
        found._direct = defaultdict(list, {one: [*map(found._known, held)] for one, held in self._direct.items()})
        found._reaching, found._boundaries = {}, {}
        return found

    def _known(self, held: HeldPolicy) -> HeldPolicy:
        """Return a policy with the document that is known of it here; an inline one has its own."""
        document = self.documents.get(held.key, held.document)
        return held if document is held.document else replace(held, document=document)

    @cached_property
    def versions(self) -> Mapping[str, tuple[Document, ...]]:
        """The documents of all versions of customer-managed policies that are known, by ARN in lower case."""
        found: defaultdict[str, dict[str, Document]] = defaultdict(dict)
        for policy in self._policies:
            for document in (policy.document, *(version.document for version in policy.versions)):
                if document is not None:
                    found[policy.arn.lower()].setdefault(document.text, document)
        return {arn: tuple(documents.values()) for arn, documents in found.items()}

    def groups(self, user: Address) -> tuple[Address, ...]:
        """Return the groups that a user is in."""
        return tuple(self._groups.get(user, ()))

    def held_by(self, holder: Address) -> tuple[HeldPolicy, ...]:
        """Return what a group holds, or a user directly."""
        return tuple(self._direct.get(holder, ()))

    def reaching(self, user: Address) -> tuple[HeldPolicy, ...]:
        """Return what reaches a user through groups, and what the user holds directly."""
        found = self._reaching.get(user)
        if found is None:
            holders = (*self._groups.get(user, ()), user)
            found = self._reaching[user] = tuple(held for one in holders for held in self._direct.get(one, ()))
        return found

    def boundary(self, user: User) -> HeldPolicy | None:
        """Return the permissions boundary of a user."""
        arn = user.permissions_boundary
        return self._bounding(user.address, arn) if arn else None

    def _bounding(self, holder: Address, arn: str) -> HeldPolicy:
        key = holder.kind, holder.parts, arn  # by spelling, which a reader sees
        found = self._boundaries.get(key)
        if found is None:
            found = self._boundaries[key] = self._held(holder, arn, "boundary")
        return found

    def memberships(self) -> Iterator[tuple[Address, Address]]:
        """Yield each user with each group that the user is in."""
        for user, groups in self._groups.items():
            for group in groups:
                yield user, group

    def holders(self) -> Iterator[tuple[Address, Iterable[HeldPolicy]]]:
        """Yield each group and user that holds policies, with what it holds directly."""
        yield from self._direct.items()

    def direct(self) -> Iterator[HeldPolicy]:
        """Yield what groups and users hold directly."""
        for policies in self._direct.values():
            yield from policies

    def of_role(self, role: Role) -> Iterator[HeldPolicy]:
        """Yield what a role holds."""
        holder = Address.of("role", role.name)
        for arn in role.policies:
            yield self._held(holder, arn, "role")
        for name, document in role.inline.items():
            yield HeldPolicy(holder, f"{holder}/{name}", f"{str(holder).lower()}/{name}", "role", document)

    def boundary_of_role(self, role: Role) -> HeldPolicy | None:
        """Return the permissions boundary of a role."""
        return self._bounding(Address.of("role", role.name), role.boundary) if role.boundary else None

    def _held(self, holder: Address, arn: str, way: Way) -> HeldPolicy:
        return HeldPolicy(holder, policy_words(arn), arn.lower(), way, self.documents.get(arn.lower()))


def gained(held: PolicySources, changes: Iterable[Change]) -> dict[str, str | None]:
    """Return the text of each document that changes bring to somebody, who joins, holds or is bounded; None: not known."""
    found: list[HeldPolicy] = []
    for change in changes:
        match change.after:
            case Membership(group=group):
                found += held.held_by(Address.of("group", group))
            case GroupPolicy(policy_arn=arn) as attached if attached.owner:
                found += [one for one in held.held_by(attached.owner) if one.policy == policy_words(arn)]
            case User() as user if boundary := held.boundary(user):
                found.append(boundary)
    return {str(one): one.document.text if one.document else None for one in found}


def policy_words(arn: str) -> str:
    """Return how people call a managed policy: its address, ``aws:Name``, or the ARN where it is neither."""
    address = policy_address(arn)
    if address:
        return str(address)
    return f"aws:{arn.partition(':policy/')[2]}" if is_aws_managed(arn) else arn
