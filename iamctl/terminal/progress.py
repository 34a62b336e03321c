"""One line on the terminal that shows how far a long command is."""

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
"""Commands that take no longer show nothing."""


class Progress:
    """The line; nothing without a terminal."""

    def __init__(self, *, is_shown: bool) -> None:
        self._is_shown = is_shown
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._live: Live | None = None

    @property
    def is_shown(self) -> bool:
        """Whether somebody can watch the line."""
        return self._is_shown

    def show(self, text: str, *, at_once: bool = False) -> None:
        """Replace the text of the line; ``at_once`` when a wait begins, since no other text follows soon."""
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
        """Remove the line; nothing is shown after that."""
        with self._lock:
            self._is_shown = False
            if self._live:
                self._live.stop()


@contextmanager
def progress(*, is_wanted: bool = True) -> Iterator[Progress]:
    """Yield a line on stderr that is removed at the end; it is shown only on a terminal at normal verbosity."""
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
