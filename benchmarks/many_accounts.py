"""A generated tree of many accounts: a shared folder, and one folder for each account."""

from __future__ import annotations

import json
from pathlib import Path

USERS = 30
"""Of each account, in a file of its folder."""
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
            '  everybody: {members: open, policies: [read, "aws:ReadOnlyAccess"]}',
            '  operators: {members: open, policies: ["aws:SecurityAudit"]}',
            "policies:",
            "  read: {file: policies/read.json}",
        ],
    )


def _users(account: int) -> list[str]:
    names = [f"user-{account:04}-{user:02}" for user in range(USERS)]
    users = [f"  {name}: {{path: /people/, tags: {{team: team-{account % 7}}}}}" for name in names]
    return ["users:", *users, "memberships:", f"  operators: [{', '.join(names[:3])}]"]


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
