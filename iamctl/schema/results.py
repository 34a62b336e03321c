"""JSON Schemas of what commands print: plans, findings, drift, memberships and the results of apply."""

from __future__ import annotations

from typing import Any

from iamctl.comparison.members import Standing, Status
from iamctl.model import OutcomeStatus
from iamctl.schema.parts import (
    ADDRESS,
    CREATED,
    DIGEST,
    DRAFT,
    INDEX,
    TEXT,
    TEXT_OR_NULL,
    TIME_OR_NULL,
    VERSION,
    account_of,
    call_of,
    change_of,
    counts_of,
    findings_of,
    format_of,
    kind_of,
    object_of,
    origin_of,
    rows_of,
)


def plan_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-plan/1``."""
    body = {
        "format": format_of("iamctl-plan/1"),
        "iamctl_version": VERSION,
        "created_at": CREATED,
        "account": account_of("id", "name", "partition"),
        "plan_digest": {**DIGEST, "description": "Over account, partition, calls and the ids of what they touch."},
        "manifest_digest": {**DIGEST, "description": "Over the manifests as they were read."},
        "live_fingerprint": {**DIGEST, "description": "Over what is live and was compared."},
        "settings_compared": {"type": "boolean", "description": "false: there was no --base, or nothing in it."},
        "credentials_as_of": {
            **TIME_OR_NULL,
            "description": "When AWS made the credential report; null: none was read.",
        },
        "summary": counts_of(
            {
                "create": "Changes that make something.",
                "update": "Changes of something that stays.",
                "delete": "Changes that remove something.",
                "calls": "AWS writes.",
                "ignored": "Live users, groups and policies that scope.ignore names.",
                "unmanaged": "Live users, groups and policies that nobody declares.",
                "refused": "Findings that stop the plan.",
                "warnings": "Findings that warn.",
            }
        ),
        "changes": {"type": "array", "items": change_of(), "description": "What differs, by address."},
        "cosmetic": {
            "type": "array",
            "items": ADDRESS,
            "description": "Policies that differ in Sid or Id; not written.",
        },
        "calls": {"type": "array", "items": call_of(), "description": "The AWS writes, in an order that is allowed."},
        "findings": findings_of(),
    }
    return {"$schema": DRAFT, "title": "A plan of iamctl", **object_of(body)}


def apply_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-apply/1``."""
    outcome = {
        "call": {**INDEX, "description": "The index of the call in the plan."},
        "operation": {**TEXT, "description": "The operation of IAM."},
        "status": {
            "enum": [status.value for status in OutcomeStatus],
            "description": "unknown: AWS may or may not have carried it out.",
        },
        "error": {**TEXT_OR_NULL, "description": "What AWS said."},
        "code": {**TEXT_OR_NULL, "description": "The error code of AWS."},
        "because": {"type": ["integer", "null"], "description": "The call whose failure stopped this one."},
    }
    given = {
        "user": {**TEXT, "description": "Whose password."},
        "file": {**TEXT_OR_NULL, "description": "The encrypted file; null when it was shown on the terminal."},
        "valid": {"type": ["boolean", "null"], "description": "null: not known; false: it could not be taken back."},
    }
    body = {
        "format": format_of("iamctl-apply/1"),
        "plan": {
            **{key: value for key, value in plan_schema().items() if key != "$schema"},
            "description": "The plan that was carried out.",
        },
        "outcomes": {"type": "array", "items": object_of(outcome), "description": "What became of each call."},
        "converged": {"type": ["boolean", "null"], "description": "What the second read said; null when not read."},
        "remaining": {"type": "array", "items": TEXT, "description": "Addresses that still differ."},
        "journal": {**TEXT_OR_NULL, "description": "Where each call was written down; null without one."},
        "restore": {**TEXT_OR_NULL, "description": "Where what goes was written down; null when nothing goes."},
        "handover": {"type": "array", "items": object_of(given), "description": "The passwords that were handed over."},
    }
    return {"$schema": DRAFT, "title": "The result of iamctl apply", **object_of(body)}


