"""The JSON Schemas of the settings for many accounts, and of the accounts file."""

from __future__ import annotations

from typing import Any

DEFAULT_ACCOUNTS_FILE = "accounts.lock.yaml"

_OU = r"^(/|(/[^/]+)+)$"
_PARTITION = r"(aws[a-z0-9-]*|\{\{ *partition *\}\})"
_ACCOUNT_ID = r"\{\{ *account\.id *\}\}"
_ROLE = rf"^arn:{_PARTITION}:iam::{_ACCOUNT_ID}:role/([^\s{{}}*]|{_ACCOUNT_ID})+$"
_EXAMPLE_ROLE = "arn:{{ partition }}:iam::{{ account.id }}:role/iamctl-plan"
_ROLE_WORDS = f"expected the ARN of a role with {{{{ account.id }}}} as its account, for example {_EXAMPLE_ROLE}"
_MAX_NAME = 128
"""https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html"""


def manifests_schema(description: str, example: str) -> dict[str, Any]:
    """Return the schema of the files and folders that accounts read."""
    return {
        "type": "array",
        "minItems": 1,
        "items": {"type": "string"},
        "description": description,
        "examples": [["shared", example]],
    }


def variables_schema(description: str) -> dict[str, Any]:
    """Return the schema of the variables of accounts."""
    return {
        "type": "object",
        "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_-]*$"},
        "additionalProperties": {"type": "string"},
        "description": description,
        "x-iamctl-message": "a variable name must be a letter or '_', then letters, digits, '_' and '-'",
        "examples": [{"env": "prod"}],
    }


def organization_schemas() -> dict[str, dict[str, Any]]:
    """Return the schemas of ``organization``, ``selections`` and ``waves`` in iamctl.yaml."""
    return {"organization": _organization(), "selections": _selections(), "waves": _waves()}


def accounts_file_schema() -> dict[str, Any]:
    """Return the schema of the accounts file."""
    example: dict[str, Any] = {"id": "123456789012", "name": "payments-prod", "ou": "/prod/payments"}
    example |= {"state": "ACTIVE", "tags": {"team": "payments"}}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["version", "accounts"],
        "properties": {
            "version": {
                "type": "integer",
                "const": 1,
                "description": "The format of this file; always 1.",
                "examples": [1],
                "x-iamctl-message": "expected 1, the only format of this file",
            },
            "accounts": {
                "type": "array",
                "items": _listed_account(example),
                "description": "The accounts, by id.",
                "examples": [[example]],
            },
        },
        "description": "The accounts of an organization, as `iamctl fleet discover` writes them.",
        "examples": [{"version": 1, "accounts": [example]}],
    }


def _listed_account(example: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "name", "ou", "state"],
        "properties": {
            "id": {
                "type": "string",
                "pattern": "^[0-9]{12}$",
                "description": "The account id: 12 digits.",
                "x-iamctl-message": "expected an account id of 12 digits",
                "examples": ["123456789012"],
            },
            "name": {
                "type": "string",
                "minLength": 1,
                "maxLength": _MAX_NAME,
                "description": "The name of the account, which is the value of `--account`.",
                "examples": ["payments-prod"],
            },
            "ou": {
                "type": "string",
                "pattern": _OU,
                "description": "The names of its organizational units from the root; a `/` in a name is `%2F`.",
                "x-iamctl-message": "expected a path of OU names that begins with '/' (for example /prod/payments)",
                "examples": ["/prod/payments"],
            },
            "state": {
                "type": "string",
                "pattern": "^[A-Z_]+$",
                "description": "The state in the words of Organizations; iamctl skips an account that is not `ACTIVE`.",
                "x-iamctl-message": "expected a state of Organizations (for example ACTIVE)",
                "examples": ["ACTIVE"],
            },
            "tags": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "The tags of the account; absent if they were not read.",
                "examples": [{"team": "payments"}],
            },
        },
        "description": "One account.",
        "examples": [example],
    }


