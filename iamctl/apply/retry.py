"""Which errors of AWS are temporary, and how long a run waits for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from iamctl.apply.guard_check import GUARD_NOT_VISIBLE
from iamctl.model import Call, CallError

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 20.0
MAX_ATTEMPTS = 60
"""Of one call; a bound that holds whatever the clock and the dice say."""

PATIENCE_SECONDS = 120.0
"""How long a call is sent again after its first refusal, unless ``--patience`` says otherwise.

AWS gives no number for how long something new may stay invisible; Terraform's AWS provider waits as long.
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency
"""

COLLISIONS = frozenset({"ConcurrentModification", "ConcurrentModificationException"})
"""Refusals because of another call at the same time."""

_PASSING = COLLISIONS | {"EntityTemporarilyUnmodifiable", "EntityTemporarilyUnmodifiableException"}
"""Refusals that say themselves that they pass.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html#API_UpdateUser_Errors
"""

UNREACHED = frozenset({"ConnectTimeoutError", "EndpointConnectionError", "ProxyConnectionError"})
"""botocore's names for requests that were not sent, since there was no connection; a network comes back."""

_NO_LONGER_ACCEPTED = "the AWS credentials are no longer accepted ({code})"
_NO_SIGNATURE = (
    "AWS no longer accepts the signature of requests ({code}); check the credentials and the clock of this machine"
)

_ENDING = {
    "ExpiredToken": _NO_LONGER_ACCEPTED,
    "ExpiredTokenException": _NO_LONGER_ACCEPTED,
    "InvalidClientTokenId": _NO_LONGER_ACCEPTED,
    "TokenRefreshRequired": _NO_LONGER_ACCEPTED,
    "UnrecognizedClientException": _NO_LONGER_ACCEPTED,
    "AuthFailure": _NO_LONGER_ACCEPTED,
    "RequestExpired": _NO_SIGNATURE,
    "RequestTimeTooSkewed": _NO_SIGNATURE,
    "SignatureDoesNotMatch": _NO_SIGNATURE,
    "CredentialRetrievalError": "the AWS credentials cannot be renewed ({message})",
    "SSLError": "the TLS connection to AWS fails ({message})",
}
"""Errors that no later call can escape, and what they mean."""

MISSING = frozenset({"NoSuchEntity", "NoSuchEntityException"})
"""What a call names does not exist, or cannot be seen yet."""

EXISTING = frozenset({"EntityAlreadyExists", "EntityAlreadyExistsException"})
"""What a call creates exists."""

GONE = "TargetGone"
"""The target of a removal does not exist, although its holder is visible."""

_REMOVING = ("Remove", "Detach", "Delete", "Deactivate", "Untag", "BatchRevoke")
"""Operations of IAM that only take something away begin with one of these; their goal is that it is gone.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
"""

_NEW_NAMES = ("NewUserName", "NewGroupName")
_NAMES = ("UserName", "GroupName", "PolicyName", *_NEW_NAMES)
_ARNS = ("PolicyArn", "PermissionsBoundary")


_BLOCKED = frozenset({"DeleteConflict", "DeleteConflictException", "LimitExceeded", "LimitExceededException"})
"""Something is still there that has to go first."""

_ROOM: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "AddUserToGroup": ("UserName", ("RemoveUserFromGroup", "DeleteGroup")),
    "AttachGroupPolicy": ("GroupName", ("DetachGroupPolicy",)),
    "PutGroupPolicy": ("GroupName", ("DeleteGroupPolicy",)),
    "CreatePolicyVersion": ("PolicyArn", ("DeletePolicyVersion",)),
    "CreateUser": ("", ("DeleteUser",)),
    "CreateAccessKey": ("UserName", ("DeleteAccessKey",)),
    "CreateGroup": ("", ("DeleteGroup",)),
    "CreatePolicy": ("", ("DeletePolicy",)),
    "TagUser": ("UserName", ("UntagUser",)),
    "TagPolicy": ("PolicyArn", ("UntagPolicy",)),
    "DeleteUser": ("UserName", ()),
    "DeleteGroup": ("GroupName", ()),
    "DeletePolicy": ("PolicyArn", ()),
    "DeleteVirtualMFADevice": ("SerialNumber", ("DeactivateMFADevice",)),
}
"""Operation to the parameter that names where it needs room, and to the operations that make it; without any: all removals."""


def makes_room(done: Call, call: Call) -> bool:
    """Return whether ``done`` removed something without which a quota or a conflict no longer refuses ``call``."""
    if call.operation not in _ROOM:
        return False
    key, operations = _ROOM[call.operation]
    if not (done.operation in operations if operations else done.operation.startswith(_REMOVING)):
        return False
    return not key or str(done.params.get(key, "")).lower() == str(call.params.get(key, "")).lower()


def is_blocked(error: CallError) -> bool:
    """Return whether AWS refused a call because something is still there."""
    return error.code in _BLOCKED and not error.ambiguous


def ending(error: CallError) -> str:
    """Return why no later call can succeed after ``error``, empty where one may."""
    words = "" if error.ambiguous else _ENDING.get(error.code, "")
    return words.format(code=error.code, message=error.message)


def is_passing(error: CallError, *, is_new: Callable[[], bool], has_room: Callable[[], bool]) -> bool:
    """Return whether a refusal may pass, since AWS shows what this run did with a delay.

    ``is_new``: the call is on something new. ``has_room``: the run removed what refuses the call.
    """
    if error.ambiguous:
        return False
    if is_blocked(error):
        return has_room()
    return (
        error.throttled
        or error.code in _PASSING | UNREACHED | {GUARD_NOT_VISIBLE}
        or (error.code in MISSING and is_new())
    )


def is_removal(call: Call) -> bool:
    """Return whether a call only takes something away, so that its goal is that this is gone."""
    return call.operation.startswith(_REMOVING) or (
        call.operation == "UpdateAccessKey" and call.params.get("Status") == "Inactive"
    )


def is_already_gone(call: Call, error: CallError, *, is_new: Callable[[], bool]) -> bool:
    """Tell whether the target of a removal no longer exists; ``is_new``: it may exist and not be visible yet."""
    if error.code == GONE:
        return True
    return is_removal(call) and error.code in MISSING and not error.ambiguous and not is_new()


def wait_seconds(attempt: int, random: Callable[[], float]) -> float:
    """Return the wait after the failed attempt number ``attempt``, from 0, with full jitter.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    return random() * min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** min(attempt, 10))


def made_names(call: Call) -> frozenset[str]:
    """Return the names of what a call creates or renames to, without case; nothing for other calls."""
    if call.operation.startswith("Create"):
        return frozenset(_names(call.params, _NAMES, ("PolicyArn",)))
    return frozenset(_names(call.params, _NEW_NAMES, ()))


def used_names(call: Call) -> frozenset[str]:
    """Return the names that a call mentions, without case."""
    return frozenset(_names(call.params, _NAMES, _ARNS))


def _names(params: Mapping[str, Any], names: tuple[str, ...], arns: tuple[str, ...]) -> Iterator[str]:
    for key in names:
        if isinstance(params.get(key), str):
            yield params[key].lower()
    for key in arns:
        if isinstance(params.get(key), str):
            yield params[key].rsplit("/", 1)[-1].lower()
