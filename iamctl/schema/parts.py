"""What the schemas of several formats have in common."""

from __future__ import annotations

from typing import Any

from iamctl.kinds import KINDS
from iamctl.model import Action, Severity
from iamctl.model.affected import Way
from iamctl.model.upcoming import Event

DRAFT = "https://json-schema.org/draft/2020-12/schema"
TEXT: dict[str, Any] = {"type": "string"}
TEXT_OR_NULL: dict[str, Any] = {"type": ["string", "null"]}
INDEX: dict[str, Any] = {"type": "integer", "minimum": 0}
DIGEST: dict[str, Any] = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
TIME_OR_NULL: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
VERSION: dict[str, Any] = {**TEXT, "description": "The version of iamctl that wrote this."}
CREATED: dict[str, Any] = {**TIME, "description": "When this was created, or the time given with --now."}
ADDRESS: dict[str, Any] = {**TEXT, "description": "The address of the resource, for example user/alice."}


def format_of(name: str) -> dict[str, Any]:
    """Return the schema of ``format``."""
    return {"const": name, "description": "The format of this file and its version."}


def account_of(*facts: str) -> dict[str, Any]:
    """Return the schema of an account with these facts."""
    known = {
        "id": {"type": "string", "pattern": "^[0-9]{12}$", "description": "The account id: 12 digits."},
        "name": {**TEXT, "description": "The name of the account in iamctl.yaml."},
        "partition": {**TEXT, "description": "The AWS partition, for example aws."},
    }
    return {**object_of({fact: known[fact] for fact in facts}), "description": "The account."}


def counts_of(described: dict[str, str]) -> dict[str, Any]:
    """Return the schema of an object of numbers, each with a description of what it counts."""
    counts = {name: {**INDEX, "description": words} for name, words in described.items()}
    return {**object_of(counts), "description": "The number of each."}


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


def upcoming_of() -> dict[str, Any]:
    """Return the schema of what begins or ends soon."""
    one = object_of(
        {
            "address": ADDRESS,
            "event": {
                "enum": [event.value for event in Event],
                "description": "begins and ends: by 'from' and 'until'; deleted: a user or an access key whose wait is over.",
            },
            "at": {**TIME, "description": "When it is due."},
            "date": {
                **TEXT,
                "description": "The date or time that the manifest contains, or the day that follows from it.",
            },
            "reason": {**TEXT_OR_NULL, "description": "The reason that the manifest contains."},
            "origin": origin_of(),
        }
    )
    return {"type": "array", "items": one, "description": "What begins and ends within the next 14 days."}


def origin_of() -> dict[str, Any]:
    """Return the schema of a place in a manifest."""
    count = {"type": "integer", "minimum": 1}
    place = {
        "path": {**TEXT, "description": "The path of the file, relative to the manifest directory."},
        "line": {**count, "description": "The line, counted from 1."},
        "column": {**count, "description": "The column in characters, counted from 1."},
    }
    return {
        **object_of(place),
        "type": ["object", "null"],
        "description": "Where the resource is declared; null: it is not declared.",
    }


def change_of() -> dict[str, Any]:
    """Return the schema of a change."""
    side = {"type": ["object", "null"]}
    return object_of(
        {
            "address": ADDRESS,
            "kind": kind_of(),
            "action": {
                "enum": [action.value for action in Action],
                "description": "What the change does to the resource.",
            },
            "before": {**side, "description": "The declared fields in the account; null: the resource does not exist."},
            "after": {
                **side,
                "description": "The declared fields after the change; null: the resource will be deleted.",
            },
            "fields": {"type": "array", "items": TEXT, "description": "The fields that differ, for example tags.team."},
            "reason": {**TEXT, "description": "The reason for the change, in words."},
            "terms": {
                "type": "array",
                "items": TEXT,
                "description": "Conditions of the change beside its fields, for example who can read a password.",
            },
            "affected": affected_of(),
            "origin": origin_of(),
            "calls": {"type": "array", "items": INDEX, "description": "The indexes of its calls."},
        }
    )


def affected_of() -> dict[str, Any]:
    """Return the schema of who is affected by a change."""
    through = {
        "way": {"enum": [way.value for way in Way], "description": "How the change reaches them."},
        "group": {**TEXT_OR_NULL, "description": "The name of the group; null unless the way is a group."},
    }
    names = {"type": "array", "items": TEXT}
    found = {
        "users": {**names, "description": "Names of the users whose access the change touches."},
        "roles": {**names, "description": "Names of the roles whose access the change touches."},
        "through": rows_of(through, "Through what the change reaches them."),
    }
    described = "Who is affected by a change of a policy, of a group's policies or of a boundary; null for others."
    return {**object_of(found), "type": ["object", "null"], "description": described}


def call_of() -> dict[str, Any]:
    """Return the schema of a call."""
    return object_of(
        {
            "index": {**INDEX, "description": "The index of the call in the list."},
            "service": {**TEXT, "description": "The service name as botocore spells it."},
            "operation": {**TEXT, "description": "The operation, for example CreateUser."},
            "params": {
                "type": "object",
                "description": "The parameters; $secret and $result are placeholders for values known later.",
            },
            "needs": {"type": "array", "items": INDEX, "description": "The indexes of calls that must succeed first."},
        }
    )


def findings_of() -> dict[str, Any]:
    """Return the schema of a list of findings."""
    return {"type": "array", "items": finding_of(), "description": "The findings of the rules."}


def finding_of() -> dict[str, Any]:
    """Return the schema of a finding."""
    return object_of(
        {
            "rule": {"type": "string", "pattern": "^IAM[0-9]{3}$", "description": "The code of the rule."},
            "severity": {
                "enum": [severity.value for severity in Severity],
                "description": "error: a mistake in files; refuse: blocks the plan; the others block nothing.",
            },
            "address": {
                **TEXT_OR_NULL,
                "description": "The address of the resource that the finding is about; null: none.",
            },
            "message": {**TEXT, "description": "What is wrong and how to fix it."},
            "origin": origin_of(),
            "first": {"type": "boolean", "description": 'Whether a report names it under "Look at this first".'},
            "standing": {"type": "boolean", "description": "Whether it was so before the plan."},
        }
    )
