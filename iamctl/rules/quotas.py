"""IAM quotas of an account, of a user and of a group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from iamctl.kinds.group import Group
from iamctl.kinds.group_policy import GroupPolicy
from iamctl.kinds.membership import Membership
from iamctl.kinds.policy import Policy
from iamctl.kinds.user import User
from iamctl.model import Address, Resource, Severity, State
from iamctl.rules import Hit, Review, rule
from iamctl.rules.wording import counted

QUOTAS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"

GROUPS_PER_USER = 10
POLICIES_PER_GROUP = 10
"""The default quotas: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""


@rule("IAM204", Severity.WARN, stage="manifests", source=QUOTAS)
def declared_groups_per_user(review: Review) -> Iterator[Hit]:
    """A user is declared in at most 10 groups, IAM's default quota."""
    for address, count in _groups_per_user(review.desired.state).items():
        if count > GROUPS_PER_USER:
            message = (
                f"the user is in {count} groups; IAM allows {GROUPS_PER_USER} unless the account's quota is higher"
            )
            yield _about(address, review.desired.state, f"{message}. Merge groups, or remove the user from some")


@rule("IAM204", Severity.REFUSE, source=QUOTAS)
def groups_per_user(review: Review) -> Iterator[Hit]:
    """No plan adds a user to more groups than the account's quota, counting groups that it leaves alone."""
    if not review.changes:
        return
    quota = review.live.summary.get("GroupsPerUserQuota", GROUPS_PER_USER)
    before = _groups_per_user(review.scoped.whole)
    for address, count in _groups_per_user(review.after).items():
        if count > max(quota, before[address]):
            message = f"the user would be in {count} groups; the account's quota is {quota}"
            yield _about(address, review.after, f"{message}. Merge groups, or remove the user from some")


@rule("IAM205", Severity.WARN, stage="manifests", source=QUOTAS)
def declared_policies_per_group(review: Review) -> Iterator[Hit]:
    """A group has at most 10 managed policies, IAM's default quota."""
    for address, count in _policies_per_group(review.desired.state).items():
        if count > POLICIES_PER_GROUP:
            message = f"the group has {count} managed policies; IAM allows {POLICIES_PER_GROUP} per group"
            yield _about(address, review.desired.state, f"{message}. Merge policies, or use inline policies")


@rule("IAM205", Severity.REFUSE, source=QUOTAS)
def policies_per_group(review: Review) -> Iterator[Hit]:
    """No plan attaches more managed policies to a group than the account's quota."""
    if not review.changes:
        return
    quota = review.live.summary.get("AttachedPoliciesPerGroupQuota", POLICIES_PER_GROUP)
    before = _policies_per_group(review.scoped.whole)
    for address, count in _policies_per_group(review.after).items():
        if count > max(quota, before[address]):
            message = f"the group would have {count} managed policies; the account's quota is {quota}"
            yield _about(address, review.after, f"{message}. Merge policies, or use inline policies")


@rule("IAM209", Severity.REFUSE, source=QUOTAS)
def things_per_account(review: Review) -> Iterator[Hit]:
    """No plan exceeds the account's quotas of users, groups and policies."""
    kinds: tuple[tuple[str, type[Resource]], ...] = (("Users", User), ("Groups", Group), ("Policies", Policy))
    for word, kind in kinds:
        quota = review.live.summary.get(f"{word}Quota")
        before, after = _number(review.scoped.whole, kind), _number(review.after, kind)
        if quota is not None and after > max(quota, before):
            message = f"the account would have {counted(after, kind.kind, word.lower())}; its quota is {quota}"
            yield Hit(None, f"{message}. Ask AWS to raise it, or remove some first")


def _groups_per_user(state: State) -> Counter[Address]:
    return Counter(found.subject for found in state.of_kind(Membership))


def _policies_per_group(state: State) -> Counter[Address]:
    return Counter(found.owner for found in state.of_kind(GroupPolicy) if found.owner)


def _number(state: State, kind: type[Resource]) -> int:
    return len(state.of_kind(kind))


def _about(address: Address, state: State, message: str) -> Hit:
    return Hit(state.get(address) or address, message)
