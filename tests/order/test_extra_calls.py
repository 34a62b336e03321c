"""Further calls where no order of the plain ones is safe: a document in two steps, a temporary policy that denies."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from effort import examples, first
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle_account import after_call, normal
from oracle_cases import world_of
from oracle_checks import broken_plan, broken_view, is_finished, ready, safe_order, stopped
from oracle_plans import planned
from oracle_worlds import KINDS, world
from test_safe_order import CASES

import iamctl.order
from iamctl.model.transition import TRANSITION
from iamctl.order import extra_calls

REFUSED = [name for name, case in CASES.items() if "impossible" in case]
SPLIT = [name for name in CASES if name.startswith("splits_")]
MIXED = {
    "both": {
        "policies": {"p1": ["allow a", "deny b"], "p2": ["allow b", "deny a"]},
        "groups": {"g1": {"policies": ["p1"]}, "g2": {"policies": ["p2"]}},
        "users": {"u": {}},
    },
    "after": {"groups": {"g1": {"members": ["u"]}, "g2": {"members": ["u"]}}},
}
STUCK = (31, 146, 241, 292, 367, 448, 457, 485, 559, 571, 742, 780, 784, 802, 867, 869, 898)
"""Numbers of worlds of which no order of the plain calls was found when this was written."""
seeds = st.integers(0, 2**32)


def stuck_worlds(numbers):
    """Worlds without a safe order of plain calls, as far as iamctl finds."""
    for number in numbers:
        drawn = world(random.Random(f"x-{number}"), KINDS[number % len(KINDS)])
        plan = planned(drawn)
        if plan.is_refused or len(plan.calls) > plain_calls(plan):
            yield drawn


def plain_calls(plan):
    return sum(len(change.steps()) for change in plan.changes)


def transitions(calls):
    return [call for call in calls if call.params.get("PolicyName", "").startswith(TRANSITION)]


@pytest.mark.parametrize("name", REFUSED)
def test_a_shape_without_a_safe_order_has_one_with_a_temporary_policy(name):
    plan = planned(world_of(CASES[name]), transition=True)

    assert not plan.is_refused
    put, removed = transitions(plan.calls)
    assert (put.operation, removed.operation) == ("PutUserPolicy", "DeleteUserPolicy")
    assert removed.index == len(plan.calls) - 1
    assert [one.calls for one in plan.ordered.transitions] == [(put.index, removed.index)]
    assert broken_plan(plan, random.Random(0)) is None
    assert broken_view(plan, random.Random(0), tries=30) is None


@pytest.mark.parametrize("name", SPLIT)
def test_a_document_is_split_only_where_no_plain_order_is_safe(name, monkeypatch):
    monkeypatch.setattr(iamctl.order, "MOST_CALLS", 0)
    plan = planned(world_of(CASES[name]))

    assert plan.is_refused
    assert safe_order(plan) is None


def test_no_temporary_policy_stands_where_some_order_is_safe():
    for name, case in CASES.items():
        if "order" in case:
            assert planned(world_of(case), transition=True).calls == planned(world_of(case)).calls, name


def test_a_temporary_policy_denies_what_the_moving_policies_deny_and_nothing_that_stays():
    stays = {**MIXED["both"]["groups"], "g3": {"policies": ["guard"], "members": ["u"]}}
    both = {**MIXED["both"], "groups": stays, "policies": {**MIXED["both"]["policies"], "guard": ["guard"]}}

    put, _ = transitions(planned(world_of({**MIXED, "both": both}), transition=True).calls)

    statements = json.loads(put.params["PolicyDocument"])["Statement"]
    assert sorted(one["Action"] for one in statements) == ["s3:a", "s3:b"]
    assert {one["Effect"] for one in statements} == {"Deny"}


def test_users_who_share_groups_each_get_one_and_no_more_than_are_permitted(monkeypatch):
    members = ["u", "v", "w"]
    users = {name: {} for name in members}
    after = {"groups": {group: {"members": members} for group in ("g1", "g2")}}
    case = {**MIXED, "both": {**MIXED["both"], "users": users}, "after": after}

    plan = planned(world_of(case), transition=True)
    assert [one.user for one in plan.ordered.transitions] == members
    assert broken_plan(plan, random.Random(0)) is None

    monkeypatch.setattr(extra_calls, "MOST_TRANSITIONS", 2)
    assert planned(world_of(case), transition=True).is_refused


def test_a_temporary_policy_that_does_not_fit_is_not_written():
    long = normal({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "ec2:x", "Resource": "a" * 2000}})
    drawn = world_of(MIXED)
    full = {
        side: replace(account, users={"u": replace(account.users["u"], inline=frozenset({("kept", long)}))})
        for side, account in (("before", drawn.before), ("after", drawn.after))
    }

    assert planned(replace(drawn, **full), transition=True).is_refused


@pytest.mark.parametrize("versions", [1, 3, 4, 5])
def test_a_split_document_never_needs_a_sixth_version(versions):
    case = CASES["splits_a_document_that_crosses_a_boundary"]
    drawn = world_of(case)
    numbers = tuple(range(1, versions + 1))
    policies = {
        arn: replace(policy, versions=numbers, default=versions, last=versions)
        for arn, policy in drawn.before.policies.items()
    }

    plan = planned(replace(drawn, before=replace(drawn.before, policies=policies)))

    assert not plan.is_refused
    removed = [call for call in plan.calls if call.operation == "DeletePolicyVersion"]
    assert len(removed) == {1: 0, 3: 0, 4: 1, 5: 3}[versions]
    assert f"v{versions}" not in {call.params["VersionId"] for call in removed}
    assert broken_plan(plan, random.Random(0)) is None


def test_a_stop_at_any_call_leaves_a_state_in_which_the_temporary_policy_is_removed_last():
    plan = planned(world_of(MIXED), transition=True)
    seen = 0
    account, done = plan.world.before, frozenset()
    while left := ready(plan.calls, done):
        account = after_call(account, left[0].operation, left[0].params)
        done |= {left[0].index}
        again = planned(replace(plan.world, before=account))
        assert not again.is_refused
        assert broken_plan(again, random.Random(0)) is None
        assert is_finished(again)
        assert all(call.operation == "DeleteUserPolicy" for call in transitions(again.calls))
        if left_over := transitions(again.calls):
            seen += 1
            assert left_over[0].index == len(again.calls) - 1
            assert set(left_over[0].needs) >= {
                call.index for call in again.calls[:-1] if call.params.get("UserName") == "u"
            }
    assert seen == 3
    assert account.meaning() == plan.world.after.meaning()


def test_a_second_transition_has_another_name_than_one_that_is_left():
    drawn = world_of(MIXED)
    left = normal({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "ec2:x", "Resource": "*"}})
    user = replace(drawn.before.users["u"], inline=frozenset({(TRANSITION, left)}))

    plan = planned(replace(drawn, before=replace(drawn.before, users={"u": user})), transition=True)

    assert not plan.is_refused
    assert {one.name for one in plan.ordered.transitions} == {f"{TRANSITION}-2"}
    assert broken_plan(plan, random.Random(0)) is None


@pytest.mark.parametrize("worlds", first(1, [4, 8]))
def test_worlds_without_a_plain_order_have_one_with_further_calls(worlds):
    found = [*stuck_worlds(STUCK[:worlds])]
    split = [planned(drawn) for drawn in found]
    bridged = [planned(drawn, transition=True) for drawn in found]

    assert len(found) >= worlds / 2
    assert sum(plan.is_refused for plan in split) < len(found)
    assert not any(plan.is_refused for plan in bridged)
    for number, plan in enumerate((*split, *bridged)):
        if plan.is_refused:
            continue
        chance = random.Random(number)
        assert broken_plan(plan, chance) is None
        assert broken_view(plan, chance) is None
        again = planned(stopped(plan, chance), transition=True)
        assert not again.is_refused
        assert broken_plan(again, chance) is None
        assert is_finished(again)


@given(st.builds(world, st.randoms(use_true_random=False), st.sampled_from(("adversarial", "quota"))), seeds)
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nobody_gains_access_with_further_calls(drawn, seed):
    plan, chance = planned(drawn, transition=True), random.Random(seed)

    if not plan.is_refused:
        assert broken_plan(plan, chance) is None
        assert broken_view(plan, chance) is None


@pytest.mark.exhaustive
def test_many_worlds_without_a_plain_order_keep_the_promise():
    for number, drawn in enumerate(stuck_worlds(range(4000))):
        for is_permitted in (False, True):
            plan, chance = planned(drawn, transition=is_permitted), random.Random(number)
            if plan.is_refused:
                assert not is_permitted, number
                continue
            assert broken_plan(plan, chance) is None, number
            assert broken_view(plan, chance) is None, number
            again = planned(stopped(plan, chance), transition=True)
            assert again.is_refused or (broken_plan(again, chance) is None and is_finished(again)), number
