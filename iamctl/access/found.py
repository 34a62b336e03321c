"""Rows of what the engine finds, each with a request of its own."""

from __future__ import annotations

from collections.abc import Sequence

from iamctl.access.action_sets import ActionSets
from iamctl.access.catalogued import Catalogued
from iamctl.access.examples import Examples
from iamctl.access.grants import Spelling, example_of, grant_of
from iamctl.access.row import Example, Grant, Row
from iamctl.access.rows import rows
from iamctl.access.sides import Sides, home_of
from iamctl.policy.pattern import ANY
from iamctl.proof.aws_facts import is_about_principal
from iamctl.proof.engine import Gain
from iamctl.proof.places import best_action
from iamctl.proof.searches import Doubt
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class Found:
    """What one side allows beyond another."""

    rows: tuple[Row, ...] = ()
    unusual: int = 0
    """How many gains exist only for requests of no documented form."""
    is_decided: bool = True
    """False where the search gave up."""
    asks_facts: bool = False
    """Whether it holds for some people with these policies and for others perhaps not."""


class Finder:
    """Makes rows of the gains of one engine."""

    def __init__(self, *sides: Sides) -> None:
        self._engine = sides[0].engine
        self._examples = Examples(self._engine.universe, home_of(sides[0].people.sources))
        self._actions = Catalogued(self._engine.universe)
        self._sets = ActionSets(self._actions)
        self._spelling = Spelling(key for side in sides for key in side.condition_keys())

    def found(self, gains: Sequence[Gain], *, with_examples: bool = True) -> Found:
        """Return the rows of gains, but for those of documents that are not known; an owner names these.

        Rows without examples take a third of the time.
        """
        known = [gain for gain in gains if Doubt.UNREAD not in gain.doubts]
        usual = [gain for gain in known if gain.usual]
        return Found(
            self.rows(usual, with_examples=with_examples),
            len(known) - len(usual),
            not any(Doubt.BUDGET in gain.doubts for gain in gains),
            any(gain.asks_facts and depends_on_person(gain) for gain in gains),
        )

    def rows(self, gains: Sequence[Gain], *, with_examples: bool = True) -> tuple[Row, ...]:
        """Return the rows of gains, the worst first."""
        by_grant: dict[Grant, Gain] = {}
        for gain in gains:
            example = example_of(gain.witness, self._spelling)
            is_all = self._allows_everything(gain.by)
            grant = grant_of(gain, example, self._spelling, self._actions.known, is_all=is_all)
            by_grant.setdefault(grant, gain)

        def find(grants: Sequence[Grant], bits: int) -> Example:
            worst = 1 << best_action(self._engine.universe, bits & self._actions.powerful or bits)
            fitting = [one for one in grants if one.actions & worst] or [one for one in grants if one.actions & bits]
            best = next((one for one in fitting if self._has(one.example.action, worst)), (*fitting, *grants)[0])
            wanted = worst if best.actions & worst else bits
            return example_of(self._examples.shown(by_grant[best], wanted), self._spelling)

        return rows(by_grant, self._sets, find if with_examples else _no_example)

    def _allows_everything(self, number: int) -> bool:
        statement = self._engine.statement(number)
        is_everywhere = ANY in statement.resources and not statement.not_resource
        return is_everywhere and not self._actions.known & ~statement.actions

    def _has(self, action: str, bits: int) -> bool:
        number = self._engine.universe.number(action)
        return number is not None and bool(bits >> number & 1)


def _no_example(_: Sequence[Grant], __: int) -> Example:
    return Example("", "")


def depends_on_person(gain: Gain) -> bool:
    """Return whether a gain holds for some people with these policies and for others perhaps not."""
    if gain.doubts & {Doubt.VARIABLE, Doubt.CONDITION}:
        return True
    return gain.witness is not None and any(map(is_about_principal, gain.witness.context))
