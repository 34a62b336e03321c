"""``iamctl drift --applied``: what a merge explains is told apart and is never somebody's deed."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from command_line import ACCOUNT, ALLOW, NO_CREDENTIALS, account, group, user, write_tree
from jsonschema import Draft202012Validator
from repository import START, Repository

from iamctl.cli.process import run_command_line

ROOT = Path(__file__).resolve().parents[2]
KEYS = [
    {"AccessKeyId": f"AKIAIOSFODNN7EXAMPL{n}", "Status": "Active", "CreateDate": "2026-11-20T10:00:00Z"} for n in (1, 2)
]
APPLIED = {
    "users": {"alice": {"tags": {"team": "a"}}, "bob": {}, "carol": {"access_keys": 1}, "gone": {}},
    "groups": {"devs": {}},
    "memberships": {"devs": ["alice", "gone"]},
}


def changed(**sections):
    return {**APPLIED, **sections}


MEMBERS = {"devs": ["alice", "bob", "gone"]}
WITHOUT_GONE = changed(
    users={name: value for name, value in APPLIED["users"].items() if name != "gone"},
    memberships={"devs": ["alice"]},
    removed=["user/gone"],
)


def live(*, members=("alice", "gone"), keys=1, tags=None, others=()):
    """Return the account as the applied manifests declare it, or with edits by hand."""
    names = ["alice", "bob", "carol", "gone", *others]
    users = [
        user(
            name,
            ["devs"] if name in members else [],
            **({"Tags": tags or [{"Key": "team", "Value": "a"}]} if name == "alice" else {}),
        )
        for name in names
    ]
    held = dict.fromkeys(names, NO_CREDENTIALS) | {"carol": {**NO_CREDENTIALS, "AccessKeyMetadata": KEYS[:keys]}}
    return account(users, [group("devs")], credentials=held)


@pytest.fixture(scope="module")
def merged(tmp_path_factory):
    """Return a folder with a repository whose one commit is applied, and the hash of the commit."""
    found = Repository(tmp_path_factory.mktemp("applied"))
    found.git("init", "--quiet", "--template=")
    write_tree(found.folder / "iam", APPLIED, scope={"undeclared": {"users": "drift"}})
    return found.folder, found.commit("Applied", at=START)


@pytest.fixture
def drift(merged, tmp_path, capsys, monkeypatch):
    """Return a function that merges manifests and compares an account with them; it returns code and output."""
    folder, commit = merged
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    found = Repository(tmp_path)

    def run(manifests, state, *words, applied=None, undeclared="drift"):
        write_tree(tmp_path / "iam", manifests, scope={"undeclared": {"users": undeclared}})
        found.commit("Merged", at=START + timedelta(days=1))
        (tmp_path / "account.json").write_text(json.dumps({**state, "events": []}))
        told = ["--sandbox", "account.json", "--now", "2026-11-23", "--applied", applied or commit]
        code = run_command_line(["drift", "iam", *told, *words])
        return code, capsys.readouterr()

    run.commit = commit
    return run


MERGES = {
    "a member who joins": (changed(memberships=MEMBERS), "bob joins devs"),
    "a member who leaves": (changed(memberships={"devs": ["gone"]}), "alice leaves devs"),
    "a tag": (changed(users={**APPLIED["users"], "alice": {"tags": {"team": "b"}}}), "user alice will change"),
    "a new user": (changed(users={**APPLIED["users"], "new": {}}), "user new will be created"),
    "a removed user": (WITHOUT_GONE, "user gone will be deleted"),
    "fewer keys": (
        changed(users={**APPLIED["users"], "carol": {}}),
        "user carol changes access key AKIAIOSFODNN7EXAMPL1",
    ),
    "a new group": (
        changed(groups={"devs": {}, "ops": {}}, memberships={**APPLIED["memberships"], "ops": []}),
        "group ops will be created",
    ),
    "an inline policy": (
        changed(groups={"devs": {"inline_policies": {"own": ALLOW}}}),
        "group devs gains inline policy own",
    ),
}


@pytest.mark.parametrize("name", MERGES)
def test_a_merge_that_is_not_applied_is_nobodys_deed(drift, name):
    manifests, sentence = MERGES[name]

    code, told = drift(manifests, live(), "--actor")

    assert code == 0, told
    assert f"Merged since commit {drift.commit[:12]}, not applied yet\n  {sentence}" in told.out
    assert "Differences from the manifests" not in told.out
    assert ("tags.team: a -> b" in told.out) == (name == "a tag")
    assert "someone" not in told.out
    assert "actor" not in told.out
    assert "adopt" not in told.out


def test_an_undeclared_user_whom_a_merge_dropped_is_nobodys_deed(drift):
    manifests = changed(
        users={name: value for name, value in APPLIED["users"].items() if name != "bob"},
    )

    code, told = drift(manifests, live())

    assert code == 0
    assert "  no manifest declares user/bob any longer\n" in told.out
    assert drift(manifests, live(others=["eve"]))[0] == 2


DEEDS = {
    "a member whom somebody added": (APPLIED, live(members=["alice", "gone", "bob"]), "membership/devs/bob"),
    "a member whom somebody removed": (APPLIED, live(members=["gone"]), "membership/devs/alice"),
    "a merged tag that somebody changed": (
        changed(users={**APPLIED["users"], "alice": {"tags": {"team": "b"}}}),
        live(tags=[{"Key": "team", "Value": "c"}]),
        "user/alice",
    ),
    "a key that somebody made": (
        changed(users={**APPLIED["users"], "carol": {}}),
        live(keys=2),
        "access-key/carol/AKIAIOSFODNN7EXAMPL1",
    ),
    "a user whom somebody made and a merge declares": (
        changed(users={**APPLIED["users"], "eve": {"tags": {"team": "a"}}}),
        live(others=["eve"]),
        "user/eve",
    ),
    "a membership by hand of a user whom a merge removes": (
        {**WITHOUT_GONE, "memberships": {"devs": ["alice"]}},
        live(members=["alice", "gone", "bob"]),
        "membership/devs/bob",
    ),
}


@pytest.mark.parametrize("name", DEEDS)
@pytest.mark.parametrize("undeclared", ["drift", "report"])
def test_what_somebody_did_counts_beside_a_merge(drift, name, undeclared):
    manifests, state, address = DEEDS[name]

    code, told = drift(manifests, state, "--format", "json", undeclared=undeclared)

    found = json.loads(told.out)["drift"]
    assert code == 2
    assert address in {one["address"] for one in found if not one["is_merged"]}


def test_a_deed_does_not_hide_among_what_hangs_on_a_merge(drift):
    applied = changed(memberships={"devs": ["alice"]})
    state = live(members=["alice", "gone"])  # somebody put gone into devs; then a merge removes gone
    commit = Repository(Path.cwd())
    write_tree(Path("iam"), applied)
    before = commit.commit("Applied later", at=START + timedelta(hours=1))

    code, told = drift(WITHOUT_GONE, state, "--format", "json", applied=before)

    found = {one["address"]: one for one in json.loads(told.out)["drift"]}
    assert code == 2
    assert not found["membership/devs/gone"]["is_merged"]
    assert found["user/gone"]["is_merged"]
    assert found["user/gone"]["along"] == []


def test_without_the_option_a_merge_counts(drift, tmp_path, capsys):
    drift(MERGES["a tag"][0], live())

    assert run_command_line(["drift", "iam", "--sandbox", "account.json", "--now", "2026-11-23"]) == 2
    assert "merged but not applied yet; see --applied" in capsys.readouterr().out


def test_a_commit_that_does_not_exist_is_an_error(drift):
    code, told = drift(APPLIED, live(), applied="elsewhere")

    assert code == 1
    assert "git has no commit 'elsewhere' here" in told.err


def test_manifests_of_that_commit_with_errors_are_an_error(drift):
    commit = Repository(Path.cwd())
    write_tree(Path("iam"), "users: [")
    broken = commit.commit("Break", at=START)

    code, told = drift(APPLIED, live(), applied=broken)

    assert code == 1
    assert f"the manifests of commit {broken} have errors" in told.err


def test_json_is_what_the_schema_says(drift):
    _, told = drift(MERGES["a tag"][0], live(), "--format", "json")

    data = json.loads(told.out)
    Draft202012Validator(json.loads((ROOT / "schemas/drift.schema.json").read_text())).validate(data)
    assert data["applied"] == drift.commit
    assert (data["summary"]["drift"], data["summary"]["merged"]) == (0, 1)
    assert data["account"]["id"] == ACCOUNT
