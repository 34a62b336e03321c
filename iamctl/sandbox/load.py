"""Puts a snapshot into an account, as it is and without checking: a live account may contain anything."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from moto.iam.models import (
    AccessKey,
    AccessKeyLastUsed,
    InstanceProfile,
    MFADevice,
    PolicyVersion,
    SigningCertificate,
    SshPublicKey,
)

from iamctl.sandbox.account import (
    LoadedDevice,
    LoginProfile,
    SandboxGroup,
    SandboxPolicy,
    SandboxRole,
    SandboxUser,
    now,
    stable_id,
)
from iamctl.text.moment import start_of

if TYPE_CHECKING:
    from iamctl.sandbox.account import Account

Json = Mapping[str, Any]

PREFIXES = {"User": "AIDA", "Group": "AGPA", "Role": "AROA"}
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids"""

GRANTS_EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "UnknownToTheSandbox", "Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def load(account: Account, snapshot: Json) -> None:
    """Fill an empty account from a snapshot; what the snapshot does not know is absent afterwards."""
    account.summary = dict(snapshot.get("SummaryMap") or {})
    for detail in listed(snapshot, "Policies"):
        if not (detail["Arn"].split(":")[4] == "aws" and not detail.get("PolicyVersionList")):
            load_policy(account, detail)  # AWS's own without documents are better known here
    for detail in listed(snapshot, "GroupDetailList"):
        load_group(account, detail)
    for detail in listed(snapshot, "UserDetailList"):
        load_user(account, detail)
    for detail in listed(snapshot, "RoleDetailList"):
        load_role(account, detail)
    for name, facts in (snapshot.get("credentials") or {}).items():
        if name in account.users:
            load_credentials(account, account.users[name], facts)
    load_devices(account, listed(snapshot, "virtual_mfa_devices"))
    load_audit_facts(account, snapshot.get("audit") or {})
    account.events = list(listed(snapshot, "events"))
    for read in (snapshot.get("signin_sessions") or {}).values():
        account.sessions.add(listed(read, "Sessions"))
    account.usage = dict(snapshot.get("usage") or {})
    account.organization = list(listed(snapshot, "organization")) if "organization" in snapshot else None


def listed(facts: Json, key: str) -> Iterable[Any]:
    """Return a list of the snapshot, empty where it is missing or null."""
    return facts.get(key) or ()


def moment(text: object) -> datetime:
    """Return a time of the snapshot in UTC, or the time now where it says none."""
    if not text:
        return now()
    return start_of(str(text))


def text_of(document: object) -> str:
    """Return a policy document as text; some tools save it percent-encoded."""
    if isinstance(document, str):
        return unquote(document) if document.lstrip().startswith("%7B") else document
    return json.dumps(document)


def load_policy(account: Account, detail: Json) -> None:
    """Add a managed policy with its versions; ``detail`` is from ``Policies`` of a snapshot."""
    policy = SandboxPolicy(account, detail["Arn"])
    policy.id = detail.get("PolicyId") or (policy.id if policy.aws_managed else own_id(account, "ANPA", policy.name))
    policy.create_date = moment(detail.get("CreateDate"))
    policy.update_date = moment(detail.get("UpdateDate") or detail.get("CreateDate"))
    policy.description = detail.get("Description") or ""
    policy.tag_values = tag_values(detail)
    policy.attachable = detail.get("IsAttachable") is not False
    versions = [load_version(policy, version) for version in listed(detail, "PolicyVersionList")]
    policy.default_version_id = detail.get("DefaultVersionId") or policy.default_version_id
    for version in versions:
        version.is_default = version.version_id == policy.default_version_id
    policy.versions = versions[::-1]  # newest last, as moto keeps them
    numbers = [int(version.version_id[1:].partition(".")[0]) for version in versions]
    policy.next_version_num = max([*numbers, int(policy.default_version_id[1:].partition(".")[0])]) + 1
    account.managed_policies[policy.arn] = policy


def load_version(policy: SandboxPolicy, facts: Json) -> Any:
    """Return a policy version; its document may be JSON, text or percent-encoded text."""
    document = text_of(facts["Document"]) if "Document" in facts else ""
    return PolicyVersion(
        policy.arn, document, version_id=facts["VersionId"], create_date=moment(facts.get("CreateDate"))
    )


