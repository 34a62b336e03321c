"""Chooses what carries out the tasks of a run: processes of this machine, or a cluster."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from iamctl.cluster.address import is_cluster, parse_address, tls_files
from iamctl.model.failures import UsageError
from iamctl.terminal.log import level
from iamctl.text.late_dataclass import dataclass

LOCAL = "local"

_MOST_JOBS = 32
_JOBS_FOR_A_CORE = 4
"""A task waits for AWS most of the time."""


@dataclass(frozen=True)
class EngineOptions:
    """What the command line says about the engine."""

    engine: str = LOCAL
    jobs: int | None = None


@dataclass(frozen=True)
class Engine:
    """An executor, and how many tasks it works on at the same time."""

    executor: Executor
    at_once: int
    hurry: Callable[[], None] | None = None
    """Makes the tasks under way stop early; None where they cannot be reached."""


@contextmanager
def open_engine(
    options: EngineOptions, *, waits_for_aws: bool, most: int, is_repeatable: bool = True
) -> Iterator[Engine]:
    """Yield the engine; at its end all tasks that it began are done. ``most`` tasks are to be expected.

    ``is_repeatable`` says that a task may be carried out again where its worker died: it changes nothing.

    Raises:
        UsageError: there is no such engine, or its address or the files for it cannot be used.
        IamctlError: the cluster cannot be reached, or refuses this client.
    """
    if is_cluster(options.engine):
        with _open_cluster(options, is_repeatable=is_repeatable) as found:
            yield found
        return
    if options.engine != LOCAL:
        raise UsageError(f"--engine {options.engine!r} is not an engine; use {LOCAL} or dask:tls://HOST:PORT")
    from iamctl.commands.fleet.processes import Processes

    jobs = min(options.jobs or default_jobs(waits_for_aws=waits_for_aws), max(most, 1))
    with Processes(jobs, level() or logging.ERROR, is_repeatable=is_repeatable) as executor:
        yield Engine(executor, jobs, executor.hurry)


@contextmanager
def _open_cluster(options: EngineOptions, *, is_repeatable: bool) -> Iterator[Engine]:
    address = parse_address(options.engine)
    files = tls_files(address)
    from iamctl.cluster.connection import open_cluster

    with open_cluster(address, files, is_repeatable=is_repeatable) as cluster:
        # a task that waits at a worker is lost with the one that the worker is at
        yield Engine(cluster.executor, min(options.jobs or cluster.at_once, cluster.at_once))


def default_jobs(*, waits_for_aws: bool) -> int:
    """Return how many accounts are worked on at the same time where nobody says it."""
    cores = os.cpu_count() or 1
    return min(_MOST_JOBS, _JOBS_FOR_A_CORE * cores) if waits_for_aws else cores
