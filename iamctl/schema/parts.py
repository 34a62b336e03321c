"""What the schemas of several formats have in common."""

from __future__ import annotations

from typing import Any

from iamctl.kinds import KINDS
from iamctl.model import Action, Severity

DRAFT = "https://json-schema.org/draft/2020-12/schema"
TEXT: dict[str, Any] = {"type": "string"}
TEXT_OR_NULL: dict[str, Any] = {"type": ["string", "null"]}
INDEX: dict[str, Any] = {"type": "integer", "minimum": 0}
DIGEST: dict[str, Any] = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
TIME_OR_NULL: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
VERSION: dict[str, Any] = {**TEXT, "description": "The version of iamctl that wrote it."}
CREATED: dict[str, Any] = {**TIME, "description": "When it was made, or what --now says."}
ADDRESS: dict[str, Any] = {**TEXT, "description": "What it is about, such as user/alice."}


def format_of(name: str) -> dict[str, Any]:
    """Return the schema of ``format``."""
    return {"const": name, "description": "The format of this file and its version."}


def account_of(*facts: str) -> dict[str, Any]:
    """Return the schema of an account of which these facts are told."""
    known = {
        "id": {"type": "string", "pattern": "^[0-9]{12}$", "description": "The account id: 12 digits."},
        "name": {**TEXT, "description": "The name of the account in iamctl.yaml."},
        "partition": {**TEXT, "description": "The partition of AWS, such as aws."},
    }
    return {**object_of({fact: known[fact] for fact in facts}), "description": "The account that it is about."}


def counts_of(described: dict[str, str]) -> dict[str, Any]:
    """Return the schema of an object of numbers, each with what it counts."""
    counts = {name: {**INDEX, "description": words} for name, words in described.items()}
    return {**object_of(counts), "description": "How many there are."}


def rows_of(properties: dict[str, Any], description: str) -> dict[str, Any]:
    """Return the schema of a list of objects."""
    return {"type": "array", "items": object_of(properties), "description": description}


def kind_of() -> dict[str, Any]:
    """Return the schema of the name of a kind."""
    return {"enum": [kind.kind for kind in KINDS], "description": "The kind of resource."}


def object_of(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object that has all these properties and no others."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


def origin_of() -> dict[str, Any]:
    """Return the schema of a place in a manifest."""
    count = {"type": "integer", "minimum": 1}
    place = {
        "path": {**TEXT, "description": "The file, from the top of the tree."},
        "line": {**count, "description": "The line, counted from 1."},
        "column": {**count, "description": "The column in characters, counted from 1."},
    }
    return {**object_of(place), "type": ["object", "null"], "description": "Where it is declared; null: nowhere."}


def change_of() -> dict[str, Any]:
    """Return the schema of a change."""
    side = {"type": ["object", "null"]}
    return object_of(
        {
            "address": ADDRESS,
            "kind": kind_of(),
            "action": {"enum": [action.value for action in Action], "description": "What is done."},
            "before": {**side, "description": "The declared fields as they are live; null: not there."},
            "after": {**side, "description": "The declared fields as they will be; null: gone."},
            "fields": {"type": "array", "items": TEXT, "description": "The fields that differ, such as tags.team."},
            "reason": {**TEXT, "description": "Why, in words."},
            "terms": {
                "type": "array",
                "items": TEXT,
                "description": "On what terms it is made, such as who can read it.",
            },
            "origin": origin_of(),
            "calls": {"type": "array", "items": INDEX, "description": "The indexes of its calls."},
        }
    )


def call_of() -> dict[str, Any]:
    """Return the schema of a call."""
    return object_of(
        {
            "index": {**INDEX, "description": "Its place in the list."},
            "service": {**TEXT, "description": "The service, in the spelling of botocore."},
            "operation": {**TEXT, "description": "The operation, such as CreateUser."},
            "params": {"type": "object", "description": "Its parameters; $secret and $result stand for later values."},
            "needs": {"type": "array", "items": INDEX, "description": "Calls that must have succeeded before."},
        }
    )


def findings_of() -> dict[str, Any]:
    """Return the schema of a list of findings."""
    return {"type": "array", "items": finding_of(), "description": "What rules found."}


def finding_of() -> dict[str, Any]:
    """Return the schema of a finding."""
    return object_of(
        {
            "rule": {"type": "string", "pattern": "^IAM[0-9]{3}$", "description": "The code of the rule."},
            "severity": {
                "enum": [severity.value for severity in Severity],
                "description": "error: in files; refuse: stops a plan; the others stop nothing.",
            },
            "address": {**TEXT_OR_NULL, "description": "What it is about, where that has an address."},
            "message": {**TEXT, "description": "What is wrong and what to do, in one sentence."},
            "origin": origin_of(),
            "first": {"type": "boolean", "description": 'Whether a report names it under "Look at this first".'},
            "standing": {"type": "boolean", "description": "Whether it was so before the plan."},
        }
    )
