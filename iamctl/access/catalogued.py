"""The numbered actions of an engine as rows look at them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from iamctl.access.row import Level
from iamctl.access.ways import POWERFUL
from iamctl.policy.actions.details import Level as CatalogueLevel
from iamctl.proof.universe import Universe


class Catalogued:
    """The actions of a universe, by service and level."""

    def __init__(self, universe: Universe) -> None:
        self._universe = universe
        self.known = universe.known
        self._services: dict[int, Mapping[str, int]] = {}
        self._names: dict[int, tuple[str, ...]] = {}
        self._levels = {level: universe.levels.get(CatalogueLevel[level.name], 0) for level in Level}

    @cached_property
    def powerful(self) -> int:
        """The bits of the actions that change who may do what, or that act as somebody else."""
        found = 0
        for action in POWERFUL:
            found |= self._universe.bits(action)
        return found

    def names(self, bits: int) -> tuple[str, ...]:
        """Return the actions as AWS spells them."""
        if bits not in self._names:
            self._names[bits] = self._universe.names(bits)
        return self._names[bits]

    def of_services(self, bits: int) -> Mapping[str, int]:
        """Return the bits of each service."""
        if bits not in self._services:
            self._services[bits] = self._universe.by_service(bits)
        return self._services[bits]

    def of_level(self, level: Level) -> int:
        """Return the bits of the actions of a level; those that the catalogue lacks count as writing."""
        unknown = self._universe.all & ~self.known if level is Level.WRITE else 0
        return self._levels[level] | unknown
