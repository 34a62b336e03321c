"""The JSON Schema of the section ``assertions``."""

from __future__ import annotations

from typing import Any

from iamctl.model.assertion import Level
from iamctl.model.settings import MOST_OF_A_REASON

KINDS_OF_ASSERTION = ("forbid", "require", "within", "no_way_to")
"""What an assertion can state; each has exactly one of them."""

_ACTION = r"^(\*|[A-Za-z0-9*?-]+:[^\s:]+)$"
_RESOURCE = r"^(\*|arn:\S+)$"
_KEY = r"^[^\s:]+:\S+$"


def assertions_schema() -> dict[str, Any]:
    """Return the schema of the whole section."""
    entry = assertion_schema()
    example = {name: part["examples"][0] for name, part in entry["properties"].items() if name in {"forbid", "except"}}
    return {
        "type": "object",
        "additionalProperties": entry,
        "description": "What must never, or always, be possible in the account, by name. `validate`, `plan`, `drift` and "
        "`access check` judge each assertion.",
        "examples": [{"only-administrators-change-iam": example}],
    }


def assertion_schema() -> dict[str, Any]:
    """Return the schema of one assertion."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {**_kinds(), **_people(), **_handling()},
        "description": "One assertion; its name is the key. It has exactly one of `forbid`, `require`, `within` and "
        "`no_way_to`.",
        "examples": [{"forbid": {"actions": ["cloudtrail:StopLogging"]}, "except": ["group/administrators"]}],
    }


def _kinds() -> dict[str, Any]:
    return {
        "forbid": {
            **_requests(),
            "description": "A set of requests of which none may be allowed. What is left out means all.",
            "examples": [{"actions": ["iam:*"], "access": ["permissions"]}],
        },
        "require": {
            **_requests(),
            "description": "A set of requests that must all be allowed. What is left out means all.",
            "examples": [{"actions": ["logs:GetLogEvents"], "when": {"aws:MultiFactorAuthPresent": "true"}}],
        },
        "within": {
            "type": "object",
            "additionalProperties": False,
            "required": ["file"],
            "properties": {
                "file": {
                    "type": "string",
                    "description": "A policy document, relative to the file that names it.",
                    "examples": ["policies/developer-ceiling.json"],
                }
            },
            "description": "A reference policy; nothing may be allowed that it does not allow.",
            "examples": [{"file": "policies/developer-ceiling.json"}],
        },
        "no_way_to": {
            **_texts(
                r"^(administrator|(user|group|role)/\S+)$",
                "expected 'administrator', or the address of a user, group or role, for example role/deploy-*",
            ),
            "description": "What nobody may come to by the ways that iamctl knows: `administrator`, or addresses of "
            "users, groups and roles; `*` and `?` match any text.",
            "examples": [["administrator", "role/deploy-*"]],
        },
    }


def _requests() -> dict[str, Any]:
    actions = _texts(_ACTION, "expected an action, for example s3:GetObject or iam:*")
    return {
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "properties": {
            "actions": {**actions, "description": "Actions; by default all.", "examples": [["iam:*"]]},
            "but_actions": {
                **actions,
                "description": "Actions that are not in the set.",
                "examples": [["iam:ChangePassword", "sts:GetSessionToken"]],
            },
            "access": {
                "type": "array",
                "minItems": 1,
                "items": {"type": "string", "enum": [level.value for level in Level]},
                "description": "The access levels of the actions, as AWS documents them; by default all.",
                "examples": [["permissions"]],
            },
            "resources": {
                **_texts(_RESOURCE, "expected '*' or an ARN, for example arn:aws:s3:::acme-*"),
                "description": "ARN patterns; by default every resource.",
                "examples": [["arn:aws:s3:::acme-*"]],
            },
            "when": _when(),
        },
    }


def _when() -> dict[str, Any]:
    return {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": _KEY},
        "additionalProperties": {"type": ["string", "array"], "minItems": 1, "items": {"type": "string"}},
        "description": "Condition keys with the values that the requests have: a text, a list, or `absent`.",
        "x-iamctl-message": "expected a condition key, for example aws:MultiFactorAuthPresent",
        "examples": [{"aws:MultiFactorAuthPresent": ["absent", "false"]}],
    }


def _people() -> dict[str, Any]:
    pattern, message = (
        r"^(user|group|role)/\S+$",
        "expected the address of a user, group or role, for example group/developers",
    )
    exempt = {
        "type": ["string", "object"],
        "pattern": pattern,
        "x-iamctl-message": message,
        "additionalProperties": False,
        "required": ["address"],
        "properties": {
            "address": {
                "type": "string",
                "pattern": pattern,
                "x-iamctl-message": message,
                "description": "A user, a role, or a group for its members; `*` and `?` match any text.",
                "examples": ["user/break-glass"],
            },
            "until": _until(),
            "reason": _reason(),
        },
    }
    return {
        "who": {
            **_texts(pattern, message),
            "description": "The users, roles and members of groups that it is about; by default every user of the "
            "account, declared or not. `*` and `?` match any text.",
            "examples": [["group/developers"]],
        },
        "except": {
            "type": "array",
            "minItems": 1,
            "items": exempt,
            "description": "Users, roles and members of groups that it is not about.",
            "examples": [["group/administrators", {"address": "user/break-glass", "until": "2026-12-31"}]],
        },
        "until": {
            **_until(),
            "description": "When all exceptions end: the last day (to its end, UTC) or an RFC 3339 time.",
        },
        "when": _when(),
    }


def _handling() -> dict[str, Any]:
    return {
        "severity": {
            "type": "string",
            "enum": ["refuse", "warn"],
            "default": "refuse",
            "description": "What a refuted assertion does to a plan.",
            "examples": ["warn"],
        },
        "existing": {
            "type": "string",
            "enum": ["warn", "refuse"],
            "default": "warn",
            "description": "What happens where the assertion was refuted before the plan as well.",
            "examples": ["refuse"],
        },
        "strict": {
            "type": "boolean",
            "default": False,
            "description": "Whether unusual requests refute it as well: on undocumented resources, or of actions that AWS "
            "may add.",
            "examples": [True],
        },
        "reason": _reason(),
    }


def _until() -> dict[str, Any]:
    return {
        "type": "string",
        "format": "iamctl-until",
        "description": "The last day (to its end, UTC) or an RFC 3339 time.",
        "examples": ["2026-12-31"],
    }


def _reason() -> dict[str, Any]:
    return {
        "type": "string",
        "maxLength": MOST_OF_A_REASON,
        "description": f"The reason, for reviewers; at most {MOST_OF_A_REASON} characters.",
        "examples": ["SEC-12"],
    }


def _texts(pattern: str, message: str) -> dict[str, Any]:
    return {
        "type": "array",
        "minItems": 1,
        "items": {"type": "string", "pattern": pattern, "x-iamctl-message": message},
    }
