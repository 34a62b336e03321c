"""What a control finds, as data: what fails, what cannot be decided, and what would cure it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from iamctl.model import Address
from iamctl.text.late_dataclass import dataclass

Value = str | int | datetime | tuple[str, ...]


class Fact(StrEnum):
    """Why something fails; the values beside it give the details."""

    ROOT_KEYS = "root-keys"
    ROOT_WITHOUT_MFA = "root-without-mfa"
    ROOT_VIRTUAL_MFA = "root-virtual-mfa"
    ROOT_USED = "root-used"
    ROOT_CERTIFICATES = "root-certificates"
    ROOT_NOT_CENTRAL = "root-not-central"
    NO_PASSWORD_POLICY = "no-password-policy"  # noqa: S105 - a name
    SHORT_PASSWORDS = "short-passwords"
    PASSWORDS_REUSED = "passwords-reused"
    SIMPLE_PASSWORDS = "simple-passwords"
    NO_MFA = "no-mfa"
    NO_GUARD = "no-guard"
    DEVICE_LEFT = "device-left"
    PASSWORD_UNUSED = "password-unused"  # noqa: S105 - a name
    KEY_UNUSED = "key-unused"
    KEY_OLD = "key-old"
    KEY_AT_SETUP = "key-at-setup"
    KEYS_ACTIVE = "keys-active"
    API_KEYS_ENDLESS = "api-keys-endless"
    DIRECT_POLICY = "direct-policy"
    ALLOWS_EVERYTHING = "allows-everything"
    ALLOWS_SERVICES = "allows-services"
    CLOUDSHELL = "cloudshell"
    NO_SUPPORT_ROLE = "no-support-role"
    CERTIFICATE_EXPIRED = "certificate-expired"
    NO_ANALYZER = "no-analyzer"
    NO_TAGS = "no-tags"
    SESSION_OF_NOBODY = "session-of-nobody"
    SESSION_WITHOUT_PASSWORD = "session-without-password"  # noqa: S105 - a name


class Missing(StrEnum):
    """What would be needed to decide, and is not known."""

    SUMMARY = "summary"
    CREDENTIALS = "credentials"
    CREDENTIAL_REPORT = "credential-report"
    VIRTUAL_DEVICES = "virtual-devices"
    PASSWORD_POLICY = "password-policy"  # noqa: S105 - a name
    SERVER_CERTIFICATES = "server-certificates"
    ANALYZERS = "analyzers"
    ORGANIZATIONS_FEATURES = "organizations-features"
    SIGNIN_SESSIONS = "signin-sessions"
    DOCUMENT = "document"


class Exemption(StrEnum):
    """Why a control says nothing about an account."""

    MEMBER_ACCOUNT = "member-account"
    PARTITION = "partition"


@dataclass(frozen=True)
class ManifestLine:
    """A value in the manifests: ``("users", "alice", "console")`` and what it should be."""

    path: tuple[str, ...]
    value: Any


@dataclass(frozen=True)
class AwsCall:
    """A call that somebody makes outside iamctl."""

    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)
    service: str = "iam"


Cure = ManifestLine | AwsCall


@dataclass(frozen=True)
class Failing:
    """One resource that fails a control; without an address it is the account or its root user."""

    address: Address | None = None
    fact: Fact | None = None
    """None: a report states the title of the control and the values."""
    values: Mapping[str, Value] = field(default_factory=dict)
    cure: Cure | None = None


@dataclass(frozen=True)
class Undecided:
    """What keeps a control from being decided, for one resource or for the account."""

    missing: Missing
    address: Address | None = None
    policy: str = ""
    """The policy whose document is missing."""


@dataclass(frozen=True)
class Exempt:
    """A control that does not apply to the account."""

    why: Exemption


Outcome = Failing | Undecided | Exempt


def failures(outcomes: Iterable[Outcome]) -> Iterator[Failing]:
    """Yield what fails."""
    return (outcome for outcome in outcomes if isinstance(outcome, Failing))
