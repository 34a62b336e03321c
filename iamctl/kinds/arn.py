"""What the ARN of a managed policy says: partition, owner, path and name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamctl.model import Address
from iamctl.model.access_change import ARN, ResourceFactChange
from iamctl.text.late_pattern import late_pattern

if TYPE_CHECKING:
    from iamctl.kinds.group import Group
    from iamctl.kinds.user import User
    from iamctl.model.snapshot import RoleDetail, UserDetail

_POLICY_ARN = late_pattern(r"arn:(aws[a-z0-9-]*):iam::(aws|\d{12}):policy(/(?:.*/)?)([^/]+)")


def customer_policy_arn(partition: str, account_id: str, path: str, name: str) -> str:
    """Return the ARN of a customer-managed policy.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
    """
    return f"arn:{partition}:iam::{account_id}:policy{path}{name}"


def aws_policy_arn(partition: str, name: str) -> str:
    """Return the ARN of an AWS-managed policy; ``name`` may hold a path such as ``job-function/Billing``."""
    return f"arn:{partition}:iam::aws:policy/{name}"


def arn_change(before: User | Group, after: User | Group) -> ResourceFactChange:
    """Return what statements about a user or a group see when it gets another name or path."""
    old, new = (f"{one.address.kind}{one.path}{one.address.name}" for one in (before, after))
    return ResourceFactChange(str(after.address), ((ARN, old),), ((ARN, new),))


def is_policy_arn(text: str) -> bool:
    """Tell whether the text is the ARN of a managed policy, of AWS or of an account."""
    return _POLICY_ARN.fullmatch(text) is not None


def is_aws_managed(arn: str) -> bool:
    """Tell whether the text is the ARN of an AWS-managed policy."""
    match = _POLICY_ARN.fullmatch(arn)
    return match is not None and match[2] == "aws"


def aws_policy_name(arn: str) -> str | None:
    """Return path and name of an AWS-managed policy, such as ``job-function/Billing``; None for any other policy."""
    match = _POLICY_ARN.fullmatch(arn)
    return f"{match[3]}{match[4]}".removeprefix("/") if match and match[2] == "aws" else None


def policy_account(arn: str) -> str | None:
    """Return the account that owns the policy, ``aws`` for an AWS-managed one, None for no policy ARN."""
    match = _POLICY_ARN.fullmatch(arn)
    return match[2] if match else None


def policy_name(arn: str) -> str:
    """Return the name at the end of a policy's ARN, without its path."""
    return arn.rsplit("/", 1)[-1]


def policy_words(arn: str) -> str:
    """Return how a report calls a managed policy: ``aws:job-function/Billing`` for AWS's own, the bare name for others."""
    name = aws_policy_name(arn)
    return f"aws:{name}" if name else policy_name(arn)


def policy_address(arn: str) -> Address | None:
    """Return the address of a customer-managed policy; None for an AWS-managed one."""
    match = _POLICY_ARN.fullmatch(arn)
    return Address.of("policy", match[4]) if match and match[2] != "aws" else None


def policy_references(*arns: str | None) -> tuple[Address, ...]:
    """Return the addresses of the customer-managed policies among ``arns``."""
    found = (policy_address(arn) for arn in arns if arn)
    return tuple(address for address in found if address)


def respelled(arn: str, old: Address, new: Address) -> str:
    """Return ``arn`` with the name of ``new`` where it is the ARN of the policy ``old``."""
    if policy_address(arn) != old:
        return arn
    return arn.removesuffix(policy_name(arn)) + new.name


def boundary_arn(detail: UserDetail | RoleDetail) -> str | None:
    """Return the ARN of the policy that bounds a user or role in a snapshot, or None."""
    boundary = detail.get("PermissionsBoundary")
    return boundary.get("PermissionsBoundaryArn") if boundary else None
