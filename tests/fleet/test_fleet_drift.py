"""Drift of many accounts: who made it, what a merge explains, and the event that started the run."""

import json
from datetime import timedelta

import pytest
from effort import first
from end_to_end.command_line import account, group, user
from fleet.fleet_world import NOW, account_id, results, write_accounts
from repository import START, Repository

MALLORY = {"type": "IAMUser", "userName": "mallory", "arn": "arn:aws:iam::123456789012:user/mallory"}
ROOT = {"type": "Root", "arn": "arn:aws:iam::123456789012:root"}


def event(operation, identity, **params):
    return {
        "eventName": operation,
        "eventTime": "2026-11-22T10:00:00Z",
        "eventID": f"e-{operation}",
        "sourceIPAddress": "203.0.113.7",
        "userIdentity": identity,
        "requestParameters": params,
    }


def live(number, *, members=(), tags=(), events=(), others=()):
    """Return an account of a tree with ``everybody``, a user of its own, and a group."""
    own = f"own-a{number}"
    users = [user("everybody", ["team"] * ("everybody" in members), Tags=list(tags)), user(own), *map(user, others)]
    found = account(users, [group("team")])
    return {**json.loads(json.dumps(found).replace("123456789012", account_id(number))), "events": list(events)}


@pytest.fixture
def tree(tmp_path):
    """Return a function that writes what all accounts declare, and one that commits it."""
    folder = write_accounts(tmp_path, 2)

    def declare(text):
        (folder / "shared/users.yaml").write_text(text, encoding="utf-8")

    declare("users: {everybody: {}}\ngroups: {team: {}}\nmemberships: {team: []}\n")
    return declare


def save(tmp_path, *accounts):
    for number, state in enumerate(accounts, 1):
        (tmp_path / f"accounts/a{number}.json").write_text(json.dumps(state), encoding="utf-8")


def plain(markdown):
    """Return Markdown without the marks around spans."""
    return markdown.replace("**", "").replace("`", "")


DRIFT = ("fleet", "drift", "iam", "--sandbox", "accounts", "--now", NOW)
ACTORS = [
    event("AddUserToGroup", MALLORY, userName="everybody", groupName="team"),
    event("AddUserToGroup", ROOT, userName="everybody", groupName="team"),
]


def test_who_made_a_difference_is_told_for_each_account_that_has_it(tmp_path, here, inline, tree):
    save(tmp_path, *(live(number, members=["everybody"], events=[made]) for number, made in enumerate(ACTORS, 1)))

    text = here(*DRIFT, "--actor", "--results", "r.jsonl")
    markdown = here("fleet", "report", "r.jsonl", "--format", "markdown").stdout
    lines = results((tmp_path / "r.jsonl").read_text(encoding="utf-8"))

    assert text.returncode == 2
    assert "the same 1 difference in 2 accounts: a1, a2" in text.stdout
    for told in (text.stdout, plain(markdown)):
        assert "by user mallory from 203.0.113.7 on 2026-11-22T10:00:00Z (AddUserToGroup, event" in told
        assert "by THE ROOT USER from" in told
    where = [line.rpartition("  in ")[2] for line in text.stdout.splitlines() if line.strip().startswith("by ")]
    assert where == ["a1", "a2"]
    assert lines["a2"]["changes"][0]["actor"]["kind"] == "root"


def test_one_actor_of_several_accounts_is_told_once(tmp_path, here, inline, tree):
    save(tmp_path, *(live(number, members=["everybody"], events=ACTORS[:1]) for number in (1, 2)))

    told = here(*DRIFT, "--actor").stdout

    assert told.count("by user mallory") == 1
    assert "  in 2 accounts: a1, a2" in told


def test_differences_that_were_not_looked_up_are_counted(tmp_path, here, inline, tree, monkeypatch):
    monkeypatch.setattr("iamctl.commands.attributed.MOST_LOOKUPS", 0)
    save(tmp_path, *(live(number, members=["everybody"]) for number in (1, 2)))

    told = here(*DRIFT, "--actor").stdout

    assert "Actors of 2 more differences were not looked up: a run makes at most 20 requests to CloudTrail" in told
    assert "for each account" in told


@pytest.fixture
def merged(tmp_path, tree):
    """Return the commit before a merge that declares a new member."""
    repository = Repository(tmp_path)
    repository.git("init", "--quiet")
    applied = repository.commit("Applied", at=START)
    tree("users: {everybody: {}}\ngroups: {team: {}}\nmemberships: {team: [everybody]}\n")
    repository.commit("Merged", at=START + timedelta(days=1))
    return applied


