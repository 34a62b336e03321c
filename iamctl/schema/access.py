"""JSON Schemas of access: what a plan changes of it, and whether assertions hold."""

from __future__ import annotations

from typing import Any

from iamctl.access.row import Kind, Level
from iamctl.access.together import Status
from iamctl.access.truth import Truth
from iamctl.access.verdicts import Doubt
from iamctl.schema.parts import (
    CREATED,
    DRAFT,
    INDEX,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    VERSION,
    account_of,
    counts_of,
    findings_of,
    format_of,
    object_of,
    origin_of,
    rows_of,
)

_TEXTS: dict[str, Any] = {"type": "array", "items": TEXT}
_COUNTS = {
    "gain": "Users and roles that gain access.",
    "lose": "Users and roles that lose access.",
    "changes": "Different changes; users and roles with equal rows have one.",
    "unchanged": "Users and roles that the plan touches and whose access is proved to be the same.",
    "unusual": "Changes that exist only for undocumented types of resources or for actions that AWS may add.",
    "undecided": "Users and roles whose policies are too complex to decide.",
}


def access_of() -> dict[str, Any]:
    """Return the schema of the member ``access`` of a plan."""
    body = {
        "catalogue": {**TEXT, "format": "date", "description": "The date of the list of AWS actions."},
        "from": {**TIME, "description": "Requests are considered from this time on."},
        "counted": {**_TEXTS, "description": "What was considered."},
        "not_counted": {**_TEXTS, "description": "What was not considered and may allow or deny more."},
        "summary": counts_of(_COUNTS),
        "changes": rows_of(_change_of(), "What users and roles gain and lose, the worst first."),
        "undecided": {**_TEXTS, "description": "Addresses of users and roles that were not decided."},
        "unknown": {
            **_TEXTS,
            "description": "Policies whose documents are unknown. Each counts as allowing everything.",
        },
    }
    described = (
        "What the plan changes of the access of users and roles; null: no changes, or not wanted (--access none)."
    )
    return {**object_of(body), "type": ["object", "null"], "description": described}


