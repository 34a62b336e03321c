"""The settings of the account itself: its password policy and its alias."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

from iamctl.model import Address, Declares, Operations, Phase, Resource, Section, Step, Writes
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot

PASSWORD_POLICY = "password_policy"  # noqa: S105 - a name
ALIAS = "alias"

POLICY_KEY = "PasswordPolicy"
ALIASES_KEY = "AccountAliases"
"""The keys of the facts in a snapshot, under ``audit``."""

READS: Mapping[str, tuple[str, str]] = {
    PASSWORD_POLICY: (POLICY_KEY, "GetAccountPasswordPolicy"),
    ALIAS: (ALIASES_KEY, "ListAccountAliases"),
}
"""Setting to its key in a snapshot, and to the read that returns it."""

WRITES: Mapping[str, Operations] = {
    PASSWORD_POLICY: Operations(create=("UpdateAccountPasswordPolicy",), delete=("DeleteAccountPasswordPolicy",)),
    ALIAS: Operations(create=("CreateAccountAlias",), delete=("DeleteAccountAlias",)),
}
"""Setting to the writes of its changes."""

SHORTEST_PASSWORD, LONGEST_PASSWORD, LONGEST_AGE, MOST_REMEMBERED = 6, 128, 1095, 24
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html"""


def _number(least: int, most: int, default: int, told: str, example: int) -> dict[str, Any]:
    found = {"type": "integer", "minimum": least, "maximum": most, "default": default}
    return {**found, "description": told, "examples": [example]}


def _flag(told: str) -> dict[str, Any]:
    return {"type": "boolean", "default": False, "description": told, "examples": [True]}


_FIELDS: Mapping[str, Mapping[str, Any]] = {
    "MinimumPasswordLength": _number(
        SHORTEST_PASSWORD, LONGEST_PASSWORD, SHORTEST_PASSWORD, "The fewest characters of a password.", 14
    ),
    "RequireSymbols": _flag("Whether a password needs a symbol."),
    "RequireNumbers": _flag("Whether a password needs a digit."),
    "RequireUppercaseCharacters": _flag("Whether a password needs an upper-case letter."),
    "RequireLowercaseCharacters": _flag("Whether a password needs a lower-case letter."),
    "AllowUsersToChangePassword": _flag("Whether all users may change their own password."),
    "MaxPasswordAge": _number(0, LONGEST_AGE, 0, "Days after which a password expires; 0: it never expires.", 90),
    "PasswordReusePrevention": _number(
        0, MOST_REMEMBERED, 0, "How many former passwords a user cannot use again; 0: none.", 24
    ),
    "HardExpiry": _flag("Whether only an administrator can replace a password that has expired."),
}

_LEFT_OUT_AS_NONE = frozenset({"MaxPasswordAge", "PasswordReusePrevention"})

DEFAULTS: Mapping[str, Any] = {name: field["default"] for name, field in _FIELDS.items()}
"""What a password policy has for a field that UpdateAccountPasswordPolicy does not get."""


def full_policy(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a password policy with all fields, from a manifest or from GetAccountPasswordPolicy."""
    return {name: default if (own := given.get(name)) is None else own for name, default in DEFAULTS.items()}


@dataclass(frozen=True, kw_only=True)
class AccountSetting(Resource):
    """The password policy or the alias of the account; iamctl reads and compares what the manifests declare.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/console-account-alias.html
    """

    kind: ClassVar[str] = "account"
    title: ClassVar[str] = "Account"
    noun: ClassVar[str] = "account setting"
    operations: ClassVar[Operations] = Operations(
        create=tuple(name for one in WRITES.values() for name in one.create),
        delete=tuple(name for one in WRITES.values() for name in one.delete),
    )
    section: ClassVar[Section | None] = Section(
        name="account",
        noun="account setting",
        entry="A setting of the account.",
        example={ALIAS: "acme-prod"},
        comment=("The password policy and the alias of the account. A field that is missing has AWS's default.",),
        has_fixed_keys=True,
    )
    manifest_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "account": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                PASSWORD_POLICY: {
                    "type": "object",
                    "additionalProperties": False,
                    "minProperties": 1,
                    "properties": _FIELDS,
                    "description": "The password policy, with the fields of UpdateAccountPasswordPolicy. A field that "
                    "is missing here gets AWS's default.",
                    "examples": [{"MinimumPasswordLength": 14, "PasswordReusePrevention": 24}],
                },
                ALIAS: {
                    "type": "string",
                    "pattern": "^[a-z0-9](-?[a-z0-9])+$",
                    "minLength": 3,
                    "maxLength": 63,
                    "x-iamctl-message": "an alias has 3 to 63 lower-case letters, digits and single hyphens between them",
                    "description": "The name in the sign-in URL of the account: https://ALIAS.signin.aws.amazon.com/console.",
                    "examples": ["acme-prod"],
                },
            },
            "description": "Settings of the account itself. iamctl leaves alone what is not listed here.",
            "examples": [{PASSWORD_POLICY: {"MinimumPasswordLength": 14}, ALIAS: "acme-prod"}],
        }
    }

    name: str
    """``password_policy`` or ``alias``."""
    value: Mapping[str, Any] = field(default_factory=dict)
    """All fields of the password policy, or ``{"alias": "acme-prod"}``."""

    @cached_property
    def address(self) -> Address:
        return Address.of(self.kind, self.name)

    @classmethod
    def declared(cls, manifests: Declares) -> Iterator[Self]:
        for entry in manifests.entries("account"):
            value = full_policy(entry.value) if entry.name == PASSWORD_POLICY else {ALIAS: entry.value}
            yield cls(name=entry.name, value=value, origin=entry.origin())

    @classmethod
    def live(cls, snapshot: Snapshot) -> Iterator[Self]:
        facts = snapshot.get("audit", {})
        if policy := facts.get(POLICY_KEY):
            yield cls(name=PASSWORD_POLICY, value=full_policy(policy))
        for alias in facts.get(ALIASES_KEY) or ():
            yield cls(name=ALIAS, value={ALIAS: alias})

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, **self.value}

    def to_manifest(self, writing: Writes) -> Any:
        if self.name == ALIAS:
            return writing.text(self.value[ALIAS])
        return dict(self.value)

    def create_steps(self) -> Iterator[Step]:
        """Yield the call that sets all fields: UpdateAccountPasswordPolicy resets those that it does not get.

        IAM has no number for "never" and for "none": the field is left out instead. A new alias replaces the old one.
        """
        params = {key: value for key, value in self.value.items() if value or key not in _LEFT_OUT_AS_NONE}
        if self.name == ALIAS:
            params = {"AccountAlias": self.value[ALIAS]}
        (operation,) = WRITES[self.name].create
        yield Step(operation, params, Phase.CHANGE)

    def update_steps(self, after: Self) -> Iterator[Step]:
        yield from after.create_steps()

    def delete_steps(self) -> Iterator[Step]:
        (operation,) = WRITES[self.name].delete
        yield Step(operation, {"AccountAlias": self.value[ALIAS]} if self.name == ALIAS else {}, Phase.TIDY)
