"""Moves the policies directly on users into groups, so that nobody gains or loses access."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from itertools import chain, count

from iamctl.access.restraints import is_restraint
from iamctl.account.live import Live
from iamctl.kinds import (
    Group,
    GroupInlinePolicy,
    GroupPolicy,
    Membership,
    Policy,
    UserInlinePolicy,
    UserPolicy,
)
from iamctl.kinds.arn import is_aws_managed
from iamctl.manifests.direct_sets import (
    Direct,
    DirectSet,
    Granted,
    Quotas,
    direct_sets,
    granted,
    grants_of_groups,
    parts,
)
from iamctl.manifests.document_file import is_kept, secret_in
from iamctl.model import Address, Resource, State
from iamctl.policy import grammar_errors
from iamctl.text.late_dataclass import dataclass

_LONGEST = Group.longest_name or 128
_NOT_KEPT = "the document is not JSON that all readers interpret in the same way"
_USER_IS_FULL = "the user would be in {count} groups, and IAM allows {quota}; merge groups of this user first"
_ACCOUNT_IS_FULL = "the account has room for {quota} groups; ask AWS to raise the quota, or delete groups first"


@dataclass(frozen=True)
class MovedPolicies:
    """The declared state with groups in place of policies on users, and what stays on users."""

    state: State
    groups: Mapping[Address, tuple[str, ...]] = field(default_factory=dict)
    """The new groups, each with its members."""
    reused: Mapping[Address, tuple[str, ...]] = field(default_factory=dict)
    """Groups of the account that grant exactly the same already, each with the users whose policies they replace."""
    moved: tuple[Address, ...] = ()
    """The policies on users that groups replace."""
    kept: Mapping[Address, str] = field(default_factory=dict)
    """The policies that stay on users, and why."""
    sources: Mapping[Address, tuple[Address, ...]] = field(default_factory=dict)
    """What each new group replaces."""


def moved_policies(live: Live, state: State, blocked: Mapping[Address, str]) -> MovedPolicies:
    """Return ``state`` with a group for each distinct set of policies that its users have directly.

    A group that grants exactly such a set is reused. ``blocked`` are policies that cannot move, and why. The same
    account gives the same groups.
    """
    found: tuple[Direct, ...] = (*live.state.of_kind(UserPolicy), *live.state.of_kind(UserInlinePolicy))
    direct = [policy for policy in found if state.get(Address.of("user", policy.user))]
    known = frozenset(one.arn for one in live.state.of_kind(Policy))
    stays = {policy.address: why for policy in direct if (why := _why_it_stays(policy, live, state, known))}
    stays |= {policy.address: blocked[policy.address] for policy in direct if policy.address in blocked}
    return _Mover(live, state, stays).moved([policy for policy in direct if policy.address not in stays])


def _why_it_stays(policy: Direct, live: Live, state: State, known: frozenset[str]) -> str | None:
    if is_restraint(policy, live.state, state):
        return "it only denies; a plan never moves what holds a user back"
    if isinstance(policy, UserInlinePolicy):
        if errors := grammar_errors(policy.document.data):
            return errors[0].message
        return secret_in(policy.document) if is_kept(policy.document) else _NOT_KEPT
    if policy.policy_arn in live.unattachable_policies:
        return "AWS no longer allows attaching this policy; replace it by another one first"
    if policy.policy_arn not in known and not is_aws_managed(policy.policy_arn):
        return f"the account has no policy {policy.policy_arn}"
    return None


class _Mover:
    """Makes groups for sets of policies, within the quotas of the account."""

    def __init__(self, live: Live, state: State, stays: Mapping[Address, str]) -> None:
        self._quotas = Quotas.of(live.summary)
        self._state = state
        self._kept = dict(stays)
        self._moved: set[Address] = set()
        self._groups_of: defaultdict[str, set[Address]] = defaultdict(set)
        for membership in live.state.of_kind(Membership):
            self._groups_of[membership.user.lower()].add(Address.of("group", membership.group))
        self._names = {group.name.lower() for group in live.state.of_kind(Group)}
        self._room = None if self._quotas.groups is None else max(0, self._quotas.groups - len(self._names))
        self._grants = grants_of_groups(state)
        self._by_grant: dict[frozenset[Granted], Group] = {}
        for group in sorted(state.of_kind(Group), key=lambda one: one.address.rank):
            if grants := self._grants.get(group.address):
                self._by_grant.setdefault(grants, group)

    def moved(self, direct: Iterable[Direct]) -> MovedPolicies:
        """Return the state in which groups grant these policies."""
        self._policies: defaultdict[str, list[Direct]] = defaultdict(list)
        for policy in direct:
            self._policies[policy.user].append(policy)
        wanted = [part for whole in direct_sets(direct) for part in self._for_users(whole)]
        beyond = self._beyond_account([part for part in wanted if part.granted not in self._by_grant])
        without_room = {user for part in beyond for user in part.users}
        self._keep(without_room, _ACCOUNT_IS_FULL.format(quota=self._quotas.groups))
        wanted = [part for part in wanted if part.users[0] not in without_room]
        made: dict[Address, DirectSet] = {}
        reused: dict[Address, DirectSet] = {}
        added: list[Resource] = []
        for part in wanted:
            group = self._by_grant.get(part.granted)
            if group is None:
                group = Group(name=self._free_name(part.name))
                made[group.address] = part
                added += _made(group, part)
            else:
                reused[group.address] = part
            added += self._joining(group, part.users)
        return MovedPolicies(
            state=State({**self._state.resources, **{one.address: one for one in added}}),
            groups={address: part.users for address, part in made.items()},
            reused={address: part.users for address, part in reused.items()},
            moved=tuple(sorted(self._moved)),
            kept=self._kept,
            sources={address: tuple(self._replaced(part)) for address, part in made.items()},
        )

    def _for_users(self, whole: DirectSet) -> tuple[DirectSet, ...]:
        """Return the set in parts for the users who need a group for it and have room for it."""
        needed = parts(whole, self._quotas)
        joining = []
        for user in whole.users:
            groups = self._groups_of[user.lower()]
            held = frozenset().union(*(self._grants.get(group, frozenset()) for group in groups))
            targets = {group.address for part in needed if (group := self._by_grant.get(part.granted))}
            number = len(groups | targets) + sum(part.granted not in self._by_grant for part in needed)
            if whole.granted <= held:
                self._moved.update(policy.address for policy in self._policies[user])
            elif number > self._quotas.groups_per_user:
                self._keep([user], _USER_IS_FULL.format(count=number, quota=self._quotas.groups_per_user))
            else:
                joining.append(user)
                self._moved.update(policy.address for policy in self._policies[user])
        return parts(replace(whole, users=tuple(joining)), self._quotas) if joining else ()

    def _beyond_account(self, new: list[DirectSet]) -> list[DirectSet]:
        """Return the parts for which the account has no room: those of the fewest users."""
        if self._room is None or len(new) <= self._room:
            return []
        return sorted(new, key=lambda part: -len(part.users))[self._room :]

    def _keep(self, users: Iterable[str], why: str) -> None:
        for user in users:
            for policy in self._policies[user]:
                self._kept[policy.address] = why
                self._moved.discard(policy.address)

    def _replaced(self, part: DirectSet) -> Iterator[Address]:
        for user in part.users:
            yield from (policy.address for policy in self._policies[user] if granted(policy) in part.granted)

    def _joining(self, group: Group, users: Iterable[str]) -> Iterator[Membership]:
        for user in users:
            if group.address not in self._groups_of[user.lower()]:
                yield Membership(group=group.name, user=user)

    def _free_name(self, wanted: str) -> str:
        """Return a name that no group has yet, whatever the case."""
        endings = chain(("", "-direct"), (f"-direct-{number}" for number in count(2)))
        names = (f"{wanted[: _LONGEST - len(ending)]}{ending}" for ending in endings)
        name = next(name for name in names if name.lower() not in self._names)
        self._names.add(name.lower())
        return name


def _made(group: Group, part: DirectSet) -> Iterator[Resource]:
    """Yield a new group and its policies."""
    yield group
    for policy in part.policies:
        if isinstance(policy, UserPolicy):
            yield GroupPolicy(group=group.name, policy_arn=policy.policy_arn)
        else:
            yield GroupInlinePolicy(group=group.name, name=policy.name, document=policy.document)
