"""What is compared in one ordering is bounded, and what is not compared counts against the plan."""

import random

from oracle_cases import world_of
from oracle_plans import planned
from oracle_worlds import KINDS, world
from test_safe_order import CASES

from iamctl.access import statement_sets
from iamctl.access.statement_sets import StatementSets
from iamctl.order import visibility
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
