"""Which errors of AWS are temporary, and how long a run waits for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from iamctl.model import Call, CallError

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 20.0
MAX_ATTEMPTS = 60
"""Of one call; a bound that holds whatever the clock and the dice say."""

MAX_WAIT_SECONDS_IN_ALL = 900.0
"""The waits of one run together."""

VISIBLE_AFTER_SECONDS = 120.0
"""How long something new may stay invisible. AWS gives no number; Terraform's AWS provider waits as long.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency
"""

_PATIENCE_SECONDS: Mapping[str, float] = {
    "ConcurrentModification": 120.0,
    "ConcurrentModificationException": 120.0,
    "EntityTemporarilyUnmodifiable": 300.0,  # "after waiting several minutes"
    "EntityTemporarilyUnmodifiableException": 300.0,
}
"""Refusals that say themselves that they pass, and how long one call waits for that.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html#API_UpdateUser_Errors
"""

MISSING = frozenset({"NoSuchEntity", "NoSuchEntityException"})
"""What a call names does not exist, or cannot be seen yet."""

_REMOVING = ("Remove", "Detach", "Delete", "Deactivate", "Untag")
"""Operations of IAM that only take something away begin with one of these; their goal is that it is gone.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
"""

_THROTTLED_SECONDS = 300.0
_NEW_NAMES = ("NewUserName", "NewGroupName")
_NAMES = ("UserName", "GroupName", "PolicyName", *_NEW_NAMES)
_ARNS = ("PolicyArn", "PermissionsBoundary")


def patience_seconds(error: CallError, *, is_new: Callable[[], bool]) -> float:
    """Return how long to wait for a refusal to pass, 0 when it will not; ``is_new``: the call is on something new."""
    if error.ambiguous:
        return 0.0
    if error.throttled:
        return _THROTTLED_SECONDS
    if error.code in MISSING:
        return VISIBLE_AFTER_SECONDS if is_new() else 0.0
    return _PATIENCE_SECONDS.get(error.code, 0.0)


def is_already_gone(call: Call, error: CallError, *, is_new: Callable[[], bool]) -> bool:
    """Tell whether the target of a removal no longer exists; ``is_new``: it may exist and not be visible yet."""
    removes = call.operation.startswith(_REMOVING) or (
        call.operation == "UpdateAccessKey" and call.params.get("Status") == "Inactive"
    )
    return removes and error.code in MISSING and not error.ambiguous and not is_new()


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
