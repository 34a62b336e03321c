"""The credential report: a CSV text of the account as it was when the report was made."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.iam.exceptions import ReportNotPresentException

from iamctl.sandbox.account import now
from iamctl.sandbox.operations import Operations
from iamctl.sandbox.overview import ASSUMED

if TYPE_CHECKING:
    from iamctl.sandbox.account import Account, SandboxUser

LIFETIME = timedelta(hours=4)
"""A report younger than this is given again.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

COLUMNS = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_active",
    "access_key_2_last_rotated",
    "access_key_2_last_used_date",
    "access_key_2_last_used_region",
    "access_key_2_last_used_service",
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html"""

NO_KEY = ("false", "N/A", "N/A", "N/A", "N/A")
NO_CERTIFICATE = ("false", "N/A")


class ReportOperations(Operations):
    """GenerateCredentialReport and GetCredentialReport."""

    def generate_credential_report(self) -> dict[str, Any]:
        """GenerateCredentialReport: return COMPLETE while a report is fresh, else STARTED after generating one."""
        made = self.account.report
        if made is not None and now() - made[0] < LIFETIME:
            return {"State": "COMPLETE"}
        self.account.report = (now(), report(self.account))
        return {"State": "STARTED", "Description": "No report exists. Starting a new report generation task"}

    def get_credential_report(self) -> dict[str, Any]:
        """GetCredentialReport: return the report as CSV with the time when it was generated.

        Raises:
            ReportNotPresentException: none was generated.
        """
        if self.account.report is None:
            raise ReportNotPresentException("No report exists.")
        time, text = self.account.report
        return {"Content": text.encode(), "ReportFormat": "text/csv", "GeneratedTime": time}


def report(account: Account) -> str:
    """Return the credential report of the account as it is now."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerow(root_row(account))
    writer.writerows(user_row(user) for user in account.users.values())
    return text.getvalue()


def root_row(account: Account) -> list[str]:
    """Return the report's row for the root user."""
    facts = ASSUMED | account.summary
    has_keys = flag(facts["AccountAccessKeysPresent"])
    created = min((user.create_date for user in account.users.values()), default=now())
    return [
        "<root_account>",
        f"arn:{account.partition}:iam::{account.account_id}:root",
        moment(created),
        "not_supported",
        "no_information",
        "not_supported",
        "not_supported",
        flag(facts["AccountMFAEnabled"]),
        has_keys,
        moment(created) if has_keys == "true" else "N/A",
        *NO_KEY[2:],
        *NO_KEY,
        flag(facts["AccountSigningCertificatesPresent"]),
        "N/A",
        *NO_CERTIFICATE,
    ]


def user_row(user: SandboxUser) -> list[str]:
    """Return the report's row for a user."""
    password = ["false", "N/A", "N/A", "N/A"]
    if user.login_profile is not None:
        used = user.password_last_used
        password = ["true", moment(used) if used else "no_information", moment(user.login_profile.create_date), "N/A"]
    keys = [key_cells(key) for key in user.access_keys[:2]] + [NO_KEY, NO_KEY]
    certificates = [
        (flag(held.status == "Active"), moment(held.upload_date)) for held in user.signing_certificates.values()
    ]
    certificates = [*certificates[:2], NO_CERTIFICATE, NO_CERTIFICATE]
    return [
        user.name,
        user.arn,
        moment(user.create_date),
        *password,
        flag(user.mfa_devices),
        *keys[0],
        *keys[1],
        *certificates[0],
        *certificates[1],
    ]


def key_cells(key: Any) -> tuple[str, ...]:
    """Return the report's cells for an access key, or for none."""
    used = key.last_used
    last = (moment(used.timestamp), used.region, used.service) if used else NO_KEY[2:]
    return (flag(key.status == "Active"), moment(key.create_date), *last)


def moment(time: datetime) -> str:
    """Return a time as the report writes it, in UTC to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def flag(value: object) -> str:
    """Return ``true`` or ``false``, as the report writes it."""
    return "true" if value else "false"
