"""Shows and logs how a read of an account proceeds."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from iamctl.account.needs import Needs
from iamctl.source.live_source import Decorator, LiveSource
from iamctl.terminal.progress import Progress, progress
from iamctl.text.counted import counted

if TYPE_CHECKING:
    from iamctl.aws.watch import Answer
    from iamctl.model.snapshot import Snapshot

_log = logging.getLogger(__name__)

_NOUNS: Mapping[str, str] = {
    "UserDetailList": "user",
    "GroupDetailList": "group",
    "RoleDetailList": "role",
    "Policies": "policy",
}


_SILENT = frozenset({"ReadTimeoutError", "ConnectTimeoutError"})
_REMINDER_SECONDS = 20.0
"""Between two warnings about the silence of AWS, since many reads may wait at the same time."""


class Reading:
    """Counts the answers of AWS; logs each one, and shows the counts while an account is read.

    It also warns if AWS does not answer at all, whether or not anybody watches a terminal.
    """

    def __init__(self) -> None:
        self._warned_at: float | None = None
        self._line: Progress | None = None
        self._requests = 0
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.answers = 0
        """How many came so far, to reads and writes; none for a request without an answer."""

    def __call__(self, answer: Answer) -> None:
        """Count one answer, from whichever thread it comes."""
        with self._lock:
            self.answers += 1
        _log.debug(_debug_line(answer))
        if answer.status is None and answer.problem in _SILENT:
            self._warn(answer)
        if self._line is None:
            return
        self._requests += 1
        self._counts.update(answer.counts)
        self._line.show(f"reading: {self._words()}")

    def _warn(self, answer: Answer) -> None:
        now = time.monotonic()
        if self._warned_at is None or now - self._warned_at >= _REMINDER_SECONDS:
            self._warned_at = now
            waited = f"for {answer.seconds:.0f} s ({answer.problem})"
            _log.warning("AWS has not answered %s:%s %s", answer.service, answer.operation, waited)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show the counts until the block ends, then log them."""
        self._requests, self._counts, began = 0, Counter(), time.monotonic()
        with progress() as line:
            self._line = line
            try:
                yield
            finally:
                self._line = None
        if self._requests:
            _log.info("read %s in %.1f s", self._words(), time.monotonic() - began)

    def _words(self) -> str:
        found = [counted(self._counts[section], noun) for section, noun in _NOUNS.items() if section in self._counts]
        return ", ".join([*found, counted(self._requests, "request")])


class Watched(Decorator):
    """A source whose reads are shown."""

    def __init__(self, source: LiveSource, reading: Reading) -> None:
        super().__init__(source)
        self._reading = reading

    def fetch(self, needs: Needs, known: Snapshot | None = None) -> Snapshot:
        """Return what the decorated source returns."""
        with self._reading.shown():
            return self.source.fetch(needs, known)

    @property
    def answers(self) -> int:
        """How many answers came so far, to reads and writes."""
        return self._reading.answers


def answers_of(source: LiveSource) -> int:
    """Return how many answers of AWS a source got so far; none from a file."""
    while isinstance(source, Decorator):
        if isinstance(source, Watched):
            return source.answers
        source = source.source
    return 0


def _debug_line(answer: Answer) -> str:
    status = "no answer" if answer.status is None else str(answer.status)
    more = [answer.problem, answer.request_id and f"request {answer.request_id}"]
    words = [status, f"{answer.seconds * 1000:.0f} ms", *filter(None, more)]
    return f"{answer.service}:{answer.operation}: {', '.join(words)}"
