"""The one shape and order of a snapshot, whether it was read from AWS or from a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

FORMAT = "iamctl-snapshot/1"

SECTIONS = {
    "UserDetailList": "UserName",
    "GroupDetailList": "GroupName",
    "RoleDetailList": "RoleName",
    "Policies": "Arn",
}
"""The four lists of GetAccountAuthorizationDetails and what names an entry.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

_DOCUMENTS = frozenset({"PolicyDocument", "Document", "AssumeRolePolicyDocument"})

_QUOTED = {f"%{ord(character):02X}": character for character in ' {}[]":,*/\n'}
"""Characters of policy documents, by their codes in URLs."""


def _version_number(version: Mapping[str, Any]) -> tuple[int, str]:
    name = str(version.get("VersionId", ""))
    digits = name.removeprefix("v").partition(".")[0]
    return -int(digits) if digits.isdecimal() else 0, name


_ORDERS: Mapping[str, Callable[[Any], Any]] = {
    "UserDetailList": lambda user: user["UserName"],
    "GroupDetailList": lambda group: group["GroupName"],
    "RoleDetailList": lambda role: role["RoleName"],
    "Policies": lambda policy: (policy["PolicyName"], policy["Arn"]),
    "GroupList": str,
    "AttachedManagedPolicies": lambda attached: attached["PolicyArn"],
    "UserPolicyList": lambda policy: policy["PolicyName"],
    "GroupPolicyList": lambda policy: policy["PolicyName"],
    "RolePolicyList": lambda policy: policy["PolicyName"],
    "Tags": lambda tag: tag["Key"],
    "PolicyVersionList": _version_number,  # newest first, as AWS prints them
    "AccessKeyMetadata": lambda key: key["AccessKeyId"],
    "MFADevices": lambda device: device["SerialNumber"],
    "SSHPublicKeys": lambda key: key["SSHPublicKeyId"],
    "Certificates": lambda certificate: certificate["CertificateId"],
    "ServiceSpecificCredentials": lambda credential: credential["ServiceSpecificCredentialId"],
    "virtual_mfa_devices": lambda device: device["SerialNumber"],
    "missing_policies": str,
}
"""How each list is ordered, so that the same account always gives the same snapshot."""


def plain(value: Any, key: str = "") -> Any:
    """Return a value of AWS's as JSON: dates as ISO 8601 text in UTC, documents decoded, lists in one order."""
    if isinstance(value, datetime):
        return iso(value)
    if key in _DOCUMENTS:
        return decoded_document(value) if isinstance(value, str) else value
    if type(value) is dict or isinstance(value, Mapping):
        return {
            name: part if type(part) is str and name not in _DOCUMENTS else plain(part, name)
            for name, part in value.items()
        }
    if isinstance(value, list | tuple):
        return ordered([part if type(part) is str else plain(part) for part in value], key)
    return value


def ordered(parts: list[Any], key: str) -> list[Any]:
    """Return the list of plain values under a key in its order; one that AWS would not give stays as it is."""
    try:
        return sorted(parts, key=_ORDERS[key]) if key in _ORDERS else parts
    except (AttributeError, KeyError, TypeError):
        return parts


def iso(moment: datetime) -> str:
    """Return a moment as text in UTC, to the second: ``2024-01-31T10:00:00Z``."""
    return moment.astimezone(UTC).isoformat()[:19] + "Z"  # strftime takes three times as long


def decoded_document(text: str) -> Any:
    """Return the policy document in a text of AWS's, which is URL-encoded JSON; a text that is not is kept.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyDetail.html
    """
    decoded = text if text.lstrip().startswith("{") else _unquoted(text)
    try:
        return json.loads(decoded)
    except (ValueError, RecursionError):
        return decoded


def _unquoted(text: str) -> str:
    """Return what ``unquote`` would; most of a document are these few characters, and they are no percent signs."""
    for code, character in _QUOTED.items():
        text = text.replace(code, character)
    return unquote(text) if "%" in text else text
