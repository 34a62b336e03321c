"""The services that somebody may use, by access level."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from iamctl.access.catalogued import Catalogued
from iamctl.access.row import Level
from iamctl.access.sides import Sides
from iamctl.model import Address
from iamctl.proof.engine import Engine, Side
from iamctl.proof.searches import Doubt
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class LevelServices:
    """The services of which somebody may call actions of one access level, on some resource under some condition."""

    level: Level
    services: tuple[str, ...]
    """Their prefixes, sorted."""
    is_all: bool
    """Whether these are all services that have actions of the level."""


@dataclass(frozen=True)
class UsableServices:
    """What somebody may use."""

    levels: tuple[LevelServices, ...] = ()
    """The most dangerous first, without those of which no action is allowed."""
    unknown: tuple[str, ...] = ()
    """Policies whose documents are not known, and which may allow or deny more."""
    is_decided: bool = True
    """False where the search gave up, so that less may be allowed."""


class Services:
    """Finds what each person may use; people with the same policies are asked about once."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self._usage = Usage(sides.engine)
        self._memo: dict[Side, UsableServices] = {}

    def of(self, holder: Address) -> UsableServices:
        """Return what a user or role may use, within their boundary, or what the policies of a group alone allow."""
        sides = self._sides
        if holder.kind == "group":
            numbers = sides.of_holder(holder)
            side = Side(numbers.allow, numbers.deny)
        else:
            side = sides.of(holder, sides.asked_facts(holder))
        found = self._memo.get(side)
        if found is None:
            found = self._memo[side] = self._of(side)
        unknown = tuple(sorted(set(sides.unknown(holder))))
        return UsableServices(found.levels, unknown, found.is_decided)

    def _of(self, side: Side) -> UsableServices:
        by_level, is_decided = self._usage.of(side)
        everywhere = self._usage.everywhere
        levels = (
            LevelServices(level, services, is_all=set(everywhere[level]) <= set(services))
            for level, services in by_level.items()
        )
        return UsableServices(tuple(levels), is_decided=is_decided)


class Usage:
    """Finds the services of which a side allows actions, by access level."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._actions = Catalogued(engine.universe)

    def of(self, side: Side) -> tuple[Mapping[Level, tuple[str, ...]], bool]:
        """Return the services by level, the most dangerous first, and whether the search was finished.

        A level of which no action is allowed is left out.
        """
        gains = self._engine.gains(Side(), side)
        bits = 0
        for gain in gains:
            if gain.usual and Doubt.UNREAD not in gain.doubts:
                bits |= gain.actions
        by_level: defaultdict[Level, list[str]] = defaultdict(list)
        for service, actions in self._actions.of_services(bits).items():
            for level in Level:
                if actions & self._actions.of_level(level):
                    by_level[level].append(service)
        levels = {level: tuple(by_level[level]) for level in Level if level in by_level}
        return levels, not any(Doubt.BUDGET in gain.doubts for gain in gains)

    @cached_property
    def everywhere(self) -> Mapping[Level, tuple[str, ...]]:
        """All services that have actions of each level."""
        known = self._actions.known
        return {level: tuple(self._actions.of_services(known & self._actions.of_level(level))) for level in Level}