def attached(account: Account, detail: Json) -> dict[str, Any]:
    """Return the managed policies of an entity by ARN, also those that the snapshot does not describe."""
    found = {}
    for entry in listed(detail, "AttachedManagedPolicies"):
        arn = entry["PolicyArn"]
        policy = account.managed_policies.get(arn) or account.aws_policy(arn)
        found[arn] = policy or undescribed(account, arn)
    return found


def undescribed(account: Account, arn: str) -> SandboxPolicy:
    """Return a new policy that the snapshot names and nobody describes.

    One of AWS's exists with a document that grants everything, the safe reading of what is not known; one of the
    account is there to be detached only.
    """
    policy = account.managed_policies[arn] = SandboxPolicy(account, arn, document=json.dumps(GRANTS_EVERYTHING))
    policy.known = policy.aws_managed
    policy.id = policy.id if policy.known else own_id(account, "ANPA", policy.name)
    return policy


def own_id(account: Account, prefix: str, name: str) -> str:
    """Return the id of a loaded entity that the snapshot gives none: the same each time that it is loaded."""
    return stable_id(prefix, f"{account.account_id}/{name}")


def fill(account: Account, entity: Any, detail: Json, word: str) -> None:
    """Set what users, groups and roles have in common."""
    entity.id = detail.get(f"{word}Id") or own_id(account, PREFIXES[word], detail[f"{word}Name"])
    entity.loaded_arn = detail.get("Arn")
    entity.create_date = moment(detail.get("CreateDate"))
    entity.policies = {
        entry["PolicyName"]: text_of(entry["PolicyDocument"]) for entry in listed(detail, f"{word}PolicyList")
    }
    entity.managed_policies = attached(account, detail)


def tag_values(detail: Json) -> dict[str, str]:
    """Return the tags of an entity of a snapshot, values by key."""
    return {tag["Key"]: tag.get("Value") or "" for tag in listed(detail, "Tags")}


def load_group(account: Account, detail: Json) -> None:
    """Add a group with its policies; ``detail`` is from ``GroupDetailList``."""
    group = account.groups[detail["GroupName"]] = SandboxGroup(account, detail["GroupName"], detail.get("Path"))
    fill(account, group, detail, "Group")


def load_user(account: Account, detail: Json) -> None:
    """Add a user with policies, boundary and memberships; ``detail`` is from ``UserDetailList``."""
    user = account.users[detail["UserName"]] = SandboxUser(account, detail["UserName"], detail.get("Path"))
    fill(account, user, detail, "User")
    user.tag_values = tag_values(detail)
    user.boundary = dict(detail.get("PermissionsBoundary") or {}) or None
    user.password_last_used = moment(detail["PasswordLastUsed"]) if detail.get("PasswordLastUsed") else None
    for name in listed(detail, "GroupList"):
        if name not in account.groups:
            account.groups[name] = SandboxGroup(account, name)
            account.groups[name].id = own_id(account, PREFIXES["Group"], name)
        account.groups[name].add(user)


def load_role(account: Account, detail: Json) -> None:
    """Add a role with its policies and instance profiles; ``detail`` is from ``RoleDetailList``."""
    boundary = detail.get("PermissionsBoundary") or {}
    role = SandboxRole(
        account.account_id,
        account.partition,
        detail.get("RoleId") or own_id(account, PREFIXES["Role"], detail["RoleName"]),
        detail["RoleName"],
        text_of(detail.get("AssumeRolePolicyDocument") or {}),
        detail.get("Path") or "/",
        boundary.get("PermissionsBoundaryArn"),
        detail.get("Description") or "",
        [{"Key": key, "Value": value} for key, value in tag_values(detail).items()],
        detail.get("MaxSessionDuration") or 3600,
    )
    fill(account, role, detail, "Role")
    role.boundary_type = boundary.get("PermissionsBoundaryType", role.boundary_type)
    used = detail.get("RoleLastUsed") or {}
    role.last_used = moment(used["LastUsedDate"]) if used.get("LastUsedDate") else None
    role.last_used_region = used.get("Region")
    account.roles[role.id if role.id not in account.roles else role.name] = role
    for facts in listed(detail, "InstanceProfileList"):
        load_instance_profile(account, role, facts)


