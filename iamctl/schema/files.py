"""JSON Schemas of the files that iamctl keeps of an account: snapshots, and what an apply removes."""

from __future__ import annotations

from typing import Any

from iamctl.kinds import root_kinds
from iamctl.model import Section
from iamctl.schema.parts import DIGEST, DRAFT, TEXT, TEXT_OR_NULL, TIME, VERSION, account_of, format_of, object_of

_DETAILS = "GetAccountAuthorizationDetails"


def _aws_rows(operation: str) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "object"}, "description": f"As {operation} has it."}


def snapshot_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-snapshot/1``, a superset of get-account-authorization-details.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
    """
    credentials = {
        "LoginProfile": {"type": ["object", "null"], "description": "null: the user has no password."},
        "AccessKeyMetadata": _aws_rows("ListAccessKeys"),
        "MFADevices": _aws_rows("ListMFADevices"),
        "SSHPublicKeys": _aws_rows("ListSSHPublicKeys"),
        "Certificates": _aws_rows("ListSigningCertificates"),
        "ServiceSpecificCredentials": _aws_rows("ListServiceSpecificCredentials"),
    }
    body: dict[str, Any] = {
        "format": format_of("iamctl-snapshot/1"),
        "taken_at": {**TIME, "description": "When the account was read."},
        "account": {
            "type": "object",
            "required": ["id", "partition"],
            "properties": account_of("id", "partition")["properties"],
            "description": "The account id (default: the one in the first ARN).",
        },
        **{name: _aws_rows(_DETAILS) for name in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")},
        "SummaryMap": {
            "type": "object",
            "additionalProperties": {"type": "integer"},
            "description": "As GetAccountSummary has it.",
        },
        "credentials": {
            "type": "object",
            "description": "By user name. A user or a fact that is not here is unknown, never absent.",
            "additionalProperties": {"type": "object", "properties": credentials},
        },
        "credential_report": _credential_report(),
        "virtual_mfa_devices": _aws_rows("ListVirtualMFADevices"),
        "missing_policies": {
            "type": "array",
            "items": TEXT,
            "description": "ARNs that were looked up and do not exist.",
        },
    }
    return {
        "$schema": DRAFT,
        "title": "A snapshot of IAM in one account",
        "type": "object",
        "required": ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"],
        "properties": body,
    }


def _credential_report() -> dict[str, Any]:
    """Return the schema of what a snapshot keeps of the credential report.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
    """
    used = {
        "LastUsedDate": {**TIME, "description": "When it was used last."},
        "Region": {**TEXT, "description": "The region of that use."},
        "ServiceName": {**TEXT, "description": "The service of that use."},
    }
    key = {
        "Status": {"enum": ["Active", "Inactive"], "description": "Whether it works."},
        "LastRotated": {**TIME, "description": "When it was made, or made active or inactive."},
        "AccessKeyLastUsed": {"type": "object", "properties": used, "description": "Its last use."},
    }
    keys = {"type": "object", "required": ["Status"], "properties": key}
    row = {
        "Arn": {**TEXT, "description": "The ARN of the user."},
        "CreateDate": {**TIME, "description": "When the user was made."},
        "PasswordEnabled": {"type": "boolean", "description": "Whether the user has a password."},
        "PasswordLastUsed": {**TIME, "description": "When the password was used last."},
        "PasswordLastChanged": {**TIME, "description": "When the password was changed last."},
        "MFAActive": {"type": "boolean", "description": "Whether the user has an MFA device."},
        "AccessKeys": {"type": "array", "items": keys, "description": "The access keys, of which it tells no ids."},
    }
    of_one = {"type": "object", "properties": row}
    body = {
        "GeneratedTime": {**TIME, "description": "When AWS made the report."},
        "users": {"type": "object", "additionalProperties": of_one, "description": "The rows of users, by name."},
        "root": {**of_one, "description": "The row of the root user."},
    }
    return {
        "type": "object",
        "description": "What the credential report told when AWS made it. What a row leaves out is unknown.",
        "required": ["GeneratedTime", "users"],
        "properties": body,
    }


def restore_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-restore/1``, which apply writes before users, groups or policies go."""

    def written(section: Section) -> dict[str, Any]:
        item = {"type": "object", "required": [*section.restored], "properties": dict(section.restored)}
        return {"type": "array", "items": item, "description": section.restored_as}

    restored = [kind.section for kind in root_kinds() if kind.section and kind.section.restored]
    body = {
        "format": format_of("iamctl-restore/1"),
        "iamctl_version": VERSION,
        "account": account_of("id", "partition"),
        "plan_digest": {**DIGEST, "description": "The plan that removes it."},
        "taken_at": {**TEXT_OR_NULL, "description": "When the account was read."},
        **{section.name: written(section) for section in restored},
    }
    return {"$schema": DRAFT, "title": "What an apply removes", **object_of(body)}
