"""Applies the approved plans of many accounts, wave by wave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from iamctl.commands.fleet.engine import Engine
from iamctl.commands.fleet.running import Item, not_started
from iamctl.commands.fleet.running import run as run_items
from iamctl.commands.fleet.tasks import FleetRun, items
from iamctl.model.fleet import FAILURES, AccountOutcome, AccountResult, FleetCommand
from iamctl.model.settings import Settings
from iamctl.model.wave import Wave, waves_of
from iamctl.text.counted import counted

_STOPPED = "wave {} had {}, and max_failures is {}"


class _Failures:
    """Counts the failures of one wave: those that its apply brought, and those that its plans had before."""

    def __init__(self, wave: Wave[Settings], most: int | None) -> None:
        self._name = wave.name
        self._most = wave.max_failures if most is None else most
        self._planned = 0
        self._applied = 0

    def count(self, result: AccountResult, *, was_planned_only: bool) -> None:
        """Count a result of the wave."""
        if result.outcome in FAILURES:
            self._planned += was_planned_only
            self._applied += not was_planned_only

    def why_stop(self) -> str:
        """Return why no other account of the wave is started: its applies fail. A plan that fails stops nobody here."""
        return self._reason(self._applied)

    def why_last(self) -> str:
        """Return why the next wave does not begin."""
        return self._reason(self._applied + self._planned)

    def _reason(self, failures: int) -> str:
        return _STOPPED.format(self._name, counted(failures, "failure"), self._most) if failures > self._most else ""


def apply_in_waves(
    run: FleetRun,
    accounts: Sequence[Settings],
    planned: Mapping[str, AccountResult],
    engine: Engine,
    *,
    why_interrupted: Callable[[], str],
    max_failures: int | None,
) -> Iterator[AccountResult]:
    """Yield the result of each account; ``planned`` are the results of their plans, by id of the account.

    An account whose plan has no changes, or could not be made, is not visited again. The next wave begins once the one
    before ended with at most ``max_failures``, by default those of the wave.
    """
    reason = ""
    for wave in waves_of(accounts):
        failures = _Failures(wave, max_failures)

        def why_stopped(before: str = reason, own: _Failures = failures) -> str:
            return why_interrupted() or before or own.why_stop()

        changing = [one for one in wave.accounts if planned[one.account_id].outcome is AccountOutcome.CHANGES]
        visited = {one.account_id for one in changing}
        known = [_known(planned[one.account_id]) for one in wave.accounts if one.account_id not in visited]
        todo = chain(known, _tasks(run, changing, planned, reason))
        for result in run_items(todo, engine.executor, at_once=engine.at_once, why_stopped=why_stopped):
            failures.count(result, was_planned_only=result.account_id not in visited)
            yield _with_plan(result, planned[result.account_id])
        reason = reason or failures.why_last()


def _tasks(
    run: FleetRun, accounts: Sequence[Settings], planned: Mapping[str, AccountResult], reason: str
) -> Iterator[Item]:
    """Yield the tasks of a wave; where it does not begin, their results."""
    if reason:
        yield from (not_started(_known(planned[one.account_id]), reason) for one in accounts)
    else:
        yield from items(run, accounts, {one.account_id: planned[one.account_id].digest for one in accounts})


def _known(result: AccountResult) -> AccountResult:
    """Return the result of a plan as that of the apply."""
    return replace(result, command=FleetCommand.APPLY)


def _with_plan(result: AccountResult, planned: AccountResult) -> AccountResult:
    """Return the result with what was planned, where the apply did not come so far as to plan."""
    if result.digest:
        return result
    return replace(
        result, digest=planned.digest, summary=planned.summary, changes=planned.changes, findings=planned.findings
    )
