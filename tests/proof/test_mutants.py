"""Each of fourteen faults that the engine could have is found by a test of its parts or of the whole."""

import sys
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, Phase, settings
from proof import test_contexts, test_lines, test_patterns, test_universe, test_worlds

from iamctl.proof import cases, contexts, engine, least_true, lines, patterns, queries, universe
from iamctl.proof.book import Book
from iamctl.proof.encoding import Reading
from iamctl.proof.engine import Engine, Kind
from iamctl.proof.numbering import bits_of

pytestmark = pytest.mark.exhaustive
QUICK = {"phases": (Phase.explicit, Phase.generate), "database": None, "derandomize": True, "deadline": None}
SEARCH, CHOICE = patterns._Search, test_contexts.test_least_true_dominates_every_context
FIND, WORLDS = test_patterns.test_find_is_what_enumeration_finds, test_worlds.test_no_gain_is_missed_in_many_worlds


def operators():
    for case in test_lines.CASES:
        test_lines.test_operators_hold_as_documented(case)


def dominance(patch):
    def is_new(self, state):
        outside = state & self._outside
        earlier = self._seen.setdefault(state & self._inside, [])
        if any(more & outside == outside for more in earlier):
            return False
        earlier.append(outside)
        return True

    patch.setattr(SEARCH, "is_new", is_new)


def colons(patch):
    worth = SEARCH._worth_reading
    patch.setattr(SEARCH, "_worth_reading", lambda self, state: [m for m in worth(self, state) if m is not self._colon])


def smallest_sets(patch):
    undominated = least_true._undominated
    patch.setattr(least_true, "_undominated", lambda masks: dict(list(undominated(masks).items())[:1]))


def absent_and_negated(patch):
    _holding(patch, lambda one, values: False if one.is_negated and not values else None)


def absent_if_exists(patch):
    _holding(patch, lambda one, values: False if one.if_exists and not values else None)


def new_allows(patch):
    shown = Engine._shown
    patch.setattr(Engine, "_shown", lambda self, kind, *rest: () if kind is Kind.NEW else shown(self, kind, *rest))


def lost_denies(patch):
    patch.setattr(Engine, "_no_longer_denied", lambda *_: iter(()))


def lower_ceilings(patch):
    patch.setattr(Engine, "_no_longer_bounded", lambda *_: iter(()))


def ceilings(patch):
    patch.setattr(Engine, "_through", lambda self, number, several: ([()], True))


def readings(patch):
    class One(SimpleNamespace):
        def __iter__(self):
            return iter([Reading.PARTS])

    patch.setattr(cases, "Reading", One(PARTS=Reading.PARTS))


def coming_actions(patch):
    patch.setattr(universe, "_coming", lambda pattern: "none:none")


def near_statements(patch):
    patch.setattr(Book, "meeting", lambda self, pattern: 1 << self.number(pattern))


def covering_statements(patch):
    patch.setattr(queries, "covers", lambda wide, narrow: True)


def spared_resources(patch):
    def escapes(self, case, held, context, *, is_certain):
        restraints = [case.restraints[position] for position in bits_of(held)]
        outside = {text for one in restraints for text in one.resources}
        if "*" not in outside:
            yield cases._Way(case.chosen, tuple(sorted(outside.union(case.less))), context, is_certain)

    patch.setattr(cases.Cases, "_escapes", escapes)


def _holding(patch, wrong):
    """Let lines hold for an absent key as ``wrong`` says, in the engine and not in the oracle of the small worlds."""
    right = lines.holds

    def holds(one, values):
        found = wrong(one, values) if not lines.is_opaque(one) and one.operator != "Null" else None
        return right(one, values) if found is None else found

    for name, module in list(sys.modules.items()):
        if name.startswith("iamctl.proof.") or module is test_lines:
            for attribute, value in list(vars(module).items()):
                if value is right:
                    patch.setattr(module, attribute, holds)


MUTANTS = {
    dominance: FIND,
    colons: FIND,
    smallest_sets: test_contexts.test_least_true_returns_each_smallest_set,
    absent_and_negated: operators,
    absent_if_exists: operators,
    new_allows: WORLDS,
    lost_denies: test_worlds.test_an_unread_document_is_no_proof_that_a_lost_deny_changes_nothing,
    lower_ceilings: WORLDS,
    ceilings: WORLDS,
    readings: WORLDS,
    coming_actions: test_universe.test_coming_actions_tell_a_pattern_from_the_list_of_what_it_matches_today,
    near_statements: WORLDS,
    covering_statements: WORLDS,
    spared_resources: WORLDS,
}
"""Each fault with the test that finds it."""


def test_there_are_fourteen():
    assert len(MUTANTS) == 14


@pytest.mark.parametrize(("mutant", "test"), MUTANTS.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_a_fault_is_found(mutant, test, monkeypatch):
    forget()
    if hasattr(test, "hypothesis"):
        known = test._hypothesis_internal_use_settings
        quick = settings(known, max_examples=400, suppress_health_check=list(HealthCheck), **QUICK)
        monkeypatch.setattr(test, "_hypothesis_internal_use_settings", quick)
    mutant(monkeypatch)

    try:
        with pytest.raises(
            (AssertionError, ValueError, ExceptionGroup, pytest.fail.Exception)
        ):  # a crash is found, too
            test()
    finally:
        monkeypatch.undo()
        forget()


def forget():
    """Drop what functions remember, so that no answer of one engine is given by the other."""
    for module in (patterns, contexts, lines, engine, least_true, cases):
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()
