"""Ctrl-C and SIGTERM during a run: no other account is begun; asked again, those under way stop early, too."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from iamctl.apply.interrupt import on_signals
from iamctl.commands.fleet.running import INTERRUPTED

_STDERR = 2
_SAID = b"interrupted: the accounts under way are finished, and no other is started\n"
_SAID_AGAIN = b"interrupted again: the accounts under way stop after the calls that they have sent\n"


class Interruption:
    """Whether the run was asked to end."""

    def __init__(self) -> None:
        self.requested = False
        self.hurry: Callable[[], None] | None = None
        """Makes the accounts under way stop early; without it they are always finished."""

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Take a signal."""
        is_again, self.requested = self.requested, True
        if is_again and self.hurry is None:
            return
        with suppress(OSError):  # a stream may be in the middle of a write just now
            os.write(_STDERR, _SAID_AGAIN if is_again else _SAID)
        if is_again and self.hurry is not None:
            self.hurry()

    def reason(self) -> str:
        """Return why no other account is started; empty while nobody asked."""
        return INTERRUPTED if self.requested else ""


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Yield what notes SIGINT and SIGTERM while the context is open; outside the main thread it never does."""
    interruption = Interruption()
    with on_signals(interruption):
        yield interruption
