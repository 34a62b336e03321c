"""The lock that keeps a second apply of the same account away: taken, renewed, looked at and released."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from iamctl.apply.lock_note import LockNote, NotALockError
from iamctl.model import IamctlError
from iamctl.model.lock import ConditionFailedError, LockDeniedError, LockStore, StoredLock

_log = logging.getLogger(__name__)

VALID_SECONDS = 180
"""How long a lock that nobody renews is respected."""

RENEW_SECONDS = 20.0
"""The pause between two renewals."""

MARGIN_SECONDS = 60.0
"""So long before a lock expires its holder sends nothing more: a call that was sent may take that long."""

ATTEMPTS = 5
"""How often a run tries to take a lock that changes under its hands."""

JOIN_SECONDS = 40.0
"""How long the end of a run waits for a renewal under way; one that comes later changes nothing, since it is conditional."""


class LockHeldError(IamctlError):
    """Another run holds the lock; nothing was read or changed."""

    exit_code = 5


class LockLostError(IamctlError):
    """The lock was lost, so that nothing more is sent."""

    exit_code = 5


def clock() -> float:
    """Return seconds that go on while the machine sleeps, where the system has such a clock."""
    if hasattr(time, "clock_gettime"):
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
    return time.monotonic()


def is_expired(found: StoredLock, note: LockNote) -> bool:
    """Return whether nobody needs to respect a lock any more; no clock of ours has a say."""
    return found.age_seconds > note.valid_seconds


@contextmanager
def held(store: LockStore, note: LockNote, unlock: str) -> Iterator[AccountLock]:
    """Yield the lock, taken; release it at the end, however that comes.

    ``unlock`` is the command that removes the lock of a run that is dead.

    Raises:
        LockHeldError: another run holds it.
        NotALockError: what is there is not a lock.
    """
    lock = AccountLock(store, note, unlock)
    try:
        lock.take()
        yield lock
    finally:
        lock.close()


class AccountLock:
    """The lock of one run. A thread renews it; every other method belongs to the thread of the run but ``check``."""

    def __init__(
        self,
        store: LockStore,
        note: LockNote,
        unlock: str,
        *,
        now: Callable[[], float] = clock,
        renew_seconds: float = RENEW_SECONDS,
    ) -> None:
        self._store = store
        self._note = note
        self._unlock = unlock
        self._clock = now
        self._renew_seconds = renew_seconds
        self._etag = ""
        self._renewed_at = float("-inf")
        self._is_tried = False
        self._lost = ""
        self._problem = ""
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def take(self) -> None:
        """Take the lock, and renew it from now on.

        Raises:
            LockHeldError: another run holds it.
            NotALockError: what is there is not a lock.
            IamctlError: it cannot be written or read.
        """
        for attempt in range(ATTEMPTS):
            if self._is_taken(is_last=attempt + 1 == ATTEMPTS):
                break
        else:
            raise LockHeldError(f"the lock {self._store.place} changes hands too fast; run apply again later")
        self._thread = threading.Thread(target=self._keep, name="lock", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Pass if the lock is certainly still ours; several threads may ask.

        Raises:
            LockLostError: it is not.
        """
        if self._lost:
            raise LockLostError(f"the lock {self._store.place} was lost: {self._lost}")
        since = self._clock() - self._renewed_at
        if since > self._note.valid_seconds - MARGIN_SECONDS:
            why = f": {self._problem}" if self._problem else ""
            raise LockLostError(
                f"the lock {self._store.place} could not be renewed for {since:.0f} s and may be another run's soon{why}"
            )

    def close(self) -> None:
        """End the renewals, and delete the lock if it is still ours."""
        self._ended.set()
        try:
            if self._thread is not None:
                self._thread.join(JOIN_SECONDS)
            if self._is_tried and not self._lost:
                self._release()
        except IamctlError as error:
            self._tell_unreleased(str(error))
        except KeyboardInterrupt:
            self._tell_unreleased("interrupted")
            raise

    def _tell_unreleased(self, why: str) -> None:
        seconds = self._note.valid_seconds
        _log.warning("the lock %s was not released and expires in %d s: %s", self._store.place, seconds, why)

    def _is_taken(self, *, is_last: bool) -> bool:
        """Return whether the lock is ours now, and False where it is worth another try."""
        body, began = self._body(), self._clock()
        self._is_tried = True
        try:
            self._renewed(self._store.create(body), began)
        except ConditionFailedError:
            return self._is_taken_over(body, began, is_last=is_last)
        return True

    def _is_taken_over(self, body: bytes, began: float, *, is_last: bool) -> bool:
        try:
            found = self._store.read()
        except IamctlError:  # it may be gone, which not everybody is told
            if is_last:
                raise
            return False
        if found is None:
            return False
        note = LockNote.read(found.body, self._store.place)
        if note.run == self._note.run:  # the answer to our own request was lost
            self._renewed(found.etag, began)
            return True
        if not is_expired(found, note):
            self._is_tried = False
            raise LockHeldError(
                f"another apply holds the lock of this account: {note}. Nothing was read or changed. Wait until it has "
                f"ended. If it was killed, the lock expires by itself within {note.valid_seconds} s, or run '{self._unlock} --run {note.run}'"
            )
        try:
            self._renewed(self._store.replace(body, found.etag), began)
        except ConditionFailedError:
            return False
        _log.warning("took over the expired lock of run %s (%s)", note.run, note.holder)
        return True

    def _body(self) -> bytes:
        return self._note.body(datetime.now(UTC) + timedelta(seconds=self._note.valid_seconds))

    def _renewed(self, etag: str, began: float) -> None:
        """Note that the lock is ours from when its request was sent: it cannot have been written earlier."""
        self._etag, self._renewed_at, self._problem = etag, began, ""

    def _keep(self) -> None:
        """Renew the lock until the run ends or the lock is lost."""
        while not self._ended.wait(self._renew_seconds):
            self.renew()
            if self._lost:
                return

    def renew(self) -> None:
        """Renew the lock once; what prevents that is noted for ``check``."""
        for _ in range(ATTEMPTS):
            body, began = self._body(), self._clock()
            try:
                self._renewed(self._store.replace(body, self._etag), began)
            except ConditionFailedError:
                if not self._is_still_ours():
                    return
            except LockDeniedError as error:  # some callers are told so where the lock is gone
                self._lost = str(error)
                return
            except IamctlError as error:
                self._problem = str(error)
                return
            else:
                return

    def _is_still_ours(self) -> bool:
        """Return whether the lock is ours under another ETag, since the answer to a renewal was lost."""
        try:
            found = self._store.read()
            note = LockNote.read(found.body, self._store.place) if found else None
        except IamctlError as error:
            self._lost = str(error)
            return False
        if found is None or note is None:
            self._lost = "it was removed"
        elif note.run != self._note.run:
            self._lost = f"now it is that of {note}"
        else:
            self._etag = found.etag
        return not self._lost

    def _release(self) -> None:
        if self._etag:
            try:
                self._store.delete(self._etag)
            except ConditionFailedError:
                pass
            else:
                return
        found = self._store.read()
        if found is None:
            return
        try:
            if LockNote.read(found.body, self._store.place).run == self._note.run:
                self._store.delete(found.etag)
        except (ConditionFailedError, NotALockError):
            return  # it is another one's by now
