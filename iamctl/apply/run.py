"""Runs the calls of a plan one by one, sends each once, and skips the dependents of a failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from iamctl.apply.interrupt import Interrupted, Stop, stop_on_signals
from iamctl.apply.journal import Journal, JournalError
from iamctl.apply.params import Secrets, UnresolvedParameterError, no_secret, resolved
from iamctl.apply.retry import (
    MAX_ATTEMPTS,
    MAX_WAIT_SECONDS_IN_ALL,
    is_already_gone,
    made_names,
    patience_seconds,
    used_names,
    wait_seconds,
)
from iamctl.model import REACHED, Call, CallError, Outcome, OutcomeStatus

MORE_PASSWORDS = 3
"""How many more are made when the password policy of the account refuses one."""

_OTHER_PASSWORD = frozenset({"PasswordPolicyViolation", "PasswordPolicyViolationException"})

Execute = Callable[[Call], Mapping[str, Any]]
"""Sends one call once and returns AWS's answer, or raises ``CallError``."""


@dataclass(frozen=True)
class Spreading:
    """How long what a call took from people needs to be seen by all of AWS, before they are given something else."""

    relies_on: Mapping[int, Sequence[int]]
    """Call to the earlier calls that must be seen everywhere before it is sent, by index."""
    seconds: float


class JournalLostError(JournalError):
    """The journal broke while calls ran; nothing was sent after that."""

    def __init__(self, reason: str, done: int, total: int) -> None:
        self.exit_code = 4 if done else 1
        super().__init__(f"{reason}; {done} of {total} calls are done. Run apply again to finish")


def run(
    calls: Sequence[Call],
    execute: Execute,
    *,
    journal: Journal,
    sleep: Callable[[float], None],
    random: Callable[[], float],
    clock: Callable[[], float],
    secret: Callable[[str], str] = no_secret,
    spreading: Spreading | None = None,
    waiting: Callable[[str], None] | None = None,
) -> Iterator[Outcome]:
    """Yield the outcome of each call, in plan order, sending them one by one.

    ``random`` gives numbers from 0 to below 1, ``clock`` seconds that never go back, ``secret`` a new secret of a name;
    an ``IamctlError`` of it fails the call. ``spreading`` says which calls wait until an earlier one is seen everywhere. ``waiting`` is told of each wait and why. No outcome, journal, exception or wait holds a secret.
    A call is sent again only after AWS refused it for now. After a failed or unknown call those that need it are not
    started, the others are.

    Raises:
        Interrupted: Ctrl-C or SIGTERM; raised after all outcomes.
        JournalLostError: the journal could not be written any more; raised after all outcomes.
        ValueError: a call needs one that does not come before it.
    """
    _check_order(calls)
    with stop_on_signals() as stop:
        running = _Run(execute, journal, sleep, random, clock, secret, stop, spreading or Spreading({}, 0.0), waiting)
        for call in calls:
            yield running.outcome_of(call)
        running.end(len(calls))


def _check_order(calls: Sequence[Call]) -> None:
    seen: set[int] = set()
    for call in calls:
        if not seen.issuperset(call.needs) or call.index in seen:
            raise ValueError(f"call {call.index} comes before a call that it needs, or is a duplicate")
        seen.add(call.index)


