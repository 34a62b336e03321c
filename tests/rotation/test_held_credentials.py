"""What users hold does not depend on what others hold, though those who hold the same share it."""

from itertools import product

from iamctl.kinds.credentials import held_credentials

DAY, LATER = "2026-01-31T10:00:00Z", "2026-02-01T10:00:00Z"
KEY = {"AccessKeyId": "AKIA", "Status": "Active", "CreateDate": DAY}
FACTS = (
    {},
    {"LoginProfile": None},
    {"LoginProfile": {}},
    {"LoginProfile": {"CreateDate": DAY}},
    {"AccessKeyMetadata": [], "MFADevices": [], "LoginProfile": None},
    {"AccessKeyMetadata": [KEY], "MFADevices": []},
    {"MFADevices": [{"SerialNumber": "arn:aws:iam::123456789012:mfa/a"}]},
    {"ServiceSpecificCredentials": [], "SSHPublicKeys": []},
    {"SSHPublicKeys": [{"SSHPublicKeyId": "APKA", "Status": "Active"}]},
)
ROWS = (
    None,
    {},
    {"PasswordEnabled": False},
    {"PasswordEnabled": None},
    {"PasswordEnabled": True, "PasswordLastChanged": DAY, "MFAActive": True},
    {"PasswordEnabled": True, "PasswordLastChanged": LATER, "MFAActive": True},
    {"PasswordEnabled": True, "PasswordLastUsed": DAY},
    {"PasswordEnabled": True, "IsPasswordUseKnown": False},
    {"AccessKeys": [], "MFAActive": False},
    {"AccessKeys": [{"Status": "Active", "LastRotated": DAY}], "MFAActive": False},
    {"CreateDate": DAY, "PasswordEnabled": True},
    {"CreateDate": LATER, "PasswordEnabled": True},
)


def snapshot(users):
    """Return a snapshot with the facts and the row of each user."""
    return {
        "UserDetailList": [{"UserName": name, "CreateDate": DAY} for name in users],
        "credentials": {name: facts for name, (facts, _) in users.items()},
        "credential_report": {"users": {name: row for name, (_, row) in users.items() if row is not None}},
    }


def test_each_user_holds_the_same_alone_and_among_others():
    users = {f"user-{number}": both for number, both in enumerate(product(FACTS, ROWS))}
    together = dict(held_credentials(snapshot(users)))
    alone = {name: dict(held_credentials(snapshot({name: both})))[name] for name, both in users.items()}
    assert together == alone
    assert len({*together.values()}) > len(FACTS) * 3


def test_users_who_hold_the_same_share_it():
    users = {name: ({"ServiceSpecificCredentials": []}, {"PasswordEnabled": False}) for name in ("alice", "bob")}
    found = dict(held_credentials(snapshot(users)))
    assert found["alice"] is found["bob"]
