"""The waves of a fleet run: groups of accounts, one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class WaveRule:
    """What iamctl.yaml states about a wave; without waves all accounts are in this one."""

    name: str = "all"
    rank: int = 0
    """Its place among the waves, from 0."""
    max_failures: int = 0
    """With more accounts that failed, the next wave does not begin."""


ONE_WAVE = WaveRule()
"""The wave of all accounts where iamctl.yaml has no waves."""


class InWave(Protocol):
    """An account with its wave."""

    @property
    def wave(self) -> WaveRule:
        """The wave of the account."""


A = TypeVar("A", bound=InWave)


@dataclass(frozen=True)
class Wave(Generic[A]):
    """A wave with its accounts."""

    rule: WaveRule
    accounts: tuple[A, ...]

    @property
    def name(self) -> str:
        """The name of the wave."""
        return self.rule.name

    @property
    def max_failures(self) -> int:
        """With more accounts that failed, the next wave does not begin."""
        return self.rule.max_failures


def waves_of(accounts: Iterable[A]) -> tuple[Wave[A], ...]:
    """Return the accounts by wave, the waves in their order; a wave without accounts is left out."""
    found: dict[WaveRule, list[A]] = {}
    for account in accounts:
        found.setdefault(account.wave, []).append(account)
    return tuple(Wave(rule, tuple(found[rule])) for rule in sorted(found, key=lambda rule: rule.rank))
