"""What plan and apply share: read the manifests, read the account, make the plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from iamctl import __version__
from iamctl.account.live import Live, live_account
from iamctl.kinds import GroupPolicy, Policy, User, removal_limits
from iamctl.model import IamctlError, Plan
from iamctl.model.failures import UsageError
from iamctl.model.settings import Desired
from iamctl.planning.plan import compare, plan_json, plan_of
from iamctl.source.live_source import Connection


@dataclass(frozen=True)
class Proposal:
    """A plan, and the account as it was read for it."""

    plan: Plan
    snapshot: Mapping[str, Any]


def propose(
    desired: Desired,
    connection: Connection,
    *,
    now: datetime,
    allowed_removals: Mapping[str, int],
    only_expired: bool = False,
    allow_self: bool = False,
    made: frozenset[str] = frozenset(),
) -> Proposal:
    """Read the account and return the plan for it, each call checked offline against AWS's own service model.

    ``made`` are the users whom this run has made.

    Raises:
        IamctlError: the read is not complete, or a call is not one that IAM would take.
    """
    from iamctl.aws.check import check_calls

    def told_by(snapshot: Mapping[str, Any]) -> Live:
        return replace(live_account(snapshot), caller_arn=connection.caller_arn)

    snapshot = connection.read()
    compared = compare(desired, told_by(snapshot), now)
    users, arns = compared.leaving_users, _policies_to_look_up(desired, compared.live)
    doubtful = compared.users_to_look_up(made)
    if users or arns or doubtful:
        snapshot = connection.look_up(connection.complete(snapshot, users, arns), doubtful)
        compared = compare(desired, told_by(snapshot), now)
    if documents := compared.unread_policies:
        compared = compared.knowing(told_by(connection.read_documents(snapshot, documents)))
    plan = plan_of(compared, allowed_removals=allowed_removals, only_expired=only_expired, allow_self=allow_self)
    if problems := check_calls(plan.calls):
        raise IamctlError("IAM would not take these calls; nothing was changed: " + "; ".join(problems))
    return Proposal(plan, snapshot)


def plan_data(plan: Plan) -> dict[str, Any]:
    """Return the JSON of a plan made by this version."""
    return plan_json(plan, __version__)


MOST_DIGITS = 10
"""No account has as many things as a number of so many digits."""


def removals(texts: Iterable[str]) -> dict[str, int]:
    """Return what ``--allow-removals`` permits, by limit.

    Raises:
        UsageError: a text is not of the form ``users=3``.
    """
    allowed = {}
    for text in texts:
        name, _, count = text.partition("=")
        if name not in removal_limits() or not (count.isascii() and count.isdecimal() and len(count) < MOST_DIGITS):
            raise UsageError(
                f"--allow-removals {text!r} is not of the form NAME=N; NAME is one of {', '.join(removal_limits())}"
            )
        allowed[name] = int(count)
    return allowed


def _policies_to_look_up(desired: Desired, live: Live) -> set[str]:
    """Return the ARNs whose details the plan needs: described or tagged ones, and AWS's own that nobody holds yet."""
    described = {
        found.arn
        for policy in desired.state.of_kind(Policy)
        if isinstance(found := live.state.get(policy.address), Policy)
        and (policy.description is not None or policy.tags is not None)
    }
    named = {attached.policy_arn for attached in desired.state.of_kind(GroupPolicy)}
    named |= {user.permissions_boundary for user in desired.state.of_kind(User) if user.permissions_boundary}
    return described | {arn for arn in named if ":iam::aws:" in arn and arn not in live.known_aws_policies}
