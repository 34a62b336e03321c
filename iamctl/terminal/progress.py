"""One line on the terminal that tells what a long command is at."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from iamctl.terminal.log import is_normal
from iamctl.text.visible import visible

if TYPE_CHECKING:
    from rich.live import Live

PATIENCE_SECONDS = 1.0
"""Nothing is shown of what takes no longer."""


class Progress:
    """The line; nothing where nobody watches."""

    def __init__(self, *, is_shown: bool) -> None:
        self._is_shown = is_shown
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._live: Live | None = None

    def show(self, text: str, *, at_once: bool = False) -> None:
        """Show ``text`` in place of what stood there; ``at_once``: a wait begins, and nothing else will come soon."""
        if not self._is_shown:
            return
        with self._lock:
            if not self._is_shown or not (self._live or at_once or time.monotonic() - self._began > PATIENCE_SECONDS):
                return
            from rich.spinner import Spinner
            from rich.text import Text

            if self._live is None:
                self._live = _started()
            told = Text(visible(text))
            told.truncate(self._live.console.width - 3, overflow="ellipsis")  # one line that can be taken away
            self._live.update(Spinner("dots", told), refresh=at_once)

    def end(self) -> None:
        """Take the line away; nothing is shown after that."""
        with self._lock:
            self._is_shown = False
            if self._live:
                self._live.stop()


@contextmanager
def progress(*, is_wanted: bool = True) -> Iterator[Progress]:
    """Yield a line on stderr that is gone at the end, where stderr is a terminal on which somebody may want it."""
    line = Progress(is_shown=is_wanted and _is_watched())
    try:
        yield line
    finally:
        line.end()


def _is_watched() -> bool:
    in_ci = os.environ.get("CI", "").lower() not in {"", "0", "false"}
    return is_normal() and sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not in_ci


def _started() -> Live:
    from rich.console import Console
    from rich.live import Live

    console = Console(file=sys.stderr, highlight=False, markup=False, emoji=False)
    live = Live(console=console, transient=True, redirect_stdout=False, redirect_stderr=False, refresh_per_second=8)
    live.start()
    return live
