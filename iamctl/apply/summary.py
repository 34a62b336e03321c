"""What a run of calls ends with."""

from __future__ import annotations

from collections.abc import Iterable

from iamctl.model import REACHED, Outcome, OutcomeStatus


def exit_code(outcomes: Iterable[Outcome]) -> int:
    """Return 0 when every call is done; 1 when AWS refused before anything was written; 4 when some were."""
    statuses = {outcome.status for outcome in outcomes}
    if statuses <= REACHED:
        return 0
    return 4 if statuses & {OutcomeStatus.DONE, OutcomeStatus.UNKNOWN} else 1
