"""Reads the account again after the calls: is everything as planned, and does what was taken away stay away?"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from iamctl.account.needs import Needs
from iamctl.apply.came_back import is_revocation, restored_things, revoked_users
from iamctl.model import REACHED, Address, Call, IamctlError, Outcome, Plan
from iamctl.source.live_source import LiveSource
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot

_Found = TypeVar("_Found")

_log = logging.getLogger(__name__)

LOOKS_IN_VAIN = 3
"""How many reads in a row may fail."""

PAUSE_SECONDS = 1.0
"""After a read that failed."""


@dataclass(frozen=True)
class Verified:
    """What the reads after the calls tell."""

    left: tuple[str, ...] = ()
    """The addresses that are still different."""
    unread: IamctlError | None = None
    """Why that is not known."""
    restored: tuple[str, ...] = ()
    """What this run removed and somebody made again."""


def verified(
    propose: Callable[[frozenset[str]], Plan],
    live: LiveSource,
    plan: Plan,
    outcomes: Sequence[Outcome],
    sleep: Callable[[float], None] = time.sleep,
) -> Verified:
    """Return what is still different once AWS had time to show all that was done, and what came back.

    ``propose`` reads the account and returns the plan that is left, given the users whom the run created.
    """
    reached = [outcome.call for outcome in outcomes if outcome.status in REACHED]
    made = frozenset(call.params["UserName"] for call in reached if call.operation == "CreateUser")
    undone = _undone(plan, reached)
    looks = _Looks(lambda: propose(made), sleep)
    try:
        left = looks.settled({change.address for change in plan.changes} - undone, undone, live.waits.settle_seconds)
        if undone.issuperset(left) and (restored := _swept(live, reached, sleep)):
            return Verified(tuple(map(str, looks.changes())), None, restored)
    except IamctlError as error:
        return Verified(unread=error)
    return Verified(tuple(map(str, left)))


def _undone(plan: Plan, reached: Sequence[Call]) -> frozenset[Address]:
    """Return the addresses of the changes that lack a call, so that they are still different."""
    done = {call.index for call in reached}
    pairs = zip(plan.changes, plan.calls_of, strict=True)
    return frozenset(change.address for change, calls in pairs if not done.issuperset(calls))


class _Looks:
    def __init__(self, propose: Callable[[], Plan], sleep: Callable[[float], None]) -> None:
        self._propose = propose
        self._sleep = sleep

    def changes(self) -> list[Address]:
        """Return the addresses that are still different; a read that fails is made again.

        Raises:
            IamctlError: several reads in a row failed.
        """
        return [change.address for change in _read(self._propose, self._sleep).changes]

    def settled(
        self, may_be_late: Collection[Address], undone: Collection[Address], waits: Iterable[float]
    ) -> list[Address]:
        """Return the addresses that stay different.

        What this run changed may be shown late, so that it counts only after all ``waits``. What is ``undone`` counts at
        once, and anything else when two reads agree.

        Raises:
            IamctlError: the account cannot be read.
        """
        left = self.changes()
        for seconds in waits:
            if all(address in undone for address in left):
                break
            _log.info("waiting %.0f s: AWS does not show all changes yet", seconds)
            self._sleep(seconds)
            before, left = left, self.changes()
            if left == before and not any(address in may_be_late for address in left):
                break
        return left


def _read(read: Callable[[], _Found], sleep: Callable[[float], None]) -> _Found:
    """Return what ``read`` returns; where it fails, it is made again."""
    for look in range(LOOKS_IN_VAIN):
        try:
            return read()
        except IamctlError as error:
            if look + 1 == LOOKS_IN_VAIN:
                raise
            _log.info("waiting %.0f s: the account could not be read again: %s", PAUSE_SECONDS, error)
            sleep(PAUSE_SECONDS)
    raise AssertionError("the last look returns or raises")


def _swept(live: LiveSource, reached: Sequence[Call], sleep: Callable[[float], None]) -> tuple[str, ...]:
    """Return what this run took away and what is there again after a while; nothing where nothing was taken away."""
    seconds = live.waits.sweep_seconds
    if not seconds or not any(is_revocation(call) for call in reached):
        return ()
    _log.info("waiting %.0f s: to see that what was removed stays removed", seconds)
    sleep(seconds)
    return tuple(restored_things(reached, _read(lambda: _with_credentials(live, revoked_users(reached)), sleep)))


def _with_credentials(live: LiveSource, users: Iterable[str]) -> Snapshot:
    """Return the account with the credentials of those of the users who exist."""
    snapshot = live.fetch(Needs())
    names = {user["UserName"].lower() for user in snapshot["UserDetailList"]}
    found = [name for name in users if name.lower() in names]
    return live.fetch(Needs.of(sign_in=found), snapshot) if found else snapshot
