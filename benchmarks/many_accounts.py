"""A generated tree of many accounts: a shared folder, and one folder for each account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

USERS = 30
"""Of each account, in a file of its folder."""
_OPERATORS = 3
"""So many of them are in the second group; the members of the first are nobody's business."""
_DATE = "2024-01-31T10:00:00Z"
_AWS_POLICIES = {"everybody": "ReadOnlyAccess", "operators": "SecurityAudit"}
_ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


def name_of(account: int) -> str:
    """Return the name of an account."""
    return f"account-{account:04}"


def id_of(account: int) -> str:
    """Return the id of an account."""
    return f"{100_000_000_000 + account}"


def write_accounts(root: Path, accounts: int) -> None:
    """Write the manifests of so many accounts of 30 users each."""
    lines = ["version: 1", "accounts:"]
    for account in range(accounts):
        name = name_of(account)
        lines.append(
            f'  {name}: {{id: "{id_of(account)}", manifests: [shared, accounts/{name}], variables: {{env: env-{account % 3}}}}}'
        )
        folder = root / "accounts" / name
        folder.mkdir(parents=True)
        _write(folder / "users.yaml", _users(account))
    _write(root / "iamctl.yaml", lines)
    (root / "shared" / "policies").mkdir(parents=True)
    _write(root / "shared" / "policies" / "read.json", [json.dumps(_ALLOW, indent=2)])
    _write(
        root / "shared" / "baseline.yaml",
        [
            "groups:",
            f'  everybody: {{members: open, policies: [read, "aws:{_AWS_POLICIES["everybody"]}"]}}',
            f'  operators: {{policies: ["aws:{_AWS_POLICIES["operators"]}"]}}',
            "policies:",
            "  read: {file: policies/read.json}",
        ],
    )


def _users(account: int) -> list[str]:
    names = [f"user-{account:04}-{user:02}" for user in range(USERS)]
    users = [f"  {name}: {{path: /people/, tags: {{team: {_team(account)}}}}}" for name in names]
    return ["users:", *users, "memberships:", f"  operators: [{', '.join(names[:_OPERATORS])}]"]


def _team(account: int) -> str:
    return f"team-{account % 7}"


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_snapshot(path: Path, account: int) -> None:
    """Write the snapshot of an account that is as the manifests declare it, but for credentials, which it lacks."""
    number = id_of(account)
    names = [f"user-{account:04}-{user:02}" for user in range(USERS)]
    path.write_text(
        json.dumps(
            {
                "account": {"id": number, "partition": "aws"},
                "UserDetailList": [
                    {
                        "Path": "/people/",
                        "UserName": name,
                        "UserId": f"AIDA{index:017}",
                        "Arn": f"arn:aws:iam::{number}:user/people/{name}",
                        "CreateDate": _DATE,
                        "GroupList": ["operators"] if index < _OPERATORS else [],
                        "AttachedManagedPolicies": [],
                        "Tags": [{"Key": "team", "Value": _team(account)}],
                    }
                    for index, name in enumerate(names)
                ],
                "GroupDetailList": [_group(number, "everybody", "read"), _group(number, "operators")],
                "RoleDetailList": [],
                "Policies": [_policy(number)],
            }
        ),
        encoding="utf-8",
    )


def _group(account: str, name: str, own: str = "") -> dict[str, Any]:
    arns = [f"arn:aws:iam::{account}:policy/{own}"] if own else []
    arns.append(f"arn:aws:iam::aws:policy/{_AWS_POLICIES[name]}")
    return {
        "Path": "/",
        "GroupName": name,
        "GroupId": f"AGPA{name.upper():0>17}",
        "Arn": f"arn:aws:iam::{account}:group/{name}",
        "CreateDate": _DATE,
        "GroupPolicyList": [],
        "AttachedManagedPolicies": [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns],
    }


def _policy(account: str) -> dict[str, Any]:
    return {
        "PolicyName": "read",
        "PolicyId": "ANPA00000000000000001",
        "Arn": f"arn:aws:iam::{account}:policy/read",
        "Path": "/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 1,
        "IsAttachable": True,
        "CreateDate": _DATE,
        "UpdateDate": _DATE,
        "PolicyVersionList": [
            {"Document": _ALLOW, "VersionId": "v1", "IsDefaultVersion": True, "CreateDate": _DATE},
        ],
    }
