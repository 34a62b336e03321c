"""Whose sign-in sessions must end: users who are deleted, or who have no password any more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from iamctl.comparison.scoped import Scoped
from iamctl.kinds import LoginProfile, User
from iamctl.kinds.signin_session import LONGEST_SESSION, may_be_signed_in
from iamctl.model import Address, Change, State


def leavers(scoped: Scoped, changes: Iterable[Change], now: datetime) -> Iterator[User]:
    """Yield the live users whom the changes delete or who lose their password, and who can have a session."""
    for address in sorted(scoped.going):
        user = scoped.whole.get(address)
        if isinstance(user, User) and may_be_signed_in(user.credentials, now):
            yield user
    for change in changes:
        if isinstance(change.before, LoginProfile) and change.after is None:
            user = scoped.whole.get(Address.of(User.kind, change.before.user))
            if isinstance(user, User) and user.address not in scoped.going:
                yield user


def leaving_names(scoped: Scoped, changes: Iterable[Change], live: State, now: datetime) -> list[str]:
    """Return the names, as the account has them, of the users whose sign-in sessions must end."""
    return [live_name(user, scoped.desired, live) for user in (*leavers(scoped, changes, now), *suspended(scoped, now))]


def live_name(user: User, desired: State, live: State) -> str:
    """Return the name that a user has in the account; another one than the plan's before a rename."""
    declared = desired.get(user.address)
    if user.address not in live and isinstance(declared, User) and declared.renamed_from:
        return declared.renamed_from
    return user.name


def suspended(scoped: Scoped, now: datetime) -> Iterator[User]:
    """Yield the users whose password is gone and was used so lately that a session of theirs may be left over.

    A run that ended between the password and the sessions leaves them; without the last use nothing tells who they are.
    """
    for declared in scoped.desired.of_kind(User):
        user = scoped.whole.get(declared.address)
        if not isinstance(user, User) or user.credentials.has_password is not False:
            continue
        used = user.credentials.password_used
        if used is None or now - used > LONGEST_SESSION:
            continue
        if Address.of(LoginProfile.kind, declared.name) not in scoped.desired:
            yield user
