"""Finds requests of one case: actions that the same statements restrain, on one resource pattern of each statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice, product
from typing import NamedTuple

from iamctl.proof.aws_facts import earliest, is_about_principal
from iamctl.proof.encoding import ANY_ARN, STAR, Pattern, Reading, encode_resource, has_symbol
from iamctl.proof.least_true import Choice, Condition, Context, least_true
from iamctl.proof.numbering import Numbering, bits_of
from iamctl.proof.places import Home, best_action
from iamctl.proof.searches import Doubt, Look, Searches, doubt_about
from iamctl.proof.statements import EVERYTHING, Statement

MOST_WAYS = 512
"""Contexts, times the ways around statements with NotResource."""
STEPS_OF_A_CONDITION = 4
"""What it costs to find the contexts in which one condition need not hold, in steps of searches: about as much time."""
_SHAPES = ((ANY_ARN,), ("*",))
_ANYTHING = Look("")
"""What a search would find that nothing is in the way of; nobody asks for its text."""
_BY_PERSON = {Doubt.CONDITION, Doubt.VARIABLE}


class Answer(NamedTuple):
    """Requests that were found: some actions on resources of one pattern, shown by one request."""

    actions: int
    resource: str
    """The pattern of the first statement, or ``*`` for a NotResource."""
    also: tuple[str, ...]
    """Patterns of further statements that the resource must match as well."""
    less: tuple[str, ...]
    """Patterns that leave out part of the resources."""
    condition: Condition
    """What must hold."""
    action: int
    """The action of the shown request."""
    text: str | None
    """The resource of the shown request; None if the search was given up."""
    context: Context
    usual: bool
    """Whether AWS documents requests of this form."""
    reading: Reading
    """How stars in ARNs are read."""
    doubts: frozenset[Doubt]
    asks_facts: bool
    """Whether what is known of the person can change the answer."""


class _Way(NamedTuple):
    """One context, and the resources that are allowed in it."""

    inside: tuple[str, ...]
    outside: tuple[str, ...]
    context: Context
    is_certain: bool


class Case(NamedTuple):
    """Actions that the same statements restrain, with one resource pattern of each statement."""

    actions: int
    chosen: tuple[str, ...]
    less: tuple[str, ...]
    restraints: tuple[Statement, ...]
    condition: Condition
    is_unread: bool
    near: int = -1
    """The patterns that meet those chosen, as bits."""


class Cases:
    """Answers cases; equal looks once."""

    def __init__(self, numbering: Numbering, now: datetime, home: Home, most_steps: int) -> None:
        self._numbering = numbering
        self._universe = numbering.universe
        self._earliest: Mapping[str, Decimal] = earliest(now)
        self._home = home
        self._choices: dict[tuple[Condition, tuple[Condition, ...]], tuple[Choice, ...]] = {}
        self.searches = Searches(most_steps)

    def given_up(self, case: Case) -> Answer:
        """Return what stands for a case that is not decided."""
        action = best_action(self._universe, case.actions)
        doubts = frozenset({Doubt.BUDGET})
        first, *also = case.chosen
        return Answer(
            case.actions,
            first,
            tuple(also),
            case.less,
            case.condition,
            action,
            None,
            (),
            usual=True,
            reading=Reading.PARTS,
            doubts=doubts,
            asks_facts=False,
        )

    def answers(self, case: Case) -> Iterator[Answer]:
        """Yield what is found; no answer is a proof."""
        ways = sorted(islice(self._ways(case), MOST_WAYS + 1), key=lambda way: not way.is_certain)
        remaining = case.actions
        if len(ways) > MOST_WAYS:
            yield self.given_up(case)
            return
        for way in ways:
            for answer in self._usual(case, way, remaining):
                remaining &= ~answer.actions
                yield answer
            if not remaining:
                return
        found = self._unusual(case, ways, remaining)
        if found is not None:
            yield found

    def near(self, chosen: Iterable[str]) -> int:
        """Return the patterns that may have a resource in common with all of some patterns, as bits."""
        near = -1
        for text in chosen:
            if text != EVERYTHING:
                near &= self._numbering.meeting(text)
        return near

    def may_restrain(self, restraint: Statement, near: int) -> bool:
        """Return False where no resource near the choice is one of the restraint's."""
        if restraint.not_resource or EVERYTHING in restraint.resources:
            return True
        return any(self._numbering.is_among(text, near) for text in restraint.resources)

    def _ways(self, case: Case) -> Iterator[_Way]:
        """Yield what a request must do to escape the restraints; those that are certain come first for each context."""
        conditions = tuple(one.condition for one in case.restraints)
        key = case.condition, conditions
        if key not in self._choices:
            self._choices[key] = least_true(case.condition, conditions, self._earliest)
            self.searches.take(STEPS_OF_A_CONDITION * len(conditions))
        for choice in self._choices[key]:
            yield from self._escapes(case, choice.certain, choice.context, is_certain=choice.is_exact)
            if choice.possible != choice.certain:
                yield from self._escapes(case, choice.possible, choice.context, is_certain=False)

    def _escapes(self, case: Case, held: int, context: Context, *, is_certain: bool) -> Iterator[_Way]:
        restraints = [case.restraints[position] for position in bits_of(held)]
        outside = {text for one in restraints if not one.not_resource for text in one.resources}
        if EVERYTHING in outside:
            return
        outside = {text for text in outside.union(case.less) if self._numbering.is_among(text, case.near)}
        ways = product(*(one.resources for one in restraints if one.not_resource))
        for inside in ways:
            wanted = tuple(sorted({*case.chosen, *inside} - {EVERYTHING}))
            yield _Way(wanted, tuple(sorted(outside)), context, is_certain)

    def _usual(self, case: Case, way: _Way, actions: int) -> Iterator[Answer]:
        """Yield the actions that a request of a documented form can use on this way."""
        inside = _restraining(way.inside, Reading.PARTS)
        outside = _encoded(way.outside, Reading.PARTS)
        if outside and not any(_seen(self.searches.look((*shape, *inside), outside)) for shape in _SHAPES):
            return
        found: dict[Doubt | None, int] = {}
        actions &= ~self._universe.coming
        if len(inside) <= 1 and not outside:  # all places that meet the pattern are as good as the first
            if reached := self._universe.reaching(actions, inside):
                found[doubt_about(*inside)] = reached
        else:
            is_plain = len(inside) <= 1 and not any(map(has_symbol, (*inside, *outside)))
            for places in self._universe.places(actions, inside):
                if is_plain and self._universe.is_apart(places.resources, outside):
                    result = _ANYTHING
                else:
                    result = _best(self.searches.look((place, *inside), outside) for place in places.resources)
                if _seen(result):
                    found[result.doubt] = found.get(result.doubt, 0) | places.actions
        for doubt, same in found.items():
            yield self._answer(case, way, same, self._doubts(case, way, doubt), inside, outside)

    def _answer(
        self,
        case: Case,
        way: _Way,
        actions: int,
        doubts: frozenset[Doubt],
        inside: tuple[Pattern, ...],
        outside: tuple[Pattern, ...],
    ) -> Answer:
        action = best_action(self._universe, actions)
        (places,) = self._universe.places(1 << action, inside)
        nicer = (self.searches.look((place, *inside), outside) for place in self._home.filled_in(places.resources))
        fitting = (one.text for one in nicer if one.text is not None and (one.doubt is None or one.doubt in doubts))
        text = (
            next(fitting, None)
            or _best(self.searches.look((place, *inside), outside) for place in places.resources).text
        )
        if text is None:  # nothing is left to search with
            doubts |= {Doubt.BUDGET}
        return _answered(case, way, actions, action, text, doubts, usual=True, reading=Reading.PARTS)

    def _unusual(self, case: Case, ways: Sequence[_Way], actions: int) -> Answer | None:
        """Return the first request of any form, in any reading; preferably one without doubt."""
        doubtful: Answer | None = None
        for reading in Reading:
            for way in ways:
                inside, outside = _restraining(way.inside, reading), _encoded(way.outside, reading)
                result = _best(self.searches.look((*shape, *inside), outside) for shape in _SHAPES)
                if _seen(result):
                    doubts = self._doubts(case, way, result.doubt)
                    action = best_action(self._universe, actions)
                    found = _answered(case, way, actions, action, result.text, doubts, usual=False, reading=reading)
                    if not doubts:
                        return found
                    doubtful = doubtful or found
        return doubtful

    def _doubts(self, case: Case, way: _Way, doubt: Doubt | None) -> frozenset[Doubt]:
        doubts = {doubt} if doubt else set()
        if not way.is_certain:
            doubts.add(Doubt.CONDITION)
        if case.is_unread:
            doubts.add(Doubt.UNREAD)
        return frozenset(doubts)


