"""Operations on groups and their members."""

from __future__ import annotations

from typing import Any

from moto.iam.exceptions import NoSuchEntity

from iamctl.sandbox import shapes
from iamctl.sandbox.account import SandboxGroup
from iamctl.sandbox.documents import refuse_malformed
from iamctl.sandbox.names import refuse_taken
from iamctl.sandbox.operations import Operations
from iamctl.sandbox.paging import page
from iamctl.sandbox.quotas import refuse_above, refuse_large
from iamctl.sandbox.refusals import refuse_deleting_group


class GroupOperations(Operations):
    """CreateGroup and what else names a group."""

    def named_group(self) -> SandboxGroup:
        """Return the group that the request names.

        Raises:
            NoSuchEntity: there is none.
        """
        return self.account.group(self.param("GroupName"))

    def create_group(self) -> dict[str, Any]:
        """CreateGroup: return the new group."""
        account, name = self.account, self.param("GroupName")
        refuse_taken("Group", name, account.groups)
        refuse_above(account, "GroupsQuota", "GroupsPerAccount", len(account.groups) + 1)
        account.groups[name] = group = SandboxGroup(account, name, self.param("Path"))
        return {"Group": shapes.group(group)}

    def get_group(self) -> dict[str, Any]:
        """GetGroup: return the group with a page of its members."""
        group = self.named_group()
        users, marks = page(self, group.users)
        return {"Group": shapes.group(group), "Users": [shapes.user(user) for user in users]} | marks

    def list_groups(self) -> dict[str, Any]:
        """ListGroups: return a page of the groups under ``PathPrefix``."""
        prefix = self.param("PathPrefix") or "/"
        groups, marks = page(self, (group for group in self.account.groups.values() if group.path.startswith(prefix)))
        return {"Groups": [shapes.group(group) for group in groups]} | marks

    def update_group(self) -> None:
        """UpdateGroup: set a new name or path; members and policies stay."""
        group, name = self.named_group(), self.param("NewGroupName")
        if name:
            refuse_taken("Group", name, (other for other in self.account.groups if other != group.name))
            self.account.groups.pop(group.name)
        group.rename(name, self.param("NewPath"))
        self.account.groups[group.name] = group

    def delete_group(self) -> None:
        """DeleteGroup: remove a group without members and policies."""
        group = self.named_group()
        refuse_deleting_group(group)
        del self.account.groups[group.name]

    def add_user_to_group(self) -> None:
        """AddUserToGroup: add a user; adding a member again changes nothing."""
        group, user = self.named_group(), self.account.user(self.param("UserName"))
        if group not in user.groups:
            refuse_above(self.account, "GroupsPerUserQuota", "GroupsPerUser", len(user.groups) + 1)
        group.add(user)

    def remove_user_from_group(self) -> None:
        """RemoveUserFromGroup: remove a member.

        Raises:
            NoSuchEntity: the user is not a member.
        """
        group, user = self.named_group(), self.account.user(self.param("UserName"))
        if group not in user.groups:
            raise NoSuchEntity(f"The user with name {user.name} cannot be found in the group {group.name}.")
        group.remove(user)

    def attach_group_policy(self) -> None:
        """AttachGroupPolicy: attach a managed policy; attaching it again changes nothing."""
        group = self.named_group()
        policy = self.account.attachable(self.param("PolicyArn"))
        held = group.managed_policies | {policy.arn: policy}
        if policy.arn not in group.managed_policies:
            refuse_above(self.account, "AttachedPoliciesPerGroupQuota", "PoliciesPerGroup", len(held))
        group.managed_policies = held

    def detach_group_policy(self) -> None:
        """DetachGroupPolicy: detach a managed policy.

        Raises:
            NoSuchEntity: it is not attached.
        """
        if self.named_group().managed_policies.pop(self.param("PolicyArn"), None) is None:
            raise NoSuchEntity(f"Policy {self.param('PolicyArn')} was not found.")

    def list_attached_group_policies(self) -> dict[str, Any]:
        """ListAttachedGroupPolicies: return a page of names and ARNs."""
        policies, marks = page(self, shapes.attached_policies(self.named_group()))
        return {"AttachedPolicies": policies} | marks

    def put_group_policy(self) -> None:
        """PutGroupPolicy: create an inline policy, or replace the one of that name."""
        group, name, document = self.named_group(), self.param("PolicyName"), self.param("PolicyDocument")
        refuse_malformed(document, partition=self.account.partition, inline=True)
        held = group.policies | {name: document}
        refuse_large(self.account, "GroupPolicySizeQuota", f"group {group.name}", held.values())
        group.policies = held

    def get_group_policy(self) -> dict[str, Any]:
        """GetGroupPolicy: return an inline policy, its document percent-encoded.

        Raises:
            NoSuchEntity: the group has no inline policy of that name.
        """
        group, name = self.named_group(), self.param("PolicyName")
        if name not in group.policies:
            raise NoSuchEntity(f"The group policy with name {name} cannot be found.")
        return {"GroupName": group.name, "PolicyName": name, "PolicyDocument": shapes.document(group.policies[name])}

    def delete_group_policy(self) -> None:
        """DeleteGroupPolicy: remove an inline policy.

        Raises:
            NoSuchEntity: the group has no inline policy of that name.
        """
        if self.named_group().policies.pop(self.param("PolicyName"), None) is None:
            raise NoSuchEntity(f"The group policy with name {self.param('PolicyName')} cannot be found.")

    def list_group_policies(self) -> dict[str, Any]:
        """ListGroupPolicies: return a page of the names of inline policies."""
        names, marks = page(self, self.named_group().policies)
        return {"PolicyNames": names} | marks
