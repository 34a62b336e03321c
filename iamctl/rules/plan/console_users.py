"""Which users have a password before and after a plan, as far as known."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from iamctl.kinds import LoginProfile, User
from iamctl.model import Address, State
from iamctl.rules import Review


class ConsoleUsers:
    """The users of a review who can sign in to the console."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._whole = review.scoped.whole

    def had_password(self, user: Address) -> bool | None:
        """Return whether a user has a password before the plan; None if unknown."""
        return self._has_password(user, self._whole)

    def has_password(self, user: Address) -> bool | None:
        """Return whether a user has a password after the plan; None if unknown."""
        return self._has_password(user, self._review.after)

    @cached_property
    def made(self) -> frozenset[Address]:
        """The users for whom the plan creates a password, the first or a new one."""
        return frozenset(
            Address.of("user", change.after.user)
            for change in self._review.changes
            if isinstance(change.after, LoginProfile) and (change.before is None or change.after.reissue)
        )

    @property
    def managed(self) -> Iterator[User]:
        """The users declared in the manifests, as the plan leaves them."""
        return iter(self._review.scoped.desired.of_kind(User))

    def _has_password(self, user: Address, state: State) -> bool | None:
        if Address.of("login-profile", user.name) in state:
            return True
        live = self._whole.get(user)
        if isinstance(live, User) and live.credentials.has_password is None:
            return None
        return False
