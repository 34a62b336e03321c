"""JSON Schemas of the files that iamctl keeps of an account: snapshots, and what an apply removes."""

from __future__ import annotations

from typing import Any

from iamctl.kinds import root_kinds
from iamctl.model import Section
from iamctl.schema.parts import (
    ADDRESS,
    DIGEST,
    DRAFT,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    VERSION,
    account_of,
    format_of,
    object_of,
)
from iamctl.schema.results import plan_schema

_DETAILS = "GetAccountAuthorizationDetails"

_EVENTS = {
    "type": "array",
    "items": {"type": "object"},
    "description": "Calls as CloudTrail records them (CloudTrailEvent). Only the sandbox uses them.",
}

_ORGANIZATION = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["id", "name"],
        "properties": {
            "id": {"type": "string", "pattern": "^[0-9]{12}$", "description": "The account id."},
            "name": {"type": "string", "description": "The name of the account."},
            "ou": {"type": "string", "description": "The names of its organizational units: /prod/payments."},
            "state": {"type": "string", "description": "Its state (default: ACTIVE)."},
            "tags": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Its tags."},
        },
    },
    "description": "The accounts of the organization that this account manages. Only the sandbox uses them.",
}

_USAGE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": {"type": "object", "additionalProperties": TIME},
    "description": "When users last used a service, by user name and prefix of the service. Only the sandbox uses it.",
}

_SESSIONS: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["sessionArn", "principalArn", "expiresAt"],
        "properties": {
            "issuedAt": {"type": "integer", "description": "When it began, in seconds of Unix time."},
            "expiresAt": {"type": "integer", "description": "When it ends, in seconds of Unix time."},
        },
    },
    "description": "As signin:ListSessions has them.",
}

_SIGNIN_SESSIONS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": {"type": "object", "properties": {"Sessions": _SESSIONS}},
    "description": "The sign-in sessions of users, by user name. Only the sandbox uses them.",
}

_OF_THE_SANDBOX: dict[str, Any] = {
    "events": _EVENTS,
    "organization": _ORGANIZATION,
    "signin_sessions": _SIGNIN_SESSIONS,
    "usage": _USAGE,
}


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
            "description": "The SummaryMap that GetAccountSummary returned.",
        },
        "credentials": {
            "type": "object",
            "description": "By user name. A user or fact that is not listed here is unknown, which does not mean that it does not exist.",
            "additionalProperties": {"type": "object", "properties": credentials},
        },
        "credential_report": _credential_report(),
        "virtual_mfa_devices": _aws_rows("ListVirtualMFADevices"),
        "missing_policies": {
            "type": "array",
            "items": TEXT,
            "description": "Policy ARNs that were looked up and do not exist.",
        },
        "audit": _audit_facts(),
        **_OF_THE_SANDBOX,
    }
    return {
        "$schema": DRAFT,
        "title": "A snapshot of the IAM state of one account",
        "type": "object",
        "required": ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"],
        "properties": body,
    }


def _audit_facts() -> dict[str, Any]:
    """Return the schema of what only an audit reads."""
    texts = {"type": "array", "items": TEXT}
    certificate = {
        "ServerCertificateName": {**TEXT, "description": "The name of the certificate."},
        "Expiration": {**TIME, "description": "When it expires."},
    }
    return {
        "type": "object",
        "description": "Facts about the account itself, which iamctl audit reads. A fact that is not listed here is unknown.",
        "properties": {
            "PasswordPolicy": {
                "type": ["object", "null"],
                "description": "As GetAccountPasswordPolicy has it; null: the account has none of its own.",
            },
            "AccountAliases": {**texts, "description": "The alias of the account, if it has one."},
            "ServerCertificates": {
                "type": "array",
                "items": {"type": "object", "required": ["ServerCertificateName"], "properties": certificate},
                "description": "The server certificates that IAM keeps.",
            },
            "Analyzers": {
                "type": "object",
                "additionalProperties": texts,
                "description": "The types of the active analyzers of Access Analyzer, by enabled region.",
            },
            "OrganizationsFeatures": {
                "type": ["array", "null"],
                "items": TEXT,
                "description": "The features for root users that the organization has enabled; null: the account does not manage one.",
            },
            "SigninSessions": {
                **_SESSIONS,
                "description": "The active sign-in sessions of users, as signin:ListSessions has them.",
            },
            "RootVirtualMFADevices": {
                **texts,
                "description": "Serial numbers of the virtual MFA devices of the root user.",
            },
            "Unread": {
                "type": "object",
                "additionalProperties": TEXT,
                "description": "Facts that could not be read, each with the reason.",
            },
        },
    }


