"""Customer-managed policies that only roles use."""

from __future__ import annotations

from iamctl.account.live import Live
from iamctl.kinds import GroupPolicy, Policy, User, UserPolicy
from iamctl.model import Address


def role_policies(live: Live) -> tuple[Address, ...]:
    """Return the customer-managed policies that roles use, also as boundaries, but no user or group."""
    people: set[str | None] = {
        resource.policy_arn for resource in live.state if isinstance(resource, (GroupPolicy, UserPolicy))
    }
    people |= {user.permissions_boundary for user in live.state.of_kind(User)}
    roles = {*live.role_policies, *live.role_boundaries}
    return tuple(p.address for p in live.state.of_kind(Policy) if p.arn in roles and p.arn not in people)
