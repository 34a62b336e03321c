"""The caller: whoever runs a plan is no part of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from iamctl.kinds import GroupInlinePolicy, GroupPolicy, Membership, Policy, User, UserPolicy
from iamctl.model import Action, Address, Change, Severity
from iamctl.rules import Hit, Review, rule

_USER = re.compile(r"arn:[^:]+:iam::[0-9]+:user/(?:.*/)?([^/]+)")
_ROLE = re.compile(r"arn:[^:]+:sts::[0-9]+:assumed-role/([^/]+)/.+")
_DONE = {Action.CREATE: "created", Action.UPDATE: "changed", Action.DELETE: "deleted"}
_HUNG = {
    Action.CREATE: "get this policy",
    Action.UPDATE: "have this document changed",
    Action.DELETE: "lose this policy",
}
_WAY_OUT = "let somebody else apply it, or allow it with --allow-self"


@rule(
    "IAM411",
    Severity.REFUSE,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns",
)
def the_caller_is_left_alone(review: Review) -> Iterator[Hit]:
    """No plan touches the caller: their user and its memberships, the policies of their groups, those of their role."""
    caller = _caller(review)
    if caller is None:
        return
    for change in review.changes:
        if touch := caller.touch(change):
            if review.allow_self:
                yield Hit(change.resource, touch, Severity.WARN)
            else:
                yield Hit(change.resource, f"{touch}; {_WAY_OUT}")


def _caller(review: Review) -> _CallingUser | _CallingRole | None:
    """Return who calls; None for a snapshot, which nobody calls, and for what is neither a user nor a role."""
    arn = review.live.caller_arn or ""
    if found := _ROLE.fullmatch(arn):
        return _CallingRole(found[1], review)
    if found := _USER.fullmatch(arn):
        name = found[1].lower()
        for address, user in review.scoped.whole.resources.items():
            if isinstance(user, User) and user.name.lower() == name:
                return _CallingUser(address, review)
    return None


@dataclass(frozen=True)
class _CallingRole:
    """A role, of which a plan can only touch the managed policies: the ARN of its session holds its name, no path."""

    name: str
    review: Review

    def touch(self, change: Change) -> str | None:
        """Return what the change does to the caller, or None."""
        if not isinstance(change.before, Policy) or not (told := _document_change(change, change.before)):
            return None
        live, arn, name = self.review.live, change.before.arn, self.name.lower()
        if name in map(str.lower, live.role_policies.get(arn, ())):
            return f"{told}, and the caller, role/{self.name}, holds it"
        if name in map(str.lower, live.role_boundaries.get(arn, ())):
            return f"{told}, and it bounds the caller, role/{self.name}"
        return None


@dataclass(frozen=True)
class _CallingUser:
    """A user by the address that the plan has for it: a new name, where it is renamed."""

    address: Address
    review: Review

    def touch(self, change: Change) -> str | None:
        """Return what the change does to the caller, or None; that others join or leave their groups does nothing."""
        resource, me = change.resource, self.address
        if change.address == me:
            return f"{me} is the caller and would be {_DONE[change.action]}"
        if me in resource.references:
            return None if me in self.review.gone else self._on_the_user(change)
        if isinstance(resource, (GroupPolicy, GroupInlinePolicy)) and resource.owner in self._groups:
            return f"{resource.owner}, of which the caller, {me}, is a member, would {_HUNG[change.action]}"
        if isinstance(change.before, Policy) and (told_of := _document_change(change, change.before)):
            how = self._policies.get(change.before.arn.lower())
            return f"{told_of}, and {how}" if how else None
        return None

    def _on_the_user(self, change: Change) -> str:
        if isinstance(change.resource, Membership):
            return f"{self.address} is the caller and would {'leave' if change.after is None else 'join'} the group"
        return f"{self.address} is the caller and what they hold would be {_DONE[change.action]}"

    @cached_property
    def _groups(self) -> frozenset[Address | None]:
        memberships = (item for item in self.review.scoped.whole if isinstance(item, Membership))
        return frozenset(item.owner for item in memberships if self.address in item.references)

    @cached_property
    def _policies(self) -> dict[str, str]:
        """ARN in lower case of each managed policy that the caller holds or is bounded by, and how."""
        found: dict[str, str] = {}
        for address, resource in self.review.scoped.whole.resources.items():
            if isinstance(resource, GroupPolicy) and resource.owner in self._groups:
                found[resource.policy_arn.lower()] = (
                    f"{resource.owner}, of which the caller, {self.address}, is a member, holds it"
                )
            elif isinstance(resource, UserPolicy) and resource.owner == self.address:
                found[resource.policy_arn.lower()] = f"the caller, {self.address}, holds it"
            elif isinstance(resource, User) and address == self.address and resource.permissions_boundary:
                found[resource.permissions_boundary.lower()] = f"it bounds the caller, {self.address}"
        return found


def _document_change(change: Change, live: Policy) -> str | None:
    if change.after is None:
        return "the policy would be deleted"
    if isinstance(change.after, Policy) and change.after.document != live.document:
        return "the document would change"
    return None
