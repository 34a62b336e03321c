"""JSON Schemas of what iamctl writes: plans, snapshots, findings, memberships and the results of apply."""

from __future__ import annotations

from typing import Any

from iamctl.kinds import KINDS
from iamctl.model import Action, OutcomeStatus, Severity
from iamctl.roster import Standing, Status

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: dict[str, Any] = {"type": "string"}
_TEXT_OR_NULL: dict[str, Any] = {"type": ["string", "null"]}
_INDEX: dict[str, Any] = {"type": "integer", "minimum": 0}
_DIGEST: dict[str, Any] = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
_TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
_TIME_OR_NULL: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}


def plan_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-plan/1``."""
    body = {
        "format": {"const": "iamctl-plan/1"},
        "iamctl_version": _TEXT,
        "created_at": _TIME,
        "account": _object({"id": {"type": "string", "pattern": "^[0-9]{12}$"}, "name": _TEXT, "partition": _TEXT}),
        "plan_digest": {**_DIGEST, "description": "Over account, partition, calls and the ids of what they touch."},
        "manifest_digest": _DIGEST,
        "live_fingerprint": _DIGEST,
        "settings_compared": {"type": "boolean", "description": "false: there was no --base, or nothing in it."},
        "credentials_as_of": {
            **_TIME_OR_NULL,
            "description": "When AWS made the credential report; null: none was read.",
        },
        "summary": _object(
            dict.fromkeys(
                ("create", "update", "delete", "calls", "ignored", "unmanaged", "refused", "warnings"), _INDEX
            )
        ),
        "changes": {"type": "array", "items": _change()},
        "calls": {"type": "array", "items": _call(), "description": "The AWS writes, in an order that is allowed."},
        "findings": {"type": "array", "items": _finding()},
    }
    return {"$schema": _DRAFT, "title": "A plan of iamctl", **_object(body)}


def apply_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-apply/1``."""
    outcome = {
        "call": _INDEX,
        "operation": _TEXT,
        "status": {"enum": [status.value for status in OutcomeStatus]},
        "error": {"type": ["string", "null"]},
        "code": {"type": ["string", "null"]},
        "because": {"type": ["integer", "null"], "description": "The call whose failure stopped this one."},
    }
    given = {
        "user": _TEXT,
        "file": {**_TEXT_OR_NULL, "description": "The encrypted file; null when it was shown on the terminal."},
        "valid": {"type": ["boolean", "null"], "description": "null: not known; false: it could not be taken back."},
    }
    body = {
        "format": {"const": "iamctl-apply/1"},
        "plan": {key: value for key, value in plan_schema().items() if key != "$schema"},
        "outcomes": {"type": "array", "items": _object(outcome)},
        "converged": {"type": ["boolean", "null"], "description": "What the second read said; null when not read."},
        "remaining": {"type": "array", "items": _TEXT, "description": "Addresses that still differ."},
        "journal": {"type": ["string", "null"]},
        "restore": {**_TEXT_OR_NULL, "description": "Where what goes was written down; null when nothing goes."},
        "handover": {"type": "array", "items": _object(given), "description": "The passwords that were handed over."},
    }
    return {"$schema": _DRAFT, "title": "The result of iamctl apply", **_object(body)}


