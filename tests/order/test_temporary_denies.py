"""Temporary policies of users whom the plan renames, and those that are long: put, renamed, removed, and left behind."""

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
from oracle_checks import broken_plan, broken_view, is_finished, ready, stopped
from oracle_plans import planned
from oracle_worlds import AWS_POLICY, KINDS, world
from test_extra_calls import MIXED, STUCK, seeds, transitions

from iamctl.model.transition import TRANSITION
from iamctl.order import extra_calls
from iamctl.policy import Document
from iamctl.policy.widened import SHORTEST, Width

RENAMED = (8, 14, 18, 33, 49, 143, 161, 711, 1468, 1689)
"""Numbers of worlds that have no safe order without a temporary policy on somebody who is renamed."""


def renaming(drawn):
    """The world in which everybody who stays gets another name as well."""
    stays = {user.uid for user in drawn.before.users.values()}
    users = (
        replace(user, name=f"v{user.uid[3:]}") if user.uid in stays and user.name.startswith("u") else user
        for user in drawn.after.users.values()
    )
    return replace(drawn, after=replace(drawn.after, users={user.name: user for user in users}))


def drawn_with_renames(number):
    return renaming(world(random.Random(f"y-{number}"), "adversarial" if number % 2 else "quota"))


def renamed(case):
    """The world of a case in which ``u`` becomes ``v``."""
    drawn = world_of(case)
    user = replace(drawn.after.users["u"], name="v")
    return replace(drawn, after=replace(drawn.after, users={"v": user}))


def room(drawn, uid, most):
    user = next(user for user in drawn.before.users.values() if user.uid == uid)
    return most - sum(Document.from_text(text).size for _, text in user.inline)


def broken(plan, chance):
    """What is wrong with a plan, or with the one after a stop at a random point of it."""
    if plan.is_refused:
        return "refused"
    problem = broken_plan(plan, chance) or broken_view(plan, chance)
    again = planned(stopped(plan, chance), transition=True)
    if problem or again.is_refused:
        return problem or "refused after a stop"
    return broken_plan(again, chance) or (None if is_finished(again) else "not finished")


def test_a_temporary_policy_follows_a_rename():
    plan = planned(renamed(MIXED), transition=True)

    put, removed = transitions(plan.calls)
    rename = next(call for call in plan.calls if call.operation == "UpdateUser")
    assert (put.params["UserName"], removed.params["UserName"]) == ("u", "v")
    assert put.index < rename.index < removed.index == len(plan.calls) - 1
    assert put.index in rename.needs
    assert [(one.user, one.former) for one in plan.ordered.transitions] == [("v", "u")]
    assert broken_plan(plan, random.Random(0)) is None
    assert broken_view(plan, random.Random(0), tries=30) is None


@pytest.mark.parametrize("is_permitted", [True, False])
def test_a_stop_before_or_after_the_rename_leaves_a_policy_that_is_removed_last(is_permitted):
    plan = planned(renamed(MIXED), transition=True)
    account, done, names = plan.world.before, frozenset(), []
    while left := ready(plan.calls, done):
        account = after_call(account, left[0].operation, left[0].params)
        done |= {left[0].index}
        again = planned(replace(plan.world, before=account), transition=is_permitted)
        assert not again.is_refused
        assert broken_plan(again, random.Random(0)) is None
        assert is_finished(again)
        if left_over := transitions(again.calls):
            names.append(next(user.name for user in account.users.values() if user.inline))
            assert [(call.operation, call.params["UserName"]) for call in left_over] == [("DeleteUserPolicy", "v")]
            assert left_over[0].index == len(again.calls) - 1
    assert names == ["u", "v", "v", "v"]
    assert account.meaning() == plan.world.after.meaning()


def test_the_denies_of_somebody_who_is_renamed_do_not_look_at_the_name():
    drawn = renamed(MIXED)
    own = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:a", "Resource": "arn:aws:s3:::${aws:username}"},
            {"Effect": "Deny", "Action": "s3:b", "Resource": "*", "Condition": {"StringLike": {"aws:username": "u*"}}},
            {"Effect": "Deny", "Action": "s3:c", "Resource": "arn:aws:s3:::${aws:username}"},
            {
                "Effect": "Deny",
                "Action": "s3:d",
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ],
    }
    user = replace(drawn.before.users["u"], inline=frozenset({("own", normal(own))}))
    plan = planned(replace(drawn, before=replace(drawn.before, users={"u": user})), transition=True)

    put = transitions(plan.calls)[0]
    denied = {one["Action"]: one for one in json.loads(put.params["PolicyDocument"])["Statement"]}
    assert denied["s3:b"] == {"Effect": "Deny", "Action": "s3:b", "Resource": "*"}
    assert denied["s3:c"] == {"Effect": "Deny", "Action": "s3:c", "Resource": "arn:aws:s3:::*"}
    assert "Condition" in denied["s3:d"]
    assert broken(plan, random.Random(0)) is None


