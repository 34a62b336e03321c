"""The local engine: a pool of processes in which a dead process loses its own task and no other."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, get_context, parent_process
from typing import Any, TypeVar

_T = TypeVar("_T")

_busy = threading.Lock()
"""Held while the process works on a task."""


class Processes(Executor):
    """Runs each task in one of ``jobs`` processes, one task at a time in each.

    The pool of the standard library ends all its processes when one dies, also those in the middle of an apply. Here
    each process is a pool of its own, and a new one takes the place of one that died.
    """

    def __init__(self, jobs: int, log_level: int = logging.ERROR) -> None:
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="account")
        self._own = threading.local()
        self._lock = threading.Lock()
        self._pools: set[ProcessPoolExecutor] = set()
        self._log_level = log_level

    def submit(self, fn: Callable[..., _T], /, *args: Any, **kwargs: Any) -> Future[_T]:
        """Return the future of a call in the next free process; ``BrokenProcessPool`` if that process dies."""
        return self._threads.submit(self._run, fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as its base
        """End the processes once their tasks are done."""
        self._threads.shutdown(wait=wait, cancel_futures=cancel_futures)
        with self._lock:
            pools, self._pools = self._pools, set()
        for pool in pools:
            pool.shutdown(wait=wait)

    def _run(self, fn: Callable[..., _T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> _T:
        pool: ProcessPoolExecutor | None = getattr(self._own, "pool", None)
        if pool is None:
            context = get_context("spawn")  # a fork would copy the locks of other threads as they are just now
            pool = ProcessPoolExecutor(1, context, initializer=_begin, initargs=(self._log_level,))
            self._own.pool = pool
            with self._lock:
                self._pools.add(pool)
        try:
            return pool.submit(_working, fn, args, kwargs).result()
        except BrokenProcessPool:
            self._own.pool = None
            with self._lock:
                self._pools.discard(pool)
            pool.shutdown(wait=False)
            raise


def _working(fn: Callable[..., _T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> _T:
    with _busy:
        return fn(*args, **kwargs)


def _begin(log_level: int) -> None:
    """Prepare a worker: signals are the business of the run, stdout is that of its results."""
    from iamctl.terminal.log import set_level

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    sys.stdout = sys.stderr
    set_level(log_level)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the one that started it is gone; a task under way is finished first."""
    parent = parent_process()
    if parent is None:
        return
    connection.wait([parent.sentinel])
    with _busy:
        os._exit(1)
