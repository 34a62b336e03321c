"""What a call writes to: two calls with a target in common are never under way at the same time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from iamctl.kinds.signin_session import REVOKE
from iamctl.model import Call

_USERS = ("UserName", "NewUserName")
_GROUPS = ("GroupName", "NewGroupName")
_OWN = ":iam::aws:"
_ENDS_OF_WAYS_IN = frozenset({"DeleteLoginProfile", "UpdateAccessKey", "DeleteServiceSpecificCredential"})
"""What ends the ways in of a user: a session that began before is listed, and none begins later."""


def targets(call: Call) -> frozenset[str]:
    """Return the users, groups, customer-managed policies and devices that a call names as what it changes.

    Names are compared without case, as IAM does. A permissions boundary is only referred to, and nobody changes a
    policy of AWS.
    """
    return frozenset(_targets(call))


def followed(calls: Sequence[Call]) -> Mapping[int, frozenset[int]]:
    """Return the earlier calls that must have ended, in whatever way, before a session of their user is revoked."""
    found: dict[int, frozenset[int]] = {}
    for call in calls:
        if call.operation == REVOKE:
            user = targets(call)
            found[call.index] = frozenset(
                other.index
                for other in calls
                if other.operation in _ENDS_OF_WAYS_IN and other.index < call.index and targets(other) & user
            )
    return found


def _targets(call: Call) -> Iterator[str]:
    params = call.params
    users = [f"user/{params[key].lower()}" for key in _USERS if isinstance(params.get(key), str)]
    groups = [f"group/{params[key].lower()}" for key in _GROUPS if isinstance(params.get(key), str)]
    if isinstance(principal := params.get("principalArn"), str):  # of a sign-in session
        users.append(f"user/{principal.rpartition('/')[2].lower()}")
    yield from (*users, *groups)
    name, arn, serial = params.get("PolicyName"), params.get("PolicyArn"), params.get("SerialNumber")
    if isinstance(name, str) and not users and not groups:  # else it is the name of an inline policy
        yield f"policy/{name.lower()}"
    if isinstance(arn, str) and _OWN not in arn:
        yield f"policy/{arn.rsplit('/', 1)[-1].lower()}"
    if isinstance(serial, str):
        yield f"device/{serial.lower()}"
