"""The policies directly on users, as sets that a group can grant instead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from iamctl.kinds import GroupInlinePolicy, GroupPolicy, UserInlinePolicy, UserPolicy
from iamctl.kinds.arn import policy_name
from iamctl.model import Address, State
from iamctl.policy import Document
from iamctl.rules.quotas import GROUPS_PER_USER, POLICIES_PER_GROUP
from iamctl.text.late_dataclass import dataclass

GROUP_POLICY_SIZE = 5120
"""Characters of all inline policies of a group together, without white space.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

Direct = UserPolicy | UserInlinePolicy
"""A policy directly on a user."""

Granted = str | Document
"""A managed policy by its ARN in lower case, or the document of an inline one, which is equal by meaning."""


@dataclass(frozen=True)
class Quotas:
    """What IAM allows in one account."""

    groups: int | None
    """None where it is not known."""
    groups_per_user: int = GROUPS_PER_USER
    policies_per_group: int = POLICIES_PER_GROUP
    inline_size: int = GROUP_POLICY_SIZE

    @classmethod
    def of(cls, summary: Mapping[str, int]) -> Quotas:
        """Return the quotas that ``GetAccountSummary`` names, else IAM's defaults."""
        return cls(
            summary.get("GroupsQuota"),
            summary.get("GroupsPerUserQuota", GROUPS_PER_USER),
            summary.get("AttachedPoliciesPerGroupQuota", POLICIES_PER_GROUP),
            summary.get("GroupPolicySizeQuota", GROUP_POLICY_SIZE),
        )


@dataclass(frozen=True)
class DirectSet:
    """Policies that some users have directly."""

    policies: tuple[Direct, ...]
    """Those of the first user."""
    users: tuple[str, ...]
    """The users who have them directly, by name."""
    number: int = 0
    """Which part of a set it is that needs several groups."""

    @property
    def granted(self) -> frozenset[Granted]:
        """What the policies grant, whatever the names of inline ones."""
        return frozenset(map(granted, self.policies))

    @property
    def name(self) -> str:
        """The name of a group for it: the user's if there is one, else after the first policies."""
        names = [policy_name(one.policy_arn) if isinstance(one, UserPolicy) else one.name for one in self.policies]
        more = f"-and-{len(names) - 1}-more" if len(names) > 1 else ""
        base = self.users[0] if len(self.users) == 1 else f"{names[0]}{more}"
        return f"{base}-{self.number + 1}" if self.number else base


def granted(policy: Direct | GroupPolicy | GroupInlinePolicy) -> Granted:
    """Return what tells one policy from another, on users and on groups."""
    return policy.policy_arn.lower() if isinstance(policy, (UserPolicy, GroupPolicy)) else policy.document


def direct_sets(direct: Iterable[Direct]) -> Iterator[DirectSet]:
    """Yield each distinct set of policies that users have directly, by the name of the first of them."""
    by_user: defaultdict[Address, dict[Granted, Direct]] = defaultdict(dict)
    for policy in sorted(direct, key=lambda one: (isinstance(one, UserInlinePolicy), one.address.rank)):
        by_user[Address.of("user", policy.user)].setdefault(granted(policy), policy)
    alike: defaultdict[frozenset[Granted], list[tuple[Direct, ...]]] = defaultdict(list)
    for user in sorted(by_user, key=lambda address: address.rank):
        alike[frozenset(by_user[user])].append(tuple(by_user[user].values()))
    for of_users in alike.values():
        yield DirectSet(of_users[0], tuple(policies[0].user for policies in of_users))


def grants_of_groups(state: State) -> dict[Address, frozenset[Granted]]:
    """Return what each group of a state grants."""
    found: defaultdict[Address, set[Granted]] = defaultdict(set)
    policies: tuple[GroupPolicy | GroupInlinePolicy, ...]
    policies = (*state.of_kind(GroupPolicy), *state.of_kind(GroupInlinePolicy))
    for policy in policies:
        found[Address.of("group", policy.group)].add(granted(policy))
    return {group: frozenset(policies) for group, policies in found.items()}


def parts(whole: DirectSet, quotas: Quotas) -> tuple[DirectSet, ...]:
    """Return a set in parts of which each fits into one group; nearly always that is the set itself."""
    found: list[list[Direct]] = [[]]
    managed = size = 0
    for policy in whole.policies:
        is_managed = isinstance(policy, UserPolicy)
        length = policy.document.size if isinstance(policy, UserInlinePolicy) else 0
        is_full = managed + is_managed > quotas.policies_per_group or size + length > quotas.inline_size
        if is_full and found[-1]:
            found.append([])
            managed = size = 0
        found[-1].append(policy)
        managed, size = managed + is_managed, size + length
    return tuple(DirectSet(tuple(part), whole.users, number) for number, part in enumerate(found))
