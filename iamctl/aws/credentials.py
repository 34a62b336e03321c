"""Reads which credentials users have, never the credentials themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, cast

from iamctl.account.shape import plain
from iamctl.aws.errors import IncompleteReadError, NoSuchEntityError
from iamctl.aws.page import MAX_ITEMS, ask, items, side_by_side

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient

    from iamctl.model.snapshot import MfaDevice, UserCredentials

_KEPT = {
    "AccessKeyMetadata": ("AccessKeyId", "Status", "CreateDate"),
    "MFADevices": ("SerialNumber", "EnableDate"),
    "SSHPublicKeys": ("SSHPublicKeyId", "Status", "UploadDate"),
    "Certificates": ("CertificateId", "Status", "UploadDate"),
    "ServiceSpecificCredentials": (
        "ServiceSpecificCredentialId",
        "ServiceName",
        "ServiceUserName",
        "Status",
        "CreateDate",
        "ExpirationDate",
    ),
}
"""What a snapshot keeps of each listed credential: an allow-list, so that no answer can bring a secret into it."""

_LISTINGS = {
    "AccessKeyMetadata": "ListAccessKeys",
    "MFADevices": "ListMFADevices",
    "SSHPublicKeys": "ListSSHPublicKeys",
    "Certificates": "ListSigningCertificates",
    "ServiceSpecificCredentials": "ListServiceSpecificCredentials",
}


_SHORT_NAMES_ONLY = frozenset({"SSHPublicKeys", "ServiceSpecificCredentials"})
_MAX_SHORT_NAME = 64
"""These listings, and GetLoginProfile, refuse the longer names that users of long ago may have.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSSHPublicKeys.html
"""

_SIGN_IN = ("AccessKeyMetadata", "MFADevices")
"""What a user signs in and signs requests with, beside the password."""

_HANGING = ("SSHPublicKeys", "Certificates")
"""What no listing of the whole account has, and no credential report in full."""


def read_credentials(iam: IAMClient, names: Iterable[str]) -> dict[str, UserCredentials]:
    """Return all credentials of the named users as a snapshot holds them, by user name.

    Of a name of more than 64 characters IAM does not list everything; what it does not list is left out, as unknown.

    Raises:
        IncompleteReadError: a user went away meanwhile.
        AwsError: something cannot be read.
    """
    return side_by_side(lambda name: _credentials_of(iam, name, _LISTINGS), _named(names))


def look_up_credentials(iam: IAMClient, names: Iterable[str]) -> dict[str, UserCredentials]:
    """Return the passwords, access keys and MFA devices of the named users, by user name: half the requests.

    Raises:
        IncompleteReadError: a user went away meanwhile.
        AwsError: something cannot be read.
    """
    return side_by_side(lambda name: _credentials_of(iam, name, _SIGN_IN), _named(names))


def look_up_passwords(iam: IAMClient, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the login profiles of the named users, None for none, by user name: one request for each.

    A user who went away meanwhile has none. A name of more than 64 characters, of which IAM does not tell, is left out.

    Raises:
        AwsError: something cannot be read.
    """
    known = frozenset(name for name in _named(names) if len(name) <= _MAX_SHORT_NAME)
    return side_by_side(lambda name: {"LoginProfile": _login_profile(iam, name)}, known)


