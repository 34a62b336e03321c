"""Ctrl-C and SIGTERM while calls run: finish the current call and start no other."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from iamctl.model import IamctlError


class Interrupted(IamctlError):  # noqa: N818 - what happened, not what went wrong
    """A run was stopped by Ctrl-C or SIGTERM; every call that was started has an outcome."""

    exit_code = 130

    def __init__(self, done: int, total: int) -> None:
        self.done = done
        self.total = total
        super().__init__(f"interrupted after {done} of {total} calls; run apply again to finish")


class Stop:
    """Whether the run was asked to stop."""

    def __init__(self) -> None:
        self.requested = False
        self.is_waiting = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Take a signal: the first lets a call under way finish, the second does not, and no wait goes on."""
        again, self.requested = self.requested, True
        if again or self.is_waiting:
            raise KeyboardInterrupt


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Yield what tells of SIGINT and SIGTERM while the context is open; outside the main thread it never does."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
