"""The user who runs iamctl, among the live ones, and the users whom this one may restrain."""

from __future__ import annotations

from iamctl.comparison.scoped import Scoped
from iamctl.kinds import User
from iamctl.model import Address, State
from iamctl.text.late_pattern import late_pattern

_USER = late_pattern(r"arn:[^:]+:iam::[0-9]+:user/(?:.*/)?([^/]+)")


def calling_user(arn: str | None, whole: State) -> Address | None:
    """Return the address of the user with the ARN of the caller in ``whole``; None where no user of it is the caller."""
    found = _USER.fullmatch(arn or "")
    if found is None:
        return None
    name = found[1].lower()
    users = (address for address, one in whole.resources.items() if isinstance(one, User) and one.name.lower() == name)
    return next(users, None)


def restrainable_users(scoped: Scoped, caller_arn: str | None) -> dict[str, str]:
    """Return the users who may get a temporary policy, ``user/alice`` to the name as IAM spells it once all are renamed.

    These are the users whom iamctl manages, without the caller, whom a Deny could keep from removing it.
    """
    declared = {user.address: user.name for user in scoped.desired.of_kind(User)}
    going = {address: address.name for address in scoped.going if address.kind == User.kind}
    caller = calling_user(caller_arn, scoped.whole)
    return {str(address).lower(): name for address, name in (going | declared).items() if address != caller}