def access_check_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-access-check/1``, which ``access check`` prints."""
    one = {
        "name": {**TEXT, "description": "The name of the assertion."},
        "origin": origin_of(),
        "holds": {"type": "boolean", "description": "Whether it is proved for everybody, apart from unusual requests."},
        "people": {**INDEX, "description": "How many users and roles it is about."},
        "refuted": rows_of(_counterexample_of(), "Those by whom it is refuted."),
        "undecided": rows_of(_undecided_of(), "Those for whom it is neither proved nor refuted."),
        "unusual": rows_of(_counterexample_of(), "Those by whom only an unusual request refutes it."),
    }
    counts = {
        "assertions": "Assertions of the manifests.",
        "holding": "Those that hold.",
        "refuted": "Those that are refuted.",
        "undecided": "Those that are neither proved nor refuted.",
    }
    body = {
        "format": format_of("iamctl-access-check/1"),
        "iamctl_version": VERSION,
        "created_at": CREATED,
        "account": account_of("id", "name", "partition"),
        "summary": counts_of(counts),
        "assertions": rows_of(one, "The assertions by name."),
        "findings": findings_of(),
    }
    return {"$schema": DRAFT, "title": "Assertions on the live account", **object_of(body)}


def _counterexample_of() -> dict[str, Any]:
    step = {
        "actions": {**_TEXTS, "description": "The actions that the step needs."},
        "target": {**TEXT_OR_NULL, "description": "What they are on; null: nothing that the account contains."},
    }
    return {
        "person": {**TEXT, "description": "The address of the user or role."},
        "witness": {
            **object_of(WITNESS),
            "type": ["object", "null"],
            "description": "A request that they may make, or for require may not make; null for no_way_to.",
        },
        "sources": sources_of("The statements that allow the request, or for require deny it."),
        "steps": rows_of(step, "The first steps of the ways to a target of no_way_to."),
        "already": {**TEXT_OR_NULL, "description": "The target that needs no way: administrator, or an address."},
    }


def _undecided_of() -> dict[str, Any]:
    return {
        "person": {**TEXT, "description": "The address of the user or role."},
        "doubt": {
            "enum": [doubt.value for doubt in Doubt],
            "description": "Why: a document or the roles are not known, a condition is open, or the search gave up.",
        },
        "documents": {**_TEXTS, "description": "The policies whose documents are not known."},
    }


def _change_of() -> dict[str, Any]:
    return {
        "people": {**_TEXTS, "description": "The addresses of the users and roles, for example user/alice."},
        "status": {
            "enum": [status.value for status in Status],
            "description": "What the plan does to them; the losses of deleted ones are not listed.",
        },
        "becomes_administrator": {
            "type": ["boolean", "null"],
            "description": "true: administrators only after the plan; false: only before; null: no difference.",
        },
        "gains": rows_of(row_of(), "Requests that are allowed only after the plan."),
        "losses": rows_of(row_of(), "Requests that are allowed only before the plan."),
        "restraints": rows_of(
            row_of(), "Requests that no policy denies any longer; a resource's own policy may allow them."
        ),
        "unknown_gains": {**_TEXTS, "description": "Policies with unknown documents that they gain."},
        "unknown_losses": {**_TEXTS, "description": "Policies with unknown documents that they lose."},
    }


def row_of() -> dict[str, Any]:
    """Return the schema of the members of a row."""
    count = {**INDEX, "description": "The number of actions."}
    return {
        "kind": {"enum": [kind.value for kind in Kind], "description": "Why they are allowed on one side only."},
        "level": {"enum": [*_levels(), None], "description": "The most dangerous access level of the actions."},
        "levels": {
            "type": "object",
            "additionalProperties": count,
            "propertyNames": {"enum": _levels()},
            "description": "The number of actions of each access level.",
        },
        "services": {**_TEXTS, "description": "The prefixes of the services."},
        "actions": {**_TEXTS, "description": "All actions; s3:* are all known actions of a service."},
        "count": {**INDEX, "description": "The number of known actions."},
        "up_to": {
            "type": ["integer", "null"],
            "description": "More actions may be affected, at most this many; null: these are all.",
        },
        "resources": {**_TEXTS, "description": "The patterns of the resources."},
        "within": {**_TEXTS, "description": "Patterns that the resources must match as well."},
        "except": {**_TEXTS, "description": "The patterns of what is not included."},
        "when": rows_of(WHEN, "The conditions; all must hold."),
        "whole": {"type": "boolean", "description": "Whether all requests that match the members above are meant."},
        "proof": {
            "enum": ["exact", "possible"],
            "description": "exact: the witness is certainly such a request; possible: it depends on what is unknown.",
        },
        "until": {**TEXT_OR_NULL, "description": "When the memberships that cause it end; null: some have no end."},
        "trusted": {
            "type": "object",
            "additionalProperties": {"enum": [truth.name.lower() for truth in Truth]},
            "description": "Roles that may be assumed: whether their trust policies allow it.",
        },
        "sources": sources_of("The statements that allow it."),
        "restraints": sources_of("The Denies or boundaries of the other side."),
        "witness": {**object_of(WITNESS), "description": "One such request, by the first of the people."},
    }


def _levels() -> list[str]:
    return [level.value for level in Level]


def sources_of(description: str) -> dict[str, Any]:
    """Return the schema of a list of statements."""
    source = {
        "policy": {**TEXT, "description": "The policy."},
        "holder": {**TEXT, "description": "The group, user or role that has it."},
        "statement": {**TEXT, "description": "The Sid, or the number of the statement."},
    }
    return rows_of(source, description)


WHEN: dict[str, Any] = {
    "key": {**TEXT, "description": "The condition key."},
    "operator": {**TEXT, "description": "The condition operator."},
    "values": {**_TEXTS, "description": "The values."},
}
WITNESS: dict[str, Any] = {
    "action": {**TEXT, "description": "The action."},
    "resource": {**TEXT, "description": "The resource."},
    "context": {
        "type": "object",
        "additionalProperties": _TEXTS,
        "description": "The values of condition keys; no value: the request does not have the key.",
    },
}
