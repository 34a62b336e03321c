"""What only an audit reads of an account: facts about the account itself, and which reads failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from iamctl.kinds.credentials import instant
from iamctl.kinds.signin_session import SigninSession, user_of
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot


class AuditFact(StrEnum):
    """What an audit reads beyond users, groups, roles and policies, by its key in a snapshot."""

    CREDENTIALS = "Credentials"
    """Passwords, access keys, MFA devices and service-specific credentials of users."""
    CREDENTIAL_REPORT = "CredentialReport"
    PASSWORD_POLICY = "PasswordPolicy"  # noqa: S105 - a name
    ACCOUNT_ALIASES = "AccountAliases"
    SERVER_CERTIFICATES = "ServerCertificates"
    ANALYZERS = "Analyzers"
    ORGANIZATIONS_FEATURES = "OrganizationsFeatures"
    SIGNIN_SESSIONS = "SigninSessions"
    VIRTUAL_DEVICES = "RootVirtualMFADevices"


UNREAD = "Unread"
"""The key in a snapshot that names the facts that could not be read, each with the reason."""


@dataclass(frozen=True)
class ServerCertificate:
    """A certificate that IAM keeps for HTTPS."""

    name: str
    expires: datetime | None = None


@dataclass(frozen=True)
class AuditFacts:
    """The facts; None where a snapshot does not contain them or the read failed."""

    password_policy: Mapping[str, Any] | None = None
    """As GetAccountPasswordPolicy returns it; empty for an account without one of its own."""
    aliases: tuple[str, ...] | None = None
    server_certificates: tuple[ServerCertificate, ...] | None = None
    analyzers: Mapping[str, frozenset[str]] | None = None
    """The types of the active analyzers by enabled region."""
    organizations_features: frozenset[str] | None = None
    is_organization_managed_here: bool | None = None
    """Whether this account may ask for the features of the organization; False for a member account."""
    root_virtual_devices: frozenset[str] | None = None
    """Serial numbers of the virtual MFA devices of the root user."""
    signin_sessions: tuple[SigninSession, ...] | None = None
    """The sign-in sessions of users, also of those who do not exist any more."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """Why a read failed, by fact."""


def audit_facts(snapshot: Snapshot) -> AuditFacts:
    """Return what a snapshot contains of what only an audit reads."""
    found: Mapping[str, Any] = snapshot.get("audit", {})
    policy: Mapping[str, Any] | None = None
    if AuditFact.PASSWORD_POLICY in found:
        policy = found[AuditFact.PASSWORD_POLICY] or {}
    certificates = found.get(AuditFact.SERVER_CERTIFICATES)
    analyzers = found.get(AuditFact.ANALYZERS)
    features: list[str] | None = found.get(AuditFact.ORGANIZATIONS_FEATURES)
    devices = found.get(AuditFact.VIRTUAL_DEVICES)
    return AuditFacts(
        password_policy=policy,
        aliases=None if AuditFact.ACCOUNT_ALIASES not in found else tuple(found[AuditFact.ACCOUNT_ALIASES]),
        server_certificates=None if certificates is None else tuple(map(_certificate, certificates)),
        analyzers=None if analyzers is None else {region: frozenset(kinds) for region, kinds in analyzers.items()},
        organizations_features=None if features is None else frozenset(features),
        is_organization_managed_here=features is not None if AuditFact.ORGANIZATIONS_FEATURES in found else None,
        root_virtual_devices=None if devices is None else frozenset(devices),
        signin_sessions=_sessions(snapshot) if AuditFact.SIGNIN_SESSIONS in found else None,
        unread=found.get(UNREAD, {}),
    )


def _sessions(snapshot: Snapshot) -> tuple[SigninSession, ...]:
    account = snapshot["account"]["id"]
    found = ((user_of(entry["principalArn"], account), entry) for entry in snapshot["audit"][AuditFact.SIGNIN_SESSIONS])
    return tuple(SigninSession.of(user, entry) for user, entry in found if user)


def _certificate(entry: Mapping[str, Any]) -> ServerCertificate:
    return ServerCertificate(entry["ServerCertificateName"], instant(entry.get("Expiration")))
