"""How IAM shows users, groups, roles and policies, in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from iamctl.sandbox.account import Account, SandboxGroup, SandboxPolicy, SandboxRole, SandboxUser

Facts = dict[str, Any]


def document(text: str) -> str:
    """Return a policy document as the wire carries it: percent-encoded as RFC 3986 says."""
    return quote(text, safe="")


def inline_policies(holder: Any) -> list[Facts]:
    """Return the inline policies of a user, group or role, each with its document percent-encoded."""
    return [{"PolicyName": name, "PolicyDocument": document(text)} for name, text in holder.policies.items()]


def attached_policies(holder: Any) -> list[Facts]:
    """Return name and ARN of each managed policy attached to a user, group or role."""
    return [{"PolicyName": policy.name, "PolicyArn": policy.arn} for policy in holder.managed_policies.values()]


def user(entity: SandboxUser) -> Facts:
    """A user as the listings show it: without tags and boundary."""
    return {
        "Path": entity.path,
        "UserName": entity.name,
        "UserId": entity.id,
        "Arn": entity.arn,
        "CreateDate": entity.create_date,
        "PasswordLastUsed": entity.password_last_used,
    }


def full_user(entity: SandboxUser) -> Facts:
    """A user as GetUser and CreateUser show it."""
    return user(entity) | {"PermissionsBoundary": entity.boundary, "Tags": entity.tags or None}


def user_detail(entity: SandboxUser) -> Facts:
    """A user as GetAccountAuthorizationDetails shows it; there is no UserPolicyList where there is no inline policy."""
    return {
        "Path": entity.path,
        "UserName": entity.name,
        "UserId": entity.id,
        "Arn": entity.arn,
        "CreateDate": entity.create_date,
        "UserPolicyList": inline_policies(entity) or None,
        "GroupList": [group.name for group in entity.groups],
        "AttachedManagedPolicies": attached_policies(entity),
        "PermissionsBoundary": entity.boundary,
        "Tags": entity.tags,
    }


def group(entity: SandboxGroup) -> Facts:
    """A group as the listings and GetGroup show it."""
    return {
        "Path": entity.path,
        "GroupName": entity.name,
        "GroupId": entity.id,
        "Arn": entity.arn,
        "CreateDate": entity.create_date,
    }


def group_detail(entity: SandboxGroup) -> Facts:
    """A group as GetAccountAuthorizationDetails shows it."""
    return group(entity) | {
        "GroupPolicyList": inline_policies(entity),
        "AttachedManagedPolicies": attached_policies(entity),
    }


def role(entity: SandboxRole) -> Facts:
    """A role as an instance profile shows it: without policies, boundary and tags."""
    return {
        "Path": entity.path,
        "RoleName": entity.name,
        "RoleId": entity.id,
        "Arn": entity.arn,
        "CreateDate": entity.create_date,
        "AssumeRolePolicyDocument": document(entity.assume_role_policy_document),
    }


def role_detail(entity: SandboxRole, profiles: list[Any]) -> Facts:
    """A role as GetAccountAuthorizationDetails shows it, with the instance profiles that contain it."""
    boundary = entity.permissions_boundary_arn
    return role(entity) | {
        "InstanceProfileList": [instance_profile(profile) for profile in profiles],
        "RolePolicyList": inline_policies(entity),
        "AttachedManagedPolicies": attached_policies(entity),
        "PermissionsBoundary": boundary
        and {"PermissionsBoundaryType": entity.boundary_type, "PermissionsBoundaryArn": boundary},
        "Tags": entity.tags,
        "RoleLastUsed": {"LastUsedDate": entity.last_used, "Region": entity.last_used_region},
    }


def instance_profile(entity: Any) -> Facts:
    """An instance profile with its roles, as GetAccountAuthorizationDetails shows it."""
    return {
        "Path": entity.path,
        "InstanceProfileName": entity.name,
        "InstanceProfileId": entity.id,
        "Arn": entity.arn,
        "CreateDate": entity.create_date,
        "Roles": [role(held) for held in entity.roles],
    }


def policy(entity: SandboxPolicy, attachments: Mapping[str, int], boundaries: Mapping[str, int]) -> Facts:
    """A managed policy as ListPolicies shows it: without description, tags and documents."""
    return {
        "PolicyName": entity.name,
        "PolicyId": entity.id,
        "Arn": entity.arn,
        "Path": entity.path,
        "DefaultVersionId": entity.default_version_id,
        "AttachmentCount": attachments.get(entity.arn, 0),
        "PermissionsBoundaryUsageCount": boundaries.get(entity.arn, 0),
        "IsAttachable": entity.attachable,
        "CreateDate": entity.create_date,
        "UpdateDate": entity.update_date,
    }


def one_policy(account: Account, entity: SandboxPolicy) -> Facts:
    """A managed policy as CreatePolicy shows it; its uses are counted anew."""
    return policy(entity, account.attachment_counts(), account.boundary_counts())


def full_policy(account: Account, entity: SandboxPolicy) -> Facts:
    """A managed policy as GetPolicy shows it."""
    return one_policy(account, entity) | {"Description": entity.description or None, "Tags": entity.tag_list}


def version(entity: Any) -> Facts:
    """A version as the listings show it: without its document."""
    return {
        "VersionId": entity.version_id,
        "IsDefaultVersion": entity.is_default,
        "CreateDate": entity.create_date,
    }


def full_version(entity: Any) -> Facts:
    """A version as GetPolicyVersion shows it: with its document percent-encoded."""
    return version(entity) | {"Document": document(entity.document)}


def policy_detail(entity: SandboxPolicy, attachments: Mapping[str, int], boundaries: Mapping[str, int]) -> Facts:
    """A managed policy as GetAccountAuthorizationDetails shows it: with every version, newest first."""
    return policy(entity, attachments, boundaries) | {
        "PolicyVersionList": [full_version(held) for held in reversed(entity.versions)]
    }
