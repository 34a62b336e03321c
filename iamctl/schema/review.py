"""JSON Schemas of access reviews."""

from __future__ import annotations

from typing import Any

from iamctl.comparison.reviewed import FIXED, Decision, Problem
from iamctl.model.evidence import NotApplied, NotMerged
from iamctl.report.evidence import COLUMNS
from iamctl.schema.parts import DRAFT, TEXT, format_of, object_of, rows_of

_HEAD: dict[str, Any] = {
    "type": "object",
    "required": ["account", "account id", "made at", "population"],
    "additionalProperties": TEXT,
    "description": "Facts about the export: account, times, caller, version, and the digest of the rows.",
}


def review_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-review/1``, which ``review export`` prints."""
    row = {column: {**TEXT, "description": f"The cell of the column {column}."} for column in FIXED}
    body = {
        "format": format_of("iamctl-review/1"),
        "head": _HEAD,
        "rows": rows_of(row, "Every user, then every membership; with --previous, changes first."),
    }
    return {"$schema": DRAFT, "title": "The population of an access review", **object_of(body)}


def review_check_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-review-check/1``, which ``review check`` prints."""
    problem = {
        "key": {**TEXT, "description": "The key of the row."},
        "problem": {"enum": [problem.value for problem in Problem], "description": "What is missing."},
    }
    totals = {
        decision.value: {"type": "integer", "minimum": 0, "description": f"Rows with the decision {decision.value}."}
        for decision in Decision
    }
    body = {
        "format": format_of("iamctl-review-check/1"),
        "head": {**_HEAD, "required": []},
        "is_unaltered": {"type": "boolean", "description": "Whether the rows fit their digest."},
        "problems": rows_of(problem, "What is missing, row by row."),
        "totals": {**object_of(totals), "description": "How many rows have which decision."},
        "revoked": {"type": "array", "items": TEXT, "description": "The keys of the rows to revoke."},
    }
    return {"$schema": DRAFT, "title": "A filled-in access review", **object_of(body)}


def review_evidence_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-review-evidence/1``, which ``review evidence`` prints."""
    row = {
        **{column: {**TEXT, "description": f"The cell of the column {column}."} for column in COLUMNS},
        "why_not_merged": {
            "enum": [*(why.value for why in NotMerged), None],
            "description": "Why no commit is named; not-needed is no lack of evidence.",
        },
        "why_not_applied": {
            "enum": [*(why.value for why in NotApplied), None],
            "description": "Why it does not count as applied.",
        },
    }
    body = {
        "format": format_of("iamctl-review-evidence/1"),
        "head": {
            "type": "object",
            "additionalProperties": TEXT,
            "description": "Facts about the review, and the number of journals of its account.",
        },
        "is_unaltered": {"type": "boolean", "description": "Whether the rows fit their digest."},
        "is_complete": {"type": "boolean", "description": "Whether every row has all that check demands."},
        "revocations": rows_of(row, "The rows that are to be revoked."),
    }
    return {"$schema": DRAFT, "title": "The evidence for an access review", **object_of(body)}
