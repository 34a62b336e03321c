"""What everybody in a live account holds, as the order of calls looks at it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from iamctl.account.live import Live, Role
from iamctl.kinds import (
    AccessKey,
    GroupInlinePolicy,
    GroupPolicy,
    Membership,
    MfaDevice,
    Policy,
    User,
    UserInlinePolicy,
    UserPolicy,
)
from iamctl.model import Address, State
from iamctl.order.world import GROUPS_PER_USER, POLICIES_PER_GROUP, Holdings, policy_key
from iamctl.policy import Document


def holdings(live: Live, whole: State) -> Holdings:
    """Return who holds what in ``whole``, the live state under the names that the plan uses, and in the live roles."""
    members, held = defaultdict(set), defaultdict(set)
    documents: dict[str, Document] = {arn.lower(): document for arn, document in live.aws_documents.items()}
    boundaries: dict[str, str] = {}
    people = set()
    for address, resource in whole.resources.items():
        match resource:
            case User():  # a user that is renamed stands under the new address
                person = f"user/{address.name.lower()}"
                people.add(person)
                if resource.permissions_boundary:
                    boundaries[person] = resource.permissions_boundary.lower()
            case Membership():
                members[f"group/{resource.group.lower()}"].add(f"user/{resource.user.lower()}")
            case Policy():
                documents[resource.arn.lower()] = resource.document
            case GroupPolicy():
                held[f"group/{resource.group.lower()}"].add(resource.policy_arn.lower())
            case UserPolicy():
                held[f"user/{resource.user.lower()}"].add(resource.policy_arn.lower())
            case GroupInlinePolicy() | UserInlinePolicy():
                name = policy_key(str(resource.address))
                assert resource.owner
                held[str(resource.owner).lower()].add(name)
                documents[name] = resource.document
            case _:
                pass
    for role in live.roles:
        person = _person(role)
        people.add(person)
        inline = {f"{person}/{name}": document for name, document in role.inline.items()}
        held[person].update(inline, map(str.lower, role.policies))
        documents |= inline
    boundaries |= {_person(role): role.boundary.lower() for role in live.roles if role.boundary}
    return Holdings(
        members={group: frozenset(users) for group, users in members.items()},
        held={holder: frozenset(policies) for holder, policies in held.items()},
        documents=documents,
        boundaries=boundaries,
        people=frozenset(people),
        spelling=_spelling(live, whole),
        without_login=frozenset(f"user/{address.name.lower()}" for address in _without_login(whole)),
        active_keys=_by_user((key.user, key.key_id) for key in whole.of_kind(AccessKey) if key.is_active),
        devices=_by_user((device.user, device.serial) for device in whole.of_kind(MfaDevice)),
        groups_per_user=live.summary.get("GroupsPerUserQuota", GROUPS_PER_USER),
        policies_per_group=live.summary.get("AttachedPoliciesPerGroupQuota", POLICIES_PER_GROUP),
    )


def _person(role: Role) -> str:
    return f"role/{role.name.lower()}"


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
