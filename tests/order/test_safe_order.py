"""The promise of the order of calls, judged by an account model that shares no code with the planner."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from case_files import read_cases
from effort import examples, first
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle_cases import world_of, written
from oracle_checks import broken_plan, broken_view, is_finished, safe_order, stopped
from oracle_missed import missed_share
from oracle_plans import planned
from oracle_worlds import KINDS, world

import iamctl.order.search
from iamctl.model.blocked import Gain
from iamctl.order.administrator_floor import AdministratorFloor
from iamctl.order.safety import Safety
from iamctl.order.visibility import Visibility

CASES = read_cases(Path(__file__).parent / "cases" / "order_shapes.yaml")
MOST_MISSED = 0.06
worlds = st.builds(world, st.randoms(use_true_random=False), st.sampled_from(KINDS))
_objection = Safety.objection
MUTATIONS = {
    "everything is safe": (Safety, "objection", lambda *_: None),
    "Denies do not count": (Safety, "_missing", lambda *_: 0),
    "boundaries do not count": (Safety, "_within", lambda *_: True),
    "restraints may be missing": (
        Safety,
        "objection",
        lambda *views: found if isinstance(found := _objection(*views), Gain) else None,
    ),
    "administrators do not count": (AdministratorFloor, "is_one", lambda *_: False),
    "calls need only what exists": (
        iamctl.order.search.Search,
        "needs",
        lambda self, numbers, _flips: {number: self._nodes[number].waits_for for number in numbers},
    ),
}


@given(worlds, st.integers(0, 2**32))
@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nobody_gains_access_at_any_state_that_an_apply_can_reach(drawn, seed):
    plan = planned(drawn)

    assert plan.is_refused or broken_plan(plan, random.Random(seed)) is None


@given(worlds, st.integers(0, 2**32))
@settings(max_examples=examples(75), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_planning_again_after_a_stop_is_safe_and_ends(drawn, seed):
    plan, chance = planned(drawn), random.Random(seed)
    if plan.is_refused or not plan.calls:
        return
    again = planned(stopped(plan, chance))

    assert again.is_refused or (broken_plan(again, chance) is None and is_finished(again))


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "order" in case])
def test_a_shape_is_ordered_safely(name):
    case = CASES[name]
    plan = planned(world_of(case))

    assert not plan.is_refused
    assert [written(call) for call in plan.calls] == case["order"].splitlines()
    assert broken_plan(plan, random.Random(0)) is None


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "waits" in case])
def test_what_is_given_waits_for_what_was_taken(name):
    case = CASES[name]

    waits = planned(world_of(case)).ordered.relies_on
    assert {index: list(relied) for index, relied in waits.items()} == case["waits"]


@given(worlds, st.integers(0, 2**32))
@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nobody_gains_access_while_iam_shows_calls_late(drawn, seed):
    plan = planned(drawn)

    assert plan.is_refused or broken_view(plan, random.Random(seed)) is None


def test_without_waits_somebody_gains_access_while_iam_shows_calls_late(monkeypatch):
    monkeypatch.setattr(Visibility, "relied_on", lambda *_: {})
    plans = (planned(world(random.Random(number), KINDS[number % len(KINDS)])) for number in range(100))

    assert any(not plan.is_refused and broken_view(plan, random.Random(0)) for plan in plans)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "impossible" in case])
def test_a_shape_without_a_safe_order_is_refused(name):
    case = CASES[name]
    plan = planned(world_of(case))

    assert safe_order(plan) is None
    [found] = plan.ordered.impossible
    assert found.objection.who == "user/u"
    assert sorted(written(plan.calls[index]) for index in found.calls) == sorted(case["impossible"])


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_planner_without_a_clause_is_found_out(mutation, monkeypatch):
    monkeypatch.setattr(*MUTATIONS[mutation])
    drawn = (world(random.Random(number), KINDS[number % len(KINDS)]) for number in range(200))
    plans = map(planned, (*map(world_of, CASES.values()), *drawn))

    assert any(not plan.is_refused and broken_plan(plan, random.Random(0)) for plan in plans)


@given(worlds)
@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_order_does_not_depend_on_the_order_of_what_is_read(drawn):
    turned = replace(drawn, before=_turned(drawn.before), after=_turned(drawn.after))

    assert planned(turned).ordered == planned(drawn).ordered


@pytest.mark.parametrize("worlds", first(1, [75, 300]))
def test_hardly_any_plan_is_refused_without_need(worlds):
    found = missed_share(worlds)

    assert found.share <= MOST_MISSED, found


@pytest.mark.exhaustive
@pytest.mark.parametrize("kind", KINDS)
def test_many_worlds_keep_the_promise(kind):
    for number in range(1500):
        chance = random.Random(f"many-{number}")
        plan = planned(world(chance, kind))
        assert plan.is_refused or broken_plan(plan, chance) is None, number
        assert plan.is_refused or broken_view(plan, chance) is None, number
        if plan.is_refused or not plan.calls:
            continue
        again = planned(stopped(plan, chance))
        assert again.is_refused or (broken_plan(again, chance) is None and is_finished(again)), number


def _turned(account):
    turned = {name: dict(reversed(getattr(account, name).items())) for name in ("users", "groups", "policies")}
    return replace(account, **turned)