def members_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-members/1``, which members prints."""
    standing = {
        "enum": [standing.value for standing in Standing],
        "description": "new: declared and not live; removed: live and planned for removal; the last two are left alone.",
    }
    status = {"enum": [status.value for status in Status]}
    named = {"name": _TEXT, "standing": standing, "renamed_from": {**_TEXT_OR_NULL, "description": "The live name."}}
    member = {
        "user": _TEXT,
        "status": status,
        "declared": {"type": "boolean", "description": "It stands in the manifests and has not ended."},
        "live": {"type": ["boolean", "null"], "description": "null: the account was not read."},
        "until": _TEXT_OR_NULL,
        "reason": {**_TEXT_OR_NULL, "description": "What the manifest says."},
        "because": {**_TEXT_OR_NULL, "description": "Why it leaves or is left alone."},
        "not_before": {
            "type": ["string", "null"],
            "format": "date",
            "description": "The membership cannot be older: that day its user or its group was made. IAM tells no more.",
        },
        "origin": _origin(),
    }
    counts = ("groups", "people", "declared", "live", *(status.value for status in Status if status != "declared"))
    body = {
        "format": {"const": "iamctl-members/1"},
        "created_at": _TIME,
        "account": _object({"id": {"type": "string", "pattern": "^[0-9]{12}$"}, "name": _TEXT, "partition": _TEXT}),
        "is_live": {"type": "boolean", "description": "false: only the manifests were read."},
        "totals": _object(dict.fromkeys(counts, _INDEX)),
        "groups": _rows({**named, "members": _rows(member)}),
        "people": _rows({**named, "groups": _rows({"group": _TEXT, "status": status})}),
    }
    return {"$schema": _DRAFT, "title": "Who belongs to which group", **_object(body)}


def drift_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-drift/1``, which drift prints."""
    side = {"type": ["object", "null"], "description": "The declared fields; null: it is not there."}
    one = {
        "address": _TEXT,
        "kind": {"enum": [kind.kind for kind in KINDS]},
        "sentence": {**_TEXT, "description": "What differs, in words."},
        "details": {"type": "array", "items": _TEXT, "description": "From what the manifests say to what is live."},
        "is_due": {"type": "boolean", "description": "true: only time went by, nobody did it by hand."},
        "live": side,
        "desired": side,
        "along": {"type": "array", "items": _TEXT, "description": "What hangs on it and differs for that alone."},
        "reason": {**_TEXT, "description": "Why a plan changes it."},
        "origin": _origin(),
    }
    body = {
        "format": {"const": "iamctl-drift/1"},
        "iamctl_version": _TEXT,
        "created_at": _TIME,
        "account": _object({"id": {"type": "string", "pattern": "^[0-9]{12}$"}, "name": _TEXT, "partition": _TEXT}),
        "summary": _object(dict.fromkeys(("drift", "due", "undeclared"), _INDEX)),
        "drift": {"type": "array", "items": _object(one)},
        "undeclared": {"type": "array", "items": _TEXT, "description": "Addresses that are left alone."},
        "findings": {"type": "array", "items": _finding()},
    }
    return {"$schema": _DRAFT, "title": "What is live and not as the manifests say", **_object(body)}


def findings_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-findings/1``, which validate prints."""
    body = {"format": {"const": "iamctl-findings/1"}, "findings": {"type": "array", "items": _finding()}}
    return {"$schema": _DRAFT, "title": "What iamctl validate found", **_object(body)}


def snapshot_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-snapshot/1``, a superset of get-account-authorization-details.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
    """
    rows = {"type": "array", "items": {"type": "object"}}
    credentials = {
        "LoginProfile": {"type": ["object", "null"], "description": "null: the user has no password."},
        **dict.fromkeys(
            ("AccessKeyMetadata", "MFADevices", "SSHPublicKeys", "Certificates", "ServiceSpecificCredentials"), rows
        ),
    }
    body: dict[str, Any] = {
        "format": {"const": "iamctl-snapshot/1"},
        "taken_at": _TIME,
        "account": {"type": "object", "required": ["id", "partition"], "properties": {"id": _TEXT, "partition": _TEXT}},
        "UserDetailList": rows,
        "GroupDetailList": rows,
        "RoleDetailList": rows,
        "Policies": rows,
        "SummaryMap": {"type": "object", "additionalProperties": {"type": "integer"}},
        "credentials": {
            "type": "object",
            "description": "By user name. A user or a fact that is not here is unknown, never absent.",
            "additionalProperties": {"type": "object", "properties": credentials},
        },
        "credential_report": _credential_report(),
        "virtual_mfa_devices": rows,
        "missing_policies": {"type": "array", "items": _TEXT},
    }
    return {
        "$schema": _DRAFT,
        "title": "A snapshot of IAM in one account",
        "type": "object",
        "required": ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"],
        "properties": body,
    }


