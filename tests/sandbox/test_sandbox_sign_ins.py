"""The last sign-in of a user is in every answer that AWS has it in, wherever the file of the sandbox has it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "audit"))

from audit_accounts import ACCOUNT, snapshot

from iamctl.sandbox import open_sandbox

USED = "2026-10-08T20:00:00+00:00"


@pytest.mark.parametrize("place", ["credentials", "details"])
def test_the_last_sign_in_of_a_file_is_in_the_listing_and_in_the_report(place):
    found = snapshot(
        {"users": {"ann": {"password": {"since": "2020-01-01", "used": "2026-10-08T20:00:00Z"}}, "bob": {}}}
    )
    if place == "details":
        found["UserDetailList"][0]["PasswordLastUsed"] = found["credentials"]["ann"].pop("PasswordLastUsed")

    with open_sandbox(found, account_id=ACCOUNT) as session:
        iam = session.client("iam")
        listed = {user["UserName"]: user.get("PasswordLastUsed") for user in iam.list_users()["Users"]}
        iam.generate_credential_report()
        rows = iam.get_credential_report()["Content"].decode().splitlines()

    assert listed["ann"].isoformat() == USED
    assert listed["bob"] is None
    assert [row.split(",")[4] for row in rows if row.startswith(("ann,", "bob,"))] == [USED, "N/A"]
