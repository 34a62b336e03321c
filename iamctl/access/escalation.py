"""Which statements let whoever holds them take any access they want: IAM writes that change who may do what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from iamctl.access.held import HeldPolicy, PolicySources
from iamctl.access.known_policies import ESCALATES
from iamctl.access.per_document import PerDocument
from iamctl.access.statements import AnyStatement
from iamctl.kinds import Group, User
from iamctl.model import Address, State
from iamctl.policy import Document
from iamctl.policy.pattern import ANY, action_includes, resources_meet

ESCALATING = (
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:DeleteUserPermissionsBoundary",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPermissionsBoundary",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateLoginProfile",
)
"""Each of them gives more access to the holder, or the access of somebody else.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html, those of
the access level "Permissions management", and those that make a credential for another user.
"""
_ESCALATING = tuple(map(str.lower, ESCALATING))
_OWN = "${"
"""A resource that names the holder, as in self-service of passwords and devices."""


def escalates(statement: AnyStatement) -> bool:
    """Tell whether an Allow lets its holder take more access; whatever its condition, and however many resources.

    Of resources, those count that are a pattern over users, groups, policies or roles. What a named one gives depends on
    what that can do: see ``Escalations``.
    """
    if statement.effect != "Allow":
        return False
    named = (any(action_includes(pattern.lower(), action) for pattern in statement.actions) for action in _ESCALATING)
    if not any(is_named != statement.negated_action for is_named in named):
        return False
    return statement.negated_resource or any(map(_is_wide, statement.resources or ()))


_BY_TARGET: Mapping[str, tuple[str, ...]] = {
    "group": ("iam:addusertogroup",),
    "user": ("iam:createaccesskey", "iam:createloginprofile", "iam:updateloginprofile"),
}
"""The actions that give the holder what a group, or another user, can do."""


def _reaches(statement: AnyStatement, targets: Iterable[tuple[str, str]]) -> bool:
    """Tell whether an Allow names one of the targets, each a kind and the pattern of its ARN, for an action on that kind."""
    if statement.effect != "Allow" or statement.negated_action or statement.negated_resource:
        return False
    named = [resource for resource in statement.resources or () if _OWN not in resource]
    kinds = {
        kind
        for kind, actions in _BY_TARGET.items()
        if any(action_includes(pattern.lower(), action) for pattern in statement.actions for action in actions)
    }
    return any(resources_meet(resource, arn) for kind, arn in targets if kind in kinds for resource in named)


def _is_wide(resource: str) -> bool:
    if resource == ANY:
        return True
    parts = resource.split(":")
    service = parts[2] if len(parts) > 2 else ANY
    return resource.endswith(ANY) and _OWN not in resource and ("iam" in service or ANY in service)


class Escalations:
    """Who can take more access in one state; each document is looked at once."""

    def __init__(self, held: PolicySources, state: State) -> None:
        self._held = held
        self._state = state
        self._has_way = PerDocument(_has_way)
        self._reaches_target = PerDocument(self._names_target)
        self._of_holders: dict[Address, HeldPolicy | None] = {}
        self._named_by_holders: dict[Address, HeldPolicy | None] = {}

    def way(self, user: Address) -> HeldPolicy | None:
        """Return the first policy by which a user can take more access; None for none, or a boundary known to prevent it."""
        resource = self._state.get(user)
        if not isinstance(resource, User):
            return None
        boundary = self._held.boundary(resource)
        if boundary and boundary.document and not self._escalates(boundary):
            return None
        holders = (*self._held.groups(user), user)
        way = next((way for holder in holders if (way := self._of(holder))), None)
        return way or next((way for holder in holders if (way := self._to_target(holder))), None)

    def _to_target(self, holder: Address) -> HeldPolicy | None:
        """Return the policy that lets a holder join a group, or act as a user, that can take more access."""
        if holder not in self._named_by_holders:
            found = (
                held for held in self._held.held_by(holder) if held.document and self._reaches_target(held.document)
            )
            self._named_by_holders[holder] = next(found, None)
        return self._named_by_holders[holder]

    def _names_target(self, document: Document) -> bool:
        if document.normalized is None:
            return False
        return any(_reaches(statement, self._targets) for statement in document.normalized.statements)

    @cached_property
    def _targets(self) -> tuple[tuple[str, str], ...]:
        """The groups and users who can take more access, as patterns of their ARNs in any partition and account."""
        groups = [group for group in self._state.of_kind(Group) if self._of(group.address)]
        users = [
            user
            for user in self._state.of_kind(User)
            if any(self._of(holder) for holder in (*self._held.groups(user.address), user.address))
        ]
        both: tuple[Group | User, ...] = (*groups, *users)
        return tuple((found.kind, f"arn:*:iam::*:{found.kind}{found.path}{found.name}") for found in both)

    def _of(self, holder: Address) -> HeldPolicy | None:
        if holder not in self._of_holders:
            self._of_holders[holder] = next(filter(self._escalates, self._held.held_by(holder)), None)
        return self._of_holders[holder]

    def _escalates(self, held: HeldPolicy) -> bool:
        if held.policy in ESCALATES:
            return True
        return held.document is not None and self._has_way(held.document)


def _has_way(document: Document) -> bool:
    return document.normalized is not None and any(map(escalates, document.normalized.statements))
