"""Which services each person may use, from what each policy adds, so that 5,000 people share the answers of few policies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from iamctl.access.held import HeldPolicy, PolicySources
from iamctl.access.shares import Restraints, Share, Shares
from iamctl.access.sides import Sides
from iamctl.model import Address
from iamctl.report.access_words import LEVELS
from iamctl.report.page import PageServices

Pair = tuple[HeldPolicy | None, HeldPolicy | None]
"""A policy before and after a plan; None where nobody has it."""


class Limited:
    """What limits let policies add, on one side; people with equal limits share the answers."""

    def __init__(self, sides: Sides, sources: PolicySources, number: Callable[[HeldPolicy], int]) -> None:
        self._sources, self._number = sources, number
        self.shares = Shares(sides)
        self._found: dict[Restraints, dict[int, Share]] = {}
        self._done: set[tuple[Restraints, Address]] = set()

    def of(self, person: Address) -> dict[int, Share]:
        """Return the policies that add less for some people than by themselves; filled for each of them in turn."""
        restraints = self.shares.restraints(person)
        found = self._found.setdefault(restraints, {})
        for holder in (*self._sources.groups(person), person):
            if (restraints, holder) not in self._done:
                self._done.add((restraints, holder))
                found.update(self._less(holder, restraints))
        return found

    def _less(self, holder: Address, restraints: Restraints) -> Iterator[tuple[int, Share]]:
        for held in self._sources.held_by(holder):
            limited = self.shares.of(held, restraints)
            if limited != self.shares.of(held):
                yield self._number(held), limited


def services_of(people: Sequence[Address], policies: Sequence[Pair], before: Limited, after: Limited) -> PageServices:
    """Return what people may use before and after a plan."""
    by_person = [(before.of(person), after.of(person)) for person in people]
    limited: dict[int, int] = {}
    kept: list[Mapping[int, Share]] = [{}]
    numbers: dict[tuple[tuple[int, Share], ...], int] = {(): 0}
    for found in (one for both in by_person for one in both):
        if id(found) not in limited:
            position = numbers.setdefault(tuple(sorted(found.items(), key=lambda one: one[0])), len(kept))
            limited[id(found)] = position
            if position == len(kept):
                kept.append(found)
    now, then = before.shares, after.shares
    return PageServices(
        levels={LEVELS[level]: services for level, services in then.everywhere.items()},
        after=tuple(_share(then, will or was) for was, will in policies),
        before={
            number: share
            for number, (was, will) in enumerate(policies)
            if was and will and was.document != will.document and (share := now.of(was)) != then.of(will)
        },
        limited=tuple(kept),
        of_people=tuple((limited[id(was)], limited[id(will)]) for was, will in by_person),
    )


def _share(shares: Shares, held: HeldPolicy | None) -> Share:
    return shares.of(held) if held else Share()
