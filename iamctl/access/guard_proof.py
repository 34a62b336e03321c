"""Whether the Denies of several policies are an MFA guard together: proved, or refuted by a request that escapes them."""

from __future__ import annotations

from collections.abc import Iterable

from iamctl.access.differences import WITHOUT_MFA
from iamctl.access.grants import Spelling, example_of
from iamctl.access.held import HeldPolicy
from iamctl.access.mfa_guard import EXEMPT, HARMLESS
from iamctl.access.row import Example
from iamctl.access.sides import Sides
from iamctl.model import Address
from iamctl.proof.engine import Gain, Side
from iamctl.proof.statements import NO_FACTS


class GuardProof:
    """Looks for requests without MFA that Denies let through; equal Denies are looked at once."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self._engine = sides.engine
        universe = self._engine.universe
        spared = {number for name in EXEMPT + HARMLESS if (number := universe.number(name)) is not None}
        actions = universe.all & ~sum(1 << number for number in spared)
        self._everything = self._engine.everything(actions).allow
        self._spelling = Spelling(sides.condition_keys())
        self._memo: dict[int, Gain | None] = {}

    def escape(self, policies: Iterable[HeldPolicy], person: Address) -> Example | None:
        """Return a request without MFA that no policy denies, but for what a guard may spare; None proves a guard.

        A request that a service makes for the person need not be denied.
        """
        held = tuple(policies)
        found = self._found(self._denies(held, None))
        if found and found.asks_facts:
            found = self._found(self._denies(held, person))
        return example_of(found.witness, self._spelling) if found else None

    def _denies(self, policies: Iterable[HeldPolicy], person: Address | None) -> int:
        facts = self._sides.facts(person) if person else NO_FACTS
        denies = 0
        for held in policies:
            denies |= self._sides.numbers(held, facts).deny
        return denies & ~self._engine.numbering.unread

    def _found(self, denies: int) -> Gain | None:
        if denies not in self._memo:
            self._memo[denies] = self._engine.first(Side(), Side(self._everything, denies), WITHOUT_MFA)
        return self._memo[denies]
