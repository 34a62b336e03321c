"""Threads that carry out jobs side by side, and a clock; a run itself stays in one thread."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Protocol

from iamctl.text.late_dataclass import dataclass

Job = Callable[[], Any]

LISTEN_SECONDS = 0.2
"""How long a wait may last before Python runs signal handlers: a signal just before a thread blocks does not wake it."""


@dataclass(frozen=True)
class Ended:
    """A job that ended, with what it returned or raised."""

    index: int
    started_at: float
    at: float
    value: Any = None
    error: BaseException | None = None


class Workers(Protocol):
    """Whoever carries out the jobs of a run."""

    def clock(self) -> float:
        """Return seconds that never go back."""
        ...

    def start(self, index: int, job: Job) -> None:
        """Begin a job."""
        ...

    def wait(self, seconds: float | None) -> Sequence[Ended]:
        """Return the jobs that ended, as soon as there are any; none after ``seconds`` or when woken."""
        ...

    def wake(self) -> None:
        """End the wait that is going on, or else the next one; signal handlers may call it."""
        ...

    def close(self) -> None:
        """Let the threads end, each after its job."""
        ...


class Threads:
    """As many threads as there are jobs at the same time; none of them keeps the process alive."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._jobs: SimpleQueue[tuple[int, Job] | None] = SimpleQueue()
        self._ended: SimpleQueue[Ended | None] = SimpleQueue()  # its put may interrupt itself
        self._count = 0
        self._under_way = 0

    def start(self, index: int, job: Job) -> None:
        """Begin a job, in a thread of its own if all others are busy."""
        self._under_way += 1
        if self._under_way > self._count:
            self._count += 1
            Thread(target=self._work, name=f"apply-{self._count}", daemon=True).start()
        self._jobs.put((index, job))

    def wait(self, seconds: float | None) -> list[Ended]:
        """Return the jobs that ended, as soon as there are any; none after ``seconds`` or when woken."""
        found: list[Ended] = []
        try:
            one = self._first(seconds)
            while True:
                if one is not None:
                    found.append(one)
                one = self._ended.get_nowait()
        except Empty:
            pass
        self._under_way -= len(found)
        return found

    def _first(self, seconds: float | None) -> Ended | None:
        """Return the first job that ended, None when woken.

        Raises:
            Empty: neither happened for ``seconds``.
        """
        until = math.inf if seconds is None else time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            try:
                return self._ended.get(timeout=max(0.0, min(left, LISTEN_SECONDS)))
            except Empty:
                if left <= LISTEN_SECONDS:
                    raise

    def wake(self) -> None:
        """End the wait that is going on, or else the next one."""
        self._ended.put(None)

    def close(self) -> None:
        """Let the threads end, each after its job."""
        for _ in range(self._count):
            self._jobs.put(None)

    def _work(self) -> None:
        while given := self._jobs.get():
            index, job = given
            began = self.clock()
            try:
                value = job()
                ended = Ended(index, began, self.clock(), value=value)
            except BaseException as error:  # noqa: BLE001 - the run decides what it means
                ended = Ended(index, began, self.clock(), error=error)
            self._ended.put(ended)
