"""JSON Schemas of what commands print: plans, findings, drift, memberships and the results of apply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iamctl.comparison.group_policies import PolicyStatus
from iamctl.comparison.members import Standing, Status
from iamctl.model import OutcomeStatus
from iamctl.model.approval import Subject
from iamctl.schema.access import access_of
from iamctl.schema.actor import actor_of
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
    upcoming_of,
)

_DECLARED_CHANGE: dict[str, Any] = {
    "address": {**TEXT_OR_NULL, "description": "The resource; null: a setting."},
    "field": {**TEXT, "description": "The field, or the setting; `declared` and `removed`: whether manifests list it."},
    "before": {"description": "The value in the base; null: none."},
    "after": {"description": "The value now; null: none."},
    "origin": origin_of(),
}


_PLAN_COUNTS = {
    "create": "Changes that create a resource.",
    "update": "Changes that update a resource.",
    "delete": "Changes that delete a resource.",
    "calls": "AWS writes.",
    "ignored": "Live users, groups and policies that match scope.ignore.",
    "unmanaged": "Live users, groups and policies that no manifest declares.",
    "refused": "Findings that block the plan.",
    "warnings": "Findings that warn.",
    "risks": "Findings that a reviewer must see first.",
}

_DECLARED_CHANGES: dict[str, Any] = {
    "type": "array",
    "items": object_of(_DECLARED_CHANGE),
    "description": "What the manifests and settings say otherwise than in the base, and no call carries out now.",
}
_MOVES: dict[str, Any] = {
    "access_unchanged": {
        "type": "array",
        "items": ADDRESS,
        "description": "Users whose policies the plan moves and who provably may do as much afterwards. The digest covers it.",
    },
    "access_unproved": {
        "type": "array",
        "items": ADDRESS,
        "description": "Users whose policies the plan moves without such a proof.",
    },
}
_COMPARED: dict[str, Any] = {
    "manifests_compared": {
        "type": "boolean",
        "description": "Whether the manifests were compared with those of --base.",
    },
    "settings_compared": {
        "type": "boolean",
        "description": "Whether the settings were compared with those of --base.",
    },
}


def plan_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-plan/1``."""
    body = {
        "format": format_of("iamctl-plan/1"),
        "iamctl_version": VERSION,
        "created_at": CREATED,
        "account": account_of("id", "name", "partition"),
        "plan_digest": {
            **DIGEST,
            "description": "Digest of the account, the partition, the calls and the ids of the resources that they change.",
        },
        "manifest_digest": {**DIGEST, "description": "Digest of the manifests that were read."},
        "live_fingerprint": {**DIGEST, "description": "Digest of the live state that was compared."},
        **_COMPARED,
        "credentials_as_of": {
            **TIME_OR_NULL,
            "description": "When AWS generated the credential report; null: none was read.",
        },
        "truncated": {
            "type": "boolean",
            "description": "Whether the Markdown page of the same run leaves something out; JSON never does.",
        },
        "summary": counts_of(_PLAN_COUNTS),
        "changes": {"type": "array", "items": change_of(), "description": "The changes, by address."},
        "access": access_of(),
        "declared_changes": _DECLARED_CHANGES,
        **_MOVES,
        "cosmetic": {
            "type": "array",
            "items": ADDRESS,
            "description": "Policies that differ only in Sid or Id; apply does not update them.",
        },
        "calls": {"type": "array", "items": call_of(), "description": "The AWS write calls, in an allowed order."},
        "approve": {
            "type": "array",
            "items": TEXT,
            "description": "Lines for approvals.yaml that would permit what limits, keys in use and looser settings refuse.",
        },
        "upcoming": upcoming_of(),
        "findings": findings_of(),
    }
    return {"$schema": DRAFT, "title": "An iamctl plan", **object_of(body)}


def _outcome() -> dict[str, Any]:
    """Return the properties of what became of a call."""
    return {
        "call": {**INDEX, "description": "The index of the call in the plan."},
        "operation": {**TEXT, "description": "The IAM operation."},
        "status": {
            "enum": [status.value for status in OutcomeStatus],
            "description": "unknown: AWS may or may not have executed the call.",
        },
        "error": {**TEXT_OR_NULL, "description": "What AWS said."},
        "code": {**TEXT_OR_NULL, "description": "The AWS error code."},
        "because": {
            "type": ["integer", "null"],
            "description": "The index of the call whose failure prevented this one.",
        },
    }


