"""Finds requests that some statements all match and others do not: the one question that every proof is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import reduce
from itertools import product
from operator import or_

from iamctl.proof.aws_facts import ALWAYS_ALLOWED
from iamctl.proof.cases import Answer, Case, Cases
from iamctl.proof.least_true import Condition
from iamctl.proof.numbering import Numbering, bits_of
from iamctl.proof.places import Home, best_action
from iamctl.proof.statements import EVERYTHING, Statement

MOST_CHOICES = 4_096
"""Combinations of resources that one query looks at."""
STEPS_OF_A_STATEMENT = 4
"""What it costs one query to leave out one statement, in steps of searches: about as much time."""
_ALWAYS: Condition = frozenset()


class Queries:
    """Answers queries; equal ones once."""

    def __init__(self, numbering: Numbering, now: datetime, home: Home, most_steps: int) -> None:
        self._numbering = numbering
        self._universe = numbering.universe
        self._cases = Cases(numbering, now, home, most_steps)
        self.deniable = numbering.universe.all & ~numbering.universe.bits(ALWAYS_ALLOWED)
        """All actions but the one that is always allowed."""
        self._memo: dict[tuple[tuple[int, ...], int, Condition], tuple[Answer, ...]] = {}
        self._refused = {
            text for number in bits_of(numbering.refused) for text in numbering.statements[number].resources
        }
        self._most_steps = most_steps
        self.asked = 0

    def ask(self, inside: tuple[int, ...], against: int, when: Condition = _ALWAYS) -> tuple[Answer, ...]:
        """Return what all of ``inside`` match and none of ``against``, in contexts in which ``when`` holds.

        No answer is a proof. The resources are told by the pattern of the first statement.
        """
        numbering = self._numbering
        against &= ~numbering.unread
        actions = self.deniable
        for number in inside:
            against &= numbering.near(number)
            actions &= numbering.statements[number].actions
        if not actions:
            return ()
        key = inside, numbering.sharing(against, actions), when
        found = self._memo.get(key)
        if found is None:
            self.asked += 1
            left = self._cases.searches.left
            found = self._merged(self._answers(inside, actions, key[1], when))
            if self._cases.searches.left > 0 or left * 2 > self._most_steps:
                self._memo[key] = found  # otherwise another question may have more steps left for it
        return found

    def restart(self) -> None:
        """Begin another question, which has a budget of its own."""
        self._cases.searches.restart()

    @property
    def searched(self) -> int:
        """How many searches for resources there were."""
        return self._cases.searches.count

    def _merged(self, answers: Iterable[Answer]) -> tuple[Answer, ...]:
        """Return answers that differ in their actions alone as one; what AWS refuses to everybody leaves no trace."""
        found: dict[Answer, list[Answer]] = {}
        for answer in answers:
            less = tuple(text for text in answer.less if text not in self._refused)
            found.setdefault(answer._replace(actions=0, action=0, text=None, less=less), []).append(answer)
        merged = []
        for key, same in found.items():
            actions = reduce(or_, (answer.actions for answer in same))
            best = best_action(self._universe, sum(1 << action for action in {answer.action for answer in same}))
            shown = next(answer for answer in same if answer.action == best)
            merged.append(key._replace(actions=actions, action=best, text=shown.text))
        return tuple(merged)

    def _answers(self, inside: tuple[int, ...], actions: int, against: int, when: Condition) -> Iterator[Answer]:
        statements = [self._numbering.statements[number] for number in inside]
        condition = when.union(*(statement.condition for statement in statements))
        left: list[Statement] = []
        for number in bits_of(against):
            other = self._numbering.statements[number]
            if other.condition <= condition and any(covers(other, statement) for statement in statements):
                actions &= ~other.actions
            else:
                left.append(other)
        if not actions:
            return
        self._cases.searches.take(STEPS_OF_A_STATEMENT * len(left))
        less = tuple(sorted({text for one in statements if one.not_resource for text in one.resources}))
        is_unread = any(statement.unread is not None for statement in statements)
        choices = product(*(((EVERYTHING,) if one.not_resource else one.resources) for one in statements))
        for count, chosen in enumerate(choices):
            case = Case(actions, chosen, less, (), condition, is_unread)
            if count == MOST_CHOICES or self._cases.searches.left <= 0:
                yield self._cases.given_up(case)
                return
            self._cases.searches.take(1)
            yield from self._choice(case, left)

    def _choice(self, case: Case, restraints: Sequence[Statement]) -> Iterator[Answer]:
        near = self._cases.near(case.chosen)
        restraining = [one for one in restraints if self._cases.may_restrain(one, near)]
        for same, about in _classes(case.actions, restraining):
            yield from self._cases.answers(case._replace(actions=same, restraints=about, near=near))


def covers(wide: Statement, narrow: Statement) -> bool:
    """Return True only if ``wide`` certainly matches all resources of ``narrow``."""
    if wide.not_resource:
        return narrow.not_resource and set(wide.resources) <= set(narrow.resources)
    if EVERYTHING in wide.resources:
        return True
    return not narrow.not_resource and set(narrow.resources) <= set(wide.resources)


def _classes(actions: int, others: Sequence[Statement]) -> list[tuple[int, tuple[Statement, ...]]]:
    """Return actions by the statements that are about them."""
    found: list[tuple[int, tuple[Statement, ...]]] = [(actions, ())]
    for other in others:
        following: list[tuple[int, tuple[Statement, ...]]] = []
        for same, about in found:
            both = same & other.actions
            if both:
                following.append((both, (*about, other)))
            if both != same:
                following.append((same & ~both, about))
        found = following
    return found
