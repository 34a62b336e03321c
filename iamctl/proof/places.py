"""Chooses what a shown request is about: the riskiest of several actions, and a resource with the usual parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iamctl.proof.encoding import STEM, Pattern
from iamctl.proof.universe import Universe
from iamctl.text.late_dataclass import dataclass

_PARTITION, _REGION, _ACCOUNT, _PARTS = 1, 3, 4, 6


@dataclass(frozen=True)
class Home:
    """The account that shown requests are about, unless a policy names another one."""

    partition: str = "aws"
    region: str = "us-east-1"
    account: str = "111122223333"

    def filled_in(self, patterns: Iterable[Pattern]) -> Iterator[Pattern]:
        """Yield documented formats with partition, Region and account filled in."""
        usual = {_PARTITION: self.partition, _REGION: self.region, _ACCOUNT: self.account}
        for pattern in patterns:
            parts = pattern.split(":", _PARTS - 1)
            if len(parts) == _PARTS:
                yield ":".join(usual.get(place, part) if STEM in part else part for place, part in enumerate(parts))


def best_action(universe: Universe, actions: int) -> int:
    """Return the number of the action that a reader should see first: known, of the highest access level, then by name."""
    for bits in universe.shown_first:
        if found := actions & bits:
            return (found & -found).bit_length() - 1
    return (actions & -actions).bit_length() - 1
