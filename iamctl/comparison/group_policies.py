"""Which policies each group has: those that are declared beside those that are live."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from enum import StrEnum

from iamctl.comparison.scoped import Scoped
from iamctl.kinds import GroupInlinePolicy, GroupPolicy
from iamctl.kinds.arn import policy_words
from iamctl.model import Address, State
from iamctl.text.late_dataclass import dataclass


class PolicyStatus(StrEnum):
    """What becomes of a policy of a group; ``declared`` where the account was not read."""

    DECLARED = "declared"
    STAYS = "stays"
    ADDED = "added"
    REMOVED = "removed"
    UNDECLARED = "undeclared"


@dataclass(frozen=True, order=True)
class PolicyOfGroup:
    """One policy of a group."""

    name: str
    """As a manifest calls it: ``aws:Name`` for one of AWS, the bare name for others."""
    is_inline: bool
    status: PolicyStatus


def declared_policies(desired: State) -> Mapping[Address, tuple[PolicyOfGroup, ...]]:
    """Return the declared policies of each group, by the address of the group."""
    return _by_group((one, PolicyStatus.DECLARED) for one in _policies(desired))


def live_policies(scoped: Scoped) -> Mapping[Address, tuple[PolicyOfGroup, ...]]:
    """Return the declared and the live policies of each group; those that no plan removes are left alone."""

    def found() -> Iterator[tuple[GroupPolicy | GroupInlinePolicy, PolicyStatus]]:
        for one in _policies(scoped.desired):
            yield one, PolicyStatus.STAYS if one.address in scoped.whole else PolicyStatus.ADDED
        for one in _policies(scoped.whole):
            if one.address not in scoped.desired:
                yield one, PolicyStatus.REMOVED if one.address in scoped.live else PolicyStatus.UNDECLARED

    return _by_group(found())


def _policies(state: State) -> Iterator[GroupPolicy | GroupInlinePolicy]:
    yield from state.of_kind(GroupPolicy)
    yield from state.of_kind(GroupInlinePolicy)


def _by_group(
    found: Iterator[tuple[GroupPolicy | GroupInlinePolicy, PolicyStatus]],
) -> Mapping[Address, tuple[PolicyOfGroup, ...]]:
    groups: defaultdict[Address, list[PolicyOfGroup]] = defaultdict(list)
    for one, status in found:
        name = policy_words(one.policy_arn) if isinstance(one, GroupPolicy) else one.name
        policy = PolicyOfGroup(name, isinstance(one, GroupInlinePolicy), status)
        groups[Address.of("group", one.group)].append(policy)
    return {group: tuple(sorted(policies)) for group, policies in groups.items()}