def _credential_report() -> dict[str, Any]:
    """Return the schema of what a snapshot keeps of the credential report.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
    """
    used = {
        "LastUsedDate": {**TIME, "description": "When the key was last used."},
        "Region": {**TEXT, "description": "The region in which it was last used."},
        "ServiceName": {**TEXT, "description": "The service for which it was last used."},
    }
    key = {
        "Status": {"enum": ["Active", "Inactive"], "description": "Whether the key can be used."},
        "LastRotated": {**TIME, "description": "When the key was created, activated or deactivated."},
        "AccessKeyLastUsed": {"type": "object", "properties": used, "description": "Its last use."},
    }
    keys = {"type": "object", "required": ["Status"], "properties": key}
    row = {
        "Arn": {**TEXT, "description": "The ARN of the user."},
        "CreateDate": {**TIME, "description": "When the user was created."},
        "PasswordEnabled": {"type": "boolean", "description": "Whether the user has a password."},
        "PasswordLastUsed": {**TIME, "description": "When the password was last used."},
        "PasswordLastChanged": {**TIME, "description": "When the password was last changed."},
        "IsPasswordUseKnown": {
            "type": "boolean",
            "description": "false: a password without PasswordLastUsed may have been used.",
        },
        "MFAActive": {"type": "boolean", "description": "Whether the user has an MFA device."},
        "AccessKeys": {
            "type": "array",
            "items": keys,
            "description": "The access keys; the report does not contain their ids.",
        },
    }
    of_one = {"type": "object", "properties": row}
    body = {
        "GeneratedTime": {**TIME, "description": "When AWS generated the report."},
        "users": {"type": "object", "additionalProperties": of_one, "description": "The rows of users, by name."},
        "root": {**of_one, "description": "The row of the root user."},
    }
    return {
        "type": "object",
        "description": "The credential report as AWS generated it. A field that is missing from a row is unknown.",
        "required": ["GeneratedTime", "users"],
        "properties": body,
    }


def saved_plan_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-saved-plan/1``, which ``plan --out`` writes: a plan and its digests."""
    texts = {"type": "object", "additionalProperties": TEXT}
    row = {"type": "array", "minItems": 2}
    covers = {
        "ids": {**texts, "description": "The unique ids of what the calls touch, by address."},
        "terms": {"type": "object", "description": "The terms of changes, such as the readers of a new password."},
        "gained": {
            "type": "object",
            "additionalProperties": TEXT_OR_NULL,
            "description": "The documents of policies that the changes bring to users; null: not known.",
        },
        "risks": {"type": "array", "items": row, "description": "Address, rule and facts of each risk."},
    }
    declared = {"type": "array", "items": row, "description": "Changes that need no call now, if there are any."}
    covered = object_of(covers)
    unchanged = {"type": "array", "items": ADDRESS, "description": "Users whose access is proved to stay the same."}
    plan = plan_schema()
    body = {
        **plan["properties"],
        "format": format_of("iamctl-saved-plan/1"),
        "covers": {
            **covered,
            "properties": {**covers, "declared": declared, "unchanged": unchanged},
            "description": "What the plan digest covers beside the account, the partition and the calls.",
        },
    }
    digests = {
        "type": "object",
        "additionalProperties": DIGEST,
        "description": "The digest of each other key, by which apply recognizes an edited file.",
    }
    return {"$schema": DRAFT, "title": "A plan that was saved", **object_of({**body, "section_digests": digests})}


def restore_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-restore/1``, which apply writes before it deletes users, groups or policies."""

    def written(section: Section) -> dict[str, Any]:
        item = {"type": "object", "required": [*section.restored], "properties": dict(section.restored)}
        return {"type": "array", "items": item, "description": section.restored_as}

    restored = [kind.section for kind in root_kinds() if kind.section and kind.section.restored]
    body = {
        "format": format_of("iamctl-restore/1"),
        "iamctl_version": VERSION,
        "account": account_of("id", "partition"),
        "plan_digest": {**DIGEST, "description": "The digest of the plan that deletes these resources."},
        "taken_at": {**TEXT_OR_NULL, "description": "When the account was read."},
        **{section.name: written(section) for section in restored},
    }
    return {"$schema": DRAFT, "title": "Resources that an apply deletes", **object_of(body)}