@pytest.mark.parametrize("number", first(2, RENAMED))
def test_worlds_that_rename_somebody_who_needs_one_have_an_order(number):
    drawn = drawn_with_renames(number)

    assert planned(drawn).is_refused
    plan = planned(drawn, transition=True)
    assert any(one.former for one in plan.ordered.transitions)
    assert broken(plan, random.Random(number)) is None


@given(st.builds(world, st.randoms(use_true_random=False), st.sampled_from(("adversarial", "quota"))), seeds)
@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nobody_gains_access_while_they_are_renamed(drawn, seed):
    plan = planned(renaming(drawn), transition=True)

    if not plan.is_refused:
        assert broken(plan, random.Random(seed)) is None


@pytest.mark.parametrize("most", [2048, 300, 130])
@pytest.mark.parametrize("number", first(1, STUCK[::4]))
def test_a_policy_that_does_not_fit_is_wider_and_refused_only_where_none_fits(number, most, monkeypatch):
    monkeypatch.setattr(extra_calls, "MAX_SIZE", most)
    drawn = world(random.Random(f"x-{number}"), KINDS[number % len(KINDS)])
    plan = planned(drawn, transition=True)

    for one in plan.ordered.transitions:
        own = room(drawn, drawn.before.users[one.former or one.user].uid, most)
        assert one.document.size <= own
    if plan.is_refused:
        stuck = {found.objection.who.partition("/")[2] for found in plan.ordered.impossible}
        uids = {user.uid for user in drawn.after.users.values() if user.name in stuck}
        assert any(room(drawn, uid, most) < SHORTEST for uid in uids)
    else:
        assert broken_plan(plan, random.Random(number)) is None
        assert broken_view(plan, random.Random(number)) is None


def long_case(count):
    """Groups that each deny what the other allows, in so many statements that they do not fit into an inline policy."""
    denied = [f"deny {letter}{number}" for number in range(count) for letter in "xy"]
    policies = {"p1": ["allow a", "deny b", *denied], "p2": ["allow b", "deny a", *denied]}
    return {**MIXED, "both": {**MIXED["both"], "policies": policies}}


@pytest.mark.parametrize(("count", "width"), [(2, Width.EXACT), (60, Width.EXACT), (120, Width.SERVICES)])
@pytest.mark.parametrize("is_renamed", [False, True])
def test_a_long_policy_is_folded_before_it_is_widened(count, width, is_renamed):
    case = long_case(count)
    plan = planned(renamed(case) if is_renamed else world_of(case), transition=True)

    (found,) = plan.ordered.transitions
    assert found.fitted.width is width
    assert (found.fitted.size > found.fitted.room) is (count > 2)
    assert found.document.size + SHORTEST <= extra_calls.MAX_SIZE
    assert broken(plan, random.Random(0)) is None


def test_a_left_over_policy_leaves_room_for_another_one():
    full = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "ec2:x", "Resource": "a" * 1873}}
    drawn = renamed(MIXED)
    user = replace(drawn.before.users["u"], inline=frozenset({(TRANSITION, normal(full))}))
    left = Document.from_data(full).size
    plan = planned(replace(drawn, before=replace(drawn.before, users={"u": user})), transition=True)

    assert 2048 - left - SHORTEST < SHORTEST < 2048 - left
    (found,) = plan.ordered.transitions
    assert (found.name, found.fitted.width) == (f"{TRANSITION}-2", Width.EVERYTHING)
    assert broken_plan(plan, random.Random(0)) is None


@pytest.mark.exhaustive
def test_many_worlds_with_renames_are_refused_only_for_unknown_documents():
    stuck = 0
    for number in range(1500):
        drawn = drawn_with_renames(number)
        if not planned(drawn).is_refused:
            continue
        stuck += 1
        plan = planned(drawn, transition=True)
        if plan.is_refused and AWS_POLICY in drawn.unread:
            continue
        assert broken(plan, random.Random(number)) is None, number
    assert stuck >= 80