def load_instance_profile(account: Account, role: SandboxRole, facts: Json) -> None:
    """Add a role to its instance profile, which is created first if the account lacks it."""
    name = facts["InstanceProfileName"]
    found = next((held for held in account.instance_profiles.values() if held.name == name), None)
    if found is None:
        identity = facts.get("InstanceProfileId") or own_id(account, "AIPA", name)
        region = account.region_name
        found = InstanceProfile(account.account_id, region, identity, name, facts.get("Path") or "/", [])
        found.create_date = moment(facts.get("CreateDate"))
        account.instance_profiles[name] = found
    found.roles.append(role)


def load_credentials(account: Account, user: SandboxUser, facts: Json) -> None:
    """Set what a user signs in and signs requests with; a list that is missing is unknown, and left empty."""
    if facts.get("PasswordLastUsed"):
        user.password_last_used = moment(facts["PasswordLastUsed"])
    profile = facts.get("LoginProfile")
    if profile is not None:
        reset = bool(profile.get("PasswordResetRequired"))
        user.login_profile = LoginProfile(
            moment(profile.get("CreateDate")), reset, profile.get("MaxSigninSessionDuration")
        )
    for entry in listed(facts, "AccessKeyMetadata"):
        load_access_key(account, user, entry)
    for entry in listed(facts, "MFADevices"):
        device = user.mfa_devices[entry["SerialNumber"]] = MFADevice(entry["SerialNumber"], "", "")
        device.enable_date = moment(entry.get("EnableDate"))
    for entry in listed(facts, "SSHPublicKeys"):
        key = SshPublicKey(user.name, "")
        key.ssh_public_key_id = entry["SSHPublicKeyId"]
        key.status = entry.get("Status", "Active")
        key.upload_date = moment(entry.get("UploadDate"))
        user.ssh_public_keys.append(key)
    for entry in listed(facts, "Certificates"):
        certificate = SigningCertificate(entry["CertificateId"], user.name, "")
        certificate.status = entry.get("Status", "Active")
        certificate.upload_date = moment(entry.get("UploadDate"))
        user.signing_certificates[certificate.id] = certificate
    for entry in listed(facts, "ServiceSpecificCredentials"):
        times = {name: moment(entry[name]) for name in ("CreateDate", "ExpirationDate") if entry.get(name)}
        user.service_credentials[entry["ServiceSpecificCredentialId"]] = {**entry, **times}


def load_access_key(account: Account, user: SandboxUser, facts: Json) -> None:
    """Add an access key with its last use to a user; ``facts`` is from ``AccessKeyMetadata``."""
    key = AccessKey(user.name, "AKIA", account.account_id, facts.get("Status", "Active"))
    key.access_key_id = facts["AccessKeyId"]
    key.create_date = moment(facts.get("CreateDate"))
    used = facts.get("AccessKeyLastUsed") or {}
    if used.get("LastUsedDate"):
        service, region = used.get("ServiceName", "N/A"), used.get("Region", "N/A")
        key.last_used = AccessKeyLastUsed(moment(used["LastUsedDate"]), service, region)
    user.access_keys.append(key)
    account.access_keys[key.access_key_id] = key


def load_devices(account: Account, devices: Iterable[Json]) -> None:
    """Set the virtual MFA devices; a serial number of a user's device that looks virtual is one too."""
    enabled = {serial: user for user in account.users.values() for serial in user.mfa_devices}
    named = {entry["SerialNumber"]: entry.get("UserName") for entry in devices}
    virtual = [serial for serial in enabled if ":mfa/" in serial]
    for serial in dict.fromkeys([*named, *virtual]):
        account.virtual_mfa_devices[serial] = LoadedDevice(serial)
        holder = account.users.get(named.get(serial))
        if holder is not None and serial not in enabled:
            holder.mfa_devices[serial] = MFADevice(serial, "", "")


def load_audit_facts(account: Account, facts: Json) -> None:
    """Set what an audit reads of the account itself; what is missing is absent."""
    account.audit = dict(facts)
    account.account_aliases = list(facts.get("AccountAliases") or ())
    account.sessions.add(listed(facts, "SigninSessions"))
    policy = facts.get("PasswordPolicy")
    if policy:
        account.update_account_password_policy(
            policy.get("AllowUsersToChangePassword", False),
            policy.get("HardExpiry", False),
            policy.get("MaxPasswordAge", 0),
            policy.get("MinimumPasswordLength", 6),
            policy.get("PasswordReusePrevention"),
            policy.get("RequireLowercaseCharacters", False),
            policy.get("RequireNumbers", False),
            policy.get("RequireSymbols", False),
            policy.get("RequireUppercaseCharacters", False),
        )
