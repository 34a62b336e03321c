"""Builds snapshots from the short form of the case tables.

A user has a password (``{since: 2026-01-01, used: 2026-11-01}``, or ``used: never``), MFA, keys by id, API keys by id,
groups, attached policies and inline policies; ``credentials: unknown`` leaves all of that out. A policy is ``aws:Name`` or
``own:name``, a document the action that it allows on every resource, ``builtin`` for the MFA guard, or all of it.
"""

import json

from iamctl.policy.builtin import builtin_text

ACCOUNT = "123456789012"
MADE = "2026-01-31T10:00:00Z"


def arn(text):
    kind, _, name = text.partition(":")
    return f"arn:aws:iam::{'aws' if kind == 'aws' else ACCOUNT}:policy/{name}"


def document(value):
    if value == "builtin":
        return json.loads(builtin_text("require-mfa/1").replace("{{ partition }}", "aws"))
    if isinstance(value, str):
        return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": value, "Resource": "*"}]}
    return value


def holder(kind, name, value):
    inline = [{"PolicyName": key, "PolicyDocument": document(text)} for key, text in value.get("inline", {}).items()]
    return {
        f"{kind}Name": name,
        "Arn": f"arn:aws:iam::{ACCOUNT}:{kind.lower()}/{name}",
        "CreateDate": moment(value.get("created")) or MADE,
        f"{kind}PolicyList": inline,
        "AttachedManagedPolicies": [{"PolicyArn": arn(text)} for text in value.get("attached", ())],
    }


def user(name, value):
    tags = [{"Key": key, "Value": text} for key, text in value.get("tags", {}).items()]
    bound = {"PermissionsBoundary": {"PermissionsBoundaryArn": arn(value["boundary"])}} if "boundary" in value else {}
    return {**holder("User", name, value), "GroupList": value.get("groups", []), "Tags": tags, **bound}


def credentials(value):
    password = value.get("password")
    known = {"LoginProfile": {"CreateDate": moment(password["since"])} if password else None}
    if password and "used" in password:
        known["PasswordLastUsed"] = moment(password["used"])
    known["MFADevices"] = [{"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/phone"}] if value.get("mfa") else []
    known["AccessKeyMetadata"] = [key(*pair) for pair in value.get("keys", {}).items()]
    known["ServiceSpecificCredentials"] = [api_key(*pair) for pair in value.get("api_keys", {}).items()]
    return {fact: part for fact, part in known.items() if fact not in value.get("without", ())}


def key(name, value):
    made = {"CreateDate": moment(value["since"])} if "since" in value else {}
    used = {"LastUsedDate": moment(value["used"])} if value.get("used", "never") != "never" else {}
    use = {"AccessKeyLastUsed": used} if "used" in value else {}
    return {"AccessKeyId": name, "Status": value.get("status", "Active"), **made, **use}


def api_key(name, value):
    ends = {"ExpirationDate": moment(value["until"])} if "until" in value else {}
    return {"ServiceSpecificCredentialId": name, "ServiceName": value["service"], "Status": "Active", **ends}


def moment(value):
    if value in (None, "never"):
        return None
    return value if "T" in str(value) else f"{value}T00:00:00Z"


def policy(name, value):
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": document(value)}
    return {"Arn": arn(name), "PolicyName": name.partition(":")[2], "PolicyVersionList": [version]}


def snapshot(case):
    """Return the snapshot of a case; what the case does not mention is not known, or nobody has it."""
    users = case.get("users") or {}
    known = {name: value or {} for name, value in users.items() if (value or {}).get("credentials") != "unknown"}
    more = {name: case[name] for name in ("SummaryMap", "credential_report", "audit") if name in case}
    if "unassigned" in case:
        more["virtual_mfa_devices"] = [{"SerialNumber": serial} for serial in case["unassigned"]]
    return {
        "account": {"id": ACCOUNT, "partition": "aws"},
        "UserDetailList": [user(name, value or {}) for name, value in users.items()],
        "GroupDetailList": [holder("Group", name, value or {}) for name, value in (case.get("groups") or {}).items()],
        "RoleDetailList": [holder("Role", name, value or {}) for name, value in (case.get("roles") or {}).items()],
        "Policies": [policy(name, value) for name, value in (case.get("policies") or {}).items()],
        "credentials": {name: credentials(value) for name, value in known.items()},
        **more,
    }
