"""Decides requests about one resource: whether a side allows them in some context that is not ruled out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from functools import reduce
from itertools import islice, product
from operator import or_
from typing import NamedTuple

from iamctl.proof.aws_facts import earliest
from iamctl.proof.decide import matches_resource
from iamctl.proof.encoding import Reading, has_symbol, opened, spelled
from iamctl.proof.engine import Engine, Side
from iamctl.proof.least_true import Condition, least_true
from iamctl.proof.lines import Line, holds
from iamctl.proof.numbering import bits_of
from iamctl.proof.statements import EVERYTHING, Known, Statement, asked_by, filled

_MOST_CHOICES = 256
"""Combinations of one Allow of each document that are looked at."""

_Seen = tuple[tuple[str, ...] | None, ...]
"""The values of those keys that some statements ask for."""


class Allowed(IntEnum):
    """Whether a request is allowed."""

    NO = 0
    """In no context: proved."""
    POSSIBLE = 1
    """It depends on a document nobody has read, or on something that AWS does not document."""
    SOMETIMES = 2
    """In some contexts, which the known facts leave open."""
    ALWAYS = 3
    """In each context that the known facts leave open."""


class Decision(NamedTuple):
    """The answer to one request."""

    allowed: Allowed = Allowed.NO
    by: int | None = None
    """The number of an Allow that matches."""


class _Match(NamedTuple):
    """A statement that may match: whether it does where its condition holds, and what facts leave open of that."""

    number: int
    is_certain: bool
    condition: Condition

    @property
    def is_unconditional(self) -> bool:
        return self.is_certain and not self.condition


class Requests:
    """Decides requests by the statements of one engine. A document nobody has read gives nothing, but bounds perhaps.

    Most people differ in statements and facts that do not decide a request: equal questions are answered once.
    """

    def __init__(self, engine: Engine, now: datetime) -> None:
        self._engine = engine
        self._numbering = engine.numbering
        self._earliest: Mapping[str, Decimal] = earliest(now)
        self._about: dict[str, tuple[int, int]] = {}
        self._keys: dict[Side, tuple[str, ...]] = {}
        self._decisions: dict[tuple[Side, str, _Seen], Decision] = {}
        self._best: dict[tuple[Side, str, _Seen], Decision] = {}
        self._patterns: dict[tuple[int, _Seen], tuple[str, ...]] = {}

    def about(self, action: str) -> int:
        """Return the statements about an action, whatever the resource, as bits."""
        count = len(self._numbering.statements)
        known = self._about.get(action)
        if known is None or known[0] != count:
            number = self._engine.universe.number(action)
            known = self._about[action] = count, 0 if number is None else self._numbering.about(1 << number)
        return known[1]

    def about_any(self, actions: Iterable[str]) -> int:
        """Return the statements about at least one of several actions, as bits."""
        return reduce(or_, map(self.about, actions), 0)

    def decide(self, side: Side, action: str, resource: str, known: Known) -> Decision:
        """Return the answer to the requests with one action about one resource."""
        about = self.about(action)
        allows = side.allow & about & ~self._numbering.unread
        if not allows:
            return Decision()
        denies = (side.deny | self._numbering.refused) & about & ~self._numbering.unread
        limited = Side(allows, denies, tuple(ceiling & about for ceiling in side.ceilings))
        key = limited, resource, self.seen(limited, known)
        found = self._decisions.get(key)
        if found is None:
            found = self._decisions[key] = self._read_each_way(limited, resource, known)
        return found

    def seen(self, side: Side, known: Known) -> _Seen:
        """Return what is known of all that some statements ask for: where that is equal, they decide alike."""
        keys = self._keys.get(side)
        if keys is None:
            numbers, asked = side.allow | side.deny | reduce(or_, side.ceilings, 0), set[str]()
            for number in bits_of(numbers):
                asked |= asked_by(self._numbering.statements[number])
            keys = self._keys[side] = tuple(sorted(asked))
        return tuple(map(known.get, keys))

    def _read_each_way(self, side: Side, resource: str, known: Known) -> Decision:
        """Return the answer of statements about one action, however stars are read."""
        for reading in Reading:
            groups = [list(self._matches(side.allow, resource, known, reading))]
            if groups[0]:
                groups += [self._passing(ceiling, resource, known, reading) for ceiling in side.ceilings]
                found = self._decided(groups, list(self._matches(side.deny, resource, known, reading)))
                if found.allowed:  # what only another reading of stars gives is no more than possible
                    return found if reading is Reading.PARTS else found._replace(allowed=Allowed.POSSIBLE)
            if not self._depends_on_reading(side.allow, resource):
                break
        return Decision()

    def denying(self, side: Side, action: str, resource: str, known: Known) -> int:
        """Return the Denies that certainly deny such requests, as bits."""
        denies = side.deny & self.about(action) & ~self._numbering.unread
        matches = self._matches(denies, resource, known, Reading.PARTS)
        return sum(1 << match.number for match in matches if match.is_unconditional)

    def patterns(self, side: Side, action: str, known: Known) -> tuple[str, ...]:
        """Return what the Allows of an action are about, variables replaced; ``*`` for a NotResource."""
        allows = Side(side.allow & self.about(action) & ~self._numbering.unread)
        key = allows.allow, self.seen(allows, known)
        found = self._patterns.get(key)
        if found is None:
            found = self._patterns[key] = tuple(self._resources(allows.allow, known))
        return found

    def somewhere(self, side: Side, action: str, known: Known) -> Decision:
        """Return the best answer to the requests with one action, whatever they are about."""
        number, about = self._engine.universe.number(action), self.about(action)
        allows = side.allow & about & ~self._numbering.unread
        if number is None or not allows:
            return Decision()
        limited = Side(allows, side.deny & about, tuple(ceiling & about for ceiling in side.ceilings))
        refused = Side(allows, limited.deny | self._numbering.refused, limited.ceilings)
        key = limited, action, self.seen(refused, known)
        found = self._best.get(key)
        if found is None:
            found = self._best[key] = self._found(limited, 1 << number, action, known)
        return found

    def _found(self, side: Side, wanted: int, action: str, known: Known) -> Decision:
        """Return the best answer to the requests that statements about one action allow."""
        best, everything = Decision(), self._engine.everything(wanted).allow
        for gain in self._engine.each(Side(), Side(side.allow, side.deny, (*side.ceilings, everything))):
            if gain.witness is None:
                found = Decision(Allowed.POSSIBLE, gain.by)
            else:
                text = filled(gain.witness.resource, known, has_variables=True, is_literal=True)
                found = Decision() if text is None else self.decide(side, action, text, known)
            best = max(best, found, key=lambda one: one.allowed)
            if best.allowed is Allowed.ALWAYS:
                break
        return best

    def _resources(self, allows: int, known: Known) -> Iterator[str]:
        for number in bits_of(allows):
            statement = self._numbering.statements[number]
            if statement.not_resource:
                yield EVERYTHING
                continue
            for text in statement.resources:
                pattern = _filled(text, known)
                if pattern is not None:
                    yield _opened(pattern)

    def _passing(self, ceiling: int, resource: str, known: Known, reading: Reading) -> list[_Match]:
        unread = [_Match(number, False, frozenset()) for number in bits_of(ceiling & self._numbering.unread)]
        return [*self._matches(ceiling & ~self._numbering.unread, resource, known, reading), *unread]

    def _decided(self, groups: Sequence[list[_Match]], denies: list[_Match]) -> Decision:
        """Return the answer where an Allow of each group must match and no Deny may."""
        if any(deny.is_unconditional for deny in denies):
            return Decision()
        best = Decision()
        choices = product(*(_strongest(group) for group in groups))
        for chosen in islice(choices, _MOST_CHOICES):
            given: Condition = frozenset().union(*(match.condition for match in chosen))
            allowed = self._context(given, denies)
            if allowed and not all(match.is_certain for match in chosen):
                allowed = Allowed.POSSIBLE
            best = max(best, Decision(allowed, chosen[0].number), key=lambda one: one.allowed)
            if best.allowed is Allowed.ALWAYS:
                return best
        if not best.allowed and next(choices, None) is not None:
            return Decision(Allowed.POSSIBLE, groups[0][0].number)
        return best

    def _context(self, given: Condition, denies: Sequence[_Match]) -> Allowed:
        """Return whether there is a context in which ``given`` holds and no Deny matches."""
        if not given and not denies:
            return Allowed.ALWAYS
        found = Allowed.NO
        certain = sum(1 << place for place, deny in enumerate(denies) if deny.is_certain)
        for choice in least_true(given, tuple(deny.condition for deny in denies), self._earliest):
            if not choice.certain:
                found = max(found, Allowed.SOMETIMES if choice.is_exact else Allowed.POSSIBLE)
            elif not choice.possible & certain:
                found = max(found, Allowed.POSSIBLE)
        return found

    def _matches(self, numbers: int, resource: str, known: Known, reading: Reading) -> Iterator[_Match]:
        for number in bits_of(numbers):
            statement = self._numbering.statements[number]
            named = _names(statement, resource, known, reading)
            if named is False:
                continue
            condition = _left_open(statement, known)
            if condition is not None:
                yield _Match(number, named is True, condition)

    def _depends_on_reading(self, numbers: int, resource: str) -> bool:
        """Return whether a star may reach over a colon: a pattern has less of them than the resource."""
        colons = resource.count(":")
        statements = (self._numbering.statements[number] for number in bits_of(numbers))
        return any(text != EVERYTHING and text.count(":") < colons for one in statements for text in one.resources)


def _strongest(group: list[_Match]) -> list[_Match]:
    """Return one match that holds in each context; otherwise all."""
    best = next((match for match in group if match.is_unconditional), None)
    return [best] if best else group


def _names(statement: Statement, resource: str, known: Known, reading: Reading) -> bool | None:
    """Return whether the resources of a statement have the resource among them; None if a variable decides it."""
    found: bool | None = False
    for text in statement.resources:
        pattern = _filled(text, known)
        if pattern is not None and matches_resource(_opened(pattern), resource, reading):
            if not has_symbol(pattern):
                found = True
                break
            found = None
    return found if found is None else found != statement.not_resource


def _left_open(statement: Statement, known: Known) -> Condition | None:
    """Return the lines of a condition that facts leave open; None if one certainly does not hold."""
    lines: list[Line] = []
    for one in statement.condition:
        if any(map(has_symbol, one.values)):
            is_literal = not ("Like" in one.operator or "Arn" in one.operator)
            texts = (
                filled(spelled(value), known, has_variables=True, is_literal=is_literal) if has_symbol(value) else value
                for value in one.values
            )
            one = one._replace(values=tuple(sorted({text for text in texts if text is not None})))
        actual = known.get(one.key)
        truth = None if actual is None else holds(one, actual)
        if truth is False:
            return None
        if truth is None:
            lines.append(one)
    return frozenset(lines)


def _filled(text: str, known: Known) -> str | None:
    """Return the resource of a statement with what is known filled in; None if a variable has no value."""
    return filled(spelled(text), known, has_variables=True) if has_symbol(text) else text


def _opened(text: str) -> str:
    """Return a text with ``*`` for what is not known."""
    return spelled(opened(text)) if has_symbol(text) else text