def _approval() -> dict[str, Any]:
    """Return the schema of the plan that was approved, and of what differs from it."""
    difference = {
        "subject": {"enum": [subject.value for subject in Subject], "description": "What differs."},
        "name": {**TEXT, "description": "The call, resource or policy that it is about."},
        "before": {"description": "As approved; null: not in the approved plan."},
        "after": {"description": "As planned now; null: no longer planned."},
    }
    body = {
        "file": {**TEXT_OR_NULL, "description": "The file of --plan; null: only --expect-digest was given."},
        "plan_digest": {**DIGEST, "description": "The digest of the approved plan."},
        "differences": rows_of(difference, "How the plan differs from the one in the file; nothing was applied then."),
    }
    described = {"description": "What was approved; null: neither --plan nor --expect-digest was given."}
    return {**object_of(body), "type": ["object", "null"], **described}


def apply_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-apply/1``."""
    given = {
        "user": {**TEXT, "description": "The user whose password it is."},
        "file": {**TEXT_OR_NULL, "description": "The encrypted file; null: the password was shown on the terminal."},
        "valid": {"type": ["boolean", "null"], "description": "Whether the password works; null: unknown."},
    }
    body = {
        "format": format_of("iamctl-apply/1"),
        "plan": {
            **{key: value for key, value in plan_schema().items() if key != "$schema"},
            "description": "The plan that was applied.",
        },
        "approval": _approval(),
        "outcomes": {"type": "array", "items": object_of(_outcome()), "description": "The outcome of each call."},
        "converged": {
            "type": ["boolean", "null"],
            "description": "Whether a second read found no difference; null: not read.",
        },
        "remaining": {"type": "array", "items": TEXT, "description": "Addresses that still differ."},
        "journal": {**TEXT_OR_NULL, "description": "The journal, which records each call; null: none."},
        "restore": {**TEXT_OR_NULL, "description": "The restore file of what was deleted; null: none."},
        "handover": {"type": "array", "items": object_of(given), "description": "The passwords that were delivered."},
        "new_access_keys": {
            "type": "array",
            "items": object_of(_new_key()),
            "description": "The access keys that were created and delivered.",
        },
    }
    return {"$schema": DRAFT, "title": "The result of an iamctl apply", **object_of(body)}


def _new_key() -> dict[str, Any]:
    return {
        "user": {**TEXT, "description": "The user whose key it is."},
        "access_key": {**TEXT, "description": "The id of the key."},
        "file": {**TEXT_OR_NULL, "description": "The encrypted file; null: a secret of AWS Secrets Manager."},
        "secret": {**TEXT_OR_NULL, "description": "The name of the secret that holds it; null: a file."},
        "valid": {
            "type": ["boolean", "null"],
            "description": "True: the key stays; null: a call failed, and the next apply may delete it.",
        },
    }


def run_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-run/1``, which ``iamctl journal`` prints."""
    outcome = {**_outcome(), "params": {"type": "object", "description": "The parameters; secrets are named."}}
    body = {
        "format": format_of("iamctl-run/1"),
        "journal": {**TEXT, "description": "The file that was read."},
        "account": {**TEXT, "description": "The account id."},
        "plan_digest": {**DIGEST, "description": "The digest of the plan that was applied."},
        "iamctl_version": VERSION,
        "started_at": {**TEXT, "description": "When the run started, as the journal has it."},
        "ended_at": {**TEXT_OR_NULL, "description": "When it ended; null: it was killed, or it is still running."},
        "ending": {**TEXT_OR_NULL, "description": "finished, interrupted or stopped; null: the journal does not say."},
        "retries": {"type": "integer", "description": "How often a call was sent again."},
        "damaged_lines": {
            "type": "array",
            "items": {"type": "integer"},
            "description": "The numbers of the lines that cannot be read.",
        },
        "outcomes": {"type": "array", "items": object_of(outcome), "description": "What became of each call."},
    }
    return {"$schema": DRAFT, "title": "A run of apply, from its journal", **object_of(body)}


