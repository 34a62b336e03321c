"""What is written down of users, groups and policies before they go; secrets are never among it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from iamctl.apply.journal import linked_part, sync_directory
from iamctl.model import Action, IamctlError, Plan

FORMAT = "iamctl-restore/1"

_Shape = Mapping[str, Any]
"""The names of the facts that are kept, each with those inside it, or None where it is kept as it is."""


def _names(*names: str) -> dict[str, None]:
    return dict.fromkeys(names)


_ATTACHED = _names("PolicyName", "PolicyArn")
_INLINE = _names("PolicyName", "PolicyDocument")
_TAGS = _names("Key", "Value")
_USER: _Shape = {
    **_names("UserName", "UserId", "Arn", "Path", "CreateDate", "GroupList"),
    "UserPolicyList": _INLINE,
    "AttachedManagedPolicies": _ATTACHED,
    "PermissionsBoundary": _names("PermissionsBoundaryType", "PermissionsBoundaryArn"),
    "Tags": _TAGS,
}
_CREDENTIALS: _Shape = {
    "LoginProfile": _names("CreateDate", "PasswordResetRequired"),
    "AccessKeyMetadata": {
        **_names("AccessKeyId", "Status", "CreateDate"),
        "AccessKeyLastUsed": _names("LastUsedDate", "Region", "ServiceName"),
    },
    "MFADevices": _names("SerialNumber", "EnableDate"),
    "SSHPublicKeys": _names("SSHPublicKeyId", "Status", "UploadDate"),
    "Certificates": _names("CertificateId", "Status", "UploadDate"),
    "ServiceSpecificCredentials": _names(
        "ServiceSpecificCredentialId", "ServiceName", "Status", "CreateDate", "ServiceUserName"
    ),
}
_GROUP: _Shape = {
    **_names("GroupName", "GroupId", "Arn", "Path", "CreateDate"),
    "GroupPolicyList": _INLINE,
    "AttachedManagedPolicies": _ATTACHED,
}
_POLICY: _Shape = {
    **_names("PolicyName", "PolicyId", "Arn", "Path", "Description", "DefaultVersionId", "CreateDate", "UpdateDate"),
    "PolicyVersionList": _names("VersionId", "IsDefaultVersion", "CreateDate", "Document"),
    "Tags": _TAGS,
}


class RestoreFileError(IamctlError):
    """The restore file cannot be written; without it nobody is removed."""


def restore_facts(plan: Plan, snapshot: Mapping[str, Any], version: str) -> dict[str, Any] | None:
    """Return all that ``snapshot`` tells of the users, groups and policies that the plan removes, by name.

    None where it removes none of them. The format is ``iamctl-restore/1`` (``schemas/restore.schema.json``): facts in
    AWS's words, with the members of groups and the holders of policies beside them. Facts that are not known are left
    out.
    """
    users, groups, policies = (_going(plan, kind) for kind in ("user", "group", "policy"))
    if not users | groups | policies:
        return None
    everybody = snapshot["UserDetailList"]
    held = {name.lower(): facts for name, facts in snapshot.get("credentials", {}).items()}
    return {
        "format": FORMAT,
        "iamctl_version": version,
        "account": {"id": plan.account.id, "partition": plan.account.partition},
        "plan_digest": plan.plan_digest,
        "taken_at": snapshot.get("taken_at"),
        "users": [
            {**_kept(user, _USER), "credentials": _kept(held.get(user["UserName"].lower(), {}), _CREDENTIALS)}
            for user in _named(everybody, "UserName", users)
        ],
        "groups": [
            {**_kept(group, _GROUP), "members": _members(everybody, group["GroupName"])}
            for group in _named(snapshot["GroupDetailList"], "GroupName", groups)
        ],
        "policies": [
            {**_kept(policy, _POLICY), "held_by": _holders(snapshot, policy["Arn"])}
            for policy in _named(snapshot["Policies"], "PolicyName", policies)
            if ":iam::aws:" not in policy["Arn"]
        ],
    }


def write_restore_file(path: Path, facts: Mapping[str, Any]) -> None:
    """Write the facts to a new file that only its owner reads; they are on disk when this returns.

    Raises:
        RestoreFileError: they are not, or a link stands on the way.
    """
    if link := linked_part(path.parent):
        raise RestoreFileError(f"{link} is a symbolic link; put a folder there, or nothing. Nothing was sent")
    rest = memoryview((json.dumps(facts, indent=2, ensure_ascii=True) + "\n").encode("ascii"))
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_directory(path.parent)
    except OSError as error:
        raise RestoreFileError(
            f"{path}: what is to be removed cannot be written down: {error.strerror}; nothing was sent"
        ) from error


def _going(plan: Plan, kind: str) -> frozenset[str]:
    """Return the names of what the plan removes of a kind, in lower case."""
    gone = (change for change in plan.changes if change.action is Action.DELETE and change.address.kind == kind)
    return frozenset(change.address.name.lower() for change in gone)


def _named(details: Iterable[Mapping[str, Any]], key: str, names: frozenset[str]) -> list[Mapping[str, Any]]:
    found = (detail for detail in details if detail[key].lower() in names)
    return sorted(found, key=lambda detail: str(detail[key]))


def _kept(facts: Any, shape: _Shape | None) -> Any:
    if shape is None or facts is None:
        return facts
    if isinstance(facts, Mapping):
        return {name: _kept(facts[name], inside) for name, inside in shape.items() if name in facts}
    return [_kept(fact, shape) for fact in facts]


def _members(users: Iterable[Mapping[str, Any]], group: str) -> list[str]:
    return sorted(user["UserName"] for user in users if group in user.get("GroupList", ()))


def _holders(snapshot: Mapping[str, Any], arn: str) -> dict[str, list[str]]:
    def holding(section: str, key: str) -> list[str]:
        return sorted(
            detail[key]
            for detail in snapshot[section]
            if any(attached["PolicyArn"] == arn for attached in detail.get("AttachedManagedPolicies", ()))
        )

    bounded = (
        user["UserName"]
        for user in snapshot["UserDetailList"]
        if (user.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn") == arn
    )
    return {
        "groups": holding("GroupDetailList", "GroupName"),
        "users": holding("UserDetailList", "UserName"),
        "bounds": sorted(bounded),
    }
