"""Operations on managed policies, their versions and what they are attached to."""

from __future__ import annotations

from typing import Any

from moto.iam.exceptions import (
    DeleteConflictException,
    LimitExceededException,
    NoSuchEntity,
)
from moto.iam.models import PolicyVersion

from iamctl.sandbox import shapes
from iamctl.sandbox.account import SandboxPolicy, now
from iamctl.sandbox.documents import refuse_malformed
from iamctl.sandbox.names import refuse_taken
from iamctl.sandbox.operations import Operations
from iamctl.sandbox.paging import page
from iamctl.sandbox.quotas import quotas, refuse_above, size
from iamctl.sandbox.refusals import refuse_deleting_policy, refuse_touching_aws_policy
from iamctl.sandbox.tags import tagged, untagged


class PolicyOperations(Operations):
    """CreatePolicy and what else names a managed policy, except attaching."""

    def named_policy(self) -> SandboxPolicy:
        """Return the policy that the request names.

        Raises:
            NoSuchEntity: there is none.
        """
        return self.account.policy(self.param("PolicyArn"))

    def own_policy(self, operation: str) -> SandboxPolicy:
        """Return the policy that the request names, which must not be AWS's."""
        policy = self.named_policy()
        refuse_touching_aws_policy(policy, operation)
        return policy

    def create_policy(self) -> dict[str, Any]:
        """CreatePolicy: return the new policy, whose first version is the default."""
        account, name = self.account, self.param("PolicyName")
        held = account.local_policies()
        refuse_malformed(self.param("PolicyDocument"), partition=self.account.partition, inline=False)
        refuse_taken("A policy", name, (policy.name for policy in held))
        refuse_above(account, "PoliciesQuota", "PoliciesPerAccount", len(held) + 1)
        self.refuse_large_document()
        arn = f"arn:{account.partition}:iam::{account.account_id}:policy{self.param('Path') or '/'}{name}"
        policy = SandboxPolicy(account, arn, document=self.param("PolicyDocument"))
        policy.description = self.param("Description") or ""
        policy.tag_values = tagged({}, self.param("Tags") or [], str)
        account.managed_policies[arn] = policy
        return {"Policy": shapes.one_policy(account, policy) | {"Tags": policy.tag_list or None}}

    def refuse_large_document(self) -> None:
        """Raise when the request's document is larger than the quota.

        Raises:
            LimitExceededException: with IAM's words for the quota.
        """
        limit = quotas(self.account)["PolicySizeQuota"]
        if size(self.param("PolicyDocument")) > limit:
            raise LimitExceededException(f"Cannot exceed quota for PolicySize: {limit}")

    def get_policy(self) -> dict[str, Any]:
        """GetPolicy: return the policy without its document."""
        return {"Policy": shapes.full_policy(self.account, self.named_policy())}

    def list_policies(self) -> dict[str, Any]:
        """ListPolicies: return a page by name, as ``Scope``, ``PathPrefix`` and the usage filters ask."""
        account, scope, prefix = self.account, self.param("Scope") or "All", self.param("PathPrefix") or "/"
        usage = self.param("PolicyUsageFilter")
        counts = account.attachment_counts(), account.boundary_counts()
        used = counts[1] if usage == "PermissionsBoundary" else counts[0]
        wanted = used if self.param("OnlyAttached") or usage else None
        found = [] if scope == "AWS" else account.local_policies()
        found = [policy for policy in found if wanted is None or policy.arn in wanted]
        found += [] if scope == "Local" else account.aws_policies(wanted)
        found = sorted((policy for policy in found if policy.path.startswith(prefix)), key=lambda one: one.name)
        policies, marks = page(self, found)
        return {"Policies": [shapes.policy(policy, *counts) for policy in policies]} | marks

    def delete_policy(self) -> None:
        """DeletePolicy: remove a policy that has one version and is attached to nothing."""
        policy = self.own_policy("DeletePolicy")
        refuse_deleting_policy(self.account, policy)
        del self.account.managed_policies[policy.arn]

    def create_policy_version(self) -> dict[str, Any]:
        """CreatePolicyVersion: return the new version, the default one if ``SetAsDefault`` is true.

        Raises:
            LimitExceededException: the policy has as many versions as the quota allows.
        """
        policy, document = self.own_policy("CreatePolicyVersion"), self.param("PolicyDocument")
        refuse_malformed(document, partition=self.account.partition, inline=False)
        self.refuse_large_document()
        limit = quotas(self.account)["VersionsPerPolicyQuota"]
        if len(policy.versions) >= limit:
            raise LimitExceededException(
                f"A managed policy can have up to {limit} versions."
                " Before you create a new version, you must delete an existing version."
            )
        version = PolicyVersion(policy.arn, document, version_id=f"v{policy.next_version_num}", create_date=now())
        policy.next_version_num += 1
        policy.versions.append(version)
        policy.update_date = now()
        if self.param("SetAsDefault"):
            policy.make_default(version)
        return {"PolicyVersion": shapes.version(version)}

    def named_version(self, policy: SandboxPolicy) -> Any:
        """Return the version of ``policy`` that the request names.

        Raises:
            NoSuchEntity: there is none.
        """
        for version in policy.versions:
            if version.version_id == self.param("VersionId"):
                return version
        wanted = self.param("VersionId")
        raise NoSuchEntity(f"Policy {policy.arn} version {wanted} does not exist or is not attachable.")

    def get_policy_version(self) -> dict[str, Any]:
        """GetPolicyVersion: return a version with its document percent-encoded."""
        return {"PolicyVersion": shapes.full_version(self.named_version(self.named_policy()))}

    def list_policy_versions(self) -> dict[str, Any]:
        """ListPolicyVersions: return a page of versions without documents, newest first."""
        versions, marks = page(self, reversed(self.named_policy().versions))
        return {"Versions": [shapes.version(version) for version in versions]} | marks

    def set_default_policy_version(self) -> None:
        """SetDefaultPolicyVersion: make the named version the default."""
        policy = self.own_policy("SetDefaultPolicyVersion")
        policy.make_default(self.named_version(policy))
        policy.update_date = now()

    def delete_policy_version(self) -> None:
        """DeletePolicyVersion: remove a version.

        Raises:
            DeleteConflictException: it is the default version.
        """
        policy = self.own_policy("DeletePolicyVersion")
        version = self.named_version(policy)
        if version.is_default:
            raise DeleteConflictException("Cannot delete the default version of a policy.")
        policy.versions.remove(version)

    def tag_policy(self) -> None:
        """TagPolicy: add tags, or replace the values of those that are there."""
        policy = self.own_policy("TagPolicy")
        policy.tag_values = tagged(policy.tag_values, self.param("Tags") or [], str)

    def untag_policy(self) -> None:
        """UntagPolicy: remove tags by key."""
        policy = self.own_policy("UntagPolicy")
        policy.tag_values = untagged(policy.tag_values, self.param("TagKeys") or [], str)

    def list_policy_tags(self) -> dict[str, Any]:
        """ListPolicyTags: return a page of the policy's tags."""
        tags, marks = page(self, self.named_policy().tag_list)
        return {"Tags": tags} | marks

    def attach_role_policy(self) -> None:
        """AttachRolePolicy: attach a managed policy to a role; attaching it again changes nothing."""
        role, policy = self.account.get_role(self.param("RoleName")), self.account.attachable(self.param("PolicyArn"))
        if policy.arn not in role.managed_policies:
            wanted = len(role.managed_policies) + 1
            refuse_above(self.account, "AttachedPoliciesPerRoleQuota", "PoliciesPerRole", wanted)
        role.managed_policies[policy.arn] = policy

    def detach_role_policy(self) -> None:
        """DetachRolePolicy: detach a managed policy from a role.

        Raises:
            NoSuchEntity: it is not attached.
        """
        role = self.account.get_role(self.param("RoleName"))
        if role.managed_policies.pop(self.param("PolicyArn"), None) is None:
            raise NoSuchEntity(f"Policy {self.param('PolicyArn')} was not found.")

    def list_entities_for_policy(self) -> dict[str, Any]:
        """ListEntitiesForPolicy: return a page of the users, groups and roles that use the policy."""
        policy, prefix = self.named_policy(), self.param("PathPrefix") or "/"
        words = (
            ("User", "PolicyUsers", self.account.users),
            ("Group", "PolicyGroups", self.account.groups),
            ("Role", "PolicyRoles", self.account.roles),
        )
        found = [
            (name, {f"{word}Name": entity.name, f"{word}Id": entity.id})
            for word, name, entities in words
            if self.param("EntityFilter") in {None, word}
            for entity in entities.values()
            if entity.path.startswith(prefix) and self.uses(entity, policy)
        ]
        entities, marks = page(self, found)
        return {name: [entity for held, entity in entities if held == name] for _, name, _ in words} | marks

    def uses(self, entity: Any, policy: SandboxPolicy) -> bool:
        """Whether ``entity`` has ``policy`` attached or as its boundary, as ``PolicyUsageFilter`` asks."""
        usage = self.param("PolicyUsageFilter")
        attached = usage != "PermissionsBoundary" and policy.arn in entity.managed_policies
        boundary = getattr(entity, "boundary", None)
        arn = boundary["PermissionsBoundaryArn"] if boundary else getattr(entity, "permissions_boundary_arn", None)
        return attached or (usage != "PermissionsPolicy" and arn == policy.arn)
