"""The caller: a plan must not change the identity that runs it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from iamctl.comparison.caller import calling_user
from iamctl.kinds import GroupInlinePolicy, GroupPolicy, Membership, Policy, User, UserPolicy
from iamctl.model import Action, Address, Change, Severity
from iamctl.rules import Hit, Review, rule
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern

_ROLE = late_pattern(r"arn:[^:]+:sts::[0-9]+:assumed-role/([^/]+)/.+")
_DONE = {Action.CREATE: "created", Action.UPDATE: "changed", Action.DELETE: "deleted"}
_HUNG = {
    Action.CREATE: "gain this policy",
    Action.UPDATE: "have this policy document changed",
    Action.DELETE: "lose this policy",
}
_WAY_OUT = "have someone else apply it, or pass --allow-self"


@rule(
    "IAM411",
    Severity.REFUSE,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns",
)
def the_caller_is_left_alone(review: Review) -> Iterator[Hit]:
    """No plan changes the caller: its user, its memberships, the policies of its groups, or those of its role."""
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
    """Return the caller; None for a snapshot, which has none, and for a caller that is neither a user nor a role."""
    arn = review.live.caller_arn or ""
    if found := _ROLE.fullmatch(arn):
        return _CallingRole(found[1], review)
    user = calling_user(arn, review.scoped.whole)
    return _CallingUser(user, review) if user else None


@dataclass(frozen=True)
class _CallingRole:
    """A role: a plan can change only its managed policies. The session ARN contains its name but no path."""

    name: str
    review: Review

    def touch(self, change: Change) -> str | None:
        """Return how the change affects the caller, or None."""
        if not isinstance(change.before, Policy) or not (told := _document_change(change, change.before)):
            return None
        live, arn, name = self.review.live, change.before.arn, self.name.lower()
        if name in map(str.lower, live.role_policies.get(arn, ())):
            return f"{told}, and it is attached to the caller, role/{self.name}"
        if name in map(str.lower, live.role_boundaries.get(arn, ())):
            return f"{told}, and it is the permissions boundary of the caller, role/{self.name}"
        return None


@dataclass(frozen=True)
class _CallingUser:
    """A user, by its address in the plan: the new name if it is renamed."""

    address: Address
    review: Review

    def touch(self, change: Change) -> str | None:
        """Return how the change affects the caller, or None; others joining or leaving its groups do not affect it."""
        resource, me = change.resource, self.address
        if change.address == me:
            return f"{me} is the caller and would be {_DONE[change.action]}"
        if me in resource.references:
            return None if me in self.review.gone else self._on_the_user(change)
        if isinstance(resource, (GroupPolicy, GroupInlinePolicy)) and resource.owner in self._groups:
            return f"{resource.owner} would {_HUNG[change.action]}, and the caller, {me}, is a member"
        if isinstance(change.before, Policy) and (told_of := _document_change(change, change.before)):
            how = self._policies.get(change.before.arn.lower())
            return f"{told_of}, and {how}" if how else None
        return None

    def _on_the_user(self, change: Change) -> str:
        if isinstance(change.resource, Membership):
            return f"{self.address} is the caller and would {'leave' if change.after is None else 'join'} the group"
        return f"this belongs to the caller, {self.address}, and would be {_DONE[change.action]}"

    @cached_property
    def _groups(self) -> frozenset[Address | None]:
        memberships = (item for item in self.review.scoped.whole if isinstance(item, Membership))
        return frozenset(item.owner for item in memberships if self.address in item.references)

    @cached_property
    def _policies(self) -> dict[str, str]:
        """How each managed policy, by ARN in lower case, applies to the caller."""
        found: dict[str, str] = {}
        for address, resource in self.review.scoped.whole.resources.items():
            if isinstance(resource, GroupPolicy) and resource.owner in self._groups:
                found[resource.policy_arn.lower()] = (
                    f"it is attached to {resource.owner}, a group of the caller, {self.address}"
                )
            elif isinstance(resource, UserPolicy) and resource.owner == self.address:
                found[resource.policy_arn.lower()] = f"it is attached to the caller, {self.address}"
            elif isinstance(resource, User) and address == self.address and resource.permissions_boundary:
                found[resource.permissions_boundary.lower()] = (
                    f"it is the permissions boundary of the caller, {self.address}"
                )
        return found


def _document_change(change: Change, live: Policy) -> str | None:
    if change.after is None:
        return "the policy would be deleted"
    if isinstance(change.after, Policy) and change.after.document != live.document:
        return "the policy document would change"
    return None
