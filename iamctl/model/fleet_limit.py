"""The limit of a run over many accounts: in how many of them it may remove something."""

from __future__ import annotations

from collections.abc import Iterable

from iamctl.model.fleet import AccountOutcome, AccountResult
from iamctl.model.settings import Limit
from iamctl.text.late_dataclass import dataclass

FLEET_LIMIT = Limit(share=0.1)
"""Of the accounts of a run that were planned; two are always allowed."""

_PLANNED = frozenset({AccountOutcome.REFUSED, AccountOutcome.CHANGES, AccountOutcome.CLEAN})


@dataclass(frozen=True)
class FleetRemovals:
    """In how many accounts of a run something is removed, and in how many that is allowed."""

    found: int
    allowed: int
    accounts: int

    @property
    def is_beyond(self) -> bool:
        """Whether that is more than is allowed."""
        return self.found > self.allowed


def fleet_removals(results: Iterable[AccountResult], allowed: int | None = None) -> FleetRemovals:
    """Return the removals of a run; accounts without a plan do not count. ``allowed`` takes the place of the limit where it is higher."""
    known = [result for result in results if result.outcome in _PLANNED]
    found = sum(result.summary.get("delete", 0) > 0 for result in known)
    return FleetRemovals(found, max(FLEET_LIMIT.allowed(len(known)), allowed or 0), len(known))
