"""Searches patterns: all places of many patterns are the bits of one integer, and one step reads a character in all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import lru_cache
from itertools import count
from typing import NamedTuple

from iamctl.proof.encoding import INNER, ONE, SOME, STAR, STEM, Pattern, is_symbol, opened

BUDGET = 20_000
"""States that one search visits before it gives up; real policies need hundreds."""

_COLON = ":"
_MANY = 8
"""From so many patterns on, a machine takes all in one go."""
_END = 0
_TOKENS = {1: ONE, 2: INNER, 3: SOME}
"""Bytes that stand for wildcards."""
_BYTES = {ord(token): byte for byte, token in _TOKENS.items()}
_FIELDS = {ONE: "one", INNER: "inner", SOME: "some", STAR: "loop", STEM: "stem"}
_LOOPS = re.compile(f"([{STAR}{STEM}])")
_WILDCARD = re.compile(f"[{ONE}{INNER}{SOME}{STAR}{STEM}]")
_SPECIAL = re.compile(f"[^\\x04-\\xff{ONE}{INNER}{SOME}{STAR}{STEM}]")
"""What a byte cannot stand for, or what it stands for already."""
_FREE = "xabcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Found(NamedTuple):
    """What a search found: a text; or None, proved if ``complete``, otherwise because the budget is spent."""

    text: str | None
    complete: bool


class Places(NamedTuple):
    """One pattern as bits. Bit j says "the first j characters are matched"; a star is a loop on its place.

    ``literals`` holds, for each character, the places that wait for it.
    """

    width: int
    literals: Mapping[str, int]
    one: int
    inner: int
    some: int
    loop: int
    stem: int


@lru_cache(maxsize=1 << 15)
def places(pattern: Pattern) -> Places:
    """Return the places of one pattern; the last one is its end."""
    literals: dict[str, int] = {}
    bits = dict.fromkeys((ONE, INNER, SOME, STAR, STEM), 0)
    place = 1
    for token in pattern:
        if token in bits:
            bits[token] |= place
        else:
            literals[token] = literals.get(token, 0) | place
        if token not in (STAR, STEM):
            place <<= 1
    return Places(place.bit_length(), literals, *bits.values())


class _Joined(NamedTuple):
    """The places of many patterns one after the other, a byte for each."""

    tokens: bytes
    ends: tuple[int, ...]
    """Where the places of each pattern end."""
    loops: Mapping[str, Sequence[int]]
    """The places of stars and stems, which take none for themselves."""

    def bits(self) -> Iterator[tuple[str, int]]:
        """Yield each token with its places."""
        reverse = self.tokens[::-1]
        for byte in sorted(set(reverse) - {_END}):
            table = bytearray(b"0" * 256)
            table[byte] = ord("1")
            yield _TOKENS.get(byte, chr(byte)), int(reverse.translate(table), 2)
        for token, found in self.loops.items():
            marked = bytearray(b"0" * len(reverse))
            for place in found:
                marked[-1 - place] = ord("1")
            yield token, int(marked, 2)


def _joined(patterns: Iterable[Pattern]) -> _Joined | None:
    """Return patterns as bytes; None if one has a character that needs more than a byte."""
    tokens, ends = bytearray(), []
    loops: dict[str, list[int]] = {STAR: [], STEM: []}
    for pattern in patterns:
        if _SPECIAL.search(pattern):
            return None
        for piece in _LOOPS.split(pattern):
            if piece in loops:
                loops[piece].append(len(tokens))
            else:
                tokens += piece.translate(_BYTES).encode("latin-1")
        tokens.append(_END)
        ends.append(len(tokens))
    return _Joined(bytes(tokens), tuple(ends), loops)


class Machine:
    """Many patterns side by side. The first ``leading`` of them may hold symbols in the stems of ARNs.

    A state is an integer with the places that a text has reached in each pattern.
    """

    def __init__(self, patterns: Iterable[Pattern], leading: int = 0) -> None:
        self.start = self.ends = self.one = self.inner = self.some = self.loop = self.stem = self.held = 0
        self.literals: dict[str, int] = {}
        self.spans: list[int] = []
        self._offset = 0
        self._moves: dict[str, tuple[int, int]] = {}
        for position, pattern in enumerate(patterns):
            self.append(pattern, is_leading=position < leading)

    def append(self, pattern: Pattern, *, is_leading: bool) -> None:
        """Add a pattern; states of before stay valid."""
        offset, found = self._offset, places(pattern)
        for character, bits in found.literals.items():
            self.literals[character] = self.literals.get(character, 0) | bits << offset
        self.one |= found.one << offset
        self.inner |= found.inner << offset
        self.some |= found.some << offset
        self.loop |= found.loop << offset
        self.stem |= found.stem << offset
        self.start |= 1 << offset
        if is_leading:
            self.held |= found.stem << offset
        self.spans.append((1 << found.width) - 1 << offset)
        self._offset += found.width
        self.ends |= 1 << self._offset - 1
        self._moves.clear()

    def extend(self, patterns: Sequence[Pattern]) -> None:
        """Add patterns, all of them leading; many in one go, since each alone moves all that are there."""
        joined = _joined(patterns) if len(patterns) >= _MANY else None
        if joined is None:
            for pattern in patterns:
                self.append(pattern, is_leading=True)
            return
        offset, start = self._offset, 0
        for end in joined.ends:
            self.spans.append((1 << end - start) - 1 << offset + start)
            self.start |= 1 << offset + start
            self.ends |= 1 << offset + end - 1
            start = end
        for token, bits in joined.bits():
            if token in _FIELDS:
                field = _FIELDS[token]
                setattr(self, field, getattr(self, field) | bits << offset)
            else:
                self.literals[token] = self.literals.get(token, 0) | bits << offset
            if token == STEM:
                self.held |= bits << offset
        self._offset += start
        self._moves.clear()

    def holding_nothing(self) -> Machine:
        """Return the same patterns, none of them leading."""
        found = copy(self)
        found.release()
        return found

    def release(self) -> None:
        """Let none of the patterns be leading any longer."""
        self.held, self._moves = 0, {}

    def moves(self, character: str) -> tuple[int, int]:
        """Return the places that go on by one when ``character`` is read, and those that stay."""
        known = self._moves.get(character)
        if known is None:
            waiting = self.literals.get(character, 0)
            if character == _COLON:
                known = waiting | self.one, self.loop
            elif is_symbol(character):
                known = waiting | self.some, self.loop | self.held
            else:
                known = waiting | self.one | self.inner | self.some, self.loop | self.stem
            self._moves[character] = known
        return known

    def step(self, state: int, character: str) -> int:
        """Return the state after ``character``."""
        going, staying = self.moves(character)
        return (state & going) << 1 | state & staying

    def settled(self, state: int, spans: Iterable[int]) -> int:
        """Return ``state`` without the places that a star behind them makes needless, in the spans given."""
        for span in spans:
            part = state & span
            if loops := part & self.loop:
                state ^= part & (1 << loops.bit_length() - 1) - 1
        return state

    def free_character(self) -> str:
        """Return a readable character that no pattern waits for."""
        for character in _FREE:
            if character not in self.literals:
                return character
        return next(character for character in map(chr, count(0x100)) if character not in self.literals)


def matches(pattern: Pattern, text: str) -> bool:
    """Return whether a pattern matches a text; a symbol in the text is any text without a colon."""
    machine = Machine((pattern,), 1)
    state = machine.start
    for character in text:
        state = machine.step(state, character)
        if not state:
            return False
    return bool(state & machine.ends)


def may_match(pattern: Pattern, text: str) -> bool:
    """Return whether a pattern matches a text for some values of the symbols in both; False is certain."""
    return find((opened(pattern), opened(text)), ()).text is not None


def find(inside: Sequence[Pattern], outside: Sequence[Pattern], budget: int = BUDGET) -> Found:
    """Return a shortest text that matches all of ``inside`` and none of ``outside``, or that there is none.

    Complete although it branches on few characters: places never hinder each other, so a state with fewer places of
    ``outside`` and equal ones of ``inside`` accepts every text that another one does. A character that no pattern of
    ``inside`` waits for moves ``inside`` as the free character does, and ``outside`` to at least as many places. Only
    a colon is different: it ends the stems.

    A symbol in the text is matched by itself and by ``*``, and by stems of ``inside``.
    """
    return counted(inside, outside, budget)[0]


def counted(inside: Sequence[Pattern], outside: Sequence[Pattern], budget: int) -> tuple[Found, int]:
    """Return what ``find`` does, and how many states it visited."""
    machine = Machine((*inside, *outside), len(inside))
    search = _Search(machine, len(inside))
    if search.ends_now(machine.start):
        return Found("", complete=True), 0
    if search.is_hopeless(machine.start):
        return Found(None, complete=True), 0
    beginning = max((_WILDCARD.split(pattern, 1)[0] for pattern in inside), key=len, default="")
    state = machine.start
    for index, character in enumerate(beginning):  # no other can come here, so this is all that a search would visit
        if index >= budget:
            return Found(None, complete=False), index
        following = search.after(state, *machine.moves(character))
        if following is None:
            return Found(None, complete=True), index + 1
        if search.ends_now(following):
            return Found(beginning[: index + 1], complete=True), index
        state = following
    if beginning:
        search.is_new(state)
    return _branched(search, state, beginning, budget)


def _branched(search: _Search, start: int, beginning: str, budget: int) -> tuple[Found, int]:
    """Return what ``counted`` does from the state on to which the beginning of every text leads."""
    states, origins = [start], [(0, "")]
    for index, state in enumerate(states):  # grows while it runs: breadth first
        visited = len(beginning) + index
        if visited >= budget:
            return Found(None, complete=False), visited
        for character, following in search.following(state):
            if search.ends_now(following):
                return Found(beginning + _text(origins, index) + character, complete=True), visited
            states.append(following)
            origins.append((index, character))
    return Found(None, complete=True), len(beginning) + len(states)


class _Move(NamedTuple):
    """What one character does in a machine, and the places of inside that wait for it."""

    character: str
    waiting: int
    going: int
    staying: int


class _Search:
    def __init__(self, machine: Machine, leading: int) -> None:
        self._machine = machine
        self._spans = machine.spans[:leading]
        self._inside = sum(self._spans)
        self._outside = sum(machine.spans[leading:])
        self._final = machine.ends & self._outside
        self._needed = machine.ends & self._inside
        self._trap = self._final & machine.loop
        self._breakable = (machine.stem | machine.inner | machine.some) & self._outside
        self._wild = machine.one | machine.inner | machine.some | machine.loop | machine.stem
        free = machine.free_character()
        self._free = _Move(free, 0, *machine.moves(free))
        self._colon = _Move(_COLON, 0, *machine.moves(_COLON))
        self._waiting = [
            _Move(character, bits & self._inside, *machine.moves(character))
            for character, bits in sorted(machine.literals.items())
            if bits & self._inside
        ]
        self._seen: dict[int, list[int]] = {}

    def ends_now(self, state: int) -> bool:
        return state & self._needed == self._needed and not state & self._final

    def is_hopeless(self, state: int) -> bool:
        """Return whether no text can follow: a pattern of inside is dead, or one of outside matches all from here."""
        return bool(state & self._trap) or not all(map(state.__and__, self._spans))

    def following(self, state: int) -> Iterator[tuple[str, int]]:
        for character, _, going, staying in self._worth_reading(state):
            following = self.after(state, going, staying)
            if following is not None and self.is_new(following):
                yield character, following

    def after(self, state: int, going: int, staying: int) -> int | None:
        """Return the state after a character; None where no text can follow."""
        following = (state & going) << 1 | state & staying
        return None if self.is_hopeless(following) else self._machine.settled(following, self._spans)

    def _worth_reading(self, state: int) -> list[_Move]:
        for span in self._spans:
            part = state & span
            if not part & self._wild:  # this pattern goes on with a literal only
                return [move for move in self._waiting if part & move.waiting]
        worth = [self._free, *(move for move in self._waiting if state & move.waiting)]
        if state & self._breakable and all(move.character != _COLON for move in worth):
            worth.append(self._colon)
        return worth

    def is_new(self, state: int) -> bool:
        """Return False if an earlier state accepts all that this one does."""
        outside = state & self._outside
        earlier = self._seen.setdefault(state & self._inside, [])
        if any(less & outside == less for less in earlier):
            return False
        earlier.append(outside)
        return True


def _text(origins: Sequence[tuple[int, str]], index: int) -> str:
    characters = []
    while index:
        index, character = origins[index]
        characters.append(character)
    return "".join(reversed(characters))
