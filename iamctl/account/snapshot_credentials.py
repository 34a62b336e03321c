"""Checks the credentials in a snapshot file: exact facts by user, and the credential report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from iamctl.text.moment import start_of

_IDS: Mapping[str, str] = {
    "AccessKeyMetadata": "AccessKeyId",
    "MFADevices": "SerialNumber",
    "SSHPublicKeys": "SSHPublicKeyId",
    "Certificates": "CertificateId",
    "ServiceSpecificCredentials": "ServiceSpecificCredentialId",
}


_LAST_SECOND = 253402300799
"""The end of the year 9999, in seconds of Unix time."""


class MistakeError(ValueError):
    """A mistake in a snapshot, with its place but without the file."""


def refuse_twice(names: Iterable[Any], place: str) -> None:
    """Refuse names of which one comes twice or is no text.

    Raises:
        MistakeError: so it is.
    """
    seen: set[str] = set()
    for name in names:
        if not isinstance(name, str):
            raise MistakeError(f"{place} contains {name!r}, which is not text")
        if name in seen:
            raise MistakeError(f"{place} holds {name!r} twice")
        seen.add(name)


def check_credentials(snapshot: Mapping[str, Any]) -> None:
    """Refuse credentials and a credential report that are not what a read gives.

    Raises:
        MistakeError: so it is.
    """
    for index, user in enumerate(snapshot["UserDetailList"]):
        _check(user, {"CreateDate": _moment, "PasswordLastUsed": _moment}, f"UserDetailList[{index}]")
    credentials = snapshot.get("credentials", {})
    if not isinstance(credentials, dict):
        raise MistakeError("credentials is not an object")
    users = {user["UserName"] for user in snapshot["UserDetailList"]}
    for name, held in credentials.items():
        place = f"credentials[{name!r}]"
        if name not in users:
            raise MistakeError(f"{place}: this user is not in UserDetailList")
        if not isinstance(held, dict) or not isinstance(held.get("LoginProfile"), dict | None):
            raise MistakeError(f"{place} has the wrong type")
        _check_held(held, place)
    if "credential_report" in snapshot:
        _check_report(snapshot["credential_report"])


def _check_held(held: Mapping[str, Any], place: str) -> None:
    _check(held, {"PasswordLastUsed": _moment_or_never}, place)
    _check(held.get("LoginProfile") or {}, _LOGIN_PROFILE, f"{place}.LoginProfile")
    for key, part in _IDS.items():
        items = held.get(key, [])
        if not isinstance(items, list):
            raise MistakeError(f"{place}.{key} is not a list")
        if not all(isinstance(item, dict) for item in items):
            raise MistakeError(f"{place}.{key} contains an item that is not an object")
        refuse_twice((item.get(part) for item in items), f"{place}.{key}")
        for index, item in enumerate(items):
            _check(item, _HELD, f"{place}.{key}[{index}]")
    if any(not isinstance(item.get("Status"), str) for item in held.get("AccessKeyMetadata", [])):
        raise MistakeError(f"{place}.AccessKeyMetadata: Status is missing")
    if any(not isinstance(item.get("ServiceName"), str) for item in held.get("ServiceSpecificCredentials", [])):
        raise MistakeError(f"{place}.ServiceSpecificCredentials: ServiceName is missing")


def check_signin_sessions(reads: Any) -> None:
    """Refuse sign-in sessions that are not what a read gives.

    Raises:
        MistakeError: so it is.
    """
    if not isinstance(reads, dict) or not all(isinstance(read, dict) for read in reads.values()):
        raise MistakeError("signin_sessions does not map names of users to objects")
    for name, read in reads.items():
        place = f"signin_sessions[{name!r}].Sessions"
        check_sessions(read.get("Sessions", []), place)


def check_sessions(sessions: Any, place: str) -> None:
    """Refuse a list of sign-in sessions that is not as ListSessions has it.

    Raises:
        MistakeError: so it is.
    """
    if not isinstance(sessions, list) or not all(isinstance(one, dict) for one in sessions):
        raise MistakeError(f"{place} is not a list of objects")
    refuse_twice((one.get("sessionArn") for one in sessions), place)
    for index, one in enumerate(sessions):
        if not isinstance(one.get("principalArn"), str) or not isinstance(one.get("clientType", ""), str):
            raise MistakeError(f"{place}[{index}]: principalArn or clientType is missing or is not text")
        for key in ("issuedAt", "expiresAt"):
            if type(one.get(key, 0)) is not int or not 0 <= one.get(key, 0) <= _LAST_SECOND:
                raise MistakeError(f"{place}[{index}].{key} is not a number of seconds")
        if "expiresAt" not in one:
            raise MistakeError(f"{place}[{index}]: expiresAt is missing")


def _check_report(report: Any) -> None:
    place = "credential_report"
    if not isinstance(report, dict) or not isinstance(report.get("users"), dict) or "GeneratedTime" not in report:
        raise MistakeError(f"{place} must contain GeneratedTime and users")
    _check(report, {"GeneratedTime": _moment, "root": _row}, place)
    for name, row in report["users"].items():
        _row(row, f"{place}.users[{name!r}]")


Checker = Callable[[Any, str], None]


def _check(value: Mapping[str, Any], parts: Mapping[str, Checker], place: str) -> None:
    """Check those parts of an object that are there."""
    for key, check in parts.items():
        if key in value:
            check(value[key], f"{place}.{key}")


def _moment(value: Any, place: str) -> None:
    try:
        start_of(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise MistakeError(f"{place} is not a time of the form '2024-01-31T10:00:00Z'") from error


def _moment_or_never(value: Any, place: str) -> None:
    if value is not None:
        _moment(value, place)


def _boolean(value: Any, place: str) -> None:
    if not isinstance(value, bool):
        raise MistakeError(f"{place} is neither true nor false")


def _number_or_none(value: Any, place: str) -> None:
    if value is not None and type(value) is not int:
        raise MistakeError(f"{place} is neither a number nor null")


def _text(value: Any, place: str) -> None:
    if not isinstance(value, str):
        raise MistakeError(f"{place} is not text")


def _last_used(value: Any, place: str) -> None:
    if not isinstance(value, dict):
        raise MistakeError(f"{place} is not an object")
    _check(value, {"LastUsedDate": _moment, "Region": _text, "ServiceName": _text}, place)


def _reported_keys(value: Any, place: str) -> None:
    if not isinstance(value, list) or not all(isinstance(key, dict) for key in value):
        raise MistakeError(f"{place} is not a list of objects")
    for index, key in enumerate(value):
        if key.get("Status") not in ("Active", "Inactive"):
            raise MistakeError(f"{place}[{index}]: Status is neither 'Active' nor 'Inactive'")
        _check(key, {"LastRotated": _moment, "AccessKeyLastUsed": _last_used}, f"{place}[{index}]")


def _row(value: Any, place: str) -> None:
    if not isinstance(value, dict):
        raise MistakeError(f"{place} is not an object")
    _check(value, _ROW, place)


_LOGIN_PROFILE: Mapping[str, Checker] = {
    "CreateDate": _moment,
    "PasswordResetRequired": _boolean,
    "MaxSigninSessionDuration": _number_or_none,
}
_HELD: Mapping[str, Checker] = {
    "Status": _text,
    "CreateDate": _moment,
    "EnableDate": _moment,
    "UploadDate": _moment,
    "ExpirationDate": _moment,
    "AccessKeyLastUsed": _last_used,
}
_ROW: Mapping[str, Checker] = {
    "Arn": _text,
    "CreateDate": _moment,
    "PasswordEnabled": _boolean,
    "PasswordLastUsed": _moment,
    "PasswordLastChanged": _moment,
    "MFAActive": _boolean,
    "AccessKeys": _reported_keys,
}
