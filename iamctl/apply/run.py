"""Runs the calls of a plan side by side, sends each once, and skips the dependents of a failure."""

from __future__ import annotations

import random as dice
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import partial
from typing import Any

from iamctl.apply.attempt import Attempt, Retries
from iamctl.apply.interrupt import Interrupted, Stop, stop_on_signals
from iamctl.apply.journal import Journal, JournalError
from iamctl.apply.lost import recovered, removed
from iamctl.apply.pace import Rate, Width
from iamctl.apply.params import Secrets, UnresolvedParameterError, no_secret
from iamctl.apply.read_back import Ask
from iamctl.apply.retry import (
    COLLISIONS,
    MISSING,
    PATIENCE_SECONDS,
    UNREACHED,
    ending,
    is_already_gone,
    is_removal,
    makes_room,
)
from iamctl.apply.schedule import Schedule, Spreading, Wait
from iamctl.apply.workers import Ended, Threads, Workers
from iamctl.model import REACHED, Call, CallError, IamctlError, Outcome, OutcomeStatus
from iamctl.text.late_dataclass import dataclass

PARALLEL = 8
"""Calls under way at the same time, unless ``--parallel`` says otherwise."""

SLOW_SECONDS = 10.0
"""How long a call is refused before that is worth a message."""

REMINDER_SECONDS = 20.0
"""Between two such messages, of whichever calls."""

Execute = Callable[[Call], Mapping[str, Any]]
"""Sends one call once and returns AWS's answer, or raises ``CallError``; several threads use it."""


class JournalLostError(JournalError):
    """The journal broke while calls ran; nothing was sent after that."""

    def __init__(self, reason: str, done: int, total: int) -> None:
        self.exit_code = 4 if done else 1
        super().__init__(f"{reason}; {done} of {total} calls are done. Run apply again to finish")


class RunStoppedError(IamctlError):
    """Something went wrong that concerns every call; nothing was sent after that."""

    def __init__(self, reason: str, done: int, total: int, exit_code: int) -> None:
        self.exit_code = 4 if done else exit_code
        super().__init__(f"{reason}; {done} of {total} calls are done. Run apply again to finish")


@dataclass(frozen=True)
class Surroundings:
    """What a run works with beside its calls."""

    execute: Execute
    journal: Journal
    workers: Workers = field(default_factory=Threads)
    random: Callable[[], float] = dice.random
    """Numbers from 0 to below 1."""
    ask: Ask | None = None
    """Reads what became of a call whose answer was lost; without it such a call is unknown."""
    secret: Callable[[str], str] = no_secret
    """Makes a new secret of a name; an ``IamctlError`` of it fails the call."""
    spreading: Spreading = field(default_factory=Spreading)
    waiting: Callable[[str], None] = lambda _: None
    """Is told why nothing happens for a while."""
    slow: Callable[[str], None] = lambda _: None
    """Is told now and then that a call has been refused for long."""
    parallel: int = PARALLEL
    patience_seconds: float = PATIENCE_SECONDS


def run(calls: Sequence[Call], around: Surroundings) -> Iterator[Outcome]:
    """Yield the outcome of each call when it is known; those that were never started come last.

    A call is sent when all that it needs has reached its goal, and never beside another one with the same target.
    It is sent again only after AWS refused it for now. After a failed or unknown call those that need it are not
    started, the others are. No outcome, journal, exception or wait holds a secret.

    Raises:
        Interrupted: Ctrl-C or SIGTERM; raised after all outcomes.
        JournalLostError: the journal could not be written any more; raised after all outcomes.
        RunStoppedError: no further call can succeed; raised after all outcomes.
        ValueError: a call needs one that does not come before it.
    """
    schedule = Schedule(calls, around.spreading)
    with stop_on_signals(around.workers.wake) as stop:
        running = _Run(around, schedule, stop)
        try:
            yield from running.outcomes()
            yield from running.left()
        finally:
            around.workers.close()
        running.end(len(calls))