def _answered(
    case: Case,
    way: _Way,
    actions: int,
    action: int,
    text: str | None,
    doubts: frozenset[Doubt],
    *,
    usual: bool,
    reading: Reading,
) -> Answer:
    first, *also = case.chosen
    asks = bool(doubts & _BY_PERSON) or any(is_about_principal(key) for key, _ in way.context)
    return Answer(
        actions,
        first,
        tuple(also),
        way.outside,
        case.condition,
        action,
        text,
        way.context,
        usual,
        reading,
        doubts,
        asks_facts=asks,
    )


def _seen(result: Look) -> bool:
    return result.text is not None or result.doubt is not None


def _best(results: Iterable[Look]) -> Look:
    """Return the first result without doubt, otherwise the first text, otherwise the first doubt."""
    found = Look(None)
    for result in results:
        if result.text is not None and result.doubt is None:
            return result
        if found.text is None and _seen(result) and (not _seen(found) or result.text is not None):
            found = result
    return found


def _encoded(texts: Iterable[str], reading: Reading) -> tuple[Pattern, ...]:
    return tuple(dict.fromkeys(encode_resource(text, reading) for text in texts))


def _restraining(texts: Iterable[str], reading: Reading) -> tuple[Pattern, ...]:
    """Return the patterns that restrain a resource, which one for all resources does not."""
    return tuple(pattern for pattern in _encoded(texts, reading) if pattern != STAR)
