"""What a snapshot says of the root user, from the summary and from the credential report."""

from datetime import UTC, datetime

import pytest

from iamctl.account.root import RootUser, root_user

ROW = {
    "PasswordEnabled": True,
    "PasswordLastUsed": "2026-11-20T10:00:00Z",
    "MFAActive": False,
    "AccessKeys": [
        {"Status": "Inactive", "AccessKeyLastUsed": {"LastUsedDate": "2026-01-02T00:00:00Z"}},
        {"Status": "Active"},
    ],
}
SUMMARY = {"AccountPasswordPresent": 0, "AccountAccessKeysPresent": 0, "AccountMFAEnabled": 1}
SIGNED_IN, KEY_USED = datetime(2026, 11, 20, 10, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        ({}, RootUser()),
        ({"SummaryMap": SUMMARY}, RootUser(has_password=False, has_access_keys=False, has_mfa=True)),
        (
            {"credential_report": {"root": ROW}},
            RootUser(True, True, False, signed_in=SIGNED_IN, key_used=KEY_USED, is_use_known=True),
        ),
        (
            {"SummaryMap": SUMMARY, "credential_report": {"root": ROW}},
            RootUser(False, False, True, signed_in=SIGNED_IN, key_used=KEY_USED, is_use_known=True),
        ),
        ({"credential_report": {"root": {"AccessKeys": []}}}, RootUser(has_access_keys=False, is_use_known=True)),
    ],
)
def test_the_summary_comes_before_the_report(snapshot, expected):
    assert root_user(snapshot) == expected
