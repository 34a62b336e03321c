"""What went wrong in a run, each root cause once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from iamctl.model import Outcome, OutcomeStatus


@dataclass(frozen=True)
class RootCause:
    """One call that failed or whose outcome is unknown, and how many calls were not started because of it."""

    outcome: Outcome
    stopped: int


def root_causes(outcomes: Iterable[Outcome]) -> tuple[RootCause, ...]:
    """Return the failed and unknown calls, in plan order, each with the number of calls that it stopped."""
    everything = tuple(outcomes)
    stopped = Counter(outcome.because for outcome in everything if outcome.because is not None)
    return tuple(
        RootCause(outcome, stopped[outcome.call.index])
        for outcome in everything
        if outcome.status in {OutcomeStatus.FAILED, OutcomeStatus.UNKNOWN}
    )


def exit_code(outcomes: Iterable[Outcome]) -> int:
    """Return 0 when every call is done; 1 when AWS refused before anything was written; 4 when some were."""
    statuses = {outcome.status for outcome in outcomes}
    if statuses <= {OutcomeStatus.DONE}:
        return 0
    return 4 if statuses & {OutcomeStatus.DONE, OutcomeStatus.UNKNOWN} else 1
