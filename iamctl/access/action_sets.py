"""What rows say of a set of actions. Many people gain and lose the same actions, so each set is looked at once."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.access.row import Actions, Level
from iamctl.policy.pattern import ANY
from iamctl.text.late_dataclass import dataclass

MANY_SERVICES = 5
"""From so many services on, one row counts all actions by level."""

MOST_NAMES = 20
"""So many actions of a row are named one by one."""


@dataclass(frozen=True)
class ActionSet:
    """Some actions, as the row about them tells them."""

    services: tuple[str, ...]
    levels: tuple[tuple[Level, int], ...]
    """How many actions there are of each level, the worst level first."""
    spelled: tuple[str, ...]
    """All known actions of a service as ``s3:*``, all of all services as ``*``."""
    names: tuple[str, ...]
    """The first of them by name, one by one, the powerful ones before others."""
    powerful: tuple[str, ...]
    """Those of them that change who may do what."""
    known: int
    """How many of them the catalogue has."""
    is_all_of_level: bool
    """Whether it is every known action of its services and levels."""


class ActionSets:
    """The sets of one numbering of actions."""

    def __init__(self, actions: Actions) -> None:
        self.actions = actions
        self._sets: dict[int, ActionSet] = {}
        self._parts: dict[int, tuple[int, ...]] = {}

    def of(self, bits: int) -> ActionSet:
        """Return what a row says of some actions."""
        found = self._sets.get(bits)
        if found is None:
            found = self._sets[bits] = self._set(bits)
        return found

    def parts(self, bits: int) -> tuple[int, ...]:
        """Return the actions of each service and level, or all together where there are many services."""
        found = self._parts.get(bits)
        if found is None:
            found = self._parts[bits] = tuple(self._split(bits))
        return found

    def _split(self, bits: int) -> Iterator[int]:
        services = self.actions.of_services(bits)
        if len(services) >= MANY_SERVICES:
            yield bits
            return
        for of_service in services.values():
            for level in Level:
                if of_level := of_service & self.actions.of_level(level):
                    yield of_level

    def _set(self, bits: int) -> ActionSet:
        actions, services = self.actions, self.actions.of_services(bits)
        levels = [(level, number) for level in Level if (number := (bits & actions.of_level(level)).bit_count())]
        of_levels = 0
        for level, _ in levels:
            of_levels |= actions.of_level(level)
        all_of_level = actions.of_services(actions.known & of_levels)
        powerful = actions.names(bits & actions.powerful)
        first = (*powerful[:MOST_NAMES], *actions.names(_first(bits & ~actions.powerful)))
        return ActionSet(
            services=tuple(services),
            levels=tuple(levels),
            spelled=self._spelled(bits),
            names=first[:MOST_NAMES],
            powerful=powerful,
            known=(bits & actions.known).bit_count(),
            is_all_of_level=all(all_of_level.get(service, 0) & ~bits == 0 for service in services),
        )

    def _spelled(self, bits: int) -> tuple[str, ...]:
        actions = self.actions
        if bits & actions.known == actions.known:
            return (ANY,)
        whole = actions.of_services(actions.known)
        found: list[str] = []
        for service, of_service in actions.of_services(bits).items():
            is_all = service in whole and whole[service] & ~of_service == 0
            found += [f"{service}:*"] if is_all else actions.names(of_service)
        return tuple(found)


def _first(bits: int) -> int:
    """Return the bits of the first actions: numbers are in the order of names."""
    first = 0
    for _ in range(MOST_NAMES):
        lowest = bits & -bits
        first |= lowest
        bits ^= lowest
    return first