def members_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-members/1``, which members prints."""
    standing = {
        "enum": [standing.value for standing in Standing],
        "description": "new: declared and not live; removed: live and planned for removal; the last two are left alone.",
    }
    status = {
        "enum": [status.value for status in Status],
        "description": "What becomes of the membership; declared: the account was not read.",
    }
    named = {
        "name": {**TEXT, "description": "The name of the group or the user."},
        "standing": standing,
        "renamed_from": {**TEXT_OR_NULL, "description": "The live name."},
    }
    member = {
        "user": {**TEXT, "description": "The name of the user."},
        "status": status,
        "declared": {"type": "boolean", "description": "It stands in the manifests and has not ended."},
        "live": {"type": ["boolean", "null"], "description": "null: the account was not read."},
        "until": {**TEXT_OR_NULL, "description": "When it ends, as the manifest says."},
        "reason": {**TEXT_OR_NULL, "description": "What the manifest says."},
        "because": {**TEXT_OR_NULL, "description": "Why it leaves or is left alone."},
        "not_before": {
            "type": ["string", "null"],
            "format": "date",
            "description": "The membership cannot be older: that day its user or its group was made. IAM tells no more.",
        },
        "origin": origin_of(),
    }
    counts = {
        "groups": "Groups that are shown.",
        "people": "Users who belong to one of them.",
        "declared": "Memberships in the manifests that have not ended.",
        "live": "Memberships in the account.",
        **{status.value: f"Memberships of the status {status}." for status in Status if status != "declared"},
    }
    membership = {"group": {**TEXT, "description": "The name of the group."}, "status": status}
    body = {
        "format": format_of("iamctl-members/1"),
        "created_at": CREATED,
        "account": account_of("id", "name", "partition"),
        "is_live": {"type": "boolean", "description": "false: only the manifests were read."},
        "totals": counts_of(counts),
        "groups": rows_of({**named, "members": rows_of(member, "Who belongs to it.")}, "By group."),
        "people": rows_of({**named, "groups": rows_of(membership, "To which groups they belong.")}, "By person."),
    }
    return {"$schema": DRAFT, "title": "Who belongs to which group", **object_of(body)}


def drift_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-drift/1``, which drift prints."""
    side = {"type": ["object", "null"], "description": "The declared fields; null: it is not there."}
    one = {
        "address": ADDRESS,
        "kind": kind_of(),
        "sentence": {**TEXT, "description": "What differs, in words."},
        "details": {"type": "array", "items": TEXT, "description": "From what the manifests say to what is live."},
        "is_due": {"type": "boolean", "description": "true: only time went by, nobody did it by hand."},
        "live": side,
        "desired": side,
        "along": {"type": "array", "items": TEXT, "description": "What hangs on it and differs for that alone."},
        "reason": {**TEXT, "description": "Why a plan changes it."},
        "origin": origin_of(),
    }
    body = {
        "format": format_of("iamctl-drift/1"),
        "iamctl_version": VERSION,
        "created_at": CREATED,
        "account": account_of("id", "name", "partition"),
        "summary": counts_of(
            {
                "drift": "What differs; more than 0 makes the exit code 2.",
                "due": "What only time asks for.",
                "undeclared": "What nobody declares and is left alone.",
            }
        ),
        "drift": {"type": "array", "items": object_of(one), "description": "What differs, what was added first."},
        "undeclared": {"type": "array", "items": TEXT, "description": "Addresses that are left alone."},
        "findings": findings_of(),
    }
    return {"$schema": DRAFT, "title": "What is live and not as the manifests say", **object_of(body)}


def findings_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-findings/1``, which validate prints."""
    body = {"format": format_of("iamctl-findings/1"), "findings": findings_of()}
    return {"$schema": DRAFT, "title": "What iamctl validate found", **object_of(body)}
