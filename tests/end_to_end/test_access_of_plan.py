"""What plans say about access: each row is confirmed request by request, and nothing is worked out without changes."""

import json
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest
from command_line import NOW, account, acme, environment, group, save, user, write_tree

from iamctl.access.delta import Deltas
from iamctl.access.held import PolicySources
from iamctl.access.known_policies import document_of
from iamctl.access.people import People
from iamctl.access.row import Kind
from iamctl.access.sides import Sides, engine_of
from iamctl.commands.propose import propose
from iamctl.commands.workspace import moment, open_workspace
from iamctl.proof.decide import Held, Request, decide
from iamctl.rules import after_changes
from iamctl.source.open import SourceOptions

PLAN = ("plan", "iam", "--sandbox", "account.json", "--now", NOW)


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """Return both sides of the acme plan, and what becomes of each person."""
    folder, time = acme(tmp_path_factory.mktemp("acme")), moment(NOW)
    with chdir(folder):
        source = SourceOptions(None, None, None, Path("account.json"), "auto")
        with open_workspace(Path("iam"), source, account=None, now=time) as workspace:
            proposal = propose(workspace)
    found, whole = proposal.compared, proposal.compared.scoped.whole
    states = (whole, after_changes(whole, proposal.plan.changes))
    people = [People(PolicySources(found.live, state), state, time) for state in states]
    engine = engine_of([one.sources for one in people], time)
    sides = [Sides(engine, one, state) for one, state in zip(people, states, strict=True)]
    return sides, tuple(Deltas(*sides, found.desired.state).all())


def allowed(side, person, example):
    if person not in side:
        return False
    facts = {key: values for key, values in side.facts(person).values.items() if values}
    context = facts | {key.lower(): values for key, values in example.context if values}
    resource = example.resource.replace("${aws:username}", person.name)
    policies = [document_of(held).normalized for held in side._held(person)]
    boundary = side.boundary(person)
    ceilings = ((document_of(boundary).normalized,),) if boundary else ()
    return decide(Request(example.action, resource, context), Held(tuple(policies), ceilings))


def test_each_row_has_a_request_that_is_allowed_on_one_side_alone(compared):
    (before, after), deltas = compared
    checked = 0
    for delta in deltas:
        for rows, there, not_there in ((delta.gains, after, before), (delta.losses, before, after)):
            for row in rows:
                assert row.is_exact
                said = (delta.person, row.example)
                assert allowed(there, delta.person, row.example) is True, said
                assert allowed(not_there, delta.person, row.example) is False, said
                checked += 1

    assert checked > 50
    kinds = {row.kind for delta in deltas for row in (*delta.gains, *delta.losses)}
    assert Kind.NO_LONGER_DENIED in kinds


def test_the_request_of_a_row_is_about_an_action_of_the_row(compared):
    (before, _), deltas = compared
    universe = before.engine.universe
    for delta in deltas:
        for row in (*delta.gains, *delta.losses):
            number = universe.number(row.example.action)
            assert any(universe.matching(pattern) >> number & 1 for pattern in row.actions), (delta.person, row)


@pytest.mark.exhaustive  # test_same_bytes.py changes more than the process
def test_a_plan_is_the_same_bytes_again(tmp_path, here):
    acme(tmp_path)

    assert here(*PLAN, "--format", "json").stdout == here(*PLAN, "--format", "json").stdout


def test_none_is_shown_where_none_is_wanted(tmp_path, here):
    own = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}
    manifests = {
        "users": {"ann": {}},
        "groups": {"g": {"inline_policies": {"own": own}}},
        "memberships": {"g": ["ann"]},
    }
    write_tree(tmp_path / "iam", manifests)

    assert "\nAccess\n" in here(*PLAN).stdout
    assert "\nAccess\n" not in here(*PLAN, "--access", "none").stdout
    assert json.loads(here(*PLAN, "--access", "none", "--format", "json").stdout)["access"] is None


@pytest.mark.exhaustive  # docs/how-to/review.md and tests/report show both
def test_what_is_shortened_by_default_is_whole_where_all_is_wanted(tmp_path, here):
    acme(tmp_path)
    shortened = (Path(__file__).parent / "golden/plan.txt").read_text(encoding="utf-8")

    assert "--access full" in shortened
    assert "--access full" not in here(*PLAN, "--access", "full").stdout


LOADED = """
import sys
from iamctl.cli.process import run_command_line
run_command_line(sys.argv[1:])
print([name for name in sys.modules if name.startswith("iamctl.proof.") and name != "iamctl.proof.aws_facts"])
"""


def test_a_plan_without_changes_loads_no_proof(tmp_path, here):
    save(tmp_path / "account.json", account([user("ann", ["team"])], [group("team")]))
    assert here("import", "imported", "--sandbox", "account.json").returncode == 0
    words = [sys.executable, "-c", LOADED, "plan", "imported", "--sandbox", "account.json"]

    done = subprocess.run(words, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True)

    assert "Nothing to change." in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"
