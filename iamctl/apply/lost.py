"""A call whose answer was lost: looked for, and adopted, sent again, mended or left alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from iamctl.apply.read_back import Ask, Repair, Verdict, read_back
from iamctl.apply.retry import GONE, MISSING
from iamctl.model import Call, CallError, IamctlError


def recovered(call: Call, ask: Ask, execute: Callable[[Call], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return once the call is certainly carried out, and sent again only if it was not.

    Raises:
        CallError: AWS refuses it, what exists is somebody else's, or what became of it is still not known.
    """
    try:
        found = read_back(call, ask)
    except IamctlError as error:
        raise CallError("AnswerLost", f"it cannot be read what became of the call: {error}", ambiguous=True) from error
    if isinstance(found, Repair):
        return _repaired(found, execute)
    if found is Verdict.NOT_DONE:
        return execute(call)
    if found is Verdict.SOMEBODY_ELSES:
        raise CallError("EntityAlreadyExists", "it exists and is not what this plan creates")
    return {}


def removed(call: Call, ask: Ask, execute: Callable[[Call], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Send a removal again, after IAM knew nothing of its target; where only the holder is visible, that is the goal.

    Raises:
        CallError: AWS refuses it; with the code ``GONE``, the target does not exist.
    """
    try:
        return execute(call)
    except CallError as error:
        if error.code not in MISSING or error.ambiguous:
            raise
        missing = error
    noun = "User" if "UserName" in call.params else "Group"
    holder = {f"{noun}Name": call.params.get(f"{noun}Name", "")}
    try:
        if ask(f"Get{noun}", holder) is not None and read_back(call, ask) is Verdict.DONE:
            raise CallError(GONE, missing.message)
    except CallError:
        raise
    except IamctlError:
        pass  # then it is sent again
    raise missing


def _repaired(repair: Repair, execute: Callable[[Call], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Make the secret that was handed over the one that counts, or take back what was made.

    Raises:
        CallError: neither is known to have worked.
    """
    try:
        return execute(repair.call)
    except CallError as error:
        if error.code in MISSING:
            raise CallError(error.code, error.message, ambiguous=True) from error
        if error.ambiguous or error.throttled or error.code.startswith("EntityTemporarilyUnmodifiable"):
            raise CallError(error.code, error.message, ambiguous=True, throttled=error.throttled) from error
        refused = error
    try:
        execute(repair.otherwise)
    except CallError as error:
        if error.code not in MISSING:
            raise CallError(error.code, error.message, ambiguous=True) from error
    raise CallError("PasswordNotKnown", f"the login profile was removed, since its password cannot be set: {refused}")
