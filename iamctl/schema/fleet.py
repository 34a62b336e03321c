"""JSON Schemas of a run over many accounts: its report, and the line that each account has."""

from __future__ import annotations

from typing import Any

from iamctl.model.fleet import RESULT_FORMAT, AccountOutcome, FleetCommand
from iamctl.report.fleet_json import FORMAT
from iamctl.schema.actor import actor_of
from iamctl.schema.parts import (
    DIGEST,
    DRAFT,
    INDEX,
    TEXT,
    TEXT_OR_NULL,
    VERSION,
    counts_of,
    format_of,
    object_of,
    rows_of,
)

_NAMES: dict[str, Any] = {"type": "array", "items": TEXT, "description": "The names of the accounts."}
_COMMAND: dict[str, Any] = {
    "enum": [command.value for command in FleetCommand],
    "description": "What the run did in each account.",
}
_ROWS: dict[str, Any] = {"type": "array", "items": {"type": "object"}}

_OUTCOMES = {
    AccountOutcome.UNREACHABLE: "Accounts whose role could not be assumed or that did not answer.",
    AccountOutcome.ERROR: "Accounts that ended with an error, or whose apply stopped half-way.",
    AccountOutcome.REFUSED: "Accounts whose plan a rule refused, or whose plan is not the approved one.",
    AccountOutcome.LOCKED: "Accounts to which another apply held the lock.",
    AccountOutcome.NOT_STARTED: "Accounts that were not started because of failures before them.",
    AccountOutcome.SKIPPED: "Accounts that were left out, for example because they are suspended.",
    AccountOutcome.CHANGES: "Accounts that differ from the manifests or, after an apply, did.",
    AccountOutcome.CLEAN: "Accounts without a difference.",
}


def _account() -> dict[str, Any]:
    return {
        "account": {**TEXT, "description": "The name of the account."},
        "account_id": {**TEXT, "description": "The account id: 12 digits."},
        "wave": {**TEXT, "description": "The wave in which the account ran."},
        "outcome": {"enum": [one.value for one in AccountOutcome], "description": "How the account ended."},
        "exit": {**INDEX, "description": "The exit code of the command for this account alone."},
        "digest": {**TEXT, "description": "The digest of its plan; empty: no plan was made."},
        "summary": {
            "type": "object",
            "additionalProperties": {"type": "integer"},
            "description": "The counts that the command itself prints as `summary`.",
        },
        "changes": {**_ROWS, "description": "What differs: `changes` of a plan, `drift`, or failed `controls`."},
        "findings": {**_ROWS, "description": "What rules found; for an audit, what controls found."},
        "seconds": {"type": "number", "minimum": 0, "description": "How long the account took."},
        "calls": {**INDEX, "description": "Requests sent to AWS."},
        "error": {**TEXT, "description": "Why the account was not planned or not finished; empty: it was."},
    }


def fleet_result_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-fleet-result/1``: one line of a run's JSON lines."""
    body = {"format": format_of(RESULT_FORMAT), "command": _COMMAND, **_account()}
    return {"$schema": DRAFT, "title": "Result of one account in a run over many", **object_of(body)}


def fleet_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-fleet/1``, which the commands over many accounts print."""
    risk = {
        "rule": {**TEXT, "description": "The code of the rule."},
        "severity": {**TEXT, "description": "The severity of the finding."},
        "address": {"type": ["string", "null"], "description": "What it is about; null: the account."},
        "message": {**TEXT, "description": "What the rule found; {{ account.id }} is the id of each account."},
        "accounts": _NAMES,
    }
    body = {
        "format": format_of(FORMAT),
        "iamctl_version": VERSION,
        "command": _COMMAND,
        "fleet_digest": {
            **DIGEST,
            "type": ["string", "null"],
            "description": "Covers the plans of all accounts; null: no plan was made.",
        },
        "exit": {**INDEX, "description": "The exit code of the run."},
        "outcomes": counts_of(
            {"accounts": "All accounts.", **{outcome.value: words for outcome, words in _OUTCOMES.items()}}
        ),
        "summary": {
            "type": "object",
            "additionalProperties": {"type": "integer"},
            "description": "The counts of all accounts added up.",
        },
        "risks": rows_of(risk, "Findings that a reviewer must see first, equal ones of several accounts once."),
        "removals": rows_of(
            {"address": {**TEXT, "description": "The user, group or policy."}, "accounts": _NAMES},
            "Users, groups and policies that the plans delete.",
        ),
        "same": {
            "type": "array",
            "items": _NAMES,
            "description": "Accounts with equal plans, but for the account's own id and name.",
        },
        "accounts": rows_of(_account(), "Each account once, the worst outcome first."),
        "applied": {
            **TEXT_OR_NULL,
            "description": "The commit whose manifests were applied last (fleet drift --applied); null: not given.",
        },
        "event": {
            **actor_of(),
            "description": "The recorded call that started this run (fleet drift --event); null: not given.",
        },
    }
    return {"$schema": DRAFT, "title": "Run over many accounts", **object_of(body)}
