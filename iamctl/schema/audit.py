"""The JSON Schema of an audit."""

from __future__ import annotations

from typing import Any

from iamctl.audit import Weight
from iamctl.audit.frameworks import Framework
from iamctl.audit.judged import Verdict
from iamctl.audit.outcome import Fact, Missing
from iamctl.schema.parts import (
    CREATED,
    DRAFT,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    VERSION,
    account_of,
    format_of,
    object_of,
    origin_of,
    rows_of,
)

_TEXTS: dict[str, Any] = {"type": "array", "items": TEXT}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}


def audit_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-audit/1``, which ``audit`` prints."""
    counts = {
        "controls": {**_COUNT, "description": "How many controls were judged."},
        "failed": {**_COUNT, "description": "Controls that something fails."},
        "not_evaluated": {**_COUNT, "description": "Controls that lack data."},
        "accepted": {**_COUNT, "description": "Controls all of whose findings are accepted."},
        "not_applicable": {**_COUNT, "description": "Controls that are not about this account."},
        "passed": {**_COUNT, "description": "Controls that nothing fails."},
    }
    body = {
        "format": format_of("iamctl-audit/1"),
        "iamctl_version": VERSION,
        "created_at": CREATED,
        "account": account_of("id", "name", "partition"),
        "taken_at": {**_or_null(TIME), "description": "When the account was read; null: a snapshot does not say it."},
        "credentials_as_of": {
            **_or_null(TIME),
            "description": "When AWS generated the credential report; null: there is none.",
        },
        "framework": {
            "enum": [*(framework.value for framework in Framework), None],
            "description": "The framework whose controls were judged; null: all controls.",
        },
        "summary": {**object_of(counts), "description": "How many controls have each verdict."},
        "controls": rows_of(_control(), "The controls, the heaviest first, or by their ids in the framework."),
        "unused_acceptances": rows_of(_acceptance(), "Acceptances that are over, or accept nothing."),
    }
    return {"$schema": DRAFT, "title": "An audit of one account", **object_of(body)}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "type": ["string", "null"]}


def _control() -> dict[str, Any]:
    finding = _finding()
    accepted = {
        **finding,
        "until": {**TEXT_OR_NULL, "description": "Until when it is accepted; null: an exception without an end."},
        "reason": {**TEXT, "description": "Why it is accepted."},
    }
    undecided = {
        "missing": {"enum": [missing.value for missing in Missing], "description": "What is not known."},
        "address": {**TEXT_OR_NULL, "description": "Of what it is not known; null: of the account."},
    }
    return {
        "id": {**TEXT, "description": "The name of the control."},
        "title": {**TEXT, "description": "What it demands."},
        "severity": {"enum": [weight.value for weight in Weight], "description": "How much it weighs."},
        "verdict": {
            "enum": [verdict.value for verdict in Verdict],
            "description": "pass only if all that the control needs is known.",
        },
        "ids": {
            "type": "object",
            "propertyNames": {"enum": [framework.value for framework in Framework]},
            "additionalProperties": _TEXTS,
            "description": "Its ids by framework.",
        },
        "source": {**TEXT, "description": "The page that explains it."},
        "failing": rows_of(finding, "What fails it and is not accepted."),
        "accepted": rows_of(accepted, "What fails it and is accepted."),
        "undecided": rows_of(undecided, "What is missing for a verdict."),
        "not_evaluated": {**_TEXTS, "description": "The same in words, with the reasons of reads that failed."},
    }


def _finding() -> dict[str, Any]:
    return {
        "address": {**TEXT_OR_NULL, "description": "The address of what fails; null: the account or its root user."},
        "fact": {"enum": [*(fact.value for fact in Fact), None], "description": "Why it fails; null: see the title."},
        "values": {"type": "object", "description": "Details of the fact: times, numbers and names."},
        "message": {**TEXT, "description": "The same in words."},
        "cure": {
            **TEXT_OR_NULL,
            "description": "The line of a manifest, or the command of the AWS CLI, that cures it; null: none.",
        },
        "declared": {"type": "boolean", "description": "false: it belongs to a user whom no manifest declares."},
        "origin": origin_of(),
    }


def _acceptance() -> dict[str, Any]:
    return {
        "control": {**TEXT, "description": "The name of the control."},
        "address": {**TEXT_OR_NULL, "description": "What was to be accepted; null: the account or its root user."},
        "until": {**TEXT, "description": "Until when."},
        "reason": {**TEXT, "description": "Why."},
        "origin": origin_of(),
    }
