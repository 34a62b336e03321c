"""The judgements of all assertions, of the manifests and of the base, before and after a plan."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from iamctl.access.asserted import Principals
from iamctl.access.held import PolicySources
from iamctl.access.people import People
from iamctl.access.verdicts import Counterexample, Verdict
from iamctl.account.live import Live
from iamctl.model import Address, State
from iamctl.model.assertion import Assertion
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from iamctl.access.assertions import Judge
    from iamctl.rules import Review


@dataclass(frozen=True)
class Judged:
    """The judgement of one assertion on the state after a plan, compared with the state before."""

    verdict: Verdict
    was_refuting: frozenset[Address] = frozenset()
    """By whom it was refuted before."""
    is_of_base: bool = False
    """Whether only the base has the assertion."""
    is_loosening_allowed: bool = False

    @property
    def is_lenient(self) -> bool:
        """Whether a refutation is only a warning."""
        return self.verdict.assertion.severity == "warn" or (self.is_of_base and self.is_loosening_allowed)

    @property
    def fresh(self) -> tuple[Counterexample, ...]:
        """The counterexamples that count: those of people by whom it was not refuted before, or all."""
        if self.verdict.assertion.existing == "refuse":
            return self.verdict.refuted
        return tuple(one for one in self.verdict.refuted if one.person not in self.was_refuting)

    @property
    def earlier(self) -> tuple[Counterexample, ...]:
        """The other counterexamples: those of people by whom it was refuted before."""
        fresh = {one.person for one in self.fresh}
        return tuple(one for one in self.verdict.refuted if one.person not in fresh)


class Judgements:
    """Judges the assertions of a review; at the stage ``declared`` on the manifests alone."""

    def __init__(self, review: Review) -> None:
        self._review = review

    @cached_property
    def everybody(self) -> tuple[Principals, ...]:
        """The users, groups and roles after the plan, and before it where that is known."""
        return tuple(Principals(people.sources, state) for people, state in self._states if people)

    @cached_property
    def all(self) -> tuple[Judged, ...]:
        """The judgements of all assertions by name, those of the base last."""
        asserted = tuple(self._assertions())
        judges = self._judges(tuple(assertion for assertion, _ in asserted))
        return tuple(self._judged(assertion, judges, is_of_base=is_of_base) for assertion, is_of_base in asserted)

    def _judged(self, assertion: Assertion, judges: tuple[Judge, ...], *, is_of_base: bool) -> Judged:
        after, *before = judges
        verdict = after.verdict(assertion)
        was: frozenset[Address] = frozenset()
        if before and verdict.refuted:
            was = before[0].verdict(assertion, verdict.refuting).refuting
        base = self._review.desired.base
        return Judged(verdict, was, is_of_base, is_loosening_allowed=base is not None and base.loosening_allowed)

    def _assertions(self) -> Iterator[tuple[Assertion, bool]]:
        desired = self._review.desired
        yield from ((assertion, False) for assertion in desired.assertions)
        base = desired.base.desired if desired.base else None
        if base:
            yield from ((one, True) for one in base.assertions if one not in desired.assertions)

    def _judges(self, assertions: tuple[Assertion, ...]) -> tuple[Judge, ...]:
        from iamctl.access.assertions import judges

        return judges(self._states, assertions, knows_roles=not self._review.is_declared_only)

    @cached_property
    def _states(self) -> tuple[tuple[People, State], ...]:
        """The state to judge, and the one before it."""
        review = self._review
        if review.is_declared_only:
            base = review.desired.base.desired if review.desired.base else None
            declared = (review.desired, base) if base else (review.desired,)
            return tuple((self._declared(one.state), one.state) for one in declared)
        was, will = review.people
        if review.asserts_live:
            return ((was, review.scoped.whole),)
        return (will, review.after), (was, review.scoped.whole)

    def _declared(self, state: State) -> People:
        desired = self._review.desired
        live = Live(desired.settings.account_id, desired.partition, State({}))
        return People(PolicySources(live, state), state, self._review.now)
