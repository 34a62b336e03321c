"""Numbers the actions of a proof, so that what a pattern matches is the bits of one integer.

The actions are those of the catalogue, those that policies name and the catalogue lacks, and *coming* ones: for each
pattern with a wildcard an imaginary action that stands for those that AWS adds later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import NamedTuple

from iamctl.policy.actions.details import Level
from iamctl.policy.normalized import folded
from iamctl.proof.book import Book
from iamctl.proof.encoding import ANY_ARN, Pattern
from iamctl.proof.known_actions import NO_RESOURCE, known_actions, numbers, places_in
from iamctl.text.late_pattern import late_pattern
from iamctl.text.once import once

_WILDCARD = late_pattern(r"[*?]")
_EVERYTHING = "*"
_MANY = 500
"""From so many actions on, every service of the catalogue is asked instead of every action."""
_MOST_OF_ONE_SERVICE = 1_000
"""More actions than any service has. For more than these, the kinds of the whole catalogue are read, which takes as long
as comparing five policies, and then serve all questions."""

_STAR, _ONE = "\ue000", "\ue001"
_COMING = str.maketrans({"*": _STAR, "?": _ONE})
_WRITTEN = str.maketrans({_STAR: "*", _ONE: "?"})
_EXPRESSIONS = {"*": ".*", "?": f"[^{_STAR}]"}


class Places(NamedTuple):
    """Actions whose usual requests are about the same resources; patterns, of which a resource matches one."""

    actions: int
    resources: tuple[Pattern, ...]


class ForgottenPatternError(ValueError):
    """A universe lacks a pattern: actions that only this pattern matches would go unseen, and a proof would be wrong."""


class Universe:
    """Every action that a proof is about. A set of actions is an integer."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._known = known_actions()
        own = self._own_patterns = {folded(pattern) for pattern in patterns} | {_EVERYTHING}
        unknown = sorted(name for name in own if not _WILDCARD.search(name) and self._known.number(name) is None)
        coming = sorted({_coming(pattern) for pattern in own if _WILDCARD.search(pattern)})
        first = self._known.count
        self._own_blocks: tuple[tuple[int, Sequence[str]], ...] = (
            (first, unknown),
            (first + len(unknown), coming),
        )
        self._own = [*unknown, *coming]
        self._number_of = {name: first + place for place, name in enumerate(unknown)}
        self._memo: dict[str, int] = {}
        self._formats = Book()
        self._numbers_of: dict[tuple[Pattern, ...], int] = {}
        self._reaching: dict[tuple[Pattern, ...], int] = {}
        self._kinds_of: dict[int, Mapping[tuple[Pattern, ...], int]] = {}
        self.all = (1 << first + len(self._own)) - 1
        """All actions."""
        self.known = (1 << first) - 1
        """The actions of the catalogue."""
        self.coming = self.all ^ (1 << first + len(unknown)) - 1
        """Imaginary actions, which stand for those that AWS adds later."""

    def bits(self, pattern: str) -> int:
        """Return the actions that a pattern matches, whatever the case; coming ones as generally as can be.

        Raises:
            ForgottenPatternError: the universe was not made for the pattern.
        """
        text = folded(pattern)
        number = self._known.number(text)
        if number is not None:
            return 1 << number
        if text not in self._own_patterns:
            raise ForgottenPatternError(pattern)
        return self.matching(text)

    def matching(self, pattern: str) -> int:
        """Return those of the actions here that any pattern matches; a proof about the pattern needs ``bits``."""
        found = self._memo.get(pattern)
        if found is None:
            found = self._memo[pattern] = self._matching(folded(pattern))
        return found

    def number(self, action: str) -> int | None:
        """Return the number of an action without wildcards, whatever the case; None for one that is not here."""
        name = folded(action)
        found = self._known.number(name)
        return self._number_of.get(name) if found is None else found

    def name(self, number: int) -> str:
        """Return the name of an action in AWS's spelling; that of a coming one is a pattern, as ``s3:get*``."""
        first = self._known.count
        return self._known.name(number) if number < first else self._own[number - first].translate(_WRITTEN)

    def names(self, bits: int) -> tuple[str, ...]:
        """Return the names of actions, sorted."""
        return tuple(sorted(map(self.name, numbers(bits))))

    @property
    def levels(self) -> Mapping[Level, int]:
        """The known actions of each access level."""
        return self._known.levels

    @once
    def shown_first(self) -> tuple[int, ...]:
        """Sets of actions, of which a reader should see the first: of the highest access level, then known, then named."""
        iam = self.levels.get(Level.PERMISSIONS, 0) & self.matching("iam:*")
        return (iam, *(self.levels.get(level, 0) for level in Level), self.known, self.all & ~self.coming)

    def level(self, number: int) -> Level | None:
        """Return the access level of an action; None for one that the catalogue lacks."""
        return next((level for level, bits in self.levels.items() if bits >> number & 1), None)

    def places(self, bits: int, inside: Iterable[Pattern] = ()) -> tuple[Places, ...]:
        """Return actions by the resources of their usual requests; one that the catalogue lacks may be about any.

        ``inside`` leaves the resources that have a text in common with each of some patterns.
        """
        found = [Places(same, resources) for resources, same in self._kinds(bits & self.known).items()]
        if others := bits & ~self.known:
            found.append(Places(others, (ANY_ARN, *NO_RESOURCE)))
        patterns = tuple(inside)
        if not patterns:
            return tuple(found)
        formats = [self._numbered(resources) for _, resources in found]
        near = reduce(and_, map(self._formats.meeting, patterns))
        return tuple(
            Places(same, tuple(each for each in resources if near >> self._formats.number(each) & 1))
            for (same, resources), numbered in zip(found, formats, strict=True)
            if numbered & near
        )

    def is_apart(self, resources: tuple[Pattern, ...], outside: Iterable[Pattern]) -> bool:
        """Return True only where one of some resources has no text in common with any of some patterns."""
        numbered = self._numbered(resources)  # first: what is not in the book yet meets nothing
        return bool(numbered & ~reduce(or_, map(self._formats.meeting, outside), 0))

    def reaching(self, bits: int, inside: tuple[Pattern, ...]) -> int:
        """Return the actions whose usual requests may be about a resource that meets each of some patterns."""
        if not inside:
            return bits
        found = self._reaching.get(inside)
        if found is None:
            if bits.bit_count() <= _MOST_OF_ONE_SERVICE:
                return reduce(or_, (same for same, _ in self.places(bits, inside)), 0)
            every = self._every  # which numbers what patterns meet
            near = reduce(and_, map(self._formats.meeting, inside))
            found = self._reaching[inside] = reduce(or_, (same for same, numbered in every if numbered & near), 0)
        return bits & found

    @once
    def _every(self) -> list[tuple[int, int]]:
        """All actions by the resources of their usual requests, which are numbers in the book."""
        return [(same, self._numbered(resources)) for same, resources in self.places(self.all)]

    def _numbered(self, resources: tuple[Pattern, ...]) -> int:
        """Return the numbers of some resources in the book of those that were asked about, as bits."""
        found = self._numbers_of.get(resources)
        if found is None:
            found = self._numbers_of[resources] = reduce(or_, (1 << self._formats.number(each) for each in resources))
        return found

    def by_service(self, bits: int) -> Mapping[str, int]:
        """Return actions by the prefix of their service, sorted."""
        known = bits & self.known
        found: dict[str, int] = {}
        if known.bit_count() > _MANY:
            found = {prefix: same for prefix, actions in self._known.services.items() if (same := actions & bits)}
        else:
            for number in numbers(known):
                prefix = self._known.prefix(number)
                found[prefix] = found.get(prefix, 0) | 1 << number
        for number in numbers(bits & ~self.known):
            prefix = self.name(number).partition(":")[0]
            found[prefix] = found.get(prefix, 0) | 1 << number
        return dict(sorted(found.items()))

    def _kinds(self, bits: int) -> Mapping[tuple[Pattern, ...], int]:
        if bits.bit_count() > _MOST_OF_ONE_SERVICE:
            return {resources: same for resources, actions in self._known.kinds.items() if (same := actions & bits)}
        found = self._kinds_of.get(bits)
        if found is None:
            found = self._kinds_of[bits] = self._known.by_resources(bits)
        return found

    def _matching(self, pattern: str) -> int:
        start = _WILDCARD.split(pattern, maxsplit=1)[0]
        if start == pattern:
            number = self.number(pattern)
            return 0 if number is None else 1 << number
        expression = None if pattern == f"{start}*" else _expression(pattern)
        own = sum(places_in(names, start, expression) << first for first, names in self._own_blocks)
        return own | self._known.matching(start, expression)


def _coming(pattern: str) -> str:
    """Return the name of the action that stands for those to come; nothing but ``*`` matches what ``*`` stands for."""
    return (f"{pattern}:{pattern}" if pattern == _EVERYTHING else pattern).translate(_COMING)


def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_EXPRESSIONS.get(each) or re.escape(each) for each in pattern), re.DOTALL)
