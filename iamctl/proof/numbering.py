"""Numbers statements, so that a set of them is one integer, and knows which may match a common request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from iamctl.policy.normalized import NormalizedPolicy, NormalizedStatement
from iamctl.proof.aws_facts import REFUSED
from iamctl.proof.encoding import INNER, ONE, SOME, STAR, STEM, Pattern, encode_widest, opened
from iamctl.proof.patterns import find
from iamctl.proof.statements import EVERYTHING, NO_FACTS, Facts, Statement, asks_about_principal, statements_of
from iamctl.proof.universe import Universe

_WILDCARDS = re.compile(f"[{STAR}{ONE}{STEM}{INNER}{SOME}]")


class Numbers(NamedTuple):
    """The statements of documents as bits, Allows and Denies apart."""

    allow: int = 0
    deny: int = 0

    def __or__(self, other: Numbers) -> Numbers:
        return Numbers(self.allow | other.allow, self.deny | other.deny)


def bits_of(number: int) -> Iterator[int]:
    """Yield the positions of the bits that are set, in ascending order."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


@lru_cache(maxsize=1 << 17)
def meet(one: str, other: str) -> bool:
    """Return False if certainly no resource matches both patterns, however stars are read."""
    return _patterns_meet(_widest(one), _widest(other))


def meets_all(text: str, others: Iterable[str]) -> bool:
    """Return False if a pattern certainly has no resource in common with one of the others."""
    return all(meet(text, other) for other in others)


class _Widest(NamedTuple):
    """A pattern as wide as it can be, and the literal text before its first and after its last wildcard."""

    pattern: Pattern
    start: str
    end: str


@lru_cache(maxsize=1 << 15)
def _widest(text: str) -> _Widest:
    pattern = opened(encode_widest(text))
    pieces = _WILDCARDS.split(pattern)
    return _Widest(pattern, pieces[0], pieces[-1])


def _patterns_meet(one: _Widest, other: _Widest) -> bool:
    size, last = min(len(one.start), len(other.start)), min(len(one.end), len(other.end))
    if one.start[:size] != other.start[:size] or one.end[len(one.end) - last :] != other.end[len(other.end) - last :]:
        return False
    found = find((one.pattern, other.pattern), ())
    return found.text is not None or not found.complete


class _Book:
    """Patterns, and which of them meet."""

    def __init__(self) -> None:
        self._numbers: dict[_Widest, int] = {}
        self._meeting: dict[int, tuple[int, int]] = {}

    def number(self, text: str) -> int:
        return self._numbers.setdefault(_widest(text), len(self._numbers))

    def near(self, number: int) -> int:
        """Return the patterns that meet one; those seen since the last call are added."""
        count, found = self._meeting.get(number, (0, 0))
        if count < len(self._numbers):
            patterns = list(self._numbers)
            for other in range(count, len(patterns)):
                if _patterns_meet(patterns[number], patterns[other]):
                    found |= 1 << other
            self._meeting[number] = len(patterns), found
        return found


class Numbering:
    """All statements that were met. Equal ones, from whatever document, have one number."""

    def __init__(self, universe: Universe) -> None:
        self.universe = universe
        self.statements: list[Statement] = []
        self._numbers: dict[Statement, int] = {}
        self._documents: dict[int, tuple[NormalizedPolicy, bool, dict[Facts, Numbers]]] = {}
        self._actions: dict[tuple[bool, frozenset[str]], int] = {}
        self._book = _Book()
        self._holders: dict[int, int] = {}
        self._anywhere = 0
        self._patterns: list[tuple[int, ...]] = []
        self._near: dict[int, tuple[int, int]] = {}
        self.unread = 0
        self.refused = self.document(REFUSED).deny

    def document(self, document: NormalizedPolicy, facts: Facts = NO_FACTS) -> Numbers:
        """Return the statements of a document, with what is known of one person filled in."""
        known = self._documents.get(id(document))
        if known is None:
            known = self._documents[id(document)] = (document, asks_about_principal(document), {})
        _, asks, found = known
        facts = facts if asks else NO_FACTS
        if facts not in found:
            numbers = Numbers()
            for statement in sorted(statements_of(document, self._bits, facts), key=_order):
                numbers |= self.statement(statement)
            found[facts] = numbers
        return found[facts]

    def statement(self, statement: Statement) -> Numbers:
        """Return one statement as a bit."""
        number = self._numbers.get(statement)
        if number is None:
            number = self._add(statement)
        return Numbers(allow=1 << number) if statement.effect == "Allow" else Numbers(deny=1 << number)

    def near(self, number: int) -> int:
        """Return at least all statements whose resources meet those of one statement."""
        count = len(self.statements)
        known = self._near.get(number)
        if known is None or known[0] != count:
            self._near[number] = known = count, self._found_near(number)
        return known[1]

    def _bits(self, statement: NormalizedStatement) -> int:
        key = statement.negated_action, statement.actions
        found = self._actions.get(key)
        if found is None:
            found = 0
            for pattern in statement.actions:
                found |= self.universe.bits(pattern)
            if statement.negated_action:
                found = self.universe.all & ~found
            self._actions[key] = found
        return found

    def _add(self, statement: Statement) -> int:
        number = self._numbers[statement] = len(self.statements)
        self.statements.append(statement)
        patterns: list[int] = []
        if statement.unread is not None:
            self.unread |= 1 << number
        if statement.unread is not None or statement.not_resource or EVERYTHING in statement.resources:
            self._anywhere |= 1 << number
        else:
            patterns = [self._book.number(text) for text in statement.resources]
        for pattern in patterns:
            self._holders[pattern] = self._holders.get(pattern, 0) | 1 << number
        self._patterns.append(tuple(patterns))
        return number

    def _found_near(self, number: int) -> int:
        if self._anywhere >> number & 1:
            return (1 << len(self.statements)) - 1
        found = self._anywhere
        for pattern in self._patterns[number]:
            for other in bits_of(self._book.near(pattern)):
                found |= self._holders.get(other, 0)
        return found


def _order(statement: Statement) -> tuple[object, ...]:
    return (
        statement.effect,
        statement.resources,
        statement.not_resource,
        sorted(statement.condition),
        statement.actions,
        repr(statement.unread),
    )
