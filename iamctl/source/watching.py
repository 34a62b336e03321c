"""What is said while an account is read."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from iamctl.terminal.progress import Progress, progress
from iamctl.terminal.volume import Volume, say

if TYPE_CHECKING:
    from iamctl.aws.watch import Answer
    from iamctl.source.live_source import Connection

P = ParamSpec("P")
T = TypeVar("T")

_WORDS: Mapping[str, tuple[str, str]] = {
    "UserDetailList": ("user", "users"),
    "GroupDetailList": ("group", "groups"),
    "RoleDetailList": ("role", "roles"),
    "Policies": ("policy", "policies"),
}


class Watching:
    """Counts what AWS answers, and says so."""

    def __init__(self) -> None:
        self._line: Progress | None = None
        self._requests = 0
        self._counts: Counter[str] = Counter()

    def __call__(self, answer: Answer) -> None:
        """Take one answer into account."""
        say(_debug_line(answer), at=Volume.DEBUG)
        if self._line is None:
            return
        self._requests += 1
        self._counts.update(answer.counts)
        self._line.show(f"reading: {self._words()}")

    def told(self, connection: Connection) -> Connection:
        """Return the connection whose reads are told."""
        return replace(
            connection,
            read=self._reading(connection.read),
            complete=self._reading(connection.complete),
            look_up=self._reading(connection.look_up),
            read_documents=self._reading(connection.read_documents),
        )

    def _reading(self, read: Callable[P, T]) -> Callable[P, T]:
        def reading(*args: P.args, **kwargs: P.kwargs) -> T:
            with self._shown():
                return read(*args, **kwargs)

        return reading

    @contextmanager
    def _shown(self) -> Iterator[None]:
        if self._line is not None:  # a read within a read is told once
            yield
            return
        self._requests, self._counts, began = 0, Counter(), time.monotonic()
        with progress() as line:
            self._line = line
            try:
                yield
            finally:
                self._line = None
        if self._requests:
            say(f"read {self._words()} in {time.monotonic() - began:.1f} s")

    def _words(self) -> str:
        found = [
            _counted(self._counts[section], *words) for section, words in _WORDS.items() if section in self._counts
        ]
        return ", ".join([*found, _counted(self._requests, "request", "requests")])


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _debug_line(answer: Answer) -> str:
    status = "no answer" if answer.status is None else str(answer.status)
    more = [answer.problem, answer.request_id and f"request {answer.request_id}"]
    words = [status, f"{answer.seconds * 1000:.0f} ms", *filter(None, more)]
    return f"debug: {answer.service}:{answer.operation}: {', '.join(words)}"
