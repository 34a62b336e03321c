"""Reads one pattern through many others in one pass: which of them meet it, and which surely include it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from operator import or_

from iamctl.proof.encoding import INNER, ONE, SOME, STAR, STEM, Pattern, is_symbol
from iamctl.proof.patterns import Machine

BLOCK = 256
"""Patterns of one machine; what a full block answers for a pattern stays as it is."""
_COLON = ":"
_Read = Callable[["_Block", Pattern], int]


class Book:
    """Patterns with numbers."""

    def __init__(self) -> None:
        self._numbers: dict[Pattern, int] = {}
        self._patterns: list[Pattern] = []
        self._blocks: list[_Block] = []
        self._meeting: dict[Pattern, tuple[int, int]] = {}
        self._including: dict[Pattern, tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._patterns)

    def number(self, pattern: Pattern) -> int:
        """Return the number of a pattern; a new one is added."""
        number = self._numbers.get(pattern)
        if number is None:
            number = self._numbers[pattern] = len(self._patterns)
            self._patterns.append(pattern)
        return number

    def pattern(self, number: int) -> Pattern:
        """Return the pattern with a number."""
        return self._patterns[number]

    def meeting(self, pattern: Pattern) -> int:
        """Return the patterns that match a text which ``pattern`` matches, as bits. Symbols are as in ``find``."""
        return self._asked(pattern, self._meeting, _Block.meeting)

    def including(self, pattern: Pattern) -> int:
        """Return patterns that match every text of ``pattern``, as bits; it need not be all that do."""
        return self._asked(pattern, self._including, _Block.including)

    def _asked(self, pattern: Pattern, memo: dict[Pattern, tuple[int, int]], read: _Read) -> int:
        count, found = memo.get(pattern, (0, 0))
        if count < len(self._patterns):
            first = count // BLOCK
            found &= (1 << first * BLOCK) - 1
            for place, block in enumerate(self._upto_date(first), first):
                found |= read(block, pattern) << place * BLOCK
            memo[pattern] = len(self._patterns), found
        return found

    def _upto_date(self, first: int) -> Iterator[_Block]:
        """Yield the blocks from ``first`` on with all patterns in them."""
        for place in range(first, -(-len(self._patterns) // BLOCK)):
            if place == len(self._blocks):
                self._blocks.append(_Block())
            self._blocks[place].extend(self._patterns[place * BLOCK : (place + 1) * BLOCK])
            yield self._blocks[place]


class _Block:
    """Some patterns side by side, through which another pattern is read token by token."""

    def __init__(self) -> None:
        self._meeting = self._including = Machine(())
        self._number_at: dict[int, int] = {}
        self._floods: dict[str, int] = {}
        self._steps: dict[str, tuple[int, int]] = {}
        self._sure_steps: dict[str, tuple[int, int]] = {}

    def extend(self, patterns: Sequence[Pattern]) -> None:
        """Add those of ``patterns`` that are not in it yet."""
        machine = self._meeting
        if len(machine.spans) == len(patterns):
            return
        first = len(machine.spans)
        machine.extend(patterns[first:])
        for number in range(first, len(patterns)):
            self._number_at[machine.spans[number].bit_length() - 1] = number
        self._including = machine.holding_nothing()
        symbols = reduce(or_, (bits for character, bits in machine.literals.items() if is_symbol(character)), 0)
        body = (1 << machine.spans[-1].bit_length()) - 1 & ~machine.ends
        flat = body & ~machine.literals.get(_COLON, 0)
        stems, loops = machine.loop | machine.stem, machine.loop
        self._floods = {STAR: body, STEM: flat}
        self._steps = {ONE: (body & ~symbols, stems), INNER: (flat & ~symbols, stems), SOME: (flat, stems)}
        self._sure_steps = {
            STAR: (0, loops),
            STEM: (0, stems),
            ONE: (machine.one, loops),
            INNER: (machine.one | machine.inner | machine.some, stems),
            SOME: (machine.some, loops),
        }

    def meeting(self, pattern: Pattern) -> int:
        """Return the patterns that have a text in common with another one, as bits."""
        state = self._meeting.start
        for token in pattern:
            if token in self._floods:
                body = self._floods[token]
                state |= ((state & body) + body) ^ body  # from each place on up to where the run of ``body`` ends
            else:
                going, staying = self._steps.get(token) or self._meeting.moves(token)
                state = (state & going) << 1 | state & staying
            if not state:
                return 0
        return self._numbers(state & self._meeting.ends)

    def including(self, pattern: Pattern) -> int:
        """Return patterns that certainly match all that another one does, as bits."""
        state = self._including.start
        for token in pattern:
            going, staying = self._sure_steps.get(token) or self._including.moves(token)
            state = (state & going) << 1 | state & staying
            if not state:
                return 0
        return self._numbers(state & self._including.ends)

    def _numbers(self, ends: int) -> int:
        found = 0
        while ends:
            place = ends.bit_length() - 1
            found |= 1 << self._number_at[place]
            ends ^= 1 << place
        return found
