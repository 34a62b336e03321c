"""Covering among thousands of actions, as AWS's own policies hold, tells what pairwise comparison tells, but fast."""

import time

from hypothesis import given
from hypothesis import strategies as st

from iamctl.policy.atom import Atom, _covers_actions
from iamctl.policy.pattern import action_includes, any_includes

ACTIONS = st.frozensets(st.text("as:*?", min_size=1, max_size=6), max_size=4)


@given(ACTIONS, st.text("as:*?", min_size=1, max_size=6))
def test_one_of_many_patterns_includes_what_it_includes_alone(patterns, narrow):
    assert any_includes(patterns, narrow) is any(action_includes(pattern, narrow) for pattern in patterns)


def test_patterns_of_other_services_are_not_compared():
    asked = action_includes.cache_info().misses
    names = frozenset(f"service{number}:get*" for number in range(500))

    assert not any_includes(names, "iam:getuser")
    assert action_includes.cache_info().misses == asked


@given(ACTIONS, ACTIONS)
def test_a_statement_covers_another_when_a_pattern_of_it_holds_each_action(wide, narrow):
    pairwise = all(any(action_includes(pattern, action) for pattern in wide) for action in narrow)

    assert _covers_actions(Atom("Allow", wide), Atom("Allow", narrow)) is pairwise


def test_two_statements_of_thousands_of_actions_are_compared_at_once():
    wide = frozenset(f"service{number % 300}:get{number}*" for number in range(3000))
    narrow = frozenset(f"service{number % 300}:get{number}thing" for number in range(3000))
    start = time.process_time()

    assert _covers_actions(Atom("Allow", wide), Atom("Allow", narrow))
    assert not _covers_actions(Atom("Allow", narrow), Atom("Allow", wide))
    assert time.process_time() - start < 2
