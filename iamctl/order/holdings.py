"""What everybody in a live account holds, as the order of calls looks at it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from iamctl.access.held import HeldPolicy, PolicySources
from iamctl.account.live import Live, Role
from iamctl.kinds import AccessKey, Group, MfaDevice, Policy, User
from iamctl.model import Address, State
from iamctl.order.world import GROUPS_PER_USER, POLICIES_PER_GROUP, Holdings
from iamctl.policy import Document


def holdings(live: Live, whole: State, sources: PolicySources | None = None) -> Holdings:
    """Return who holds what in ``whole``, the live state under the names that the plan uses, and in the live roles.

    ``sources`` are those of ``whole``, where they are known already.
    """
    sources = sources or PolicySources(live, whole)
    members, held = defaultdict(set), defaultdict(set)
    boundaries: dict[str, str] = {}
    people = set()
    for user, group in sources.memberships():
        members[str(group).lower()].add(str(user).lower())
    for address, resource in whole.resources.items():
        if isinstance(resource, User):  # a user that is renamed stands under the new address
            people.add(str(address).lower())
            if resource.permissions_boundary:
                boundaries[str(address).lower()] = resource.permissions_boundary.lower()
    for role in live.roles:
        people.add(_person(role))
        if role.boundary:
            boundaries[_person(role)] = role.boundary.lower()
    for policy in _policies(live, sources):
        held[str(policy.holder).lower()].add(policy.key)
    return Holdings(
        members={group: frozenset(users) for group, users in members.items()},
        held={holder: frozenset(policies) for holder, policies in held.items()},
        documents=held_documents(live, sources),
        boundaries=boundaries,
        people=frozenset(people),
        spelling=_spelling(live, whole),
        arns={name.lower(): frozenset({arn}) for name, arn in _arns(live, whole)},
        prefix=_prefix(live),
        without_login=frozenset(f"user/{address.name.lower()}" for address in _without_login(whole)),
        active_keys=_by_user((key.user, key.key_id) for key in whole.of_kind(AccessKey) if key.is_active),
        devices=_by_user((device.user, device.serial) for device in whole.of_kind(MfaDevice) if device.is_active),
        groups_per_user=live.summary.get("GroupsPerUserQuota", GROUPS_PER_USER),
        policies_per_group=live.summary.get("AttachedPoliciesPerGroupQuota", POLICIES_PER_GROUP),
    )


def held_documents(live: Live, sources: PolicySources) -> dict[str, Document]:
    """Return the documents that are known, of managed policies and of those that somebody holds, by policy."""
    own = {policy.key: policy.document for policy in _policies(live, sources) if policy.document}
    return {**sources.documents, **own}


def _policies(live: Live, sources: PolicySources) -> Iterator[HeldPolicy]:
    yield from sources.direct()
    for role in live.roles:
        yield from sources.of_role(role)


def _person(role: Role) -> str:
    return f"role/{role.name.lower()}"


def _prefix(live: Live) -> str:
    return f"arn:{live.partition}:iam::{live.account_id}:"


def _arns(live: Live, whole: State) -> Iterator[tuple[str, str]]:
    prefix = _prefix(live)
    for address, resource in whole.resources.items():
        if isinstance(resource, User | Group):
            yield str(address), f"{prefix}{address.kind}{resource.path}{resource.name}"
        elif isinstance(resource, Policy):
            yield str(address), resource.arn
            yield resource.arn, resource.arn
    for role in live.roles:
        yield _person(role), f"{prefix}role{role.path}{role.name}"


def _without_login(whole: State) -> Iterator[Address]:
    for address, user in whole.resources.items():
        if isinstance(user, User) and user.credentials.has_password is False:
            yield address


def _by_user(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for user, held in pairs:
        found[f"user/{user.lower()}"].add(held)
    return {person: frozenset(held) for person, held in found.items()}


def _spelling(live: Live, whole: State) -> dict[str, str]:
    """Return the ARNs of all managed policies that somebody holds, by their lower case."""
    arns = {arn for role in live.roles for arn in (*role.policies, *((role.boundary,) if role.boundary else ()))}
    for resource in whole:
        arn = getattr(resource, "policy_arn", None) or getattr(resource, "permissions_boundary", None)
        if arn:
            arns.add(arn)
    return {arn.lower(): arn for arn in arns}
