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
from contextlib import suppress
from multiprocessing import connection, get_context, parent_process
from typing import Any, TypeVar

_T = TypeVar("_T")

_busy = threading.Lock()
"""Held while the process works on a task."""

_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM})


class Processes(Executor):
    """Runs each task in one of ``jobs`` processes, one task at a time in each.

    The pool of the standard library ends all its processes when one dies, also those in the middle of an apply. Here
    each process is a pool of its own, and a new one takes the place of one that died. The processes are in sessions
    of their own: Ctrl-C in a terminal, and its end, are signals to all processes of a session.
    """

    def __init__(self, jobs: int, log_level: int = logging.ERROR, *, is_repeatable: bool = True) -> None:
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="account")
        self._own = threading.local()
        self._lock = threading.Lock()
        self._pools: set[ProcessPoolExecutor] = set()
        self._log_level = log_level
        self._is_repeatable = is_repeatable

    def hurry(self) -> None:
        """Stop the tasks under way: those that only read at once, an apply after the calls that it has sent.

        A signal handler may call it, so it takes no lock.
        """
        number = signal.SIGKILL if self._is_repeatable else signal.SIGTERM
        for pool in list(self._pools):
            for process in list((pool._processes or {}).values()):  # noqa: SLF001 - nothing public names them
                with suppress(ProcessLookupError):
                    os.kill(process.pid or 0, number)

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
            future = self._submitted(pool, fn, args, kwargs)
            return future.result()
        except BrokenProcessPool:
            self._own.pool = None
            with self._lock:
                self._pools.discard(pool)
            pool.shutdown(wait=False)
            raise

    def _submitted(
        self, pool: ProcessPoolExecutor, fn: Callable[..., _T], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Future[_T]:
        """Return the future of a call; a process that is started for it gets no signal before it can ignore it."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            return pool.submit(_working, fn, args, kwargs)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _working(fn: Callable[..., _T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> _T:
    with _busy:
        return fn(*args, **kwargs)


def _begin(log_level: int) -> None:
    """Prepare a worker: signals are the business of the run, stdout is that of its results."""
    from iamctl.terminal.log import set_level

    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    os.setsid()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
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
