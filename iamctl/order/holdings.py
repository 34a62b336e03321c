"""What everybody in a live account holds, as the order of calls looks at it."""

from __future__ import annotations

from collections import defaultdict

from iamctl.document import Document
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
from iamctl.live import Live
from iamctl.model import State
from iamctl.order.world import GROUPS_PER_USER, POLICIES_PER_GROUP, Holdings, policy_key


def holdings(live: Live, whole: State) -> Holdings:
    """Return who holds what in ``whole``, the live state under the names that the plan uses, and in the live roles."""
    members, held = defaultdict(set), defaultdict(set)
    documents: dict[str, Document] = {arn.lower(): document for arn, document in live.aws_documents.items()}
    boundaries: dict[str, str] = {}
    people, without_login, devices, keys = set(), set(), defaultdict(set), defaultdict(set)
    for address, resource in whole.resources.items():
        match resource:
            case User():  # a user that is renamed stands under the new address
                person = f"user/{address.name.lower()}"
                people.add(person)
                if resource.permissions_boundary:
                    boundaries[person] = resource.permissions_boundary.lower()
                if resource.credentials.has_password is False:
                    without_login.add(person)
            case Membership():
                members[f"group/{resource.group.lower()}"].add(f"user/{resource.user.lower()}")
            case Policy():
                documents[resource.arn.lower()] = resource.document
            case AccessKey(is_active=True):
                keys[f"user/{resource.user.lower()}"].add(resource.key_id)
            case MfaDevice():
                devices[f"user/{resource.user.lower()}"].add(resource.serial)
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
        person = f"role/{role.name.lower()}"
        people.add(person)
        inline = {f"{person}/{name}": document for name, document in role.inline.items()}
        held[person].update(inline, map(str.lower, role.policies))
        documents |= inline
        if role.boundary:
            boundaries[person] = role.boundary.lower()
    return Holdings(
        members={group: frozenset(users) for group, users in members.items()},
        held={holder: frozenset(policies) for holder, policies in held.items()},
        documents=documents,
        boundaries=boundaries,
        people=frozenset(people),
        spelling=_spelling(live, whole),
        without_login=frozenset(without_login),
        active_keys={person: frozenset(ids) for person, ids in keys.items()},
        devices={person: frozenset(serials) for person, serials in devices.items()},
        groups_per_user=live.summary.get("GroupsPerUserQuota", GROUPS_PER_USER),
        policies_per_group=live.summary.get("AttachedPoliciesPerGroupQuota", POLICIES_PER_GROUP),
    )


def _spelling(live: Live, whole: State) -> dict[str, str]:
    """Return the ARNs of all managed policies that somebody holds, by their lower case."""
    arns = {arn for role in live.roles for arn in (*role.policies, *((role.boundary,) if role.boundary else ()))}
    for resource in whole:
        arn = getattr(resource, "policy_arn", None) or getattr(resource, "permissions_boundary", None)
        if arn:
            arns.add(arn)
    return {arn.lower(): arn for arn in arns}
