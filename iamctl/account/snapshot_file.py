"""Snapshots as files: read strictly, written whole or not at all."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iamctl.account.shape import FORMAT, SECTIONS, plain
from iamctl.account.snapshot_audit import check_audit
from iamctl.account.snapshot_credentials import MistakeError, check_credentials, check_signin_sessions, refuse_twice
from iamctl.kinds.arn import policy_name
from iamctl.model import IamctlError
from iamctl.text.late_pattern import late_pattern
from iamctl.text.moment import start_of

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot

_ACCOUNT_ARN = late_pattern(r"arn:(aws[a-z0-9-]*):iam::(\d{12}):", re.ASCII)
_POLICY_ARN = late_pattern(r"arn:aws[a-z0-9-]*:iam::(?:aws|\d{12}):policy/\S+", re.ASCII)
_WAY_OUT = "create it with 'iamctl snapshot' or 'aws iam get-account-authorization-details'"

_TEXT, _LIST, _OBJECT = (str,), (list,), (dict,)
_ENTRIES: Mapping[str, Mapping[str, tuple[type, ...]]] = {
    "UserDetailList": {"UserName": _TEXT},
    "GroupDetailList": {"GroupName": _TEXT},
    "RoleDetailList": {"RoleName": _TEXT},
    "Policies": {"Arn": _TEXT, "PolicyName": _TEXT},
    "UserPolicyList": {"PolicyName": _TEXT, "PolicyDocument": (dict, str)},
    "GroupPolicyList": {"PolicyName": _TEXT, "PolicyDocument": (dict, str)},
    "AttachedManagedPolicies": {"PolicyArn": _TEXT},
    "PolicyVersionList": {"VersionId": _TEXT, "IsDefaultVersion": (bool,)},
    "Tags": {"Key": _TEXT, "Value": _TEXT},
}
"""What must be in the entries of each list."""

_OPTIONAL: Mapping[str, tuple[type, ...]] = {
    "Arn": _TEXT,
    "Path": _TEXT,
    "PolicyId": _TEXT,
    "UserId": _TEXT,
    "GroupId": _TEXT,
    "DefaultVersionId": _TEXT,
    "Description": _TEXT,
    "GroupList": _LIST,
    "UserPolicyList": _LIST,
    "GroupPolicyList": _LIST,
    "AttachedManagedPolicies": _LIST,
    "PolicyVersionList": _LIST,
    "Tags": _LIST,
    "PermissionsBoundary": _OBJECT,
}
"""The type of what may be in an entry."""


class SnapshotError(IamctlError):
    """A snapshot file cannot be used; the message names the file, the place and the fix."""


def load_snapshot(path: str | Path) -> Snapshot:
    """Return the snapshot in a file, in the shape and order in which a read gives it.

    What ``aws iam get-account-authorization-details`` prints is a snapshot too; account id and partition then come
    from the first ARN that holds an account.

    Raises:
        SnapshotError: the file cannot be read, or is not one whole snapshot of one account.
    """
    try:
        data = json.loads(Path(path).read_bytes(), object_pairs_hook=_strict_object, parse_constant=_refuse_constant)
    except OSError as error:
        raise SnapshotError(f"{path}: the snapshot cannot be read: {error.strerror}; {_WAY_OUT}") from error
    except MistakeError as error:
        raise SnapshotError(f"{path}: {error}; {_WAY_OUT}") from error
    except (ValueError, RecursionError) as error:
        raise SnapshotError(f"{path}: not valid JSON ({error}); {_WAY_OUT}") from error
    try:
        return _snapshot(data)
    except MistakeError as error:
        raise SnapshotError(f"{path}: {error}") from error
    except RecursionError as error:
        raise SnapshotError(f"{path}: the values are nested too deeply; {_WAY_OUT}") from error


def _strict_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise MistakeError(f"duplicate key {next(key for key in keys if keys.count(key) > 1)!r} in an object")
    return found


def _refuse_constant(text: str) -> Any:
    raise MistakeError(f"{text} is not valid JSON")


def _snapshot(data: Any) -> Snapshot:
    if not isinstance(data, dict) or not any(section in data for section in SECTIONS):
        raise MistakeError(f"not an account snapshot; {_WAY_OUT}")
    if data.get("format", FORMAT) != FORMAT:
        raise MistakeError(f"the format is {data['format']!r} instead of {FORMAT!r}; {_WAY_OUT}")
    if data.get("IsTruncated") or data.get("Marker") or data.get("NextToken"):
        raise MistakeError(
            f"the snapshot is incomplete: it contains only the first pages; {_WAY_OUT} without --max-items"
        )
    for section in ("UserDetailList", "GroupDetailList", "Policies"):
        if section not in data:
            raise MistakeError(f"the snapshot is incomplete: {section} is missing; {_WAY_OUT} without --filter")
    snapshot = {key: value for key, value in data.items() if key not in {"IsTruncated", "Marker", "ResponseMetadata"}}
    for section in SECTIONS:
        entries = snapshot.setdefault(section, [])
        snapshot[section] = list(_entries(section, entries))
    _check_references(snapshot)
    _check_counts(snapshot)
    snapshot["account"] = _account(snapshot)
    check_credentials(snapshot)
    _check_extras(snapshot)
    ordered: Snapshot = plain(snapshot)
    return ordered


def _entries(section: str, entries: Any) -> Iterator[dict[str, Any]]:
    """Yield the entries of one of the four lists, checked."""
    if not isinstance(entries, list):
        raise MistakeError(f"{section} is not a list")
    seen: dict[str, str] = {}
    for index, entry in enumerate(entries):
        place = f"{section}[{index}]"
        if section == "Policies":
            entry = _policy(entry, place)
        _check_entry(section, entry, place)
        name = entry["PolicyName" if section == "Policies" else SECTIONS[section]]
        if section == "Policies" and ":iam::aws:" in entry["Arn"]:
            name = entry["Arn"]  # AWS may use one name in several paths
        first = seen.setdefault(name.lower(), place)
        if first is not place:
            raise MistakeError(f"{place}: {name!r} is a duplicate of {first}")
        yield entry


def _policy(policy: Any, place: str) -> Any:
    """Return an entry of Policies with the name that its ARN tells, which moto leaves out."""
    if not isinstance(policy, dict) or not isinstance(policy.get("Arn"), str):
        return policy
    if not _POLICY_ARN.fullmatch(policy["Arn"]):
        raise MistakeError(f"{place}: {policy['Arn']!r} is not the ARN of a policy")
    return {"PolicyName": policy_name(policy["Arn"]), **policy}


def _check_entry(section: str, entry: Any, place: str) -> None:
    if not isinstance(entry, dict):
        raise MistakeError(f"{place} is not an object")
    for key, types in _ENTRIES[section].items():
        empty = entry.get(key) == "" and key != "Value"  # a tag may have an empty value
        if not isinstance(entry.get(key), types) or empty:
            raise MistakeError(f"{place}: {key} is missing or has the wrong type")
    for key, types in _OPTIONAL.items():
        if key in entry and not isinstance(entry[key], types):
            raise MistakeError(f"{place}: {key} has the wrong type")
    for key in entry.keys() & (_ENTRIES.keys() - SECTIONS.keys()):
        parts = entry[key]
        for index, part in enumerate(parts):
            _check_entry(key, part, f"{place}.{key}[{index}]")
        if not place.startswith("Role"):  # what roles hold is only ever reported
            refuse_twice((part[next(iter(_ENTRIES[key]))] for part in parts), f"{place}.{key}")
    refuse_twice(entry.get("GroupList", ()), f"{place}.GroupList")
    if section == "Policies" and ":iam::aws:" not in entry["Arn"]:
        _check_default_version(entry, place)
    boundary = entry.get("PermissionsBoundary", {})
    if boundary and not isinstance(boundary.get("PermissionsBoundaryArn"), str):
        raise MistakeError(f"{place}.PermissionsBoundary: PermissionsBoundaryArn is missing")


def _check_default_version(policy: Mapping[str, Any], place: str) -> None:
    defaults = [version for version in policy.get("PolicyVersionList", ()) if version["IsDefaultVersion"]]
    if len(defaults) != 1 or not isinstance(defaults[0].get("Document"), dict | str):
        raise MistakeError(f"{place}: PolicyVersionList must contain one default version with its Document")


def _check_references(snapshot: Mapping[str, Any]) -> None:
    """Refuse memberships and attachments whose other end is not in the snapshot: then it is not whole."""
    groups = {group["GroupName"] for group in snapshot["GroupDetailList"]}
    policies = {policy["Arn"] for policy in snapshot["Policies"]}
    for section in ("UserDetailList", "GroupDetailList"):
        for index, entry in enumerate(snapshot[section]):
            place = f"{section}[{index}] ({entry[SECTIONS[section]]})"
            for group in entry.get("GroupList", ()):
                if group not in groups:
                    raise MistakeError(f"{place} is in the group {group!r}, which is not in GroupDetailList")
            for attached in entry.get("AttachedManagedPolicies", ()):
                arn = attached["PolicyArn"]
                if ":iam::aws:" not in arn and arn not in policies:
                    raise MistakeError(f"{place} has the policy {arn!r}, which is not in Policies")


def _check_counts(snapshot: Mapping[str, Any]) -> None:
    """Refuse fewer holders of a policy than it says itself: then users, groups or roles are left out.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_ManagedPolicyDetail.html
    """
    holders = [
        entry for section in ("UserDetailList", "GroupDetailList", "RoleDetailList") for entry in snapshot[section]
    ]
    attached = Counter(policy["PolicyArn"] for entry in holders for policy in entry.get("AttachedManagedPolicies", ()))
    bounded = Counter((entry.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn") for entry in holders)
    for index, policy in enumerate(snapshot["Policies"]):
        place = f"Policies[{index}] ({policy['PolicyName']})"
        for key, shown in (("AttachmentCount", attached), ("PermissionsBoundaryUsageCount", bounded)):
            count = policy.get(key) or 0
            if type(count) is not int or count < 0:
                raise MistakeError(f"{place}: {key} is not a number")
            if count > shown[policy["Arn"]]:
                raise MistakeError(
                    f"the snapshot is incomplete: {place} has the {key} {count}, but only {shown[policy['Arn']]} of "
                    f"its holders are in the snapshot; {_WAY_OUT} without --filter"
                )


def _account(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """Return the account that the snapshot is of."""
    account = snapshot.get("account")
    arns = [entry.get("Arn") for section in SECTIONS for entry in snapshot[section]]
    matches = [match for arn in arns if isinstance(arn, str) and (match := _ACCOUNT_ARN.match(arn))]
    if account is None:
        if not matches:
            raise MistakeError('no ARN contains the account; add "account": {"id": "123456789012", "partition": "aws"}')
        account = {"id": matches[0][2], "partition": matches[0][1]}
    if not isinstance(account, dict) or not re.fullmatch(r"[0-9]{12}", str(account.get("id"))):
        raise MistakeError('account does not have the form {"id": "123456789012", "partition": "aws"}')
    account = {"partition": matches[0][1] if matches else "aws", **account}
    for match in matches:
        if match[2] != account["id"] or match[1] != account["partition"]:
            raise MistakeError(f"the snapshot is of account {account['id']} but contains {match.string!r}")
    return account


def _check_extras(snapshot: Mapping[str, Any]) -> None:
    summary = snapshot.get("SummaryMap", {})
    if not isinstance(summary, dict) or not all(type(number) is int for number in summary.values()):
        raise MistakeError("SummaryMap must map names to numbers")
    devices = snapshot.get("virtual_mfa_devices", [])
    if not isinstance(devices, list) or not all(isinstance(device, dict) for device in devices):
        raise MistakeError("virtual_mfa_devices is not a list of objects")
    refuse_twice((device.get("SerialNumber") for device in devices), "virtual_mfa_devices")
    if not isinstance(snapshot.get("missing_policies", []), list):
        raise MistakeError("missing_policies is not a list")
    refuse_twice(snapshot.get("missing_policies", []), "missing_policies")
    check_audit(snapshot.get("audit", {}))
    _objects(snapshot, "events")
    _check_usage(snapshot.get("usage", {}))
    check_signin_sessions(snapshot.get("signin_sessions", {}))
    for index, entry in enumerate(_objects(snapshot, "organization")):
        if not all(isinstance(entry.get(key), str) for key in ("id", "name")):
            raise MistakeError(f"organization[{index}]: id or name is missing or has the wrong type")
    if not isinstance(snapshot.get("caller", {}), dict):
        raise MistakeError("caller is not an object")


def _check_usage(usage: Any) -> None:
    if not isinstance(usage, dict) or not all(isinstance(one, dict) for one in usage.values()):
        raise MistakeError("usage does not map names of users to services")
    for name, services in usage.items():
        for service, at in services.items():
            try:
                start_of(at)
            except (TypeError, ValueError, OverflowError) as error:
                message = f"usage[{name!r}].{service} is not a time of the form '2024-01-31T10:00:00Z'"
                raise MistakeError(message) from error


def _objects(snapshot: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = snapshot.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise MistakeError(f"{key} is not a list of objects")
    return found


def save_snapshot(path: str | Path, snapshot: Snapshot) -> None:
    """Write ``snapshot`` to a file that only its owner can read; the same snapshot always gives the same bytes.

    Raises:
        SnapshotError: the file cannot be written; what was there stays as it was.
    """
    target = Path(os.path.realpath(path))  # the file behind a link, so that the link stays
    text = json.dumps(snapshot, indent=2, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n"
    try:
        if target.exists() and not target.is_file():  # a pipe or a device is no file to put another one over
            target.write_text(text, encoding="ascii")
        else:
            _replace(target, text)
    except OSError as error:
        raise SnapshotError(f"{path}: the snapshot cannot be written: {error.strerror}") from error


def _replace(target: Path, text: str) -> None:
    """Put ``text`` in the place of ``target`` at once, in a file of mode 0600."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
