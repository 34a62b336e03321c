"""Ctrl-C and SIGTERM while calls run: finish the calls under way and start no other."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from iamctl.model import IamctlError
from iamctl.text.counted import counted


class Interrupted(IamctlError):  # noqa: N818 - what happened, not what went wrong
    """A run was stopped by Ctrl-C or SIGTERM; every call that was started has an outcome."""

    exit_code = 130

    def __init__(self, done: int, total: int, unknown: int = 0) -> None:
        self.done = done
        self.total = total
        doubt = f"; the outcome of {counted(unknown, 'call')} is unknown" if unknown else ""
        super().__init__(f"interrupted after {done:,} of {counted(total, 'call')}{doubt}; run apply again to finish")


class Stop:
    """Whether the run was asked to stop."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self.requested = False
        self.at_once = False
        """Whether it was asked twice, so that it waits for no answer."""
        self._wake = wake

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Take a signal: the first lets calls under way finish, the second does not, the third breaks off anything."""
        if self.at_once:
            raise KeyboardInterrupt
        self.requested, self.at_once = True, self.requested
        self._wake()


@contextmanager
def stop_on_signals(wake: Callable[[], None]) -> Iterator[Stop]:
    """Yield what tells of SIGINT and SIGTERM while the context is open; outside the main thread it never does.

    ``wake`` is called for each signal, to end a wait.
    """
    stop = Stop(wake)
    with on_signals(stop):
        yield stop


@contextmanager
def on_signals(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Let ``handler`` take SIGINT and SIGTERM while the context is open; outside the main thread it never does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former if former is not None else signal.SIG_DFL)
