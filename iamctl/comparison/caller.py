"""The user who runs iamctl, among the live ones."""

from __future__ import annotations

import re

from iamctl.kinds import User
from iamctl.model import Address, State

_USER = re.compile(r"arn:[^:]+:iam::[0-9]+:user/(?:.*/)?([^/]+)")


def calling_user(arn: str | None, whole: State) -> Address | None:
    """Return the address of the user with the ARN of the caller in ``whole``; None where no user of it is the caller."""
    found = _USER.fullmatch(arn or "")
    if found is None:
        return None
    name = found[1].lower()
    users = (address for address, one in whole.resources.items() if isinstance(one, User) and one.name.lower() == name)
    return next(users, None)