class _Run:
    """What is known while calls run."""

    def __init__(
        self,
        execute: Execute,
        journal: Journal,
        sleep: Callable[[float], None],
        random: Callable[[], float],
        clock: Callable[[], float],
        secret: Callable[[str], str],
        stop: Stop,
        spreading: Spreading,
        waiting: Callable[[str], None] | None,
    ) -> None:
        self._execute = execute
        self._journal = journal
        self._sleep = sleep
        self._random = random
        self._clock = clock
        self._secret = secret
        self._stop = stop
        self._spreading = spreading
        self._waiting = waiting or (lambda _: None)
        self._done_at: dict[int, float] = {}
        self._outcomes: dict[int, Outcome] = {}
        self._results: dict[int, Mapping[str, Any]] = {}
        self._waited_seconds = 0.0
        self._lost: JournalError | None = None

    def outcome_of(self, call: Call) -> Outcome:
        """Return what became of ``call``, after sending it where nothing speaks against it."""
        outcome = self._hindered(call) or self._sent(call)
        self._outcomes[call.index] = outcome
        if outcome.status in REACHED:
            self._done_at[call.index] = self._clock()
        self._write(lambda: self._journal.outcome(outcome))
        return outcome

    def end(self, total: int) -> None:
        """Close the journal's account of the run.

        Raises:
            Interrupted: the run was stopped.
            JournalLostError: the journal broke.
        """
        done = sum(outcome.status in REACHED for outcome in self._outcomes.values())
        self._write(lambda: self._journal.end("interrupted" if self._stop.requested else "finished"))
        if self._stop.requested:
            raise Interrupted(done, total)
        if self._lost is not None:
            raise JournalLostError(str(self._lost), done, total) from self._lost

    def _hindered(self, call: Call) -> Outcome | None:
        """Return why ``call`` is not started, or None."""
        roots = [self._root(self._outcomes[need]) for need in call.needs]
        failed = [root for root in roots if root is not None]
        if failed:
            root = min(failed, key=lambda outcome: outcome.call.index)
            how = "failed" if root.status is OutcomeStatus.FAILED else "has an unknown outcome"
            text = f"call {root.call.index} ({root.call.operation}) {how}"
            return Outcome(call, OutcomeStatus.NOT_STARTED, text, because=root.call.index)
        self._let_spread(call)
        if self._stop.requested:
            return Outcome(call, OutcomeStatus.NOT_STARTED, "the run was interrupted")
        if self._lost is None:
            self._write(lambda: self._journal.intent(call))
        if self._lost is not None:
            return Outcome(call, OutcomeStatus.NOT_STARTED, str(self._lost))
        return None

    def _let_spread(self, call: Call) -> None:
        """Wait until what the call relies on is as old as it takes to be seen everywhere."""
        done = [
            (self._done_at[one], one) for one in self._spreading.relies_on.get(call.index, ()) if one in self._done_at
        ]
        if not done:
            return
        done_at, relied = max(done)
        left = self._spreading.seconds - (self._clock() - done_at)
        if left <= 0 or self._stop.requested:
            return
        self._write(lambda: self._journal.spread(call, relied, left))
        if self._lost is None:
            before = self._outcomes[relied].call.operation
            self._waiting(f"{left:.0f} s before {call.operation}: until {before} is seen by all of AWS")
            self._pause(left)

    def _root(self, outcome: Outcome) -> Outcome | None:
        """Return the failure at the root of an outcome, None where there is none or the run as a whole stopped."""
        if outcome.because is not None:
            return self._outcomes[outcome.because]
        return outcome if outcome.status in {OutcomeStatus.FAILED, OutcomeStatus.UNKNOWN} else None

    def _sent(self, call: Call) -> Outcome:
        secrets = Secrets(self._secret)
        try:
            self._results[call.index] = self._answer(call, secrets)
        except CallError as error:
            if is_already_gone(call, error, is_new=partial(self._is_on_something_new, call)):
                return Outcome(call, OutcomeStatus.ALREADY_GONE, secrets.hidden(error.message), error.code)
            status = OutcomeStatus.UNKNOWN if error.ambiguous else OutcomeStatus.FAILED
            return Outcome(call, status, secrets.hidden(error.message), secrets.hidden(error.code))
        except UnresolvedParameterError as error:
            return Outcome(call, OutcomeStatus.FAILED, str(error), error.code)
        except KeyboardInterrupt:
            self._stop.requested = True
            return Outcome(call, OutcomeStatus.UNKNOWN, "interrupted before the answer came", "Interrupted")
        except BaseException as error:  # our bug: the journal says what was under way before it shows
            self._write(lambda: self._journal.outcome(Outcome(call, OutcomeStatus.UNKNOWN, "iamctl stopped", "Crash")))
            if secrets.are_in(error):
                raise RuntimeError(f"{type(error).__name__} with a secret in it, which is not shown") from None
            raise
        return Outcome(call, OutcomeStatus.DONE)

    def _answer(self, call: Call, secrets: Secrets) -> Mapping[str, Any]:
        """Return AWS's answer, after as many refusals as pass.

        Raises:
            CallError: AWS refuses for good or for too long, or it is not known what it did.
            UnresolvedParameterError: a parameter is not there.
        """
        final = replace(call, params=resolved(call.params, self._results, secrets))
        first_refusal: float | None = None
        more_passwords = MORE_PASSWORDS if secrets else 0
        for attempt in range(MAX_ATTEMPTS):
            try:
                return self._execute(final)
            except CallError as error:
                if (
                    error.code in _OTHER_PASSWORD
                    and not error.ambiguous
                    and more_passwords
                    and attempt + 1 < MAX_ATTEMPTS
                ):
                    more_passwords -= 1
                    self._wait(call, error, 0.0)
                    final = replace(call, params=resolved(call.params, self._results, secrets))
                    continue
                first_refusal = self._clock() if first_refusal is None else first_refusal
                left = patience_seconds(error, is_new=partial(self._is_on_something_new, final))
                left -= self._clock() - first_refusal
                wait = wait_seconds(attempt, self._random)
                is_late = wait > left or self._waited_seconds + wait > MAX_WAIT_SECONDS_IN_ALL
                if left <= 0 or is_late or attempt + 1 == MAX_ATTEMPTS:
                    raise
                self._wait(call, error, wait)
        raise AssertionError("the last attempt returns or raises")

    def _wait(self, call: Call, error: CallError, seconds: float) -> None:
        """Wait after a refusal.

        Raises:
            CallError: ``error``, when the run is to end instead.
        """
        self._write(lambda: self._journal.retry(call, error.code, seconds))
        if self._stop.requested or self._lost is not None:
            raise error
        self._waited_seconds += seconds
        if seconds:  # the code is one that is waited for, so it is a word of AWS's and no echo
            self._waiting(f"{seconds:.0f} s before {call.operation} again: {error.code}")
        if not self._pause(seconds):
            raise error

    def _pause(self, seconds: float) -> bool:
        """Wait, and return whether the wait came to its end."""
        try:
            self._stop.is_waiting = True
            self._sleep(seconds)
        except KeyboardInterrupt:
            self._stop.requested = True
            return False
        finally:
            self._stop.is_waiting = False
        return True

    def _is_on_something_new(self, call: Call) -> bool:
        """Tell whether a call mentions something that a call of this run, which it needs, has created."""
        used, seen, open_needs = used_names(call), set[int](), list(call.needs)
        while open_needs:
            index = open_needs.pop()
            if index in seen:
                continue
            seen.add(index)
            needed = self._outcomes[index].call
            if made_names(needed) & used:
                return True
            open_needs.extend(needed.needs)
        return False

    def _write(self, line: Callable[[], None]) -> None:
        """Write to the journal; when it breaks, remember that, so that nothing more is sent."""
        if self._lost is not None:
            return
        try:
            line()
        except JournalError as error:
            self._lost = error
