"""How many plans are refused although some order of their calls is safe."""

from __future__ import annotations

import random
from dataclasses import dataclass

from oracle_checks import safe_order
from oracle_plans import planned
from oracle_worlds import KINDS, world

SEARCHED_CALLS = 10
"""Plans of more calls are left out: all orders of them are too many to try."""


@dataclass(frozen=True)
class MissedShare:
    """Of random worlds: how many plans were looked at, ordered, refused, and refused without need."""

    plans: int
    ordered: int
    refused: int
    missed: int
    seeds: tuple[str, ...] = ()
    """Of the worlds that were missed, to draw them again."""

    @property
    def share(self) -> float:
        """The missed ones among the plans that a search through all orders finds an order for, 0 to 1."""
        return self.missed / max(1, self.ordered + self.missed)

    def __float__(self) -> float:
        return self.share


def missed_share(worlds: int, seed: int = 0, kinds: tuple[str, ...] = KINDS) -> MissedShare:
    """Return what of ``worlds`` random ones, drawn from the kinds in turn, is refused without need."""
    plans = ordered = refused = 0
    missed = []
    for number in range(worlds):
        kind, name = kinds[number % len(kinds)], f"{seed}-{number}"
        plan = planned(world(random.Random(name), kind))
        if not 0 < len(plan.calls) <= SEARCHED_CALLS:
            continue
        plans += 1
        if not plan.is_refused:
            ordered += 1
            continue
        refused += 1
        if safe_order(plan) is not None:
            missed.append(f"{kind} {name}")
    return MissedShare(plans, ordered, refused, len(missed), tuple(missed))
