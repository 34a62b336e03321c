"""Numbers statements, so that a set of them is one integer, and knows which may match a common request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from iamctl.policy.normalized import NormalizedPolicy, NormalizedStatement
from iamctl.proof.aws_facts import REFUSED
from iamctl.proof.book import Book
from iamctl.proof.encoding import encode_widest, opened
from iamctl.proof.statements import EVERYTHING, NO_FACTS, Facts, Statement, asks_about_principal, statements_of
from iamctl.proof.universe import Universe


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


class Numbering:
    """All statements that were met. Equal ones, from whatever document, have one number."""

    def __init__(self, universe: Universe) -> None:
        self.universe = universe
        self.statements: list[Statement] = []
        self._numbers: dict[Statement, int] = {}
        self._documents: dict[int, tuple[NormalizedPolicy, bool, dict[Facts, Numbers]]] = {}
        self._actions: dict[tuple[bool, frozenset[str]], int] = {}
        self._book = Book()
        self._place_of: dict[str, int] = {}
        self._holders: dict[int, int] = {}
        self._anywhere = 0
        self._about: dict[int, tuple[int, int]] = {}
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

    def about(self, actions: int) -> int:
        """Return the statements that share an action with ``actions``."""
        count, found = self._about.get(actions, (0, 0))
        if count < len(self.statements):
            for number, statement in enumerate(self.statements[count:], count):
                if statement.actions & actions:
                    found |= 1 << number
            self._about[actions] = len(self.statements), found
        return found

    def sharing(self, numbers: int, actions: int) -> int:
        """Return those of some statements that share an action with ``actions``; for few of them this is the shorter way."""
        count, found = self._about.get(actions, (0, 0))
        if count == len(self.statements):
            return numbers & found
        return sum(1 << number for number in bits_of(numbers) if self.statements[number].actions & actions)

    def meeting(self, text: str) -> int:
        """Return at least the patterns that have a resource in common with one, however stars are read, as bits."""
        return self._book.meeting(opened(encode_widest(text)))

    def is_among(self, text: str, patterns: int) -> bool:
        """Return whether a pattern of a statement is among those of ``meeting``."""
        return bool(patterns >> self._place(text) & 1)

    def _place(self, text: str) -> int:
        place = self._place_of.get(text)
        if place is None:
            place = self._place_of[text] = self._book.number(opened(encode_widest(text)))
        return place

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
        if statement.unread is not None:
            self.unread |= 1 << number
        if statement.unread is not None or statement.not_resource or EVERYTHING in statement.resources:
            self._anywhere |= 1 << number
        for text in statement.resources:
            place = self._place(text)
            self._holders[place] = self._holders.get(place, 0) | 1 << number
        return number

    def _found_near(self, number: int) -> int:
        if self._anywhere >> number & 1:
            return (1 << len(self.statements)) - 1
        found, patterns = self._anywhere, 0
        for text in self.statements[number].resources:
            patterns |= self.meeting(text)
        for pattern in bits_of(patterns):
            found |= self._holders.get(pattern, 0)
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