def _listed_member(status: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of a member of a group."""
    return {
        "user": {**TEXT, "description": "The name of the user."},
        "status": status,
        "declared": {"type": "boolean", "description": "Whether the manifests declare it and it has not expired."},
        "live": {"type": ["boolean", "null"], "description": "Whether it exists; null: the account was not read."},
        "from": {**TEXT_OR_NULL, "description": "When it begins, as the manifest states it."},
        "until": {**TEXT_OR_NULL, "description": "When it expires, as the manifest states it."},
        "reason": {**TEXT_OR_NULL, "description": "The reason that the manifest states."},
        "because": {**TEXT_OR_NULL, "description": "Why it is removed or left alone."},
        "not_before": {
            "type": ["string", "null"],
            "format": "date",
            "description": "The membership cannot be older, because its user or group was created on this date.",
        },
        "origin": origin_of(),
    }


def _listed_policy() -> dict[str, Any]:
    """Return the properties of a policy of a group."""
    return {
        "name": {**TEXT, "description": "The name of the policy; aws:NAME for an AWS-managed one."},
        "is_inline": {"type": "boolean", "description": "Whether it is written into the group."},
        "status": {
            "enum": [status.value for status in PolicyStatus],
            "description": "Its state; declared: the account was not read; undeclared: left alone.",
        },
    }


def members_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-members/1``, which members prints."""
    standing = {
        "enum": [standing.value for standing in Standing],
        "description": "new: declared and not live; removed: live and planned for removal; the last two are left alone.",
    }
    status = {
        "enum": [status.value for status in Status],
        "description": "Its state; declared: the account was not read.",
    }
    named = {
        "name": {**TEXT, "description": "The name of the group or the user."},
        "standing": standing,
        "renamed_from": {**TEXT_OR_NULL, "description": "The name in the account."},
    }
    counts = {
        "groups": "Groups in this output.",
        "people": "Users who are members of these groups.",
        "declared": "Declared memberships that have not expired.",
        "live": "Memberships in the account.",
        **{status.value: f"Memberships with the status {status}." for status in Status if status != "declared"},
    }
    membership = {"group": {**TEXT, "description": "The name of the group."}, "status": status}
    body = {
        "format": format_of("iamctl-members/1"),
        "created_at": CREATED,
        "account": account_of("id", "name", "partition"),
        "is_live": {"type": "boolean", "description": "Whether the account was read."},
        "totals": counts_of(counts),
        "groups": rows_of(
            {
                **named,
                "policies": rows_of(_listed_policy(), "The managed and inline policies of the group."),
                "members": rows_of(_listed_member(status), "The members of the group."),
            },
            "By group.",
        ),
        "people": rows_of({**named, "groups": rows_of(membership, "The groups of the user.")}, "By person."),
    }
    return {"$schema": DRAFT, "title": "Groups and their members", **object_of(body)}


def _difference() -> dict[str, Any]:
    side = {"type": ["object", "null"], "description": "The declared fields; null: it does not exist."}
    return {
        "address": ADDRESS,
        "kind": kind_of(),
        "sentence": {**TEXT, "description": "The difference, in words."},
        "details": {"type": "array", "items": TEXT, "description": "The fields that differ: declared, then live."},
        "is_due": {"type": "boolean", "description": "Whether only a date that passed caused it."},
        "is_merged": {
            "type": "boolean",
            "description": "Whether the account is as the manifests of `applied` declare it, so that a merge caused it.",
        },
        "live": side,
        "desired": side,
        "along": {"type": "array", "items": TEXT, "description": "Dependent resources with no other difference."},
        "reason": {**TEXT, "description": "Why a plan would change the resource."},
        "actor": actor_of(),
        "adopt": {
            **TEXT_OR_NULL,
            "description": "The command that writes what is live into the manifests; null: it is due, no manifest can say it, or `edit` names a file.",
        },
        "edit": {
            **TEXT_OR_NULL,
            "description": "The manifest or document to edit by hand instead, since other accounts or entries use it too.",
        },
        "origin": origin_of(),
    }


def drift_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-drift/1``, which drift prints."""
    body = {
        "format": format_of("iamctl-drift/1"),
        "iamctl_version": VERSION,
        "created_at": CREATED,
        "account": account_of("id", "name", "partition"),
        "adopt": {**TEXT, "description": "The command that adopts all differences."},
        "undo": {**TEXT, "description": "The command that makes the account as the manifests say."},
        "summary": counts_of(
            {
                "drift": "Differences; if there are any, the exit code is 2.",
                "due": "Differences that only a passed date caused.",
                "merged": "Differences that a merge caused which is not applied yet.",
                "undeclared": "Undeclared resources, which are left alone.",
                "hidden_administrators": "Administrators who are ignored or undeclared, or are one by an undeclared group; if any, the exit code is 2.",
                "undeclared_ways": "Users who can become administrators by what no manifest declares; if any, the exit code is 2.",
            }
        ),
        "drift": {
            "type": "array",
            "items": object_of(_difference()),
            "description": "The differences, additions first.",
        },
        "undeclared": {"type": "array", "items": TEXT, "description": "Undeclared resources, left alone."},
        "undeclared_drift": {
            "type": "array",
            "items": TEXT,
            "description": "Undeclared resources that count as drift (`scope.undeclared`).",
        },
        "applied": {
            **TEXT_OR_NULL,
            "description": "The commit whose manifests were applied last (drift --applied); null: not given.",
        },
        "event": {
            **actor_of(),
            "description": "The recorded call that started this run (drift --event); null: not given.",
        },
        "findings": findings_of(),
    }
    return {"$schema": DRAFT, "title": "Differences between the account and the manifests", **object_of(body)}


def findings_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-findings/1``, which validate prints."""
    body = {"format": format_of("iamctl-findings/1"), "findings": findings_of()}
    return {"$schema": DRAFT, "title": "Findings of iamctl validate", **object_of(body)}
