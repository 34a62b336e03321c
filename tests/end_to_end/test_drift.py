"""``iamctl drift`` end to end: what it ends with, and what it says."""

import json

import pytest
from command_line import NO_CREDENTIALS, account, acme, group, save, user, write_tree
from jsonschema import Draft202012Validator

from iamctl.schema import drift_schema

NOW = "2026-11-23"
PASSWORD = {**NO_CREDENTIALS, "LoginProfile": {"CreateDate": "2026-01-31T10:00:00Z", "PasswordResetRequired": False}}
MANIFESTS = {
    "users": {"alice": {}, "mallory": {}},
    "groups": {"admins": {}},
    "memberships": {"admins": ["alice"]},
}


def tree(folder, manifests=MANIFESTS, **settings):
    return write_tree(folder / "iam", manifests, **settings)


def live(folder, members, **more):
    users = [user(name, groups) for name, groups in members.items()]
    return save(folder / "a.json", account(users, [group("admins")], **more))


def drift(here, *words):
    return here("drift", "iam", "--snapshot", "a.json", "--now", NOW, *words)


def test_0_when_the_account_is_as_the_manifests_say(tmp_path, here):
    tree(tmp_path)
    live(tmp_path, {"alice": ["admins"], "mallory": []})

    done = drift(here)

    assert (done.returncode, done.stdout, done.stderr) == (0, "Drift in test (123456789012, aws)\n\nNo drift.\n", "")


def test_2_when_somebody_was_added_by_hand(tmp_path, here):
    tree(tmp_path)
    live(tmp_path, {"alice": ["admins"], "mallory": ["admins"]})

    done = drift(here)

    assert done.returncode == 2
    assert "  someone added mallory to admins\n" in done.stdout
    assert "1 difference.\n" in done.stdout


def test_0_when_a_membership_ended_and_apply_has_not_come_by(tmp_path, here):
    members = ["alice", {"user": "mallory", "until": "2026-11-20"}]
    tree(tmp_path, {**MANIFESTS, "memberships": {"admins": members}})
    live(tmp_path, {"alice": ["admins"], "mallory": ["admins"]})

    done = drift(here)

    assert done.returncode == 0
    assert "the membership of mallory in admins ended on 2026-11-20" in done.stdout


def test_0_and_told_what_nobody_declares(tmp_path, here):
    tree(tmp_path)
    live(tmp_path, {"alice": ["admins"], "mallory": [], "trudy": []})

    done = drift(here)

    assert done.returncode == 0
    assert "Not declared and left alone: user/trudy.\n" in done.stdout


def test_2_also_when_a_plan_that_puts_it_right_is_refused(tmp_path, here):
    tree(tmp_path, limits={"memberships": 0})
    live(tmp_path, {"alice": ["admins"], "mallory": ["admins"]})

    done = drift(here)

    assert done.returncode == 2
    assert "A plan would be refused\n  refused: " in done.stdout


def test_3_when_it_is_another_account(tmp_path, here):
    tree(tmp_path, accounts={"test": {"id": "999999999999"}})
    live(tmp_path, {})

    assert drift(here).returncode == 3


def test_3_when_nothing_differs_and_a_rule_refuses_what_is_live(tmp_path, here):
    tree(tmp_path, {**MANIFESTS, "users": {"alice": {"console": True}, "mallory": {}}}, mfa={"existing": "refuse"})
    live(tmp_path, {"alice": ["admins"], "mallory": []}, credentials={"alice": PASSWORD})

    done = drift(here)

    assert done.returncode == 3, done.stdout + done.stderr
    assert "No drift." in done.stdout
    assert "A plan would be refused" in done.stdout


def test_1_when_the_manifests_have_mistakes(tmp_path, here):
    tree(tmp_path, "users: [\n")
    live(tmp_path, {})

    done = drift(here)

    assert done.returncode == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    "words", [["--format", "sarif"], ["--detailed-exitcode"], ["--allow-self"], ["--account", "other"]]
)
def test_64_for_wrong_usage(tmp_path, here, words):
    tree(tmp_path)
    live(tmp_path, {})

    assert drift(here, *words).returncode == 64


def test_the_json_of_acme_tells_what_the_plan_changes(tmp_path, here):
    acme(tmp_path)
    words = ("iam", "--snapshot", "account.json", "--now", NOW, "--format", "json")
    done = here("drift", *words)
    changes = json.loads(here("plan", *words).stdout)["changes"]

    assert done.returncode == 2
    data = json.loads(done.stdout)
    Draft202012Validator(drift_schema()).validate(data)
    told = [address for one in data["drift"] for address in (one["address"], *one["along"])]
    assert sorted(told) == sorted(change["address"] for change in changes)


def test_drift_changes_nothing(tmp_path, here):
    tree(tmp_path)
    words = (
        "iam",
        "--sandbox",
        str(live(tmp_path, {"alice": [], "mallory": ["admins"]})),
        "--now",
        NOW,
    )

    assert here("drift", *words).returncode == 2
    assert here("drift", *words).returncode == 2
    assert not (tmp_path / ".iamctl").exists()
