"""How much a command says on stderr beside its errors."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from enum import IntEnum

from iamctl.text.visible import visible


class Volume(IntEnum):
    """From nothing to every answer of AWS."""

    QUIET = 0
    NORMAL = 1
    VERBOSE = 2
    DEBUG = 3


_volume: ContextVar[Volume] = ContextVar("volume", default=Volume.NORMAL)


def volume() -> Volume:
    """Return what this command line asked for."""
    return _volume.get()


def set_volume(wanted: Volume) -> None:
    """Say what this command line asks for."""
    _volume.set(wanted)


def say(text: str, *, at: Volume = Volume.VERBOSE) -> None:
    """Print a line to stderr, where the command line asks for so much."""
    if volume() >= at:
        sys.stderr.write(f"{visible(text)}\n")
        sys.stderr.flush()
