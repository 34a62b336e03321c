"""``iamctl drift`` end to end: what it ends with, and what it says."""

import json

import pytest
from command_line import ALLOW, DAY, NO_CREDENTIALS, account, acme, group, save, user, write_tree
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


def test_what_nobody_declares_is_drift_where_the_settings_say_so(tmp_path, here):
    tree(tmp_path, scope={"undeclared": {"users": "drift"}})
    live(tmp_path, {"alice": ["admins"], "mallory": [], "trudy": []})

    done = drift(here)
    data = json.loads(drift(here, "--format", "json").stdout)

    assert done.returncode == 2
    assert "Undeclared\n  no manifest declares user/trudy\n" in done.stdout
    assert "1 difference." in done.stdout
    assert (data["summary"]["drift"], data["undeclared_drift"]) == (1, ["user/trudy"])
    Draft202012Validator(drift_schema()).validate(data)


def test_a_policy_that_only_roles_use_is_no_drift_and_an_unused_one_is(tmp_path, here):
    def policy(name):
        arn = f"arn:aws:iam::123456789012:policy/{name}"
        version = {"VersionId": "v1", "IsDefaultVersion": True, "CreateDate": DAY, "Document": ALLOW}
        return {
            "PolicyName": name,
            "PolicyId": f"ANPA{name.upper():X<17}",
            "Arn": arn,
            "Path": "/",
            "DefaultVersionId": "v1",
            "CreateDate": DAY,
            "PolicyVersionList": [version],
        }

    attached = [{"PolicyName": "of-role", "PolicyArn": "arn:aws:iam::123456789012:policy/of-role"}]
    role = {
        "RoleName": "ci",
        "RoleId": "AROACIXXXXXXXXXXXXXXX",
        "Arn": "arn:aws:iam::123456789012:role/ci",
        "Path": "/",
        "CreateDate": DAY,
        "AssumeRolePolicyDocument": ALLOW,
        "AttachedManagedPolicies": attached,
        "RolePolicyList": [],
    }
    tree(tmp_path, scope={"undeclared": {"policies": "drift"}})
    policies = [policy("of-role"), policy("unused")]
    live(tmp_path, {"alice": ["admins"], "mallory": []}, Policies=policies, RoleDetailList=[role])

    assert "no manifest declares policy/unused\n" in drift(here).stdout
    assert json.loads(drift(here, "--format", "json").stdout)["undeclared_drift"] == ["policy/unused"]


def test_an_ignored_administrator_is_named_first_and_is_drift(tmp_path, here):
    full = {"PolicyName": "x", "PolicyDocument": {**ALLOW, "Statement": [{**ALLOW["Statement"][0], "Action": "*"}]}}
    tree(tmp_path, scope={"ignore": ["user/svc-*"]})
    users = [user("alice", ["admins"]), user("mallory"), user("svc-x", UserPolicyList=[full])]
    save(tmp_path / "a.json", account(users, [group("admins")]))

    done = drift(here)

    assert done.returncode == 2
    first = "Look at this first\n  svc-x is an administrator but ignored by user/svc-*; declare or delete the user\n"
    assert first in done.stdout
    assert first in here("plan", "iam", "--snapshot", "a.json", "--now", NOW).stdout
    assert "No drift" not in done.stdout


def test_undo_says_that_an_apply_would_be_refused_and_what_it_leaves_alone(tmp_path, here):
    manifests = {"users": {"bob": {}}, "groups": {"x": {}}, "memberships": {"x": ["bob"]}}
    scope = {"undeclared": {"users": "drift"}}
    save(tmp_path / "a.json", account([user("bob", ["x"]), user("trudy", ["x"])], [group("x")]))
    left = "An apply leaves what is undeclared alone; list it under 'removed' to delete it.\n"

    tree(tmp_path, manifests, scope=scope)
    assert f"\nundo: iamctl apply iam\n{left}" in drift(here).stdout

    tree(tmp_path, manifests, scope=scope, protect=["user/trudy"])
    refused = f"\nundo: iamctl apply iam would be refused; see 'A plan would be refused'\n{left}"
    assert refused in drift(here).stdout


def test_several_undeclared_administrators_are_one_line(tmp_path, here):
    groups = {"admins": {"policies": ["aws:AdministratorAccess"]}}
    tree(tmp_path, {"users": {"alice": {}}, "groups": groups, "memberships": {"admins": ["alice"]}})
    every = {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    names = [f"m{number:02}" for number in range(21)]
    users = [user(name, ["admins"]) for name in ("alice", *names)]
    save(tmp_path / "a.json", account(users, [group("admins", AttachedManagedPolicies=[every])]))

    told = "are administrators but not declared; declare these users, or list them under 'removed'"
    assert f"Look at this first\n  21 users {told}: {', '.join(names)}\n" in drift(here).stdout


def test_administrators_that_were_made_by_hand_are_named_first(tmp_path, here):
    full = {"PolicyName": "x", "PolicyDocument": {**ALLOW, "Statement": [{**ALLOW["Statement"][0], "Action": "*"}]}}
    admins = {"admins": {"policies": ["aws:AdministratorAccess"]}}
    due = {"user": "erin", "until": "2026-11-20"}
    manifests = {"users": {name: {} for name in ("alice", "bob", "mallory", "erin")}, "groups": admins}
    tree(tmp_path, {**manifests, "memberships": {"admins": ["alice", due]}})
    every = {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    live_group = group("admins", AttachedManagedPolicies=[every])
    users = [user("alice", ["admins"]), user("bob", UserPolicyList=[full]), user("erin", ["admins"])]
    users += [user("mallory", ["admins"]), user("trudy", ["admins"])]
    save(tmp_path / "a.json", account(users, [live_group]))

    done = drift(here)

    first = done.stdout.split("Look at this first\n")[1].split("\n\n")[0].splitlines()
    assert first == [
        "  2 users are administrators, but not in the manifests: bob, mallory",
        "  trudy is an administrator but not declared; declare the user, or list the user under 'removed'",
    ]
    found = {
        (one["address"], one["message"], one["first"])
        for one in json.loads(drift(here, "--format", "json").stdout)["findings"]
        if one["rule"] == "IAM425"
    }
    assert found == {
        ("user/bob", "is an administrator, but not in the manifests", True),
        ("user/mallory", "is an administrator, but not in the manifests", True),
        ("user/erin", "is no longer an administrator", False),
        ("user/trudy", "is an administrator, but not in the manifests", False),
    }
