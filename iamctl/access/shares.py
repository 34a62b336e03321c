"""What each policy of a person adds to the services that they may use: people with shared policies share the answers."""

from __future__ import annotations

from functools import reduce
from operator import or_

from iamctl.access.held import HeldPolicy
from iamctl.access.known_policies import document_of
from iamctl.access.row import Level
from iamctl.access.services import Usage
from iamctl.access.sides import Sides
from iamctl.access.statements import asked_in_conditions
from iamctl.model import Address
from iamctl.proof.engine import Side
from iamctl.proof.numbering import bits_of
from iamctl.proof.statements import NO_FACTS, Facts
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class Share:
    """The services of which one policy allows actions, by access level."""

    levels: tuple[tuple[Level, tuple[str, ...]], ...] = ()
    """The most dangerous first, without those of which no action is allowed."""
    is_decided: bool = True
    """False where the search gave up, so that less may be allowed."""


@dataclass(frozen=True)
class Restraints:
    """What limits the policies of a person: Denies, the boundary, and what conditions ask about the person."""

    deny: int = 0
    ceilings: tuple[int, ...] = ()
    facts: Facts = NO_FACTS


class Shares:
    """Answers for each policy of a person. A request needs one Allow, so a person may use what any of them adds."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self._usage = Usage(sides.engine)
        self._memo: dict[Side, Share] = {}
        self._asked: dict[int, frozenset[str]] = {}
        self.everywhere = self._usage.everywhere
        """All services that have actions of each level."""

    def restraints(self, person: Address) -> Restraints:
        """Return what limits the policies of a person; equal ones limit equal policies alike."""
        facts = self._facts(person)
        side = self._sides.of(person, facts)
        return Restraints(side.deny & ~self._sides.unread, side.ceilings, facts)

    def of(self, held: HeldPolicy, restraints: Restraints | None = None) -> Share:
        """Return what a policy adds within restraints and its own Denies, or by itself; nothing if its document is not known."""
        document = document_of(held)
        if document is None or document.normalized is None:
            return Share()
        limits = restraints or Restraints()
        numbers = self._sides.numbers(held, limits.facts)
        engine = self._sides.engine
        actions = reduce(or_, (engine.statement(number).actions for number in bits_of(numbers.allow)), 0)
        key = engine.limited(Side(numbers.allow, numbers.deny | limits.deny, limits.ceilings), actions)
        if key not in self._memo:
            levels, is_decided = self._usage.of(key)
            self._memo[key] = Share(tuple(levels.items()), is_decided)
        return self._memo[key]

    def _facts(self, person: Address) -> Facts:
        """Return what conditions ask about a person; a name in a resource stays open, so that people share answers."""
        if not self._sides.asks_about(person):
            return NO_FACTS
        asked: set[str] = set()
        for document in self._sides.documents(person):
            if id(document) not in self._asked:
                self._asked[id(document)] = asked_in_conditions(document)
            asked |= self._asked[id(document)]
        facts = self._sides.facts(person)
        return Facts({key: facts.get(key) or () for key in asked if facts.get(key) is not None}, knows_tags=False)
