"""Judges assertions in one state of an account: proved, refuted by a request or a way, or not decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from iamctl.access.asserted import Principals
from iamctl.access.asserted_ways import AssertedWays
from iamctl.access.grants import Spelling, example_of
from iamctl.access.people import People
from iamctl.access.request_sets import actions_of, keys_of, plain, request_set
from iamctl.access.row import Source
from iamctl.access.sides import Sides, engine_of
from iamctl.access.verdicts import Counterexample, Doubt, Undecided, Verdict
from iamctl.model import Address, State
from iamctl.model.assertion import Assertion, Forbid, NoWayTo, Requests, Require, Within
from iamctl.proof.engine import Engine, Gain, Kind, Side
from iamctl.proof.searches import Doubt as Uncertainty
from iamctl.proof.statements import NO_FACTS, Facts
from iamctl.text.late_dataclass import dataclass


def judges(
    states: Sequence[tuple[People, State]],
    assertions: Iterable[Assertion],
    *,
    knows_roles: bool = True,
) -> tuple[Judge, ...]:
    """Return a judge of each state; they share what they work out.

    Without ``knows_roles`` the roles of the account are not known, so that a way may lead through one.
    """
    asserted = tuple(assertions)
    patterns = {pattern for assertion in asserted for pattern in actions_of(assertion)}
    keys = {key for assertion in asserted for key in keys_of(assertion)}
    engine = engine_of([people.sources for people, _ in states], states[0][0].now, patterns)
    sides = [Sides(engine, people, state) for people, state in states]
    spelling = Spelling((*keys, *(key for side in sides for key in side.condition_keys())))
    return tuple(
        Judge(side, state, spelling, AssertedWays(side, state, knows_roles=knows_roles))
        for side, (_, state) in zip(sides, states, strict=True)
    )


@dataclass(frozen=True)
class _Refutation:
    """A request that refutes an assertion, if it is certain."""

    gain: Gain
    facts: Facts
    unknown: tuple[str, ...]
    """The policies whose documents, if they were known, could decide otherwise."""

    @property
    def is_certain(self) -> bool:
        return self.gain.exact and not self.unknown

    @property
    def rank(self) -> tuple[bool, bool]:
        """What counts more: a usual request before an unusual one, a certain one before a doubtful one."""
        return self.gain.usual, self.is_certain


class Judge:
    """Judges assertions in one state."""

    def __init__(self, sides: Sides, state: State, spelling: Spelling, ways: AssertedWays) -> None:
        self._sides = sides
        self._state = state
        self._engine: Engine = sides.engine
        self._spelling = spelling
        self._ways = ways

    def verdict(self, assertion: Assertion, only: frozenset[Address] | None = None) -> Verdict:
        """Return the judgement; with ``only``, of these people."""
        about = self._principals.about(assertion, self._sides.people.now)
        people = tuple(person for person in about if only is None or person in only)
        refuted: list[Counterexample] = []
        unusual: list[Counterexample] = []
        undecided: list[Undecided] = []
        for person in people:
            match self._judged(assertion, person):
                case Undecided() as doubt:
                    undecided.append(doubt)
                case Counterexample(is_usual=is_usual) as found:
                    (refuted if is_usual or assertion.strict else unusual).append(found)
        return Verdict(assertion, people, tuple(refuted), tuple(undecided), tuple(unusual))

    @cached_property
    def _principals(self) -> Principals:
        return Principals(self._sides.people.sources, self._state)

    def _judged(self, assertion: Assertion, person: Address) -> Undecided | Counterexample | None:
        """Return who refutes an assertion or leaves it open; None if it is proved for a person."""
        if isinstance(assertion.about, NoWayTo):
            return self._ways.judged(assertion.about, person, self._principals)
        found = self._refutation(assertion, person)
        if found is None:
            return None
        if found.is_certain:
            return self._counterexample(assertion, person, found)
        return Undecided(person, _doubt(found), found.unknown)

    def _refutation(self, assertion: Assertion, person: Address) -> _Refutation | None:
        """Return the request that counts most; what is known of the person is filled in where that can matter."""
        gains, facts = self._gains(assertion, person, NO_FACTS), NO_FACTS
        if any(gain.asks_facts or not gain.exact for gain in gains):
            facts = self._sides.facts(person)
            gains = self._gains(assertion, person, facts)
        found = [_Refutation(gain, facts, self._unknown(assertion, person, gain)) for gain in gains]
        return max(found, key=lambda one: one.rank, default=None)

    def _unknown(self, assertion: Assertion, person: Address, gain: Gain) -> tuple[str, ...]:
        """Return the policies whose documents nobody has read and that could decide it otherwise."""
        is_open = Uncertainty.UNREAD in gain.doubts
        if isinstance(assertion.about, Require):
            is_open = is_open or gain.kind is not Kind.NO_LONGER_DENIED
        return self._sides.unknown(person) if is_open else ()

    def _gains(self, assertion: Assertion, person: Address, facts: Facts) -> tuple[Gain, ...]:
        """Return the requests that refute an assertion for a person; none is a proof."""
        engine, side = self._engine, self._sides.of(person, facts)
        match assertion.about:
            case Forbid(requests):
                return engine.gains(Side(), _within(side, request_set(engine, requests, facts)))
            case Require(requests):
                return engine.gains(side, Side(allow=request_set(engine, plain(requests), facts)))
            case Within(reference=reference, when=when) if reference.normalized:
                allowed = engine.statements(reference.normalized, facts)
                bounded = _within(side, request_set(engine, Requests(when=when), facts)) if when else side
                return engine.gains(Side(allowed.allow, allowed.deny), bounded)
        raise ValueError(f"{assertion.name}: an assertion of requests is expected, with a well-formed reference")

    def _counterexample(self, assertion: Assertion, person: Address, found: _Refutation) -> Counterexample:
        gain = found.gain
        example = example_of(gain.witness, self._spelling)
        bits = gain.because if isinstance(assertion.about, Require) else 1 << gain.by
        sources: tuple[Source, ...] = ()
        if not isinstance(assertion.about, Require) or gain.kind is Kind.NO_LONGER_DENIED:
            is_denied = isinstance(assertion.about, Require)
            sources = self._sides.sources(person, bits, found.facts, with_boundary=is_denied)
        return Counterexample(person, example, sources, is_usual=gain.usual)


def _within(side: Side, requests: int) -> Side:
    """Return a side that allows nothing but a set of requests."""
    return Side(side.allow, side.deny, (*side.ceilings, requests))


def _doubt(found: _Refutation) -> Doubt:
    doubts = found.gain.doubts
    if Uncertainty.BUDGET in doubts:
        return Doubt.EFFORT
    return Doubt.DOCUMENT if found.unknown else Doubt.CONDITION
