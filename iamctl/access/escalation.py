"""Which statements let whoever holds them take any access they want: IAM writes that change who may do what."""

from __future__ import annotations

from iamctl.access.held import HeldPolicy, PolicySources
from iamctl.access.known_policies import ESCALATES
from iamctl.access.per_document import PerDocument
from iamctl.access.statements import AnyStatement
from iamctl.kinds import User
from iamctl.model import Address, State
from iamctl.policy import Document
from iamctl.policy.pattern import ANY, action_includes

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

    Of resources, those count that are a pattern over users, groups, policies or roles: one that is named was meant.
    """
    if statement.effect != "Allow":
        return False
    named = (any(action_includes(pattern.lower(), action) for pattern in statement.actions) for action in _ESCALATING)
    if not any(is_named != statement.negated_action for is_named in named):
        return False
    return statement.negated_resource or any(map(_is_wide, statement.resources or ()))


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
        self._of_holders: dict[Address, HeldPolicy | None] = {}

    def way(self, user: Address) -> HeldPolicy | None:
        """Return the first policy by which a user can take more access; None for none, or a boundary known to prevent it."""
        resource = self._state.get(user)
        if not isinstance(resource, User):
            return None
        boundary = self._held.boundary(resource)
        if boundary and boundary.document and not self._escalates(boundary):
            return None
        return next((way for holder in (*self._held.groups(user), user) if (way := self._of(holder))), None)

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
