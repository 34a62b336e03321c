"""Reads a line from the terminal."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable


def typed(is_over: Callable[[], bool] = lambda: False) -> str:
    """Return the typed line with its end, or nothing at the end of input; Ctrl-C and SIGTERM end the wait.

    Where their handler raises nothing, ``is_over`` ends it: it is asked once a second.

    A signal that comes just before the terminal is read is seen only once something is typed, so it is looked at again
    and again.
    """
    while os.name == "posix" and not select.select([sys.stdin], [], [], 1)[0]:
        if is_over():
            return ""
    return sys.stdin.readline()
