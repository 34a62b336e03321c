"""What CloudFormation manages, from the tags of users and policies and from lists of the resources of stacks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iamctl.account.live import Live
from iamctl.kinds import Policy, User
from iamctl.kinds.arn import policy_account, policy_name
from iamctl.manifests.owned_resource import OwnedResource, Ownership, Tool, read_json, rows, text
from iamctl.model import Address, IamctlError

_WANTED = "the output of 'aws cloudformation list-stack-resources' or 'describe-stack-resources'"

_KINDS = {"AWS::IAM::User": User.kind, "AWS::IAM::Group": "group", "AWS::IAM::ManagedPolicy": Policy.kind}
"""Types of resources whose physical id is the name or, for policies, the ARN.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
"""
_TAG = "aws:cloudformation:"
"""What the tags begin with that CloudFormation sets.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
"""


def by_tags(live: Live) -> Ownership:
    """Return the users and policies whose tags name a stack."""
    found = []
    tagged: tuple[User | Policy, ...] = (*live.state.of_kind(User), *live.state.of_kind(Policy))
    for one in tagged:
        tags = {key.lower(): value for key, value in (one.tags or {}).items()}
        if stack := tags.get(f"{_TAG}stack-name") or tags.get(f"{_TAG}stack-id"):
            kind = "AWS::IAM::User" if isinstance(one, User) else "AWS::IAM::ManagedPolicy"
            name = tags.get(f"{_TAG}logical-id", one.name)
            found.append(OwnedResource(Tool.CLOUDFORMATION, kind, name, stack, (one.address,)))
    return Ownership(tuple(found))


def stack_resources(path: Path, account_id: str) -> Ownership:
    """Return the resources of a stack.

    Raises:
        IamctlError: the file is not a list of the resources of a stack.
    """
    data = read_json(path, _WANTED)
    listed = data.get("StackResourceSummaries", data.get("StackResources"))
    if not isinstance(listed, list):
        raise IamctlError(f"{path}: not {_WANTED}")
    return Ownership(tuple(_resource(row, account_id) for row in rows(listed) if not _is_gone(row)))


def _is_gone(row: Mapping[str, Any]) -> bool:
    return text(row.get("ResourceStatus")) in {"DELETE_COMPLETE", "DELETE_SKIPPED"}


def _resource(row: Mapping[str, Any], account_id: str) -> OwnedResource:
    kind, physical = text(row.get("ResourceType")), text(row.get("PhysicalResourceId"))
    roots: tuple[Address, ...] = ()
    if kind in _KINDS and physical:
        is_policy = kind == "AWS::IAM::ManagedPolicy"
        name = policy_name(physical) if is_policy else physical
        roots = (Address.of(_KINDS[kind], name),) if not is_policy or policy_account(physical) == account_id else ()
    return OwnedResource(
        Tool.CLOUDFORMATION, kind, text(row.get("LogicalResourceId")), text(row.get("StackName")), roots
    )
