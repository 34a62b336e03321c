"""What a call writes to: two calls with a target in common are never under way at the same time."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.model import Call

_USERS = ("UserName", "NewUserName")
_GROUPS = ("GroupName", "NewGroupName")
_OWN = ":iam::aws:"


def targets(call: Call) -> frozenset[str]:
    """Return the users, groups, customer-managed policies and devices that a call names as what it changes.

    Names are compared without case, as IAM does. A permissions boundary is only referred to, and nobody changes a
    policy of AWS.
    """
    return frozenset(_targets(call))


def _targets(call: Call) -> Iterator[str]:
    params = call.params
    users = [f"user/{params[key].lower()}" for key in _USERS if isinstance(params.get(key), str)]
    groups = [f"group/{params[key].lower()}" for key in _GROUPS if isinstance(params.get(key), str)]
    yield from (*users, *groups)
    name, arn, serial = params.get("PolicyName"), params.get("PolicyArn"), params.get("SerialNumber")
    if isinstance(name, str) and not users and not groups:  # else it is the name of an inline policy
        yield f"policy/{name.lower()}"
    if isinstance(arn, str) and _OWN not in arn:
        yield f"policy/{arn.rsplit('/', 1)[-1].lower()}"
    if isinstance(serial, str):
        yield f"device/{serial.lower()}"