class _Run:
    """What is known while calls run."""

    def __init__(self, around: Surroundings, schedule: Schedule, stop: Stop) -> None:
        self._around = around
        self._journal = around.journal
        self._workers = around.workers
        self._schedule = schedule
        self._stop = stop
        self._rate = Rate()
        self._width = Width(around.parallel)
        self._retries = Retries(around.patience_seconds, around.random)
        self._under_way: dict[int, Attempt] = {}
        self._put_off: dict[int, Attempt] = {}
        self._spreads: dict[int, Wait] = {}
        self._outcomes: dict[int, Outcome] = {}
        self._results: dict[int, Mapping[str, Any]] = {}
        self._lost: JournalError | None = None
        self._stopped_by: IamctlError | None = None
        self._crash: BaseException | None = None
        self._passed_at = self._told_at = float("-inf")

    def outcomes(self) -> Iterator[Outcome]:
        """Send what can be sent, and yield each outcome.

        Raises:
            Exception: our own bug; raised after the calls under way ended.
        """
        while True:
            yield from self._start_ready()
            if not self._under_way and (self._is_stopping or not self._has_more):
                break
            for ended in self._workers.wait(self._seconds_to_wait()):
                if outcome := self._taken(ended):
                    yield outcome
            if self._stop.at_once:
                for attempt in list(self._under_way.values()):
                    text = "interrupted before the answer came"
                    yield self._ended(Outcome(attempt.call, OutcomeStatus.UNKNOWN, text, "Interrupted"))
        if self._crash is not None:
            self._flush()
            raise self._crash

    def left(self) -> Iterator[Outcome]:
        """Yield the outcomes of the calls that were put off and never sent again, and of those that were not started."""
        for attempt in list(self._put_off.values()):
            error = attempt.last_error
            assert error is not None
            yield self._ended(attempt.outcome_of(error))
        for call, root in self._schedule.left():
            yield self._ended(self._not_started(call, root), is_scheduled=False)

    def end(self, total: int) -> None:
        """Close the journal's account of the run.

        Raises:
            Interrupted: the run was stopped by a signal.
            RunStoppedError: the run ended itself.
            JournalLostError: the journal broke.
        """
        done = sum(outcome.status in REACHED for outcome in self._outcomes.values())
        unknown = sum(outcome.status is OutcomeStatus.UNKNOWN for outcome in self._outcomes.values())
        self._journal.end("interrupted" if self._stop.requested else "stopped" if self._stopped_by else "finished")
        self._flush()
        if self._stop.requested:
            raise Interrupted(done, total, unknown)
        if self._lost is not None:
            raise JournalLostError(str(self._lost), done, total) from self._lost
        if self._stopped_by is not None:
            code = self._stopped_by.exit_code
            raise RunStoppedError(str(self._stopped_by), done, total, 4 if unknown else code) from self._stopped_by

    @property
    def _is_stopping(self) -> bool:
        return self._stop.requested or bool(self._lost or self._stopped_by or self._crash)

    @property
    def _has_more(self) -> bool:
        return self._schedule.is_ready or self._schedule.wakes_at is not None

    def _start_ready(self) -> Iterator[Outcome]:
        """Send what is ready, all intents on disk before; yield the outcomes of what cannot be sent."""
        ready: list[Attempt] = []
        while not self._is_stopping and len(self._under_way) + len(ready) < self._width.now:
            now = self._workers.clock()
            if self._rate.delay(now) or not (call := self._schedule.take(now)):
                break
            attempt = self._put_off.pop(call.index, None)
            if attempt is None:
                attempt = Attempt(call, Secrets(self._around.secret))
                try:
                    attempt.resolve(self._results)
                except UnresolvedParameterError as error:
                    yield self._ended(Outcome(call, OutcomeStatus.FAILED, str(error), error.code))
                    continue
                self._journal.intent(call)
            self._rate.sent(now)
            ready.append(attempt)
        for wait in self._schedule.new_waits():
            self._spreads[wait.call.index] = wait
            self._journal.spread(wait.call, wait.relied.index, wait.until - self._workers.clock())
        self._flush()
        for attempt in ready:
            index = attempt.call.index
            if self._lost is None:
                self._under_way[index] = attempt
                self._workers.start(index, self._job(attempt))
            elif attempt.last_error is not None:
                self._put_off[index] = attempt

    def _job(self, attempt: Attempt) -> Callable[[], Mapping[str, Any]]:
        """Return what sends a call, after looking what became of it where an answer was lost."""
        call, ask, execute = attempt.final, self._around.ask, self._around.execute
        if attempt.is_lost and ask is not None:
            return partial(recovered, call, ask, execute)
        if attempt.last_error and attempt.last_error.code in MISSING and is_removal(call) and ask is not None:
            return partial(removed, call, ask, execute)
        return partial(execute, call)

    def _seconds_to_wait(self) -> float | None:
        """Return how long no call may start, None where only an answer can change that; tell of a long silence."""
        now = self._workers.clock()
        if self._is_stopping or len(self._under_way) >= self._width.now:
            return None
        if not self._under_way and not self._schedule.is_ready:
            self._tell_wait(now)
        wakes_at = now if self._schedule.is_ready else self._schedule.wakes_at
        return None if wakes_at is None else max(wakes_at - now, self._rate.delay(now))

    def _tell_wait(self, now: float) -> None:
        """Say which call is waited for, and why."""
        told = [(attempt.again_at - now, attempt.reason) for attempt in self._put_off.values()]
        for index, wait in self._spreads.items():
            if index not in self._put_off and index not in self._outcomes:
                told.append(
                    (wait.until - now, f"{wait.call.operation}: until {wait.relied.operation} is seen by all of AWS")
                )
        if told:
            seconds, reason = min(told)
            self._around.waiting(f"{max(seconds, 0.0):.0f} s before {reason}")

    def _tell_slow(self, attempt: Attempt, error: CallError, now: float) -> None:
        """Say that a call has been refused for long, but not more often than is of use."""
        refused_for = now - (attempt.first_refused_at or now)
        if refused_for >= SLOW_SECONDS and now - self._told_at >= REMINDER_SECONDS:
            self._told_at = now
            left = self._around.patience_seconds - refused_for
            code = attempt.secrets.hidden(error.code)
            what = "not been reached for" if code in UNREACHED else "refused"
            self._around.slow(
                f"AWS has {what} {attempt.call.operation} for {refused_for:.0f} s ({code}); iamctl gives up on it in {left:.0f} s"
            )

    def _taken(self, ended: Ended) -> Outcome | None:
        """Return what became of a call that was sent, None where it will be sent again or nobody waits for it."""
        attempt = self._under_way.get(ended.index)
        if attempt is None:
            return None
        error = ended.error
        if error is None:
            self._rate.passed(ended.at)
            self._passed_at = ended.at
            self._width.passed()
            self._results[ended.index] = ended.value
            return self._ended(Outcome(attempt.call, OutcomeStatus.DONE))
        if isinstance(error, CallError):
            self._learn(ended, error)
            return self._after(attempt, error)
        if isinstance(error, IamctlError):
            self._stopped_by = self._stopped_by or error
            return self._ended(Outcome(attempt.call, OutcomeStatus.FAILED, str(error), type(error).__name__))
        self._crash = self._crash or attempt.without_secrets(error)
        return self._ended(Outcome(attempt.call, OutcomeStatus.UNKNOWN, "iamctl stopped", "Crash"))

    def _learn(self, ended: Ended, error: CallError) -> None:
        if error.throttled:
            self._rate.throttled(ended.started_at, ended.at)
            return
        if error.code in UNREACHED:
            return
        self._rate.passed(ended.at)
        self._passed_at = ended.at
        if error.code in COLLISIONS and not error.ambiguous:
            self._width.collided(ended.started_at, ended.at)

    def _after(self, attempt: Attempt, error: CallError) -> Outcome | None:
        """Return what a refusal or a lost answer makes of a call, None where it is to be sent again."""
        call, now = attempt.call, self._workers.clock()
        if why := attempt.secrets.hidden(ending(error)):
            self._stopped_by = self._stopped_by or IamctlError(why)
            return self._ended(attempt.outcome_of(error))
        is_new = partial(self._retries.is_on_something_new, attempt.final, self._outcomes)
        if is_already_gone(call, error, is_new=is_new):
            return self._ended(attempt.outcome_of(error, OutcomeStatus.ALREADY_GONE))
        if self._around.ask is not None and attempt.loses(error):
            wait = self._retries.wait_to_look(attempt, now, self._around.spreading.seconds)
        else:
            has_room = partial(self._has_room, attempt.final)
            wait = self._retries.wait(attempt, error, now, is_new=is_new, has_room=has_room)
        if wait is None:
            is_last = len(self._under_way) == 1 and not self._put_off and not self._has_more
            hinders_all = error.throttled or error.code in UNREACHED
            if hinders_all and not is_last and self._passed_at < (attempt.first_refused_at or now):
                why = "AWS throttled every call" if error.throttled else "AWS could not be reached"
                self._stopped_by = self._stopped_by or IamctlError(f"{why} ({error.code})")
            return self._ended(attempt.outcome_of(error))
        self._tell_slow(attempt, error, now)
        self._journal.retry(call, attempt.secrets.hidden(error.code), wait)
        if self._is_stopping:
            return self._ended(attempt.outcome_of(error))
        try:
            attempt.again(error, now + wait, self._results)
        except UnresolvedParameterError as unmade:
            return self._ended(Outcome(call, OutcomeStatus.FAILED, str(unmade), unmade.code))
        self._put_off[call.index] = attempt
        del self._under_way[call.index]
        self._schedule.put_off(call.index, now + wait)
        return None

    def _has_room(self, call: Call) -> bool:
        """Return whether this run removed what may still refuse a call."""
        reached = (one.call for one in self._outcomes.values() if one.status in REACHED)
        return any(makes_room(done, call) for done in reached)

    def _ended(self, outcome: Outcome, *, is_scheduled: bool = True) -> Outcome:
        """Note an outcome and return it."""
        index = outcome.call.index
        self._under_way.pop(index, None)
        self._put_off.pop(index, None)
        self._outcomes[index] = outcome
        if is_scheduled:
            self._schedule.end(index, self._workers.clock(), is_reached=outcome.status in REACHED)
        self._journal.outcome(outcome)
        return outcome

    def _not_started(self, call: Call, root: int | None) -> Outcome:
        if root is not None:
            failed = self._outcomes[root]
            how = "failed" if failed.status is OutcomeStatus.FAILED else "has an unknown outcome"
            text = f"call {root} ({failed.call.operation}) {how}"
            return Outcome(call, OutcomeStatus.NOT_STARTED, text, because=root)
        why = "the run was interrupted" if self._stop.requested else str(self._lost or self._stopped_by)
        return Outcome(call, OutcomeStatus.NOT_STARTED, why)

    def _flush(self) -> None:
        """Put the journal on disk; when it breaks, remember that, so that nothing more is sent."""
        try:
            self._journal.flush()
        except JournalError as error:
            self._lost = self._lost or error
