"""What a user signs in and signs requests with, as far as a snapshot tells it; never what it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from iamctl.kinds.kept import Shape, names
from iamctl.kinds.sections_read import SectionsRead
from iamctl.text.late_dataclass import dataclass
from iamctl.text.moment import start_of

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot

KEPT_CREDENTIALS: Shape = {
    "LoginProfile": names("CreateDate", "PasswordResetRequired", "MaxSigninSessionDuration"),
    "AccessKeyMetadata": {
        **names("AccessKeyId", "Status", "CreateDate"),
        "AccessKeyLastUsed": names("LastUsedDate", "Region", "ServiceName"),
    },
    "MFADevices": names("SerialNumber", "EnableDate"),
    "SSHPublicKeys": names("SSHPublicKeyId", "Status", "UploadDate"),
    "Certificates": names("CertificateId", "Status", "UploadDate"),
    "ServiceSpecificCredentials": names(
        "ServiceSpecificCredentialId", "ServiceName", "Status", "CreateDate", "ServiceUserName", "ExpirationDate"
    ),
}
"""What the restore file keeps of the credentials of a user."""


@dataclass(frozen=True)
class LastUse:
    """When, where and for which service an access key was used last; IAM knows it to a quarter of an hour.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html
    """

    at: datetime
    region: str = ""
    service: str = ""


@dataclass(frozen=True)
class HeldKey:
    """An access key of a user; ``id`` is None where only the credential report tells of it."""

    is_active: bool
    id: str | None = None
    created: datetime | None = None
    """The report tells the last change instead, which is later or the same."""
    last_use: LastUse | None = None
    """None for a key that was never used, as far as IAM keeps it."""
    is_use_known: bool = True
    """Whether ``last_use`` is None only because the key was never used."""


PASSWORD_SERVICES = frozenset({"codecommit.amazonaws.com", "cassandra.amazonaws.com"})
"""The services whose service-specific credentials are a user name and a password; all others have API keys.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_api_keys_for_aws_services.html
"""


@dataclass(frozen=True)
class HeldCredential:
    """An SSH key, a signing certificate or a service-specific credential of a user."""

    id: str
    is_active: bool = True
    """False for what is inactive or has expired."""
    created: datetime | None = None
    service: str = ""
    """The service, such as ``bedrock.amazonaws.com``; empty for SSH keys and certificates."""
    expires: datetime | None = None
    """None for what never expires."""

    @property
    def is_api_key(self) -> bool:
        """Whether it is a long-term API key of a service."""
        return bool(self.service) and self.service not in PASSWORD_SERVICES

    def works(self, now: datetime) -> bool:
        """Tell whether it can be used now."""
        return self.is_active and (self.expires is None or now < self.expires)


@dataclass(frozen=True)
class Credentials:
    """What hangs on a user beside policies and groups; None where the live state does not tell."""

    has_password: bool | None = None
    password_since: datetime | None = None
    """When the login profile was made; from the credential report, when the password was last changed."""
    max_session: int | None = None
    """How many seconds a sign-in session lasts at most, 0 without a limit; None where nothing tells it."""
    password_used: datetime | None = None
    """None where it was never used and where nothing tells it."""
    is_password_use_known: bool = False
    """Whether ``password_used`` is None only because the password was never used."""
    access_keys: tuple[HeldKey, ...] | None = None
    has_mfa: bool | None = None
    mfa_devices: tuple[str, ...] | None = None
    """Serial numbers; the credential report tells only whether there is one."""
    ssh_keys: tuple[HeldCredential, ...] | None = None
    certificates: tuple[HeldCredential, ...] | None = None
    service_credentials: tuple[HeldCredential, ...] | None = None
    is_exact: bool = False
    """Whether the password, the keys and the devices were asked for one by one, not read from the report."""

    def api_keys(self, now: datetime) -> tuple[HeldCredential, ...]:
        """Return the long-term API keys that work now, as far as known."""
        return tuple(held for held in self.service_credentials or () if held.is_api_key and held.works(now))

    @property
    def unknown(self) -> tuple[str, ...]:
        """The names of the facts without which the user cannot be removed and that the live state does not tell."""
        facts = {
            "login profile": self.has_password,
            "access keys": None if any(key.id is None for key in self.access_keys or ()) else self.access_keys,
            "SSH keys": self.ssh_keys,
            "certificates": self.certificates,
            "service credentials": self.service_credentials,
            "MFA devices": self.mfa_devices,
        }
        return tuple(name for name, value in facts.items() if value is None)


def held_credentials(snapshot: Snapshot) -> Iterator[tuple[str, Credentials]]:
    """Yield the name and the credentials of each user of a snapshot: exact answers first, then the credential report.

    A row of the report that is about another user of the same name, made at another time, tells nothing.
    """
    found = snapshot.once(_held_by) if isinstance(snapshot, SectionsRead) else _held_by(snapshot)
    yield from found.items()


_TOLD = ("PasswordEnabled", "PasswordLastChanged", "PasswordLastUsed", "IsPasswordUseKnown", "MFAActive")
"""What a row of the credential report says beside access keys."""


def _held_by(snapshot: Snapshot) -> dict[str, Credentials]:
    found = {}
    exact = snapshot.get("credentials", {})
    report = snapshot.get("credential_report")
    rows = report["users"] if report else {}
    known: dict[tuple[Any, ...], Credentials] = {}
    details = snapshot.get("UserDetailList", ())
    has_password_use = any("PasswordLastUsed" in detail for detail in details)  # a listing of ListUsers, not of details
    for detail in details:
        name = detail["UserName"]
        use = {"PasswordLastUsed": detail.get("PasswordLastUsed")} if has_password_use else {}
        row = rows.get(name)
        if row is not None and not is_about(row, detail):
            row = None
        facts: Mapping[str, Any] = {**use, **exact.get(name, {})}
        told: Mapping[str, Any] = row or {}
        if any(facts.values()) or told.get("AccessKeys"):
            found[name] = _credentials(facts, told)
            continue
        empty = tuple((fact, value is None) for fact, value in facts.items())  # an empty profile is one, None is none
        same = (empty, "AccessKeys" in told, *[(fact, told[fact]) for fact in _TOLD if fact in told])
        if same not in known:  # thousands of users have nothing, or the same
            known[same] = _credentials(facts, told)
        found[name] = known[same]
    return found


def is_about(row: Mapping[str, Any], detail: Mapping[str, Any]) -> bool:
    """Tell whether a row of the credential report is about this user, and not about one who had the name before."""
    if row.get("CreateDate") == detail.get("CreateDate"):
        return True
    made, created = instant(row.get("CreateDate")), instant(detail.get("CreateDate"))
    return made is None or created is None or made.replace(microsecond=0) == created.replace(microsecond=0)


def instant(text: str | None) -> datetime | None:
    """Return the moment that a snapshot writes as ISO 8601 text, in UTC; None for none.

    Raises:
        ValueError: the text is no moment.
    """
    return start_of(text) if text else None


def _credentials(facts: Mapping[str, Any], row: Mapping[str, Any]) -> Credentials:
    """Return what a user holds, by id: AWS promises no order, and the same account gives the same plan."""

    def held(key: str, name: str) -> tuple[HeldCredential, ...] | None:
        found = (_held(item, item[name]) for item in facts.get(key, ()))
        return tuple(sorted(found, key=lambda one: one.id)) if key in facts else None

    limit = None
    has_password, since = row.get("PasswordEnabled"), instant(row.get("PasswordLastChanged"))
    if "LoginProfile" in facts:
        has_password = facts["LoginProfile"] is not None
        profile = facts["LoginProfile"] or {}
        since = instant(profile.get("CreateDate"))
        limit = (profile["MaxSigninSessionDuration"] or 0) if "MaxSigninSessionDuration" in profile else None
    devices = tuple(sorted(item["SerialNumber"] for item in facts["MFADevices"])) if "MFADevices" in facts else None
    return Credentials(
        has_password=has_password,
        password_since=since,
        max_session=limit,
        password_used=instant(row.get("PasswordLastUsed")) or instant(facts.get("PasswordLastUsed")),
        is_password_use_known="PasswordLastUsed" in facts
        or ("PasswordEnabled" in row and row.get("IsPasswordUseKnown", True)),
        access_keys=_keys(facts, row),
        has_mfa=row.get("MFAActive") if devices is None else bool(devices),
        mfa_devices=devices,
        ssh_keys=held("SSHPublicKeys", "SSHPublicKeyId"),
        certificates=held("Certificates", "CertificateId"),
        service_credentials=held("ServiceSpecificCredentials", "ServiceSpecificCredentialId"),
        is_exact=all(fact in facts for fact in ("LoginProfile", "AccessKeyMetadata", "MFADevices")),
    )


def _held(item: Mapping[str, Any], name: str) -> HeldCredential:
    return HeldCredential(
        id=name,
        is_active=item.get("Status", "Active") == "Active",
        created=instant(item.get("CreateDate") or item.get("UploadDate")),
        service=item.get("ServiceName", ""),
        expires=instant(item.get("ExpirationDate")),
    )


def _keys(facts: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[HeldKey, ...] | None:
    if "AccessKeyMetadata" in facts:
        found = (_key(key, key["AccessKeyId"], key.get("CreateDate")) for key in facts["AccessKeyMetadata"])
        return tuple(sorted(found, key=lambda key: key.id or ""))
    if "AccessKeys" in row:
        return tuple(_key(key, None, key.get("LastRotated")) for key in row["AccessKeys"])
    return None


def _key(key: Mapping[str, Any], name: str | None, created: str | None) -> HeldKey:
    used = key.get("AccessKeyLastUsed") or {}
    at = instant(used.get("LastUsedDate"))
    last = LastUse(at, used.get("Region", ""), used.get("ServiceName", "")) if at else None
    is_use_known = name is None or "AccessKeyLastUsed" in key  # the report leaves out what never happened
    return HeldKey(key["Status"] == "Active", name, instant(created), last, is_use_known)
