"""Chooses what carries out the tasks of a run: processes of this machine, or a cluster."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass

from iamctl.model.failures import UsageError
from iamctl.terminal.log import is_normal

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


@contextmanager
def open_engine(options: EngineOptions, *, waits_for_aws: bool, most: int) -> Iterator[Engine]:
    """Yield the engine; at its end all tasks that it began are done. ``most`` tasks are to be expected.

    Raises:
        UsageError: there is no such engine.
    """
    if options.engine != LOCAL:
        raise UsageError(f"--engine {options.engine!r} is not an engine; use {LOCAL}")
    from iamctl.commands.fleet.processes import Processes

    jobs = min(options.jobs or default_jobs(waits_for_aws=waits_for_aws), max(most, 1))
    with Processes(jobs, is_quiet=not is_normal()) as executor:
        yield Engine(executor, jobs)


def default_jobs(*, waits_for_aws: bool) -> int:
    """Return how many accounts are worked on at the same time where nobody says it."""
    cores = os.cpu_count() or 1
    return min(_MOST_JOBS, _JOBS_FOR_A_CORE * cores) if waits_for_aws else cores