def test_what_a_merge_explains_is_nobodys_deed_in_any_account(tmp_path, here, inline, merged):
    save(tmp_path, live(1), live(2, tags=[{"Key": "by", "Value": "hand"}]))

    done = here(*DRIFT, "--applied", merged, "--results", "r.jsonl")
    found = results((tmp_path / "r.jsonl").read_text(encoding="utf-8"))

    assert done.returncode == 2
    assert (found["a1"]["exit"], found["a1"]["outcome"], found["a1"]["summary"]["merged"]) == (0, "clean", 1)
    assert (found["a2"]["exit"], found["a2"]["summary"]["drift"], found["a2"]["summary"]["merged"]) == (2, 1, 1)
    assert "everybody joins team  merged, not applied yet" in done.stdout
    assert "2 more are merged; the next apply does it." in done.stdout
    assert f"applied last: commit {merged[:12]}" in done.stdout
    assert here(*DRIFT).stdout.count("merged, not applied yet") == 0


def test_an_account_that_the_commit_lacks_has_no_deeds_but_its_own(tmp_path, here, inline, merged):
    settings = tmp_path / "iam/iamctl.yaml"
    settings.write_text(settings.read_text().replace("a2:", "b2:").replace("000000000002", "000000000009"))
    (tmp_path / "accounts/b2.json").write_text(json.dumps(live(9)))
    save(tmp_path, live(1))

    found = results(here(*DRIFT, "--applied", merged, "--format", "jsonl").stdout)

    assert (found["b2"]["outcome"], found["b2"]["summary"]["drift"]) == ("clean", 0)
    assert found["b2"]["summary"]["merged"] > 0


def test_manifests_of_the_commit_with_errors_are_the_error_of_each_account(tmp_path, here, inline, merged, tree):
    repository = Repository(tmp_path)
    tree("users: {everybody: {pth: /}}\n")
    broken = repository.commit("Broken", at=START + timedelta(days=2))
    tree("users: {everybody: {}}\n")
    save(tmp_path, live(1), live(2))

    done = here(*DRIFT, "--applied", broken)

    assert done.returncode == 1
    assert f"the manifests of commit {broken} have errors; name another with --applied" in done.stdout


@pytest.mark.parametrize("ref", first(1, ["--help", "none"]))
def test_a_commit_that_does_not_exist_ends_the_run_before_it_begins(tmp_path, here, inline, merged, ref):
    save(tmp_path, live(1), live(2))

    done = here(*DRIFT, f"--applied={ref}")

    assert done.returncode == 1
    assert done.stdout == ""
    assert not inline.submitted


@pytest.mark.parametrize("output", first(1, ["text", "markdown"]))
def test_the_event_that_started_the_run_is_named(tmp_path, here, inline, tree, output):
    save(tmp_path, live(1), live(2))
    started = json.dumps({"detail": event("CreateUser", ROOT, userName="eve")})

    told = here(*DRIFT, "--event", started, "--format", output).stdout
    data = json.loads(here(*DRIFT, "--event", started, "--format", "json").stdout)

    assert "started by an event: THE ROOT USER from 203.0.113.7" in plain(told)
    assert (data["event"]["kind"], data["event"]["operation"]) == ("root", "CreateUser")
    assert json.loads(here(*DRIFT, "--format", "json").stdout)["event"] is None


def test_an_event_that_cannot_be_read_is_wrong_usage(tmp_path, here, inline, tree):
    save(tmp_path, live(1), live(2))

    assert here(*DRIFT, "--event", "{}").returncode == 64


def test_what_nobody_declares_and_counts_as_drift_is_told(tmp_path, here, inline, tree):
    settings = tmp_path / "iam/iamctl.yaml"
    settings.write_text(settings.read_text() + "scope: {undeclared: {users: drift}}\n")
    save(tmp_path, live(1, others=["eve"]), live(2))

    done = here(*DRIFT)

    assert done.returncode == 2
    assert "no manifest declares user/eve" in done.stdout


def test_the_command_that_tries_again_asks_for_the_same(tmp_path, here, inline, merged):
    save(tmp_path, live(1), "no account")

    done = here(*DRIFT, "--applied", merged, "--actor", "--results", "r.jsonl")

    (retry,) = [line for line in done.stdout.splitlines() if line.startswith("retry what failed: ")]
    assert f" --applied {merged} " in retry
    assert " --actor" in retry


def test_a_difference_in_a_file_of_several_accounts_names_the_file_and_no_command(tree, tmp_path, here, inline):
    save(tmp_path, live(1, members=["everybody"]), live(2, tags=[{"Key": "a", "Value": "b"}]))

    found = results(here(*DRIFT, "--format", "jsonl").stdout)

    differences = [one for account in found.values() for one in account["changes"]]
    assert [(one["address"], one["adopt"], one["edit"]) for one in differences] == [
        ("membership/team/everybody", None, "shared/users.yaml"),
        ("user/everybody", None, "shared/users.yaml"),
    ]