def _organization() -> dict[str, Any]:
    role = {"type": "string", "pattern": _ROLE, "x-iamctl-message": _ROLE_WORDS, "examples": [_EXAMPLE_ROLE]}
    commands = {
        "plan": {**role, "description": "The role for all commands that only read."},
        "apply": {**role, "description": "The role for `apply`, which writes."},
    }
    discover = "arn:aws:iam::111111111111:role/iamctl-discover"
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "role": {
                "type": ["string", "object"],
                "pattern": _ROLE,
                "x-iamctl-message": _ROLE_WORDS,
                "minProperties": 1,
                "additionalProperties": False,
                "properties": commands,
                "description": "The role to assume in each account: one template, or one for `plan` and one for `apply`, "
                "with `{{ partition }}` and `{{ account.id }}`.",
                "examples": [{"plan": _EXAMPLE_ROLE}],
            },
            "discover": {
                "type": "object",
                "additionalProperties": False,
                "required": ["role"],
                "properties": {
                    "role": {
                        "type": "string",
                        "pattern": r"^arn:aws[a-z0-9-]*:iam::[0-9]{12}:role/[^\s{}*]+$",
                        "description": "The role in the management account, or in that of a delegated administrator.",
                        "x-iamctl-message": f"expected the ARN of a role, for example {discover}",
                        "examples": [discover],
                    }
                },
                "description": "How `iamctl fleet discover` reads Organizations (default: with the caller's credentials).",
                "examples": [{"role": discover}],
            },
            "accounts_file": {
                "type": "string",
                "pattern": r"^[A-Za-z0-9_-][A-Za-z0-9._-]*\.ya?ml$",
                "default": DEFAULT_ACCOUNTS_FILE,
                "description": "The file next to iamctl.yaml that lists the accounts.",
                "x-iamctl-message": "expected the name of a file next to iamctl.yaml that ends in .yaml or .yml",
                "examples": [DEFAULT_ACCOUNTS_FILE],
            },
        },
        "description": "The AWS organization whose accounts iamctl manages, beside those under `accounts`.",
        "examples": [{"role": {"plan": _EXAMPLE_ROLE}, "discover": {"role": discover}}],
    }


def _selector(description: str, example: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {
            "account": {
                "type": ["string", "array"],
                "minLength": 1,
                "minItems": 1,
                "items": {"type": "string", "minLength": 1},
                "description": "Names, ids, or patterns of names with `*` and `?`; one must match.",
                "examples": ["sandbox-*", ["payments-prod", "123456789012"]],
            },
            "ou": {
                "type": ["string", "array"],
                "pattern": _OU,
                "minItems": 1,
                "items": {"type": "string", "pattern": _OU, "x-iamctl-message": _OU_WORDS},
                "description": "Paths of organizational units; `/*` at the end includes the unit and all below it. "
                "One must match.",
                "x-iamctl-message": _OU_WORDS,
                "examples": ["/prod/*", ["/dev", "/test"]],
            },
            "tag": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": {"type": "string"},
                "description": "Tags of the account in Organizations; all must match, and `*` and `?` match any text.",
                "examples": [{"team": "payments"}],
            },
        },
        "description": f"{description} An account must match all criteria that are given.",
        "examples": [example],
    }


_OU_WORDS = "expected a path of OU names that begins with '/' (for example /prod/*)"


def _selections() -> dict[str, Any]:
    example = {
        "select": {"ou": "/prod/*", "tag": {"team": "payments"}},
        "manifests": ["shared", "teams/payments"],
        "variables": {"env": "prod"},
    }
    return {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["select"],
            "properties": {
                "select": _selector("Which accounts of the organization.", {"ou": "/prod/*"}),
                "exclude": _selector("Which of them not.", {"tag": {"iamctl": "off"}}),
                "manifests": manifests_schema("Files and folders next to iamctl.yaml.", "teams/payments"),
                "variables": variables_schema("Text for `{{ name }}` in the manifests of these accounts."),
            },
            "description": "What some accounts of the organization get.",
            "examples": [example],
        },
        "description": "What the accounts of the organization get. An account gets the manifests and variables of every "
        "entry that selects it.",
        "examples": [[example]],
    }


def _waves() -> dict[str, Any]:
    example = [{"name": "canary", "select": {"account": ["sandbox-1"]}}, {"name": "rest", "max_failures": 1}]
    return {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["name"],
            "properties": {
                "name": {
                    "type": "string",
                    "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]*$",
                    "description": "The value of `--wave`.",
                    "x-iamctl-message": "expected letters, digits, '_', '.' and '-' (for example canary)",
                    "examples": ["canary"],
                },
                "select": _selector(
                    "Which accounts (default: those that no other wave selects).", {"account": ["sandbox-1"]}
                ),
                "max_failures": {
                    "type": "integer",
                    "minimum": 0,
                    "maximum": 100_000,
                    "description": "The next wave begins only if no more accounts than this failed "
                    "(default: 0 in the first wave, 1 later).",
                    "examples": [1],
                },
            },
            "description": "One wave.",
            "examples": example,
        },
        "description": "The order in which `iamctl fleet apply` changes accounts. An account is in the first wave that "
        "selects it.",
        "examples": [example],
    }
