"""Operations on users."""

from __future__ import annotations

from typing import Any

from moto.iam.exceptions import NoSuchEntity

from iamctl.sandbox import shapes
from iamctl.sandbox.account import SandboxUser
from iamctl.sandbox.documents import refuse_malformed
from iamctl.sandbox.names import refuse_taken
from iamctl.sandbox.operations import Operations
from iamctl.sandbox.paging import page
from iamctl.sandbox.quotas import refuse_above, refuse_large
from iamctl.sandbox.refusals import refuse_deleting_user
from iamctl.sandbox.tags import tagged, untagged


class UserOperations(Operations):
    """CreateUser and what else names a user."""

    def named_user(self) -> SandboxUser:
        """Return the user that the request names.

        Raises:
            NoSuchEntity: there is none, or the request names nobody: the caller of a sandbox is a role.
        """
        return self.account.user(self.param("UserName") or "")

    def create_user(self) -> dict[str, Any]:
        """CreateUser: return the new user with its boundary and tags."""
        account, name = self.account, self.param("UserName")
        refuse_taken("User", name, account.users)
        refuse_above(account, "UsersQuota", "UsersPerAccount", len(account.users) + 1)
        user = SandboxUser(account, name, self.param("Path"))
        user.tag_values = tagged({}, self.param("Tags") or [], str.lower)
        if self.param("PermissionsBoundary"):
            user.boundary = self.boundary()
        account.users[name] = user
        return {"User": shapes.full_user(user)}

    def boundary(self) -> dict[str, str]:
        """Return the boundary that the request names, as IAM shows one.

        Raises:
            NoSuchEntity: there is no such policy.
        """
        policy = self.account.attachable(self.param("PermissionsBoundary"))
        return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": policy.arn}

    def get_user(self) -> dict[str, Any]:
        """GetUser: return the user with its boundary and tags."""
        return {"User": shapes.full_user(self.named_user())}

    def list_users(self) -> dict[str, Any]:
        """ListUsers: return a page of the users under ``PathPrefix``, without boundaries and tags."""
        prefix = self.param("PathPrefix") or "/"
        users, marks = page(self, (user for user in self.account.users.values() if user.path.startswith(prefix)))
        return {"Users": [shapes.user(user) for user in users]} | marks

    def update_user(self) -> None:
        """UpdateUser: set a new name or path; keys, policies and memberships stay."""
        user, name = self.named_user(), self.param("NewUserName")
        if name:
            refuse_taken("User", name, (other for other in self.account.users if other != user.name))
            self.account.users.pop(user.name)
        user.rename(name, self.param("NewPath"))
        self.account.users[user.name] = user
        for key in user.access_keys:
            key.user_name = user.name

    def delete_user(self) -> None:
        """DeleteUser: remove a user that has nothing left."""
        user = self.named_user()
        refuse_deleting_user(user)
        del self.account.users[user.name]

    def tag_user(self) -> None:
        """TagUser: add tags, or replace the values of those that are there; case of keys does not count."""
        user = self.named_user()
        user.tag_values = tagged(user.tag_values, self.param("Tags") or [], str.lower)

    def untag_user(self) -> None:
        """UntagUser: remove tags by key; case does not count."""
        user = self.named_user()
        user.tag_values = untagged(user.tag_values, self.param("TagKeys") or [], str.lower)

    def list_user_tags(self) -> dict[str, Any]:
        """ListUserTags: return a page of the user's tags."""
        tags, marks = page(self, self.named_user().tags)
        return {"Tags": tags} | marks

    def put_user_permissions_boundary(self) -> None:
        """PutUserPermissionsBoundary: set the boundary, or replace it."""
        user = self.named_user()
        user.boundary = self.boundary()

    def delete_user_permissions_boundary(self) -> None:
        """DeleteUserPermissionsBoundary: remove the boundary.

        Raises:
            NoSuchEntity: the user has none.
        """
        user = self.named_user()
        if user.boundary is None:
            raise NoSuchEntity(f"User {user.name} does not have a permissions boundary.")
        user.boundary = None

    def attach_user_policy(self) -> None:
        """AttachUserPolicy: attach a managed policy; attaching it again changes nothing."""
        user = self.named_user()
        policy = self.account.attachable(self.param("PolicyArn"))
        held = user.managed_policies | {policy.arn: policy}
        if policy.arn not in user.managed_policies:
            refuse_above(self.account, "AttachedPoliciesPerUserQuota", "PoliciesPerUser", len(held))
        user.managed_policies = held

    def detach_user_policy(self) -> None:
        """DetachUserPolicy: detach a managed policy.

        Raises:
            NoSuchEntity: it is not attached.
        """
        if self.named_user().managed_policies.pop(self.param("PolicyArn"), None) is None:
            raise NoSuchEntity(f"Policy {self.param('PolicyArn')} was not found.")

    def list_attached_user_policies(self) -> dict[str, Any]:
        """ListAttachedUserPolicies: return a page of names and ARNs."""
        policies, marks = page(self, shapes.attached_policies(self.named_user()))
        return {"AttachedPolicies": policies} | marks

    def put_user_policy(self) -> None:
        """PutUserPolicy: create an inline policy, or replace the one of that name."""
        user, name, document = self.named_user(), self.param("PolicyName"), self.param("PolicyDocument")
        refuse_malformed(document, partition=self.account.partition, inline=True)
        held = user.policies | {name: document}
        refuse_large(self.account, "UserPolicySizeQuota", f"user {user.name}", held.values())
        user.policies = held

    def get_user_policy(self) -> dict[str, Any]:
        """GetUserPolicy: return an inline policy, its document percent-encoded.

        Raises:
            NoSuchEntity: the user has no inline policy of that name.
        """
        user, name = self.named_user(), self.param("PolicyName")
        if name not in user.policies:
            raise NoSuchEntity(f"The user policy with name {name} cannot be found.")
        return {"UserName": user.name, "PolicyName": name, "PolicyDocument": shapes.document(user.policies[name])}

    def delete_user_policy(self) -> None:
        """DeleteUserPolicy: remove an inline policy.

        Raises:
            NoSuchEntity: the user has no inline policy of that name.
        """
        if self.named_user().policies.pop(self.param("PolicyName"), None) is None:
            raise NoSuchEntity(f"The user policy with name {self.param('PolicyName')} cannot be found.")

    def list_user_policies(self) -> dict[str, Any]:
        """ListUserPolicies: return a page of the names of inline policies."""
        names, marks = page(self, self.named_user().policies)
        return {"PolicyNames": names} | marks

    def list_groups_for_user(self) -> dict[str, Any]:
        """ListGroupsForUser: return a page of the user's groups."""
        groups, marks = page(self, self.named_user().groups)
        return {"Groups": [shapes.group(group) for group in groups]} | marks
