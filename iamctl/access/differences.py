"""What one person may do on one side of a plan and not on the other, each with a request that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from iamctl.access.found import Finder
from iamctl.access.grants import KINDS, Spelling, example_of
from iamctl.access.held import HeldPolicy
from iamctl.access.row import Example, Kind
from iamctl.access.sides import Sides
from iamctl.model import Address
from iamctl.proof.engine import ALWAYS, Gain, Side
from iamctl.proof.least_true import Condition
from iamctl.proof.lines import line
from iamctl.proof.statements import NO_FACTS, Facts
from iamctl.text.late_dataclass import dataclass

WITHOUT_MFA = frozenset(
    {line("BoolIfExists", "aws:MultiFactorAuthPresent", ["false"]), line("Bool", "aws:ViaAWSService", ["false"])}
)
"""The condition that somebody makes a request without MFA, and no service makes it for them."""


@dataclass(frozen=True)
class Difference:
    """Requests that are allowed on one side alone."""

    kind: Kind
    request: Example
    """One of them, of a form that AWS documents; without an action if the search was given up."""
    by: tuple[HeldPolicy, ...]
    """The policies that allow them, on the side where they are allowed."""
    held_back_by: tuple[HeldPolicy, ...]
    """The policies that deny them, or the boundary that keeps them back, on the other side, if that is why."""
    is_exact: bool
    """Whether the request is certainly allowed on one side alone."""


class Differences:
    """Compares the sides before and after a plan; equal pairs of sides are compared once."""

    def __init__(self, before: Sides, after: Sides) -> None:
        self._before, self._after = before, after
        self._engine = before.engine
        self._worst: dict[tuple[int, ...], tuple[Example | None, tuple[Gain, ...]]] = {}

    def gained(self, person: Address, when: Condition = ALWAYS) -> tuple[Difference, ...]:
        """Return what a user, group or role may do after the plan and not before it; none is a proof for usual requests."""
        return tuple(self._found(self._before, self._after, person, when))

    def gained_without_mfa(self, person: Address) -> tuple[Difference, ...]:
        """Return what somebody may do after the plan and not before it, without MFA."""
        return self.gained(person, WITHOUT_MFA)

    def worst_without_mfa(self, person: Address) -> Example | None:
        """Return the request of the worst gain without MFA, as rows of access rank them; None if no search found one."""
        _, gains = self._gains_of(self._before, self._after, person, WITHOUT_MFA)
        key = tuple(map(id, gains))
        if key not in self._worst:
            examples = (row.example for row in self._finder.rows(gains))
            self._worst[key] = next((example for example in examples if example.action), None), gains
        return self._worst[key][0]

    def lost(self, person: Address, when: Condition = ALWAYS) -> tuple[Difference, ...]:
        """Return what a user, group or role may do before the plan and not after it; none is a proof for usual requests."""
        return tuple(self._found(self._after, self._before, person, when))

    def denied(self, person: Address) -> tuple[Difference, ...]:
        """Return what Denies keep from a user, group or role after the plan and not before it, whoever allows it."""
        facts = NO_FACTS, NO_FACTS
        if self._has_new_facts(person):
            facts = self._before.facts(person), self._after.facts(person)
        unread = self._engine.numbering.unread
        old = _side(self._before, person, facts[0]).deny & ~unread
        new = _side(self._after, person, facts[1]).deny & ~unread
        gains = self._gains(Side(old), Side(new), ALWAYS) if new & ~old else ()
        return tuple(
            Difference(
                Kind.NO_LONGER_DENIED,
                example_of(gain.witness, self._spelling),
                (),
                self._after.policies(person, 1 << gain.by, facts[1]),
                gain.exact,
            )
            for gain in gains
        )

    def _found(self, old: Sides, new: Sides, person: Address, when: Condition) -> Iterator[Difference]:
        facts, gains = self._gains_of(old, new, person, when)
        for gain in gains:
            yield Difference(
                KINDS[gain.kind],
                example_of(gain.witness, self._spelling),
                new.policies(person, 1 << gain.by, facts[1]),
                old.policies(person, gain.because, facts[0]),
                gain.exact,
            )

    def _gains_of(
        self, old: Sides, new: Sides, person: Address, when: Condition
    ) -> tuple[tuple[Facts, Facts], tuple[Gain, ...]]:
        """Return the gains of a person, with what had to be known of the person before and after."""
        gains = self._gains(_side(old, person), _side(new, person), when)
        if self._has_new_facts(person) or any(gain.asks_facts for gain in gains):
            facts = old.facts(person), new.facts(person)
            return facts, self._gains(_side(old, person, facts[0]), _side(new, person, facts[1]), when)
        return (NO_FACTS, NO_FACTS), gains

    def _has_new_facts(self, person: Address) -> bool:
        """Return whether a policy asks for a name, path or tag of a person that is another one afterwards."""
        if self._after.has_facts_of(self._before, person):
            return False
        return self._before.asks_about(person) or self._after.asks_about(person)

    def _gains(self, old: Side, new: Side, when: Condition) -> tuple[Gain, ...]:
        return tuple(gain for gain in self._engine.gains(old, new, when) if gain.usual)

    @cached_property
    def _finder(self) -> Finder:
        return Finder(self._before, self._after)

    @cached_property
    def _spelling(self) -> Spelling:
        return Spelling(key for side in (self._before, self._after) for key in side.condition_keys())


def _side(sides: Sides, person: Address, facts: Facts = NO_FACTS) -> Side:
    if person.kind == "group":
        numbers = sides.of_holder(person)
        return Side(numbers.allow, numbers.deny)
    return sides.of(person, facts)
