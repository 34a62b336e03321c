"""The root user of an account, as ``GetAccountSummary`` and the credential report describe it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from iamctl.kinds.credentials import instant
from iamctl.text.late_dataclass import dataclass

_CERTIFICATES = "AccountSigningCertificatesPresent"


@dataclass(frozen=True)
class RootUser:
    """What the root user signs in with; None where nothing tells.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html
    """

    has_password: bool | None = None
    has_access_keys: bool | None = None
    has_mfa: bool | None = None
    signed_in: datetime | None = None
    """The last sign-in with the password; None also where there was none."""
    key_used: datetime | None = None
    """The last request signed with an access key; None also where there was none."""
    is_use_known: bool = False
    """Whether ``signed_in`` and ``key_used`` are None only because there was none."""
    has_certificates: bool | None = None


def root_user(snapshot: Mapping[str, Any]) -> RootUser:
    """Return the root user: the summary, which is as of now, comes before the report."""
    row = (snapshot.get("credential_report") or {}).get("root") or {}
    keys = row.get("AccessKeys")
    reported = {
        "AccountPasswordPresent": row.get("PasswordEnabled"),
        "AccountAccessKeysPresent": None if keys is None else any(key.get("Status") == "Active" for key in keys),
        "AccountMFAEnabled": row.get("MFAActive"),
    }
    summary = snapshot.get("SummaryMap") or {}
    known = {**reported, **summary}
    flags = {name: None if known[name] is None else bool(known[name]) for name in reported}
    used = [instant((key.get("AccessKeyLastUsed") or {}).get("LastUsedDate")) for key in keys or ()]
    return RootUser(
        has_password=flags["AccountPasswordPresent"],
        has_access_keys=flags["AccountAccessKeysPresent"],
        has_mfa=flags["AccountMFAEnabled"],
        signed_in=instant(row.get("PasswordLastUsed")),
        key_used=max((moment for moment in used if moment), default=None),
        is_use_known=keys is not None,
        has_certificates=bool(summary[_CERTIFICATES]) if _CERTIFICATES in summary else None,
    )
