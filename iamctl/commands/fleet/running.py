"""Runs the tasks of a run on an executor, whichever it is, and yields a result for each account."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import replace

from iamctl.apply.workers import LISTEN_SECONDS
from iamctl.aws.errors import one_line
from iamctl.commands.fleet.worker import blank_result, run_task
from iamctl.model import IamctlError
from iamctl.model.fleet import AccountOutcome, AccountResult, AccountTask, FleetCommand

_LOST = "the worker ended before it reported ({})"
_LOST_APPLY = "; what it did is unknown, and the next apply finds out"
INTERRUPTED = "the run was interrupted before it"

Item = AccountTask | AccountResult
"""An account that a worker is to look at, or one of which everything is known already."""


def run(
    items: Iterable[Item],
    executor: Executor,
    *,
    at_once: int,
    why_stopped: Callable[[], str] = lambda: "",
) -> Iterator[AccountResult]:
    """Yield a result for each account as it comes; no task is submitted twice, whatever becomes of its worker.

    At most ``at_once`` tasks are submitted and not finished. ``why_stopped`` is asked before each: once it returns a
    reason, those under way are finished and all others are not started.
    """
    running: dict[Future[AccountResult], AccountTask] = {}
    for item in items:
        if isinstance(item, AccountResult):
            yield item
            continue
        while len(running) >= at_once:
            yield from _finished(running)
        if reason := why_stopped():
            yield not_started(blank_result(item), reason)
        else:
            running[executor.submit(run_task, item)] = item
    while running:
        yield from _finished(running)


def not_started(blank: AccountResult, reason: str) -> AccountResult:
    """Return the result of an account that was left out of the run, with the reason."""
    return replace(blank, outcome=AccountOutcome.NOT_STARTED, exit=0, error=reason)


def _finished(running: dict[Future[AccountResult], AccountTask]) -> Iterator[AccountResult]:
    done: set[Future[AccountResult]] = set()
    while not done:
        done = wait(running, LISTEN_SECONDS, return_when=FIRST_COMPLETED).done
    for future in done:
        task = running.pop(future)
        try:
            yield future.result()
        except IamctlError as error:  # the worker refused the task
            yield replace(blank_result(task), error=one_line(error))
        except Exception as error:  # noqa: BLE001 - the worker, or the way to it, is broken
            text = _LOST.format(type(error).__name__)
            doubt = _LOST_APPLY if task.command is FleetCommand.APPLY else ""
            yield replace(blank_result(task), error=f"{text}{doubt}")
