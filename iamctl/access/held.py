"""Which policy documents reach a user, and by which way: a group, the permissions boundary, or the user itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from iamctl.account.live import Live
from iamctl.kinds import GroupInlinePolicy, GroupPolicy, Membership, Policy, User, UserInlinePolicy, UserPolicy
from iamctl.kinds.arn import is_aws_managed, policy_address
from iamctl.model import Address, Change, State
from iamctl.policy import Document

Way = Literal["group", "boundary", "user"]


@dataclass(frozen=True, eq=False)
class HeldPolicy:
    """A policy that reaches a user."""

    holder: Address
    """The group, or the user that holds it directly or has it as boundary."""
    policy: str
    """Its address, or ``aws:Name``."""
    way: Way
    document: Document | None
    """None where it is not known."""

    def __str__(self) -> str:
        if "-inline-policy/" in self.policy:
            return self.policy
        return f"{self.policy} {'bounding' if self.way == 'boundary' else 'on'} {self.holder}"


class PolicySources:
    """What reaches the users of one state; looked up user by user, each group put together once."""

    def __init__(self, live: Live, state: State) -> None:
        own = {policy.arn.lower(): policy.document for policy in state if isinstance(policy, Policy)}
        self._documents = {**{arn.lower(): document for arn, document in live.aws_documents.items()}, **own}
        self._direct: defaultdict[Address, list[HeldPolicy]] = defaultdict(list)
        self._groups: defaultdict[Address, list[Address]] = defaultdict(list)
        for resource in state:
            if isinstance(resource, Membership):
                self._groups[Address.of("user", resource.user)].append(Address.of("group", resource.group))
            elif isinstance(resource, (GroupPolicy, UserPolicy)) and resource.owner:
                way: Way = "group" if isinstance(resource, GroupPolicy) else "user"
                self._direct[resource.owner].append(self._held(resource.owner, resource.policy_arn, way))
            elif isinstance(resource, (GroupInlinePolicy, UserInlinePolicy)) and resource.owner:
                way = "group" if isinstance(resource, GroupInlinePolicy) else "user"
                held = HeldPolicy(resource.owner, str(resource.address), way, resource.document)
                self._direct[resource.owner].append(held)
        for policies in self._direct.values():
            policies.sort(key=lambda held: held.policy)

    def groups(self, user: Address) -> tuple[Address, ...]:
        """Return the groups that a user is in."""
        return tuple(sorted(self._groups.get(user, ())))

    def held_by(self, holder: Address) -> tuple[HeldPolicy, ...]:
        """Return what a group holds, or a user directly."""
        return tuple(self._direct.get(holder, ()))

    def boundary(self, user: User) -> HeldPolicy | None:
        """Return the permissions boundary of a user."""
        arn = user.permissions_boundary
        return self._held(user.address, arn, "boundary") if arn else None

    def _held(self, holder: Address, arn: str, way: Way) -> HeldPolicy:
        return HeldPolicy(holder, policy_words(arn), way, self._documents.get(arn.lower()))


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
