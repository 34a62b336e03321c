"""A call that needs many calls that took something stands for them: later ones need it instead."""

import random

import pytest
from oracle_cases import world_of, written
from oracle_checks import broken_plan
from oracle_plans import planned

from iamctl.order import needed

LETTERS = "abcd"


@pytest.fixture
def at_once(monkeypatch):
    """Let a call stand for others as soon as it needs more than one."""
    monkeypatch.setattr(needed, "MOST_NEEDED", 1)


def direct_and_all(plan):
    """Return what each call needs itself, and that with all which those need."""
    direct = {written(call): {written(plan.calls[need]) for need in call.needs} for call in plan.calls}
    found = {}
    for call, needs in direct.items():
        found[call] = needs.union(*(found[need] for need in needs))
    return direct, found


def test_later_calls_need_the_one_that_stands_for_all_that_took(at_once):
    people = [f"u{number}" for number in range(3)]
    policies = {f"p{number}": [f"allow {letter}"] for number, letter in enumerate(LETTERS)}
    case = {
        "both": {
            "policies": {"guard": ["deny z"], **policies},
            "groups": {"held": {"policies": ["guard"]}, "g": {"members": people}},
            "users": {name: {} for name in people},
        },
        "after": {"groups": {"held": {"members": people}, "g": {"policies": list(policies)}}},
    }
    plan = planned(world_of(case))
    assert broken_plan(plan, random.Random(0)) is None
    direct, found = direct_and_all(plan)

    taking = {f"AddUserToGroup held {name}" for name in people}
    gifts = [f"AttachGroupPolicy g {name}" for name in policies]
    stand_ins = [call for call in gifts if direct[call] == taking]
    assert len(stand_ins) == 1
    assert all(direct[call] == set(stand_ins) for call in gifts if call not in stand_ins)
    assert all(found[call] >= taking for call in gifts)
