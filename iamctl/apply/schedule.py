"""Which call may be sent next: the state of a run, without time, threads or AWS."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from heapq import heappop, heappush
from typing import NamedTuple

from iamctl.apply.targets import followed, targets
from iamctl.model import Call
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class Spreading:
    """How long what a call took from people needs to be seen by all of AWS, before they are given something else."""

    relies_on: Mapping[int, Sequence[int]] = field(default_factory=dict)
    """Call to the earlier calls that must be seen everywhere before it is sent, by index."""
    seconds: float = 0.0


class Wait(NamedTuple):
    """A call that waits for an earlier one to be seen everywhere."""

    call: Call
    relied: Call
    until: float


class Schedule:
    """The calls of a plan, each in one of five states: not ready, ready, under way, put off, or at its end.

    A call is ready when all that it needs has reached its goal and all that it relies on is old enough to be seen
    everywhere. It is taken when no call under way has a target in common with it; the lowest index comes first.
    """

    def __init__(self, calls: Sequence[Call], spreading: Spreading | None = None) -> None:
        """Raise ``ValueError`` where a call needs one that does not come before it."""
        self._spreading = spreading or Spreading()
        self._calls: dict[int, Call] = {}
        self._missing: dict[int, int] = {}
        """How many of the calls that a call waits for have not ended as it wants."""
        self._followers: defaultdict[int, list[int]] = defaultdict(list)
        self._relying: defaultdict[int, list[int]] = defaultdict(list)
        """Call to the later ones that rely on it and do not need it."""
        self._targets: dict[int, frozenset[str]] = {}
        self._busy: set[str] = set()
        self._open: list[int] = []
        self._later: list[tuple[float, int]] = []
        self._parked: defaultdict[str, list[int]] = defaultdict(list)
        """Target that is busy to the ready calls that wait for it."""
        self._reached_at: dict[int, float] = {}
        self._failed: set[int] = set()
        self._hindered: set[int] = set()
        self._new_waits: list[Wait] = []
        after = followed(calls)
        for call in calls:
            self._add(call, after.get(call.index, frozenset()))
        for call in calls:
            if not self._missing[call.index]:
                heappush(self._open, call.index)

    def _add(self, call: Call, after: frozenset[int]) -> None:
        if call.index in self._calls or not self._calls.keys() >= set(call.needs):
            raise ValueError(f"call {call.index} comes before a call that it needs, or is a duplicate")
        needs = set(call.needs)
        awaited = after.union(self._spreading.relies_on.get(call.index, ()))
        only_relied = {one for one in awaited if one in self._calls} - needs
        self._calls[call.index] = call
        self._targets[call.index] = targets(call)
        self._missing[call.index] = len(needs) + len(only_relied)
        for need in needs:
            self._followers[need].append(call.index)
        for relied in only_relied:
            self._relying[relied].append(call.index)

    def take(self, now: float) -> Call | None:
        """Return the next call to be sent, which is under way from now on; None where none may be."""
        while self._later and self._later[0][0] <= now:
            heappush(self._open, heappop(self._later)[1])
        while self._open:
            index = heappop(self._open)
            busy = self._busy & self._targets[index]
            if not busy:
                self._busy |= self._targets[index]
                return self._calls[index]
            heappush(self._parked[min(busy)], index)
            self._let_in(self._targets[index] - busy)
        return None

    def put_off(self, index: int, until: float) -> None:
        """Let a call that is under way wait, and others have its targets in the meantime."""
        self._free(index)
        heappush(self._later, (until, index))

    def end(self, index: int, now: float, *, is_reached: bool) -> None:
        """Note how a call that was under way ended."""
        self._free(index)
        if is_reached:
            self._reached_at[index] = now
            for follower in self._followers[index]:
                self._arrived(follower, now)
        else:
            self._failed.add(index)
            self._hinder(index, now)
        for relying in self._relying[index]:
            self._arrived(relying, now)

    @property
    def is_ready(self) -> bool:
        """Whether there may be a call to take right away."""
        return bool(self._open)

    @property
    def wakes_at(self) -> float | None:
        """When the first call that waits for time to pass may be sent; None where none does."""
        return self._later[0][0] if self._later else None

    def new_waits(self) -> list[Wait]:
        """Return the waits for something to be seen everywhere that have begun since the last question."""
        waits, self._new_waits = self._new_waits, []
        return waits

    def left(self) -> Iterator[tuple[Call, int | None]]:
        """Yield the calls that were not taken, and the first failed call that keeps each from it; None: no failure."""
        roots: dict[int, int] = {index: index for index in self._failed}
        for index, call in self._calls.items():
            found = [roots[need] for need in call.needs if need in roots]
            if found:
                roots[index] = min(found)
            if index not in self._reached_at and index not in self._failed:
                yield call, roots.get(index)

    def _arrived(self, index: int, now: float) -> None:
        """Note that one more of the calls that a call waits for has ended as it wants."""
        self._missing[index] -= 1
        if self._missing[index] or index in self._hindered:
            return
        relied = self._spreading.relies_on.get(index, ())
        times = [(self._reached_at[one], one) for one in relied if one in self._reached_at]
        since, last = max(times, default=(now, index))
        until = since + self._spreading.seconds if times else now
        if until <= now:
            heappush(self._open, index)
            return
        heappush(self._later, (until, index))
        self._new_waits.append(Wait(self._calls[index], self._calls[last], until))

    def _hinder(self, failed: int, now: float) -> None:
        """Note that all which needs a failed call never starts; what only relies on that need not wait for it."""
        open_calls = list(self._followers[failed])
        while open_calls:
            index = open_calls.pop()
            if index in self._hindered:
                continue
            self._hindered.add(index)
            open_calls += self._followers[index]
            for relying in self._relying[index]:
                self._arrived(relying, now)

    def _free(self, index: int) -> None:
        self._busy -= self._targets[index]
        self._let_in(self._targets[index])

    def _let_in(self, free: frozenset[str]) -> None:
        """Make one of the calls that wait for each of these targets ready again; it lets the next one in, or takes it."""
        for target in free:
            if self._parked[target]:
                heappush(self._open, heappop(self._parked[target]))
