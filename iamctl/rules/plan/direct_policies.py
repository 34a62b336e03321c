"""Policies attached directly to live users."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from iamctl.audit.controls.policies import direct_policies
from iamctl.comparison.scope import renames
from iamctl.kinds.arn import policy_words
from iamctl.kinds.user_policy import UserPolicy
from iamctl.model import Address, Severity
from iamctl.model.plan import RESTRAINT
from iamctl.model.settings import PolicyException
from iamctl.model.transition import is_transition
from iamctl.rules import Hit, Review, rule
from iamctl.rules.wording import counted, some, told_moment

_QUARANTINE = "AWSCompromisedKeyQuarantine"
NOTICE = timedelta(days=30)
"""How long before its end an exception is announced."""


@rule(
    "IAM102",
    Severity.WARN,
    source="https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-2",
    plural="policies are attached directly to users",
)
def no_policy_stands_on_a_user(review: Review) -> Iterator[Hit]:
    """Users have no policies of their own; a policy on a user needs an exception or is removed."""
    for address, exception in review.scoped.excepted.items():
        yield Hit(address, _kept(exception, review), origin=exception.origin)
    yield from _moves(review)
    yield from _planned_removals(review)
    yield from _exceptions_without_policy(review)
    yield from _on_undeclared_users(review)


@rule(
    RESTRAINT,
    Severity.WARN,
    source="https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html",
    first=True,
)
def restraints_stay(review: Review) -> Iterator[Hit]:
    """A policy on a declared user that only denies stays until `removed` lists it."""
    for address in review.scoped.restraints:
        user, policy = address.parts
        name = policy_words(policy) if address.kind == UserPolicy.kind else policy
        quarantine = (
            "; AWS attaches it when an access key is public, so replace the key first" if _QUARANTINE in name else ""
        )
        message = f"keeps the policy {name}, which only denies{quarantine}; to remove it, add '{address}' under removed"
        yield Hit(Address.of("user", user), message, facts=(str(address),))


@rule(
    "IAM435",
    Severity.REFUSE,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-attach-detach.html",
)
def removed_policies_are_of_declared_users(review: Review) -> Iterator[Hit]:
    """A policy of a user under `removed` is on a user whom the manifests manage."""
    for address, origin in review.desired.removed.items():
        user = Address.of("user", address.parts[0])
        if len(address.parts) > 1 and address in review.scoped.whole and user not in review.scoped.managed:
            yield Hit(address, f"{user} is not declared, so this line removes nothing; declare the user", origin=origin)


def _kept(exception: PolicyException, review: Review) -> str:
    reason = f" ({exception.reason})" if exception.reason else ""
    if exception.until is None:
        return f"an exception keeps this policy on the user{reason}; move it to a group"
    left = exception.until - review.now
    soon = f" (in {counted(max(left.days, 0), 'day')})" if left <= NOTICE else ""
    end = told_moment(exception.until)
    message = f"an exception keeps this policy on the user{reason} until {end}{soon}, after which it will be removed"
    return f"{message}; move it to a group"


def _moves(review: Review) -> Iterator[Hit]:
    """Yield one hit for all policies that groups grant instead, and one for each user whose access is not proved equal."""
    moves = review.moves
    if not moves.groups:
        return
    users = {address.parts[0].lower() for address in moves.groups}
    groups = sorted({group for found in moves.groups.values() for group in found})
    policies = counted(len(moves.groups), "policy attached directly", "policies attached directly")
    verb = "moves" if len(moves.groups) == 1 else "move"
    to = f"group {groups[0].name}" if len(groups) == 1 else f"groups {some(group.name for group in groups)}"
    yield Hit(None, f"{policies} to {counted(len(users), 'user')} {verb} to {to}", Severity.INFO)
    for user in moves.unproved:
        told = "policies move to groups, but it is not proved that access stays the same"
        yield Hit(user, f"direct {told}; see the section Access", many=f"have direct {told}; see the section Access")


def _planned_removals(review: Review) -> Iterator[Hit]:
    ends = {item.address: item for item in review.desired.settings.exceptions if not item.holds(review.now)}
    for policy in direct_policies(review.deleted):
        if policy.owner in review.gone:
            continue
        ended = ends.get(policy.address)
        if policy.address in review.desired.removed or policy.address in review.moves.groups:
            continue
        if is_transition(policy.address):
            continue  # IAM421 reports what an interrupted apply left
        if ended and ended.until:
            message = (
                f"its exception expired on {told_moment(ended.until)}, so this policy will be removed from the user"
            )
            yield Hit(policy, f"{message}; move it to a group", origin=ended.origin)
        else:
            message = "this policy is attached directly to a declared user and will be removed; move it to a group"
            yield Hit(policy, message)


def _exceptions_without_policy(review: Review) -> Iterator[Hit]:
    new_names = renames(review.desired.state, review.live.state)
    for exception in review.desired.settings.exceptions:
        address = exception.address
        if address in review.scoped.whole:
            continue
        renamed = new_names.get(Address.of("user", address.parts[0]))
        if renamed and address in review.live.state:
            moved = Address(address.kind, (renamed.name, *address.parts[1:]))
            message = f"the user is renamed, so this exception would no longer apply; name {moved} in it"
            yield Hit(address, message, Severity.REFUSE, exception.origin)
        else:
            message = "this exception matches nothing in the account; delete it"
            yield Hit(address, message, Severity.INFO, exception.origin)


def _on_undeclared_users(review: Review) -> Iterator[Hit]:
    undeclared = {address for address in review.scoped.undeclared if address.kind == "user"}
    found = sorted(policy.address for policy in direct_policies(review.scoped.whole) if policy.owner in undeclared)
    if found:
        users = counted(len({address.parts[0].lower() for address in found}), "undeclared user")
        message = f"{counted(len(found), 'policy', 'policies')} attached directly to {users}, left alone: {some(found)}"
        yield Hit(None, message, Severity.INFO)
