"""Reads an account back as a snapshot, with the calls that a reader makes and nothing of our own."""

from datetime import UTC, datetime

FILTER = ["User", "Group", "Role", "LocalManagedPolicy"]
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
CREDENTIALS = {
    "AccessKeyMetadata": "list_access_keys",
    "MFADevices": "list_mfa_devices",
    "SSHPublicKeys": "list_ssh_public_keys",
    "Certificates": "list_signing_certificates",
    "ServiceSpecificCredentials": "list_service_specific_credentials",
}


def pages(operation, key, **params):
    """Follow the markers of a listing, over empty pages too."""
    found, marker = [], {}
    while True:
        answer = operation(**params, **marker)
        found += answer[key]
        if not answer["IsTruncated"]:
            return found
        marker = {"Marker": answer["Marker"]}


def read_details(iam, page_size=1000):
    answer, marker = {name: [] for name in LISTS}, {}
    while True:
        page = iam.get_account_authorization_details(Filter=FILTER, MaxItems=page_size, **marker)
        for name in LISTS:
            answer[name] += page[name]
        if not page["IsTruncated"]:
            return answer
        marker = {"Marker": page["Marker"]}


def read_credentials(iam, name):
    facts = {key: pages(getattr(iam, call), key, UserName=name) for key, call in CREDENTIALS.items()}
    for key in facts["AccessKeyMetadata"]:
        used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
        key["AccessKeyLastUsed"] = used
    for entry in [entry for entries in facts.values() for entry in entries]:
        assert entry.pop("UserName") == name
    for entry in facts["Certificates"]:
        entry.pop("CertificateBody", None)
    try:
        facts["LoginProfile"] = iam.get_login_profile(UserName=name)["LoginProfile"]
    except iam.exceptions.NoSuchEntityException:
        return facts | {"LoginProfile": None}
    assert facts["LoginProfile"].pop("UserName") == name
    return facts


def read_snapshot(iam):
    """Return the account as a snapshot, with times as text."""
    answer = read_details(iam)
    for policy in answer["Policies"]:
        told = iam.get_policy(PolicyArn=policy["Arn"])["Policy"]
        policy |= {"Description": told.get("Description", ""), "Tags": told["Tags"]}
    answer["credentials"] = {
        user["UserName"]: read_credentials(iam, user["UserName"]) for user in answer["UserDetailList"]
    }
    answer["virtual_mfa_devices"] = [
        {"SerialNumber": one["SerialNumber"]} | ({"UserName": one["User"]["UserName"]} if "User" in one else {})
        for one in pages(iam.list_virtual_mfa_devices, "VirtualMFADevices")
    ]
    answer["SummaryMap"] = iam.get_account_summary()["SummaryMap"]
    return as_text(answer)


def as_text(value):
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, dict):
        return {key: as_text(held) for key, held in value.items()}
    if isinstance(value, list):
        return [as_text(held) for held in value]
    return value
