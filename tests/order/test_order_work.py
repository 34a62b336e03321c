"""What is compared in one ordering is bounded, and what is not compared counts against the plan."""

import random

import pytest
from oracle_cases import world_of
from oracle_plans import planned
from oracle_worlds import KINDS, world
from test_safe_order import CASES

from iamctl.access import statement_sets
from iamctl.access.statement_sets import StatementSets
from iamctl.model.access_change import MembershipChange
from iamctl.order import visibility
from iamctl.order.safety import Safety
from iamctl.order.world import Holdings, View, World
from iamctl.policy import Document


def document(effect, *actions, resources=("*",)):
    statement = {"Effect": effect, "Action": list(actions), "Resource": list(resources)}
    return Document.from_data({"Version": "2012-10-17", "Statement": [statement]})


def test_without_work_left_a_deny_covers_nothing_and_may_meet_all_of_its_service(monkeypatch):
    monkeypatch.setattr(statement_sets, "MOST_WORK", 0)
    sets = StatementSets()
    allow = sets.of(document("Allow", "s3:GetObject")).allow
    other = sets.of(document("Allow", "sqs:SendMessage")).allow
    deny = sets.of(document("Deny", "s3:*")).deny

    assert sets.covered(deny) == 0
    assert sets.met(deny) == allow
    assert not sets.met(deny) & other


def test_without_work_left_a_statement_covers_only_itself(monkeypatch):
    monkeypatch.setattr(statement_sets, "MOST_WORK", 0)
    sets = StatementSets()
    wide, narrow = (sets.of(document("Allow", action)).allow for action in ("s3:*", "s3:GetObject"))

    assert sets.includes(wide, wide)
    assert not sets.includes(wide, narrow)


def test_with_work_left_they_are_compared():
    sets = StatementSets()
    wide, narrow = (sets.of(document("Allow", action)).allow for action in ("s3:*", "s3:GetObject"))
    deny = sets.of(document("Deny", "s3:Get*")).deny

    assert sets.includes(wide, narrow)
    assert sets.covered(deny) == narrow
    assert sets.met(deny) == wide | narrow


def test_a_document_of_many_atoms_keeps_its_statements_whole():
    actions = [f"s3:a*b?{number}*" for number in range(150)]
    resources = [f"arn:aws:s3:::a*{number}?*" for number in range(115)]
    sets = StatementSets()

    sets.of(document("Allow", *actions, resources=resources))

    assert len(sets.atoms) == 1


def test_without_work_left_a_call_waits_for_at_least_as_much(monkeypatch):
    drawn = [*map(world_of, CASES.values()), *(world(random.Random(number), KINDS[0]) for number in range(40))]
    exact = [planned(one).ordered.relies_on for one in drawn]
    monkeypatch.setattr(visibility, "MOST_WORK", 0)
    bounded = [planned(one).ordered.relies_on for one in drawn]

    for few, many in zip(exact, bounded, strict=True):
        assert all(max(waits) <= max(many[index]) for index, waits in few.items())
    assert sum(map(len, bounded)) > sum(map(len, exact))


def moving(before, after, policies):
    people = [f"u{number}" for number in range(30)]
    groups = {name: {"policies": [name]} for name in policies}
    members = [{"groups": {group: {"members": people}}} if group else {} for group in (before, after)]
    users = {name: {} for name in people}
    return world_of(
        {
            "both": {"policies": policies, "groups": groups, "users": users},
            "before": members[0],
            "after": members[1],
        }
    )


@pytest.mark.parametrize(("denied", "models"), [("deny b", 3), ("allow c", 1)])
def test_each_call_runs_on_four_models_of_the_account_or_on_two_and_on_none_twice(denied, models, monkeypatch):
    ran, run = [], World._run
    monkeypatch.setattr(World, "_run", lambda world, change: ran.append(change) or run(world, change))
    plan = planned(moving("g1", "g2", {"g1": ["allow a", denied], "g2": ["allow b"]}))

    assert len(plan.calls) == 60
    assert len(ran) == models * 60 + 30  # what leaves a group is not among all that can be held


def test_nobody_is_judged_who_only_loses(monkeypatch):
    judged = []
    monkeypatch.setattr(Safety, "objection", lambda *views: judged.append(views))
    plan = planned(moving("g1", None, {"g1": ["allow a"]}))

    assert len(plan.calls) == 30
    assert not judged


def test_a_call_that_waits_is_tried_without_running_it(monkeypatch):
    runs, run = [], World.run
    monkeypatch.setattr(World, "run", lambda world, effects: runs.append(world) or run(world, effects))
    monkeypatch.setattr(World, "_look", lambda world, person: pytest.fail("looked at all groups"))
    world = World(Holdings(people=frozenset({"user/u"})), StatementSets())
    world._views["user/u"] = View(allow=1)
    joining = MembershipChange("u", "g", after=True)

    assert world.peek("user/u", [joining], [joining]) == View(allow=1)
    assert not runs
