"""A generated account, as a manifest tree and as a snapshot; the same number of users always gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ACCOUNT_ID = "123456789012"
USERS_IN_A_FILE = 500
DRIFT_EACH = 100
"""One of so many users has another tag than the account, and one of so many another group: 1%."""

AWS_POLICIES = (
    "ReadOnlyAccess",
    "SecurityAudit",
    "AmazonS3ReadOnlyAccess",
    "AmazonEC2ReadOnlyAccess",
    "AmazonDynamoDBReadOnlyAccess",
    "AmazonRDSReadOnlyAccess",
    "AmazonSQSReadOnlyAccess",
    "AmazonSNSReadOnlyAccess",
    "CloudWatchReadOnlyAccess",
    "AWSLambda_ReadOnlyAccess",
)
_DATE = "2024-01-31T10:00:00Z"


@dataclass(frozen=True)
class Size:
    """Users with two tags and two groups each; groups with a customer-managed, an AWS-managed and an inline policy."""

    users: int

    @property
    def groups(self) -> int:
        return self.users // 10

    @property
    def policies(self) -> int:
        return self.users // 10

    @property
    def objects_and_edges(self) -> int:
        """What a fresh apply makes: users, groups, policies, two memberships a user and three policies a group."""
        return self.users + self.groups + self.policies + 2 * self.users + 3 * self.groups

    @property
    def pages(self) -> int:
        """The fewest pages that IAM can tell this account in.

        https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
        """
        return -(-(self.users + self.groups + self.policies) // 1000)

    def groups_of(self, user: int) -> tuple[int, int]:
        return user % self.groups, (user + 1 + user // self.groups % (self.groups - 1)) % self.groups


def write_tree(root: Path, size: Size, *, drifted: bool) -> None:
    """Write the manifests; ``drifted`` ones differ from the account in 1% of the users' tags and memberships."""
    for folder in ("users", "policies"):
        (root / folder).mkdir(parents=True)
    settings = {"version": 1, "accounts": {"bench": {"id": ACCOUNT_ID}}, "scope": {"undeclared": {"users": "report"}}}
    _write(root / "iamctl.yaml", _yaml(settings))
    members: dict[int, list[str]] = {group: [] for group in range(size.groups)}
    for start in range(0, size.users, USERS_IN_A_FILE):
        lines = ["users:"]
        for user in range(start, min(start + USERS_IN_A_FILE, size.users)):
            tags = _tags(user, moved=drifted and user % DRIFT_EACH == 0)
            lines += [f"  {_user(user)}:", "    path: /people/", f"    tags: {json.dumps(tags)}"]
            first, second = size.groups_of(user)
            if drifted and user % (DRIFT_EACH // 2) == 1:  # of two memberships one: 1% of all
                second = next(group for group in range(size.groups) if group not in {first, second})
            members[first].append(_user(user))
            members[second].append(_user(user))
        _write(root / "users" / f"{start:05}.yaml", lines)
    lines = ["groups:"]
    for group in range(size.groups):
        held = json.dumps([_policy(group), f"aws:{AWS_POLICIES[group % len(AWS_POLICIES)]}"])
        lines += [f"  {_group(group)}:", f"    policies: {held}", "    inline_policies:"]
        lines += [f"      own: {json.dumps(_document('sqs', group))}"]
    _write(root / "groups.yaml", lines)
    lines = ["memberships:"]
    for group, names in members.items():
        lines += [f"  {_group(group)}:", *(f"    - {name}" for name in names)]
    _write(root / "memberships.yaml", lines)
    lines = ["policies:"]
    for policy in range(size.policies):
        lines += [f"  {_policy(policy)}:", f"    file: policies/{_policy(policy)}.json"]
        _write(root / "policies" / f"{_policy(policy)}.json", [json.dumps(_document("s3", policy), indent=2)])
    _write(root / "policies.yaml", lines)


def snapshot(size: Size) -> dict[str, Any]:
    """Return the account that the manifests describe."""
    return {
        "account": {"id": ACCOUNT_ID, "partition": "aws"},
        "UserDetailList": [_user_detail(size, user) for user in range(size.users)],
        "GroupDetailList": [_group_detail(group) for group in range(size.groups)],
        "RoleDetailList": [],
        "Policies": [_policy_detail(policy) for policy in range(size.policies)],
        "SummaryMap": {"GroupsQuota": 1000},  # 300 is what AWS gives unasked
    }


def _user_detail(size: Size, user: int) -> dict[str, Any]:
    return {
        "Path": "/people/",
        "UserName": _user(user),
        "UserId": f"AIDA{user:017}",
        "Arn": f"arn:aws:iam::{ACCOUNT_ID}:user/people/{_user(user)}",
        "CreateDate": _DATE,
        "GroupList": [_group(group) for group in size.groups_of(user)],
        "AttachedManagedPolicies": [],
        "Tags": [{"Key": key, "Value": value} for key, value in _tags(user, moved=False).items()],
    }


def _group_detail(group: int) -> dict[str, Any]:
    name = AWS_POLICIES[group % len(AWS_POLICIES)]
    return {
        "Path": "/",
        "GroupName": _group(group),
        "GroupId": f"AGPA{group:017}",
        "Arn": f"arn:aws:iam::{ACCOUNT_ID}:group/{_group(group)}",
        "CreateDate": _DATE,
        "GroupPolicyList": [{"PolicyName": "own", "PolicyDocument": _document("sqs", group)}],
        "AttachedManagedPolicies": [
            {"PolicyName": _policy(group), "PolicyArn": f"arn:aws:iam::{ACCOUNT_ID}:policy/{_policy(group)}"},
            {"PolicyName": name, "PolicyArn": f"arn:aws:iam::aws:policy/{name}"},
        ],
    }


def _policy_detail(policy: int) -> dict[str, Any]:
    version = {
        "Document": _document("s3", policy),
        "VersionId": "v1",
        "IsDefaultVersion": True,
        "CreateDate": _DATE,
    }
    return {
        "PolicyName": _policy(policy),
        "PolicyId": f"ANPA{policy:017}",
        "Arn": f"arn:aws:iam::{ACCOUNT_ID}:policy/{_policy(policy)}",
        "Path": "/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 1,
        "IsAttachable": True,
        "CreateDate": _DATE,
        "UpdateDate": _DATE,
        "PolicyVersionList": [version],
    }


def _user(number: int) -> str:
    return f"user-{number:05}"


def _group(number: int) -> str:
    return f"group-{number:04}"


def _policy(number: int) -> str:
    return f"policy-{number:04}"


def _tags(user: int, *, moved: bool) -> dict[str, str]:
    return {"team": "moved" if moved else f"team-{user % 40}", "email": f"{_user(user)}@example.com"}


def _document(service: str, number: int) -> dict[str, Any]:
    resource = f"arn:aws:{service}:::bucket-{number}" if service == "s3" else f"arn:aws:sqs:*:{ACCOUNT_ID}:q-{number}"
    actions = {"s3": ("GetObject", "ListBucket", "PutObject"), "sqs": ("SendMessage", "ReceiveMessage")}[service]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Work",
                "Effect": "Allow",
                "Action": [f"{service}:{action}" for action in actions],
                "Resource": [resource, f"{resource}/*"] if service == "s3" else resource,
            },
            {"Sid": "Never", "Effect": "Deny", "Action": f"{service}:Delete*", "Resource": "*"},
        ],
    }


def _yaml(settings: Any) -> Iterator[str]:
    yield json.dumps(settings)  # JSON is YAML


def _write(path: Path, lines: Any) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