def _credential_report() -> dict[str, Any]:
    """Return the schema of what a snapshot keeps of the credential report.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
    """
    used = {"LastUsedDate": _TIME, "Region": _TEXT, "ServiceName": _TEXT}
    key = {
        "Status": {"enum": ["Active", "Inactive"]},
        "LastRotated": _TIME,
        "AccessKeyLastUsed": {"type": "object", "properties": used},
    }
    row = {
        "Arn": _TEXT,
        "CreateDate": _TIME,
        "PasswordEnabled": {"type": "boolean"},
        "PasswordLastUsed": _TIME,
        "PasswordLastChanged": _TIME,
        "MFAActive": {"type": "boolean"},
        "AccessKeys": {"type": "array", "items": {"type": "object", "required": ["Status"], "properties": key}},
    }
    of_one = {"type": "object", "properties": row}
    body = {"GeneratedTime": _TIME, "users": {"type": "object", "additionalProperties": of_one}, "root": of_one}
    return {
        "type": "object",
        "description": "What the credential report told when AWS made it. What a row leaves out is unknown.",
        "required": ["GeneratedTime", "users"],
        "properties": body,
    }


def restore_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-restore/1``, which apply writes before users, groups or policies go."""
    texts = {"type": "array", "items": _TEXT}
    held_by = _object({"groups": texts, "users": texts, "bounds": texts})

    def written(name: str, more: dict[str, Any], what: str) -> dict[str, Any]:
        facts = {name: _TEXT, **more}
        item = {"type": "object", "required": [name, *more], "properties": facts, "description": what}
        return {"type": "array", "items": item}

    body = {
        "format": {"const": "iamctl-restore/1"},
        "iamctl_version": _TEXT,
        "account": _object({"id": {"type": "string", "pattern": "^[0-9]{12}$"}, "partition": _TEXT}),
        "plan_digest": _DIGEST,
        "taken_at": {**_TEXT_OR_NULL, "description": "When the account was read."},
        "users": written("UserName", {"credentials": {"type": "object"}}, "As in a snapshot, without secrets."),
        "groups": written("GroupName", {"members": texts}, "As in a snapshot."),
        "policies": written("PolicyName", {"held_by": held_by}, "As in a snapshot, with all versions."),
    }
    return {"$schema": _DRAFT, "title": "What an apply removes", **_object(body)}


def _rows(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": _object(properties)}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


def _origin() -> dict[str, Any]:
    place = {"path": _TEXT, "line": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}}
    return {**_object(place), "type": ["object", "null"]}


def _change() -> dict[str, Any]:
    side = {"type": ["object", "null"]}
    return _object(
        {
            "address": _TEXT,
            "kind": {"enum": [kind.kind for kind in KINDS]},
            "action": {"enum": [action.value for action in Action]},
            "before": side,
            "after": side,
            "fields": {"type": "array", "items": _TEXT},
            "reason": _TEXT,
            "origin": _origin(),
            "calls": {"type": "array", "items": _INDEX},
        }
    )


def _call() -> dict[str, Any]:
    return _object(
        {
            "index": _INDEX,
            "service": _TEXT,
            "operation": _TEXT,
            "params": {"type": "object"},
            "needs": {"type": "array", "items": _INDEX, "description": "Calls that must have succeeded before."},
        }
    )


def _finding() -> dict[str, Any]:
    return _object(
        {
            "rule": {"type": "string", "pattern": "^IAM[0-9]{3}$"},
            "severity": {"enum": [severity.value for severity in Severity]},
            "address": {"type": ["string", "null"]},
            "message": _TEXT,
            "origin": _origin(),
        }
    )
