"""Where the results of a run go as they come: JSON lines, and one line of progress."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TextIO

from iamctl.model import IamctlError
from iamctl.model.fleet import AccountOutcome, AccountResult
from iamctl.render.json import json_line as json_text_line
from iamctl.terminal.log import is_normal
from iamctl.terminal.progress import Progress, progress
from iamctl.terminal.show import note

JSON_LINES = "jsonl"

PAUSE_SECONDS = 60.0
"""Between two lines of progress where nobody watches a terminal."""

_NOTABLE = (
    AccountOutcome.UNREACHABLE,
    AccountOutcome.ERROR,
    AccountOutcome.REFUSED,
    AccountOutcome.LOCKED,
    AccountOutcome.NOT_STARTED,
)


class Output:
    """Takes each result of a run once."""

    def __init__(self, total: int, files: list[TextIO], line: Progress) -> None:
        self.results: list[AccountResult] = []
        self.doing = ""
        """What is said before the numbers."""
        self.lost = ""
        """Why results can no longer be written; then no other account is started, and those under way are reported."""
        self._total = total
        self._files = files
        self._line = line
        self._counts: Counter[AccountOutcome] = Counter()
        self._said_at = time.monotonic()

    def add(self, result: AccountResult) -> None:
        """Take a result, write it where JSON lines are wanted, and show how far the run is."""
        self.results.append(result)
        self._counts[result.outcome] += 1
        for file in list(self._files):
            try:
                file.write(json_line(result))
                file.flush()
            except OSError as error:
                self._lose(file, error)
        with suppress(OSError):  # nobody reads stderr any more
            self._show_progress()

    def _lose(self, file: TextIO, error: OSError) -> None:
        self._files.remove(file)
        self.lost = f"the results cannot be written any more: {error.strerror}"
        if file is sys.stdout:  # its last flush at the end of the process would fail, too
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
        with suppress(OSError):
            note(f"error: {self.lost}; the accounts under way are finished, and no other is started")

    def _show_progress(self) -> None:
        text = f"{self.doing}{progress_text(len(self.results), self._total, self._counts)}"
        self._line.show(text)
        if is_normal() and time.monotonic() - self._said_at >= PAUSE_SECONDS:
            self._said_at = time.monotonic()
            if not self._line.is_shown:
                note(text)


def progress_text(done: int, total: int, counts: Counter[AccountOutcome]) -> str:
    """Return how far a run is, such as ``143/200, 3 refused, 1 unreachable``."""
    notable = [f"{counts[outcome]} {outcome.value}" for outcome in _NOTABLE if counts[outcome]]
    return ", ".join([f"{done}/{total}", *notable])


def json_line(result: AccountResult) -> str:
    """Return a result as one line of JSON lines."""
    return json_text_line(result.to_json())


@contextmanager
def opened_output(total: int, *, is_lines: bool, results: Path | None) -> Iterator[Output]:
    """Yield the output of a run over ``total`` accounts; with ``is_lines`` its results are on stdout as they come.

    Raises:
        IamctlError: the file for the results cannot be written.
    """
    with ExitStack() as stack:
        files: list[TextIO] = [sys.stdout] if is_lines else []
        if results:
            try:
                files.append(file := _opened(results))
            except OSError as error:
                raise IamctlError(f"{results}: the results cannot be written: {error.strerror}") from error
            stack.callback(_close, file)
        yield Output(total, files, stack.enter_context(progress()))


def _opened(results: Path) -> TextIO:
    return results.open("w", encoding="utf-8")


def _close(file: TextIO) -> None:
    with suppress(OSError):  # each line was flushed, and whatever could not be is reported
        file.close()
