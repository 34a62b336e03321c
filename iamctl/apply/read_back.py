"""What became of a call whose answer was lost: for each operation, what to read and how to judge it.

The only place that decides this. ``done``: the account is as the call would leave it. ``not done``: the call may be
sent again. ``somebody else's``: something of that name exists and is not what the call creates.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from enum import Enum, auto
from typing import Any

from iamctl.kinds.account_setting import full_policy
from iamctl.model import Call
from iamctl.policy import Document
from iamctl.text.late_dataclass import dataclass

Ask = Callable[[str, Mapping[str, Any]], Mapping[str, Any] | None]
"""Reads: the operation and its parameters to the answer with all pages, None where IAM has no such thing."""

Params = Mapping[str, Any]


class Verdict(Enum):
    """What became of a call."""

    DONE = auto()
    NOT_DONE = auto()
    SOMEBODY_ELSES = auto()


@dataclass(frozen=True)
class Repair:
    """The call was carried out, perhaps with another secret: ``call`` makes ours the one that counts."""

    call: Call
    otherwise: Call
    """Sent where AWS refuses ``call``: it takes back what was made."""


def read_back(call: Call, ask: Ask) -> Verdict | Repair:
    """Return what became of a call whose answer was lost.

    Raises:
        IamctlError: it cannot be read.
    """
    if call.operation == "CreateLoginProfile":
        return _password(call, ask)
    return TABLE[call.operation](call.params, ask)


def reads_back(operation: str) -> frozenset[str]:
    """Return the reads that may be needed to find out what became of a call."""
    if operation == "CreateLoginProfile":
        return frozenset({"GetLoginProfile"})
    return TABLE[operation].reads if operation in TABLE else frozenset()


def repairs(operation: str) -> frozenset[str]:
    """Return the writes that may follow a call whose answer was lost."""
    return frozenset({"UpdateLoginProfile", "DeleteLoginProfile"} if operation == "CreateLoginProfile" else ())


def can_read_back(call: Call) -> bool:
    """Return whether it can be found out what became of a call."""
    return call.operation in TABLE or call.operation == "CreateLoginProfile"


def is_repeatable_at_once(call: Call) -> bool:
    """Return whether a second call makes no second object if the first one is only not visible yet."""
    return call.operation != "CreatePolicyVersion"


def _password(call: Call, ask: Ask) -> Verdict | Repair:
    user = {"UserName": call.params["UserName"]}
    if ask("GetLoginProfile", user) is None:
        return Verdict.NOT_DONE
    update = replace(call, operation="UpdateLoginProfile")
    return Repair(update, replace(call, operation="DeleteLoginProfile", params=user))


@dataclass(frozen=True)
class Judge:
    """Tells what became of calls of one operation."""

    reads: frozenset[str]
    """All that it may ask for."""
    judge: Callable[[Params, Ask], Verdict]

    @classmethod
    def of(cls, judge: Callable[[Params, Ask], Verdict], *reads: str) -> Judge:
        """Return a judge that asks for these reads alone."""
        return cls(frozenset(reads), judge)

    def __call__(self, params: Params, ask: Ask) -> Verdict:
        """Return the verdict."""
        return self.judge(params, ask)


@dataclass(frozen=True)
class _Look:
    """Whether something is there, by one read."""

    read: str
    is_there: Callable[[Params, Ask], bool]


def _is(*, done: bool) -> Verdict:
    return Verdict.DONE if done else Verdict.NOT_DONE


def _ours(found: Any, *, same: bool) -> Verdict:
    """Judge an object that a call creates: not there, as the call creates it, or another one."""
    if found is None:
        return Verdict.NOT_DONE
    return Verdict.DONE if same else Verdict.SOMEBODY_ELSES


def _tags(found: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in found or ()}


def _document(data: Any) -> Document:
    return Document.from_text(data) if isinstance(data, str) else Document.from_data(json.loads(json.dumps(data)))


def _listed(operation: str, key: str, name: str, scope: str, value: str) -> _Look:
    """Return what tells whether a listing about ``scope`` has an entry whose ``name`` is the parameter ``value``."""

    def is_listed(params: Params, ask: Ask) -> bool:
        found = ask(operation, {scope: params[scope]} if scope else {})
        return found is not None and params[value].lower() in {one[name].lower() for one in found[key]}

    return _Look(operation, is_listed)


def _there(look: _Look) -> Judge:
    return Judge.of(lambda params, ask: _is(done=look.is_there(params, ask)), look.read)


def _gone(look: _Look) -> Judge:
    return Judge.of(lambda params, ask: _is(done=not look.is_there(params, ask)), look.read)


def _exists(operation: str, *names: str) -> _Look:
    return _Look(operation, lambda params, ask: ask(operation, {name: params[name] for name in names}) is not None)


_MEMBER = _listed("ListGroupsForUser", "Groups", "GroupName", "UserName", "GroupName")
_ON_GROUP = _listed("ListAttachedGroupPolicies", "AttachedPolicies", "PolicyArn", "GroupName", "PolicyArn")
_ON_USER = _listed("ListAttachedUserPolicies", "AttachedPolicies", "PolicyArn", "UserName", "PolicyArn")
_VERSION = _listed("ListPolicyVersions", "Versions", "VersionId", "PolicyArn", "VersionId")
_KEY = _listed("ListAccessKeys", "AccessKeyMetadata", "AccessKeyId", "UserName", "AccessKeyId")
_ACTIVE_DEVICE = _listed("ListMFADevices", "MFADevices", "SerialNumber", "UserName", "SerialNumber")
_DEVICE = _listed("ListVirtualMFADevices", "VirtualMFADevices", "SerialNumber", "", "SerialNumber")
_SSH = _listed("ListSSHPublicKeys", "SSHPublicKeys", "SSHPublicKeyId", "UserName", "SSHPublicKeyId")
_CERTIFICATE = _listed("ListSigningCertificates", "Certificates", "CertificateId", "UserName", "CertificateId")
_SERVICE_CREDENTIAL = _listed(
    "ListServiceSpecificCredentials",
    "ServiceSpecificCredentials",
    "ServiceSpecificCredentialId",
    "UserName",
    "ServiceSpecificCredentialId",
)


def _create_user(params: Params, ask: Ask) -> Verdict:
    found = ask("GetUser", {"UserName": params["UserName"]})
    user = found["User"] if found else {}
    same = (
        user.get("Path") == params.get("Path", "/")
        and _tags(user.get("Tags")) == _tags(params.get("Tags"))
        and _boundary(user) == params.get("PermissionsBoundary", "").lower()
    )
    return _ours(found, same=same)


def _boundary(user: Mapping[str, Any]) -> str:
    return str(user.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")).lower()


def _create_group(params: Params, ask: Ask) -> Verdict:
    found = ask("GetGroup", {"GroupName": params["GroupName"]})
    return _ours(found, same=found is not None and found["Group"]["Path"] == params.get("Path", "/"))


def _create_policy(params: Params, ask: Ask) -> Verdict:
    listed = ask("ListPolicies", {"Scope": "Local"})
    name = params["PolicyName"].lower()
    arn = (
        next((one["Arn"] for one in listed["Policies"] if one["PolicyName"].lower() == name), None) if listed else None
    )
    found = ask("GetPolicy", {"PolicyArn": arn}) if arn else None
    if arn is None or found is None:
        return Verdict.NOT_DONE
    policy = found["Policy"]
    same = (
        policy["Path"] == params.get("Path", "/")
        and policy.get("Description", "") == params.get("Description", "")
        and _tags(policy.get("Tags")) == _tags(params.get("Tags"))
        and _has_document(arn, policy["DefaultVersionId"], params["PolicyDocument"], ask)
    )
    return _ours(found, same=same)


def _has_document(arn: str, version: str, text: str, ask: Ask) -> bool:
    found = ask("GetPolicyVersion", {"PolicyArn": arn, "VersionId": version})
    return found is not None and _document(found["PolicyVersion"]["Document"]).identical(_document(text))


def _create_policy_version(params: Params, ask: Ask) -> Verdict:
    """Look for the document in the version in force, or in any where the new one is not to be in force."""
    arn, listed = params["PolicyArn"], ask("ListPolicyVersions", {"PolicyArn": params["PolicyArn"]})
    versions = listed["Versions"] if listed else []
    wanted = [one["VersionId"] for one in versions if one["IsDefaultVersion"] or not params.get("SetAsDefault")]
    return _is(done=any(_has_document(arn, version, params["PolicyDocument"], ask) for version in wanted))


def _set_default_version(params: Params, ask: Ask) -> Verdict:
    found = ask("GetPolicy", {"PolicyArn": params["PolicyArn"]})
    return _is(done=found is not None and found["Policy"]["DefaultVersionId"] == params["VersionId"])


def _put(operation: str, name: str) -> Judge:
    """Judge a call that writes an inline policy."""

    def judge(params: Params, ask: Ask) -> Verdict:
        found = ask(operation, {name: params[name], "PolicyName": params["PolicyName"]})
        wanted = _document(params["PolicyDocument"])
        return _is(done=found is not None and _document(found["PolicyDocument"]).identical(wanted))

    return Judge.of(judge, operation)


def _renamed(noun: str) -> Judge:
    """Judge UpdateUser or UpdateGroup: a new name, a new path, or both."""
    operation, name = f"Get{noun}", f"{noun}Name"

    def judge(params: Params, ask: Ask) -> Verdict:
        old, new = params[name], params.get(f"New{name}", params[name])
        found = ask(operation, {name: new})
        path = found[noun]["Path"] if found else None
        if found is None or found[noun][name] != new or path != params.get("NewPath", path):
            return Verdict.NOT_DONE
        if old.lower() != new.lower() and ask(operation, {name: old}) is not None:
            return Verdict.SOMEBODY_ELSES
        return Verdict.DONE

    return Judge.of(judge, operation)


def _tagged(operation: str, noun: str, name: str) -> Judge:
    """Judge a call that writes tags, or removes some."""

    def judge(params: Params, ask: Ask) -> Verdict:
        found = ask(operation, {name: params[name]})
        held = _tags(found[noun].get("Tags")) if found else {}
        written, dropped = _tags(params.get("Tags")), params.get("TagKeys", ())
        done = held.items() >= written.items() and not held.keys() & set(dropped)
        return _is(done=found is not None and done)

    return Judge.of(judge, operation)


def _bounded(params: Params, ask: Ask) -> Verdict:
    found = ask("GetUser", {"UserName": params["UserName"]})
    wanted = params.get("PermissionsBoundary", "").lower()
    return _is(done=found is not None and _boundary(found["User"]) == wanted)


def _key_status(params: Params, ask: Ask) -> Verdict:
    found = ask("ListAccessKeys", {"UserName": params["UserName"]})
    wanted = {(params["AccessKeyId"], params["Status"])}
    return _is(
        done=found is not None and wanted <= {(k["AccessKeyId"], k["Status"]) for k in found["AccessKeyMetadata"]}
    )


def _session_limit(params: Params, ask: Ask) -> Verdict:
    found = ask("GetLoginProfile", {"UserName": params["UserName"]})
    wanted = params.get("MaxSigninSessionDuration")
    return _is(done=found is not None and found["LoginProfile"].get("MaxSigninSessionDuration") == wanted)


def _password_policy(params: Params, ask: Ask) -> Verdict:
    found = ask("GetAccountPasswordPolicy", {})
    return _is(done=found is not None and full_policy(found["PasswordPolicy"]) == full_policy(params))


def _has_alias(params: Params, ask: Ask) -> bool:
    found = ask("ListAccountAliases", {})
    return found is not None and params["AccountAlias"] in found["AccountAliases"]


_ALIAS = _Look("ListAccountAliases", _has_alias)

_USER_TAGS, _POLICY_TAGS = _tagged("GetUser", "User", "UserName"), _tagged("GetPolicy", "Policy", "PolicyArn")

TABLE: Mapping[str, Judge] = {
    "AddUserToGroup": _there(_MEMBER),
    "RemoveUserFromGroup": _gone(_MEMBER),
    "AttachGroupPolicy": _there(_ON_GROUP),
    "DetachGroupPolicy": _gone(_ON_GROUP),
    "DetachUserPolicy": _gone(_ON_USER),
    "PutGroupPolicy": _put("GetGroupPolicy", "GroupName"),
    "PutUserPolicy": _put("GetUserPolicy", "UserName"),
    "DeleteGroupPolicy": _gone(_exists("GetGroupPolicy", "GroupName", "PolicyName")),
    "DeleteUserPolicy": _gone(_exists("GetUserPolicy", "UserName", "PolicyName")),
    "CreateUser": Judge.of(_create_user, "GetUser"),
    "UpdateUser": _renamed("User"),
    "DeleteUser": _gone(_exists("GetUser", "UserName")),
    "TagUser": _USER_TAGS,
    "UntagUser": _USER_TAGS,
    "PutUserPermissionsBoundary": Judge.of(_bounded, "GetUser"),
    "DeleteUserPermissionsBoundary": Judge.of(_bounded, "GetUser"),
    "CreateGroup": Judge.of(_create_group, "GetGroup"),
    "UpdateGroup": _renamed("Group"),
    "DeleteGroup": _gone(_exists("GetGroup", "GroupName")),
    "CreatePolicy": Judge.of(_create_policy, "ListPolicies", "GetPolicy", "GetPolicyVersion"),
    "CreatePolicyVersion": Judge.of(_create_policy_version, "ListPolicyVersions", "GetPolicyVersion"),
    "SetDefaultPolicyVersion": Judge.of(_set_default_version, "GetPolicy"),
    "DeletePolicyVersion": _gone(_VERSION),
    "DeletePolicy": _gone(_exists("GetPolicy", "PolicyArn")),
    "TagPolicy": _POLICY_TAGS,
    "UntagPolicy": _POLICY_TAGS,
    "UpdateLoginProfile": Judge.of(_session_limit, "GetLoginProfile"),
    "DeleteLoginProfile": _gone(_exists("GetLoginProfile", "UserName")),
    "UpdateAccessKey": Judge.of(_key_status, "ListAccessKeys"),
    "DeleteAccessKey": _gone(_KEY),
    "DeactivateMFADevice": _gone(_ACTIVE_DEVICE),
    "DeleteVirtualMFADevice": _gone(_DEVICE),
    "DeleteSSHPublicKey": _gone(_SSH),
    "DeleteSigningCertificate": _gone(_CERTIFICATE),
    "DeleteServiceSpecificCredential": _gone(_SERVICE_CREDENTIAL),
    "BatchRevokeSessions": Judge.of(lambda _params, _ask: Verdict.NOT_DONE),  # a second revocation succeeds
    "UpdateAccountPasswordPolicy": Judge.of(_password_policy, "GetAccountPasswordPolicy"),
    "DeleteAccountPasswordPolicy": _gone(_exists("GetAccountPasswordPolicy")),
    "CreateAccountAlias": _there(_ALIAS),
    "DeleteAccountAlias": _gone(_ALIAS),
}
"""All operations of plans but CreateLoginProfile, whose password nobody can read back."""
