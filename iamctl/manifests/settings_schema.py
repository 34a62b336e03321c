"""The JSON Schema of iamctl.yaml."""

from __future__ import annotations

from typing import Any

from iamctl.kinds import listed_sections, removal_limits
from iamctl.manifests.assertion_schema import assertions_schema
from iamctl.manifests.audit_settings import audit_schema
from iamctl.manifests.lock_schema import lock_schema
from iamctl.manifests.organization_schema import manifests_schema, organization_schemas, variables_schema
from iamctl.model.settings import DEFAULT_HANDOVER, MOST_OF_A_REASON, Limit


def settings_schema(user: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of iamctl.yaml; ``user`` is the schema of one user, whose keys ``defaults`` shares."""
    shared = _shared(user)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["version"],
        "if": {"not": {"required": ["organization"]}},
        "then": {"required": ["accounts"]},
        "properties": {
            "version": {
                "type": "integer",
                "const": 1,
                "description": "The format of this file; always 1.",
                "examples": [1],
                "x-iamctl-message": "expected 1, the only format of this file",
            },
            "accounts": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["id"],
                    "properties": {**_account(), **shared},
                    "description": "One account; a setting here replaces the one at the top level.",
                },
                "description": "Accounts by name, which is the value of `--account`.",
                "examples": [{"prod": {"id": "123456789012", "manifests": ["shared", "prod"]}}],
            },
            **organization_schemas(),
            **shared,
        },
        "description": "The accounts of the manifests, what iamctl manages in them, and the limits that apply.",
        "examples": [{"version": 1, "accounts": {"prod": {"id": "123456789012"}}}],
    }


def _account() -> dict[str, Any]:
    role = {
        "type": "string",
        "pattern": r"^arn:aws[a-z0-9-]*:iam::[0-9]{12}:role/[^\s{}*]+$",
        "x-iamctl-message": "expected the ARN of a role, for example arn:aws:iam::123456789012:role/iamctl-plan",
        "examples": ["arn:aws:iam::123456789012:role/iamctl-plan"],
    }
    commands = {
        "plan": {**role, "description": "The role for all commands that only read."},
        "apply": {**role, "description": "The role for `apply`, which writes."},
    }
    return {
        "id": {
            "type": "string",
            "pattern": "^[0-9]{12}$",
            "description": "The account id: 12 digits.",
            "x-iamctl-message": "expected an account id of 12 digits",
            "examples": ["123456789012"],
        },
        "manifests": manifests_schema(
            "Files and folders next to iamctl.yaml; with one account, the default is everything below it.", "prod"
        ),
        "variables": variables_schema("Text for `{{ name }}` in the manifests of this account."),
        "assume_role": {
            "type": ["string", "object"],
            "pattern": role["pattern"],
            "x-iamctl-message": role["x-iamctl-message"],
            "minProperties": 1,
            "additionalProperties": False,
            "properties": commands,
            "description": "The role to assume first: one ARN, or one for `plan` and one for `apply`.",
            "examples": ["arn:aws:iam::123456789012:role/iamctl"],
        },
    }


def _shared(user: dict[str, Any]) -> dict[str, Any]:
    texts = {"type": "array", "items": {"type": "string"}}
    return {
        "scope": _scope(),
        "protect": {
            **texts,
            "description": "Addresses that no plan may remove or deprive of access; `*` and `?` match any text.",
            "examples": [["user/break-glass", "group/admins"]],
        },
        "limits": {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: _limit(name, default) for name, default in removal_limits().items()},
            "description": "How much one plan may remove; a limit that is not set keeps its default.",
            "examples": [{"users": 3, "memberships": "20%"}],
        },
        "mfa": _mfa(),
        "access_keys": _access_keys(),
        "leavers": _leavers(),
        "audit": audit_schema(),
        "exceptions": _exceptions(),
        "secrets": _secrets(),
        "lock": lock_schema(),
        "assertions": assertions_schema(),
        "defaults": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "users": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        name: user["properties"][name]
                        for name in ("path", "tags", "permissions_boundary")
                        if name in user["properties"]
                    },
                    "description": "Values of a declared user that does not set its own; tags are merged by key.",
                    "examples": [{"path": "/people/"}],
                }
            },
            "description": "Values of declared resources that do not set their own.",
            "examples": [{"users": {"path": "/people/"}}],
        },
    }


def _scope() -> dict[str, Any]:
    choices = {
        section.name: {
            "type": "string",
            "enum": ["report", *(["drift"] if kind.owner_field is None else []), "remove"],
            "default": section.undeclared,
            "description": f"What happens to live {section.live_ones} that no manifest declares: `report` leaves them "
            "alone and names them"
            + ("; `drift` does so, too, and counts them as drift." if kind.owner_field is None else "."),
        }
        for kind, section in listed_sections().values()
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "undeclared": {
                "type": "object",
                "additionalProperties": False,
                "properties": choices,
                "description": "What to do with live resources that no manifest declares: `report`, `drift` or `remove`.",
                "examples": [{"users": "remove"}],
            },
            "ignore": {
                "type": "array",
                "items": _ignore_rule(),
                "description": "What iamctl never changes: an address pattern, a path, or tags.",
                "examples": [["user/svc-*", {"path": "/service/"}, {"tag": {"managed-by": "terraform"}}]],
            },
            "ignore_tags": {
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "description": "Keys of tags that other tools own; `*` and `?` match any text.",
                "examples": [["hr:*"]],
            },
        },
        "description": "What iamctl manages.",
        "examples": [{"undeclared": {"users": "report"}, "ignore": ["user/svc-*"]}],
    }


def _ignore_rule() -> dict[str, Any]:
    return {
        "type": ["string", "object"],
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "properties": {
            "path": {
                "type": "string",
                "pattern": "^/(.*/)?$",
                "description": "Everything whose path begins with this.",
                "x-iamctl-message": "expected a path that begins and ends with '/'",
                "examples": ["/service/"],
            },
            "tag": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": {"type": "string"},
                "description": "Everything that has all these tags; `*` and `?` match any text.",
                "examples": [{"managed-by": "terraform"}],
            },
        },
        "x-iamctl-message": "expected either 'path' or 'tag'; write two entries for two rules",
    }


def _limit(name: str, default: Limit) -> dict[str, Any]:
    return {
        "type": ["integer", "string"],
        "minimum": 0,
        "pattern": r"^(100|[0-9]{1,2}(\.[0-9]{1,3})?)%$",
        "default": str(default),
        "description": f"Removals of {name.replace('_', ' ')} in one plan: a count, or a share of the live ones.",
        "x-iamctl-message": "expected a count (for example 3) or a share (for example 10%)",
        "examples": [3, "10%"],
    }


def _days(default: int, description: str) -> dict[str, Any]:
    return {
        "type": "integer",
        "minimum": 0,
        "maximum": 3650,
        "default": default,
        "description": description,
        "examples": [default],
    }


def _leavers() -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "delete_after_days": _days(
                0, "Days for which a user whose `until` has passed is kept, without a way in, before it is deleted."
            ),
        },
        "description": "What happens to users after their `until`.",
        "examples": [{"delete_after_days": 30}],
    }


def _access_keys() -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "max_age_days": _days(90, "Days after which every plan warns about an active access key."),
            "delete_after_days": _days(
                14, "Days that an access key deactivated by iamctl must stay inactive and unused before it is deleted."
            ),
        },
        "description": "How long access keys may be used and kept.",
        "examples": [{"max_age_days": 90, "delete_after_days": 14}],
    }


def _mfa() -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "existing": {
                "type": "string",
                "enum": ["warn", "refuse"],
                "default": "warn",
                "description": "Whether a plan warns about or refuses existing users with a password but no MFA guard.",
            },
            "enrol_within_days": {
                "type": "integer",
                "minimum": 0,
                "maximum": 3650,
                "default": 7,
                "description": "Days with a password but no MFA device after which every plan warns about the user.",
                "examples": [7],
            },
        },
        "description": "Requirements for users who sign in to the console.",
        "examples": [{"existing": "refuse", "enrol_within_days": 3}],
    }


def _exceptions() -> dict[str, Any]:
    return {
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["address"],
            "properties": {
                "address": {
                    "type": "string",
                    "description": "`user-policy/USER/ARN` or `user-inline-policy/USER/NAME`.",
                    "examples": ["user-inline-policy/ses-smtp/AmazonSesSendingAccess"],
                },
                "reason": {
                    "type": "string",
                    "maxLength": MOST_OF_A_REASON,
                    "description": f"The reason, for reviewers; at most {MOST_OF_A_REASON} characters.",
                    "examples": ["SES"],
                },
                "until": {
                    "type": "string",
                    "format": "iamctl-until",
                    "description": "The last day (to its end, UTC) or an RFC 3339 time.",
                    "examples": ["2027-03-31"],
                },
            },
        },
        "description": "Policies attached directly to users before iamctl managed them. The list may only shrink.",
        "examples": [[{"address": "user-inline-policy/ci/deploy", "reason": "OPS-7", "until": "2027-03-31"}]],
    }


def _secrets() -> dict[str, Any]:
    for_files = "requires 'deliver: age'; a password on the terminal is not written to a file"
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["deliver"],
        "properties": {
            "deliver": {
                "type": "string",
                "enum": ["age", "terminal"],
                "description": "`age`: an encrypted file for each user; `terminal`: shown once, to the person who applies.",
                "examples": ["age"],
            },
            "directory": {
                "type": "string",
                "pattern": r"^\.?[A-Za-z0-9_-][A-Za-z0-9._-]*(/\.?[A-Za-z0-9_-][A-Za-z0-9._-]*)*$",
                "default": DEFAULT_HANDOVER,
                "description": "The folder for the encrypted files, relative to the working directory.",
                "x-iamctl-message": "expected a folder below the working directory (for example handover), without '..' and "
                "without '/' at either end",
                "examples": ["handover"],
            },
            "recipients": {
                "type": "array",
                "minItems": 1,
                "items": {"type": "string"},
                "description": "Public keys of the people who pass passwords on: age keys, or SSH keys (ed25519 or RSA).",
                "examples": [["age16q83y6wh0fwkpzuf327f8kgc47gnr7sp4sdylt27eh7wzmy8u3usm998mn"]],
            },
        },
        "allOf": [
            {"if": _delivered("age"), "then": {"required": ["recipients"]}},
            {
                "if": _delivered("terminal"),
                "then": {
                    "properties": {
                        name: {"not": {}, "x-iamctl-message": f"{name!r} {for_files}"}
                        for name in ("directory", "recipients")
                    }
                },
            },
        ],
        "description": "How passwords that an apply creates reach people; if not set, none is created.",
        "examples": [
            {"deliver": "age", "recipients": ["age16q83y6wh0fwkpzuf327f8kgc47gnr7sp4sdylt27eh7wzmy8u3usm998mn"]},
            {"deliver": "terminal"},
        ],
    }


def _delivered(how: str) -> dict[str, Any]:
    return {"properties": {"deliver": {"const": how}}, "required": ["deliver"]}
