"""Descriptions of policies are asked for once: IAM never changes one under the same policy id."""

import json
from collections import Counter

import pytest
from world import ACCOUNT, NOW

from iamctl.aws.session import identify, reading_client
from iamctl.commands.propose import propose
from iamctl.commands.workspace import Workspace, declared, open_tree
from iamctl.sandbox import open_sandbox
from iamctl.source.aws import AwsSource
from iamctl.source.descriptions import FORMAT, MOST, Descriptions, descriptions_file
from iamctl.source.live_source import Waits

POLICIES = 40
DOCUMENT = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}


def written(folder, described, **more):
    """Write manifests of policies, of which ``described`` tells the description by number, and return them."""
    folder.mkdir(exist_ok=True)
    settings = {"version": 1, "accounts": {"test": {"id": ACCOUNT}}}
    policies = {
        f"p{number}": {
            "document": DOCUMENT,
            **({"description": described[number]} if number in described else {}),
            **more,
        }
        for number in range(POLICIES)
    }
    (folder / "iamctl.yaml").write_text(json.dumps(settings))
    (folder / "iam.yaml").write_text(json.dumps({"policies": policies}))
    return declared(open_tree(folder), "test", "aws", NOW)


@pytest.fixture(scope="module")
def session():
    with open_sandbox(None, account_id=ACCOUNT) as session:
        iam = session.client("iam")
        for number in range(POLICIES):
            more = {"Description": f"number {number}"} if number % 2 else {}
            iam.create_policy(PolicyName=f"p{number}", PolicyDocument=json.dumps(DOCUMENT), **more)
        yield session


def planned(session, desired, path):
    """Return the plan of a new process that keeps descriptions in a file, and the calls that it took."""
    calls, events = Counter(), reading_client(session).meta.events

    def count(event_name, **_):
        calls[event_name.rsplit(".", 1)[-1]] += 1

    events.register_first("before-send", count)
    source = AwsSource(
        session, identify(session), credentials="auto", now=NOW, waits=Waits(), descriptions=Descriptions(path)
    )
    plan = propose(Workspace(desired, source, NOW)).plan
    events.unregister("before-send", count)
    return plan, calls


def test_the_second_plan_of_described_policies_asks_for_none(session, tmp_path):
    path = tmp_path / "cache/descriptions.json"
    desired = written(tmp_path / "iam", {number: f"number {number}" for number in range(1, POLICIES, 2)})

    first, calls = planned(session, desired, path)
    second, less = planned(session, desired, path)

    assert first.changes == second.changes == ()
    assert calls["GetPolicy"] == POLICIES / 2
    assert "GetPolicy" not in less
    assert less.total() <= 15
    assert (second.live_fingerprint, second.plan_digest) == (first.live_fingerprint, first.plan_digest)
    assert path.stat().st_mode & 0o777 == 0o600


def test_another_description_is_refused_whether_it_was_asked_for_or_known(session, tmp_path):
    path = tmp_path / "descriptions.json"
    desired = written(tmp_path / "iam", {1: "another"})

    plans = [planned(session, desired, path)[0] for _ in range(2)]

    assert plans[0].findings == plans[1].findings
    assert [one.severity.value for one in plans[1].findings if "description" in one.message] == ["refuse"]


def test_a_policy_that_was_made_anew_is_asked_for(tmp_path):
    path = tmp_path / "descriptions.json"
    desired = written(tmp_path / "iam", {1: "new"})
    with open_sandbox(None, account_id=ACCOUNT) as session:
        iam = session.client("iam")
        arn = iam.create_policy(PolicyName="p1", PolicyDocument=json.dumps(DOCUMENT), Description="old")["Policy"][
            "Arn"
        ]
        planned(session, desired, path)
        iam.delete_policy(PolicyArn=arn)
        iam.create_policy(PolicyName="p1", PolicyDocument=json.dumps(DOCUMENT), Description="new")
        plan, calls = planned(session, desired, path)

    assert calls["GetPolicy"] == 1
    assert not plan.is_refused


def test_tags_are_asked_for_at_every_plan(session, tmp_path):
    desired = written(tmp_path / "iam", {}, tags={})

    for _ in range(2):
        assert planned(session, desired, tmp_path / "descriptions.json")[1]["GetPolicy"] == POLICIES


KNOWN = "ANPA" + "X" * 17


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[" * 10_000,
        "[]",
        json.dumps({"format": "iamctl-descriptions/2", "descriptions": {KNOWN: "x"}}),
        json.dumps({"format": FORMAT, "descriptions": [KNOWN]}),
        json.dumps({"format": FORMAT, "descriptions": {KNOWN: 1, "AIDA" + "X" * 17: "x", "ANPA": "x"}}),
        json.dumps({"format": FORMAT, "descriptions": {KNOWN: "x" * 1001}}),
    ],
)
def test_a_file_of_another_form_tells_nothing(tmp_path, text):
    path = tmp_path / "descriptions.json"
    path.write_text(text)

    assert Descriptions(path).of(KNOWN) is None


def test_a_file_that_cannot_be_read_or_written_is_done_without(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file/descriptions.json"):
        descriptions = Descriptions(path)
        descriptions.remember([{"PolicyId": KNOWN, "Description": "x"}])

        assert descriptions.of(KNOWN) == "x"
        assert Descriptions(path).of(KNOWN) is None
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


def test_the_oldest_give_way_and_what_is_no_policy_is_not_kept(tmp_path):
    path = tmp_path / "descriptions.json"
    ids = [f"ANPA{number:017}" for number in range(MOST + 1)]
    Descriptions(path).remember({"PolicyId": name, "Description": ""} for name in ids)
    Descriptions(path).remember([{"PolicyId": "x", "Description": ""}, {"Arn": "aws"}, {"PolicyId": KNOWN}])

    found = Descriptions(path)
    assert (found.of(ids[0]), found.of(ids[1]), found.of(ids[-1])) == (None, "", "")
    assert found.of(KNOWN) is None


@pytest.mark.parametrize(
    ("environment", "path"),
    [
        ({"HOME": "/home/ann"}, "/home/ann/.cache/iamctl/policy-descriptions.json"),
        ({"HOME": "/home/ann", "XDG_CACHE_HOME": "/tmp/c"}, "/tmp/c/iamctl/policy-descriptions.json"),
        ({"HOME": "/home/ann", "XDG_CACHE_HOME": "c"}, "/home/ann/.cache/iamctl/policy-descriptions.json"),
        ({"HOME": "ann"}, None),
        ({}, None),
    ],
)
def test_the_file_is_below_the_folder_for_caches(environment, path):
    found = descriptions_file(environment)

    assert (str(found) if found else None) == path
