"""Compares two sides: which requests the new one allows and the old one does not, each with a request that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from enum import Enum
from functools import reduce
from itertools import product
from math import prod
from operator import or_

from iamctl.policy.normalized import NormalizedPolicy
from iamctl.proof.cases import Answer
from iamctl.proof.decide import Request
from iamctl.proof.encoding import Reading, spelled
from iamctl.proof.least_true import Condition
from iamctl.proof.numbering import Numbering, Numbers, bits_of
from iamctl.proof.places import Home
from iamctl.proof.queries import Queries, covers
from iamctl.proof.searches import MOST_STEPS, Doubt
from iamctl.proof.statements import EVERYTHING, NO_FACTS, Facts, Statement
from iamctl.proof.universe import Universe
from iamctl.text.late_dataclass import dataclass

MOST_THROUGH = 4_096
"""Combinations of one Allow per ceiling that one Allow is tried with."""
ALWAYS: Condition = frozenset()


@dataclass(frozen=True)
class Side:
    """What decides the requests of one person in one state, as bits of numbered statements."""

    allow: int = 0
    deny: int = 0
    """With the Denies of ceilings."""
    ceilings: tuple[int, ...] = ()
    """The Allows of each boundary; a request needs one of each."""


def limited_to(side: Side, numbers: int) -> Side:
    """Return a side without the statements that are not among ``numbers``."""
    return Side(side.allow & numbers, side.deny & numbers, tuple(ceiling & numbers for ceiling in side.ceilings))


class Kind(Enum):
    """Why the new side allows a request that the old one does not."""

    NEW = "new"
    NO_LONGER_DENIED = "no longer denied"
    NO_LONGER_BOUNDED = "no longer bounded"


@dataclass(frozen=True)
class Gain:
    """Requests that the new side allows and the old one does not."""

    kind: Kind
    by: int
    """The number of the Allow."""
    actions: int
    resource: str
    """Its pattern, as policies spell it; ``*`` for a NotResource."""
    also: tuple[str, ...]
    """Patterns that the resource must match as well: of the boundary, or of the Deny that is gone."""
    less: tuple[str, ...]
    """Patterns that leave out part of the resources."""
    condition: Condition
    because: int
    """Bits: the Deny that is gone, or the Allows of the ceiling that is gone; 0 if new."""
    through: tuple[int, ...]
    """The numbers of the Allows of ceilings that let it pass."""
    witness: Request | None
    """A request that shows it; None if the search was given up. Variables without known value are left in."""
    usual: bool
    """Whether the witness has a documented form; otherwise the gain only keeps a proof from being given."""
    reading: Reading
    """How stars in ARNs are read for the witness; a usual one needs no other than ``PARTS``."""
    doubts: frozenset[Doubt] = frozenset()
    asks_facts: bool = False
    """Whether it can differ between people who hold the same documents."""
    more: int = 0
    """Further Allows of which the same may be shown; only for what is no longer denied."""
    up_to: int = 0
    """All actions that these and this one allow."""

    @property
    def exact(self) -> bool:
        """Whether the witness is certainly allowed by the new side and not by the old one."""
        return not self.doubts


class Engine:
    """Compares sides; equal questions are answered once. Documents are numbered as they come."""

    def __init__(
        self, universe: Universe, now: datetime, home: Home | None = None, most_steps: int = MOST_STEPS
    ) -> None:
        """``universe`` must know every action pattern of every document; ``now`` is the earliest time of a request.

        ``most_steps`` bounds the searches of one question; what these leave open is a gain with a doubt.
        """
        self.universe = universe
        self.numbering = Numbering(universe)
        self._queries = Queries(self.numbering, now, home or Home(), most_steps)
        self._memo: dict[tuple[Side, Side, Condition], tuple[Gain, ...]] = {}

    def statements(self, document: NormalizedPolicy, facts: Facts = NO_FACTS) -> Numbers:
        """Return the statements of a document; ``facts`` fills in what is known of one person."""
        return self.numbering.document(document, facts)

    def unread(self, label: str) -> Numbers:
        """Return what stands for a document that nobody has read: it may allow and deny anything, and equals itself."""
        every = Statement("Allow", self.universe.all, (EVERYTHING,), unread=label)
        return self.numbering.statement(every) | self.numbering.statement(replace(every, effect="Deny"))

    def everything(
        self,
        actions: int | None = None,
        resources: tuple[str, ...] = (EVERYTHING,),
        condition: Condition = ALWAYS,
    ) -> Numbers:
        """Return an Allow of all actions, or of some, on all resources, or on some, as a bit."""
        wanted = self.universe.all if actions is None else actions
        return self.numbering.statement(Statement("Allow", wanted, tuple(sorted(resources)), condition=condition))

    def limited(self, side: Side, actions: int) -> Side:
        """Return a side without the statements that are about none of some actions; it decides their requests alike.

        People who differ in other statements alone have equal sides then, so that one question answers for all.
        """
        return limited_to(side, self.numbering.about(actions))

    def statement(self, number: int) -> Statement:
        """Return a statement by its number."""
        return self.numbering.statements[number]

    def gains(self, old: Side, new: Side, when: Condition = ALWAYS) -> tuple[Gain, ...]:
        """Return what ``new`` allows and ``old`` does not, in contexts in which ``when`` holds; none is a proof."""
        key = old, new, when
        if key not in self._memo:
            self._queries.restart()
            self._memo[key] = tuple(self._gains(old, new, when))
        return self._memo[key]

    def each(self, old: Side, new: Side, when: Condition = ALWAYS) -> Iterator[Gain]:
        """Yield what ``gains`` returns, one after the other, for whoever needs no more after some of them."""
        key = old, new, when
        if key in self._memo:
            yield from self._memo[key]
            return
        self._queries.restart()
        yield from self._gains(old, new, when)

    def first(self, old: Side, new: Side, when: Condition = ALWAYS) -> Gain | None:
        """Return one gain, preferably an exact and usual one; None is a proof that there is none."""
        best: Gain | None = None
        for gain in self.each(old, new, when):
            if gain.usual and gain.exact:
                return gain
            if best is None or (gain.usual, gain.exact) > (best.usual, best.exact):
                best = gain
        return best

    @property
    def asked(self) -> int:
        """How many different queries were answered."""
        return self._queries.asked

    @property
    def searched(self) -> int:
        """How many searches for resources these took."""
        return self._queries.searched

    def _gains(self, old: Side, new: Side, when: Condition) -> Iterator[Gain]:
        deny = new.deny | self.numbering.refused
        known = old.allow & ~self.numbering.unread
        for number in bits_of(new.allow & ~old.allow):
            yield from self._shown(Kind.NEW, number, new, deny | known, when)
        for number in bits_of(old.deny & ~new.deny):
            yield from self._no_longer_denied(number, new, when)
        for ceiling in old.ceilings:
            if not any(other & ~ceiling == 0 for other in new.ceilings):
                yield from self._no_longer_bounded(ceiling, new, when)

    def _shown(
        self, kind: Kind, number: int, new: Side, against: int, when: Condition, because: int = 0
    ) -> Iterator[Gain]:
        """Yield what one Allow gives through the ceilings, outside of some statements, and where a Deny is gone."""
        passing, is_complete = self._through(number, new.ceilings)
        denied = tuple(bits_of(because)) if kind is Kind.NO_LONGER_DENIED else ()
        for through in passing:
            if kind is Kind.NO_LONGER_BOUNDED and any(because >> passed & 1 for passed in through):
                continue
            for answer in self._queries.ask((number, *through, *denied), against, when):
                gain = self._gain(kind, number, through, because, answer)
                yield gain if is_complete else replace(gain, doubts=gain.doubts | {Doubt.BUDGET})

    def _no_longer_denied(self, deny: int, new: Side, when: Condition) -> Iterator[Gain]:
        """Yield what the first Allow shows, and how much more there may be."""
        against = new.deny | self.numbering.refused
        denied = self.statement(deny).actions & ~self._denied_whole(deny, new.deny)
        statements, near, up_to = self.numbering.statements, [], 0
        for number in bits_of(new.allow & self.numbering.near(deny)):
            if allowed := statements[number].actions & denied:
                near.append(number)
                up_to |= self._passed(number, new.ceilings) & denied if new.ceilings else allowed
        up_to &= self._queries.deniable
        shown: list[Gain] = []
        for number in near:
            found = list(self._shown(Kind.NO_LONGER_DENIED, number, new, against, when, 1 << deny))
            if any(gain.usual and gain.exact for gain in found):
                shown = found
                break
            shown = shown or found
        yield from (replace(gain, more=len(near) - 1, up_to=up_to) for gain in shown)

    def _denied_whole(self, deny: int, others: int) -> int:
        """Return the actions that other Denies surely keep away wherever a Deny did."""
        gone = self.statement(deny)
        wide = (self.statement(number) for number in bits_of(others & ~self.numbering.unread))
        return reduce(
            or_, (other.actions for other in wide if other.condition <= gone.condition and covers(other, gone)), 0
        )

    def _no_longer_bounded(self, ceiling: int, new: Side, when: Condition) -> Iterator[Gain]:
        against = new.deny | self.numbering.refused | (ceiling & ~self.numbering.unread)
        for number in bits_of(new.allow & ~ceiling):
            yield from self._shown(Kind.NO_LONGER_BOUNDED, number, new, against, when, ceiling)

    def _through(self, number: int, ceilings: tuple[int, ...]) -> tuple[list[tuple[int, ...]], bool]:
        """Return each choice of one Allow per ceiling that may let an Allow pass, and whether these are all.

        Too many choices count as one that lets everything pass.
        """
        choices = [self._passing(number, ceiling) for ceiling in ceilings if not ceiling >> number & 1]
        if prod(map(len, choices)) > MOST_THROUGH:
            return [()], False
        return [tuple(sorted(set(chosen))) for chosen in product(*choices)], True

    def _passing(self, number: int, ceiling: int) -> list[int]:
        """Return the Allows of a ceiling that may let an Allow pass; one alone if it certainly lets all pass."""
        statement = self.statement(number)
        near = [
            other
            for other in bits_of(ceiling & self.numbering.near(number))
            if self.statement(other).actions & statement.actions
        ]
        return next(([other] for other in near if self._passes_all(other, statement)), near)

    def _passed(self, number: int, ceilings: tuple[int, ...]) -> int:
        """Return the actions of an Allow that every ceiling may let pass on some resource."""
        actions = self.statement(number).actions
        for ceiling in ceilings:
            if not ceiling >> number & 1:
                actions &= reduce(or_, (self.statement(other).actions for other in self._passing(number, ceiling)), 0)
        return actions

    def _passes_all(self, number: int, statement: Statement) -> bool:
        other = self.statement(number)
        is_wide = other.unread is None and not statement.actions & ~other.actions and covers(other, statement)
        return is_wide and other.condition <= statement.condition

    def _gain(self, kind: Kind, by: int, through: tuple[int, ...], because: int, answer: Answer) -> Gain:
        witness = None
        if answer.text is not None:
            name = self.universe.name(answer.action)
            witness = Request(name, spelled(answer.text), {key: values for key, values in answer.context if values})
        return Gain(
            kind,
            by,
            answer.actions,
            spelled(answer.resource),
            tuple(map(spelled, answer.also)),
            tuple(map(spelled, answer.less)),
            answer.condition,
            because,
            through,
            witness,
            answer.usual,
            answer.reading,
            answer.doubts,
            answer.asks_facts,
        )
