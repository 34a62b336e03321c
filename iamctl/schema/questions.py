"""JSON Schemas of the answers to questions about access."""

from __future__ import annotations

from typing import Any

from iamctl.access.explain import Decision, Part
from iamctl.access.truth import Truth
from iamctl.access.who_can import How
from iamctl.proof.decide import Reach
from iamctl.report.question import STATES
from iamctl.schema.access import WHEN, WITNESS, access_of, row_of, sources_of
from iamctl.schema.parts import CREATED, DRAFT, INDEX, TEXT, account_of, format_of, object_of, rows_of

_TEXTS: dict[str, Any] = {"type": "array", "items": TEXT}


def access_explain_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-access-explain/1``, which ``access explain`` prints."""
    trust = {
        "role": {**TEXT, "description": "The address of the role."},
        "allows": {
            "enum": [truth.name.lower() for truth in Truth],
            "description": "Whether its trust policy allows the person to assume it.",
        },
    }
    body = {
        **question_of("iamctl-access-explain/1"),
        "person": {**TEXT, "description": "The address of the user or role."},
        "request": {
            **object_of(WITNESS),
            "description": "The request. Keys of the context that are not here are absent or unknown.",
        },
        "is_documented": {
            "type": "boolean",
            "description": "Whether AWS documents that the action acts on such a resource.",
        },
        **_verdict_of(),
        "without_mfa": {
            **object_of(_verdict_of()),
            "type": ["object", "null"],
            "description": "The same without MFA, for a user with an access key; null: the question states MFA.",
        },
        "unknown": sources_of("The policies whose documents are not known."),
        "trust": {
            **object_of(trust),
            "type": ["object", "null"],
            "description": "The role of the account that the request is to assume; null for other requests.",
        },
    }
    return {"$schema": DRAFT, "title": "Why a request is allowed or not", **object_of(body)}


def access_who_can_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-access-who-can/1``, which ``access who-can`` prints."""
    truths = [truth.name.lower() for truth in Truth if truth is not Truth.NO]
    question = {
        "actions": {**_TEXTS, "description": "The actions, or patterns of actions."},
        "resource": {**TEXT, "description": "The resource, or a pattern of resources."},
        "when": {
            "type": "object",
            "additionalProperties": _TEXTS,
            "description": "The condition keys that the question states; no value: requests without the key.",
        },
    }
    answer = {
        "people": {**_TEXTS, "description": "The addresses of users and roles with equal answers."},
        "how": {
            "enum": [how.value for how in How],
            "description": "always, with-mfa: every plain request, or every one with MFA; in-part: what the rows say; "
            "named: a trust policy names them; possibly: it depends on what is not known.",
        },
        "rows": rows_of(row_of(), "What they may do, each with a request."),
        "unknown": {**_TEXTS, "description": "Their policies with unknown documents, which may allow or deny more."},
        "roles": {**_TEXTS, "description": "The roles whose trust policies name them, for named."},
    }
    assumed = {
        "type": "object",
        "additionalProperties": {"enum": truths},
        "description": "Users and roles by address, each with whether it is certain that they may assume the role.",
    }
    body = {
        **question_of("iamctl-access-who-can/1"),
        "question": {**object_of(question), "description": "The requests that were asked about."},
        "answers": rows_of(answer, "Who may make such requests, those who may most first."),
        "nobody_else": {**INDEX, "description": "How many others there are of whom it is proved that they may not."},
        "unusual": {
            **_TEXTS,
            "description": "Those who may only on undocumented types of resources or by future actions.",
        },
        "untrusted": {
            **_TEXTS,
            "description": "Those whose policies allow it, but not the trust policy of the role that is asked about.",
        },
        "undecided": {**_TEXTS, "description": "Those whose policies are too complex to decide."},
        "assumed_by": {
            "type": "object",
            "additionalProperties": assumed,
            "description": "The roles among the answers, each with who may assume it.",
        },
    }
    return {"$schema": DRAFT, "title": "Who may make some requests", **object_of(body)}


def access_diff_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-access-diff/1``, which ``access diff`` prints."""
    body = {
        **question_of("iamctl-access-diff/1"),
        "refused": {**INDEX, "description": "How many findings refuse the plan; 0 for declared."},
        "access": {
            **access_of(),
            "type": "object",
            "description": "What changes: by the plan, or for declared from the manifests of --base to these.",
        },
    }
    return {"$schema": DRAFT, "title": "Who gains and loses access", **object_of(body)}


def question_of(name: str) -> dict[str, Any]:
    """Return the schemas of what every answer begins with."""
    return {
        "format": format_of(name),
        "created_at": CREATED,
        "account": account_of("id", "name", "partition"),
        "state": {
            "enum": list(STATES),
            "description": "What the question is about; planned: the account after the plan.",
        },
        "not_counted": {**_TEXTS, "description": "What was not considered and may allow or deny more."},
    }


def _verdict_of() -> dict[str, Any]:
    decisions = [decision.value for decision in Decision]
    lacking = [one for one in decisions if one not in (Decision.ALLOWED, Decision.UNKNOWN)]
    asked = {
        **WHEN,
        "request": {
            "type": ["array", "null"],
            "items": TEXT,
            "description": "The values in the request, none if it lacks the key; null: not known.",
        },
        "holds": {"type": ["boolean", "null"], "description": "Whether this line holds; null: not known."},
    }
    statement = {
        "part": {"enum": [part.value for part in Part], "description": "aws: what AWS denies to everybody."},
        "policy": {**TEXT, "description": "The policy."},
        "holder": {**TEXT, "description": "The group, user or role that has it."},
        "statement": {**TEXT, "description": "The Sid, or the number of the statement."},
        "effect": {"enum": ["Allow", "Deny"], "description": "The effect."},
        "reach": {
            "enum": [_named(reach) for reach in Reach if reach is not Reach.OTHER_ACTION],
            "description": "Whether it applies; condition: it does not, since its condition does not hold.",
        },
        "resources": {**_TEXTS, "description": "The patterns of its resources."},
        "not_resource": {"type": "boolean", "description": "Whether it is about all resources but these."},
        "condition": rows_of(asked, "The lines of its condition; none if it is about other resources."),
    }
    return {
        "decision": {"enum": decisions, "description": "The result."},
        "lacking": {
            "type": "array",
            "items": {"enum": lacking},
            "description": "Everything that certainly keeps the request from being allowed.",
        },
        "statements": rows_of(statement, "The statements about the action, those that decide first."),
    }


def _named(reach: Reach) -> str:
    return reach.name.lower().replace("_", "-")
