"""What must be gone before IAM deletes something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.iam.exceptions import DeleteConflictException, IAMException

if TYPE_CHECKING:
    from iamctl.sandbox.account import Account, SandboxGroup, SandboxPolicy, SandboxUser


class AccessDenied(IAMException):  # type: ignore[misc]
    """IAM answers with status 403."""

    code = "AccessDenied"


class PolicyNotAttachable(IAMException):  # type: ignore[misc]
    """IAM answers with status 400."""

    code = "PolicyNotAttachable"


def refuse_attaching(policy: SandboxPolicy) -> None:
    """Raise when ``policy`` belongs to a service-linked role, or a loaded account says that it is not attachable.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachGroupPolicy.html
    """
    if policy.aws_managed and policy.path.startswith("/aws-service-role/"):
        raise PolicyNotAttachable("Cannot attach a Service Role Policy to a customer role.")
    if not policy.attachable:
        raise PolicyNotAttachable(f"Policy {policy.arn} is not attachable.")


def refuse_if(held: object, doing: str) -> None:
    """Raise when something is left that IAM wants removed first.

    Raises:
        DeleteConflictException: ``held`` is not empty; ``doing`` says what to do first.
    """
    if held:
        raise DeleteConflictException(f"Cannot delete entity, must {doing} first.")


def refuse_deleting_user(user: SandboxUser) -> None:
    """Raise when ``user`` still has one of nine kinds of things.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
    """
    refuse_if(user.login_profile, "delete login profile")
    refuse_if(user.access_keys, "delete access keys")
    refuse_if(user.signing_certificates, "delete signing certificates")
    refuse_if(user.ssh_public_keys, "delete SSH public keys")
    refuse_if(user.service_credentials, "delete service specific credentials")
    refuse_if(user.mfa_devices, "delete MFA device")
    refuse_if(user.policies, "delete policies")
    refuse_if(user.managed_policies, "detach all policies")
    refuse_if(user.groups, "remove users from group")


def refuse_deleting_group(group: SandboxGroup) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html"""
    refuse_if(group.users, "remove users from group")
    refuse_if(group.policies, "delete policies")
    refuse_if(group.managed_policies, "detach all policies")


def refuse_touching_aws_policy(policy: SandboxPolicy, operation: str) -> None:
    """Raise when ``policy`` is AWS's own: nobody but AWS changes it."""
    if policy.aws_managed:
        raise AccessDenied(f"User is not authorized to perform: iam:{operation} on resource: policy {policy.arn}")


def refuse_deleting_policy(account: Account, policy: SandboxPolicy) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html"""
    if account.attachment_counts().get(policy.arn):
        raise DeleteConflictException("Cannot delete a policy attached to entities.")
    if account.boundary_counts().get(policy.arn):
        raise DeleteConflictException("Cannot delete a policy that is used as a permissions boundary.")
    if len(policy.versions) > 1:
        raise DeleteConflictException(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions."
            " The default version is deleted with the policy."
        )