def look_up_keys_and_certificates(iam: IAMClient, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the SSH keys and signing certificates of the named users, by user name.

    Raises:
        IncompleteReadError: a user went away meanwhile.
        AwsError: something cannot be read.
    """
    return side_by_side(lambda name: _listings_of(iam, name, _HANGING), _named(names))


def read_password_use(iam: IAMClient, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return when the named users last used their passwords, None for never, by user name, from one listing of all users.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_User.html

    Raises:
        AwsError: the listing cannot be read to its end.
    """
    wanted = frozenset(names)
    found = {
        user["UserName"]: user.get("PasswordLastUsed") for user in items(iam, "ListUsers", "Users", MaxItems=MAX_ITEMS)
    }
    return {name: plain({"PasswordLastUsed": used}) for name, used in sorted(found.items()) if name in wanted}


def read_service_credentials(iam: IAMClient, names: Iterable[str]) -> dict[str, UserCredentials]:
    """Return the service-specific credentials of the named users, by user name, from one listing of the account.

    A name of more than 64 characters that the listing does not have is left out, as unknown.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServiceSpecificCredentials.html

    Raises:
        AwsError: the listing cannot be read to its end.
    """
    key = "ServiceSpecificCredentials"
    found: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for item in items(iam, _LISTINGS[key], key, AllUsers=True, MaxItems=MAX_ITEMS):
        found[item["UserName"]].append(item)
    known = (name for name in sorted(names) if name in found or len(name) <= _MAX_SHORT_NAME)
    return {name: cast("UserCredentials", {key: _kept(found.get(name, ()), key)}) for name in known}


def _named(names: Iterable[str]) -> frozenset[str]:
    wanted = frozenset(names)
    if "" in wanted:
        raise ValueError("a user name is empty")
    return wanted


def _credentials_of(iam: IAMClient, name: str, keys: Iterable[str]) -> UserCredentials:
    found = _listings_of(iam, name, keys)
    profile = {} if len(name) > _MAX_SHORT_NAME else {"LoginProfile": _login_profile(iam, name)}
    return cast("UserCredentials", {**profile, **found})


def _listings_of(iam: IAMClient, name: str, keys: Iterable[str]) -> dict[str, Any]:
    is_long = len(name) > _MAX_SHORT_NAME
    try:
        listed = (key for key in keys if not (is_long and key in _SHORT_NAMES_ONLY))
        found = {key: _listed(iam, _LISTINGS[key], key, name) for key in listed}
        for key in found.get("AccessKeyMetadata", ()):
            used = ask(iam, "GetAccessKeyLastUsed", AccessKeyId=key["AccessKeyId"])
            key["AccessKeyLastUsed"] = plain(used["AccessKeyLastUsed"])
    except NoSuchEntityError as error:
        raise IncompleteReadError(f"user {name!r} changed while it was read; run again") from error
    return found


def _listed(iam: IAMClient, operation: str, key: str, name: str) -> list[dict[str, Any]]:
    return _kept(items(iam, operation, key, UserName=name, MaxItems=MAX_ITEMS), key)


def _kept(listed: Iterable[Mapping[str, Any]], key: str) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = plain(
        [{part: item[part] for part in _KEPT[key] if part in item} for item in listed], key
    )
    return kept


def _login_profile(iam: IAMClient, name: str) -> dict[str, Any] | None:
    """Return when the password was made, or None for a user without one.

    IAM gives the same error for a user that is not there. Where that matters, a listing before this one tells the two apart.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetLoginProfile.html
    """
    try:
        profile = ask(iam, "GetLoginProfile", UserName=name)["LoginProfile"]
    except NoSuchEntityError:
        return None
    kept: dict[str, Any] = plain(
        {key: profile[key] for key in ("CreateDate", "PasswordResetRequired") if key in profile}
    )
    if "MaxSigninSessionDuration" in iam.meta.service_model.shape_for("LoginProfile").members:  # type: ignore[attr-defined]
        kept["MaxSigninSessionDuration"] = profile.get("MaxSigninSessionDuration")
    return {"PasswordResetRequired": False, **kept}


def read_virtual_mfa_devices(iam: IAMClient, *, status: Literal["Any", "Unassigned"] = "Any") -> list[MfaDevice]:
    """Return the virtual MFA devices of the account's users, and those that belong to nobody; not the root user's.

    With the status ``Unassigned``, only those that belong to nobody.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListVirtualMFADevices.html

    Raises:
        AwsError: the listing cannot be read to its end.
    """
    return _virtual_devices(iam, status)[0]


def read_all_virtual_devices(iam: IAMClient) -> tuple[list[MfaDevice], list[str]]:
    """Return the same devices, and the serial numbers of those of the root user.

    Raises:
        AwsError: the listing cannot be read to its end.
    """
    return _virtual_devices(iam, "Any")


def _virtual_devices(iam: IAMClient, status: Literal["Any", "Unassigned"]) -> tuple[list[MfaDevice], list[str]]:
    devices, of_root = [], []
    for device in items(iam, "ListVirtualMFADevices", "VirtualMFADevices", AssignmentStatus=status, MaxItems=MAX_ITEMS):
        user: Mapping[str, Any] = device.get("User") or {}
        if str(user.get("Arn", "")).endswith(":root"):  # it has no user name and would appear to be unassigned
            of_root.append(device["SerialNumber"])
            continue
        name = user.get("UserName")
        devices.append({"SerialNumber": device["SerialNumber"], **({"UserName": name} if name else {})})
    ordered: list[MfaDevice] = plain(devices, "virtual_mfa_devices")
    return ordered, sorted(of_root)
