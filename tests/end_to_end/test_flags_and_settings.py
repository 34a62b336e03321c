"""One whole run each for the flags and settings that decide what a plan may do."""

import json

import pytest
from command_line import ACCOUNT, ALLOW, NO_CREDENTIALS, NOW, account, group, save, user, write_tree

PLAN = ("plan", "iam", "--sandbox", "a.json", "--now", NOW)
APPLY = ("apply", "iam", "--sandbox", "a.json", "--now", NOW, "--yes")
INLINE = [{"PolicyName": "old", "PolicyDocument": ALLOW}]


def addresses(done):
    return [change["address"] for change in json.loads(done.stdout)["changes"]]


def live(tmp_path):
    return json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))


def members(tmp_path, name):
    return sorted(entry["UserName"] for entry in live(tmp_path)["UserDetailList"] if name in entry["GroupList"])


def test_only_expired_ends_what_has_ended_and_nothing_else(tmp_path, here):
    save(
        tmp_path / "a.json",
        account([user("alice", ["devs"]), user("bob", ["devs"]), user("eve", ["devs"])], [group("devs")]),
    )
    late = {"user": "alice", "until": "2026-11-22", "reason": "cover"}
    today = {"user": "bob", "until": NOW}
    write_tree(
        tmp_path / "iam",
        {
            "users": {"alice": {}, "bob": {}, "carol": {}},
            "groups": {"devs": {"path": "/teams/"}},
            "memberships": {"devs": [late, today, "carol"]},
        },
    )
    whole = addresses(here(*PLAN, "--format", "json"))
    assert whole == [
        "group/devs",
        "membership/devs/alice",
        "membership/devs/carol",
        "membership/devs/eve",
        "user/carol",
    ]

    done = here(*APPLY, "--only-expired")

    assert (done.returncode, done.stderr) == (0, "")
    assert "1 of 1 call done." in done.stdout
    assert "converged" in done.stdout
    assert members(tmp_path, "devs") == ["bob", "eve"]
    assert here(*APPLY, "--only-expired").stdout.count("Nothing to change.") == 1
    assert addresses(here(*PLAN, "--format", "json")) == [one for one in whole if one != "membership/devs/alice"]


def test_allow_removals_permits_as_many_as_it_says(tmp_path, here):
    names = [f"u{number}" for number in range(8)]
    save(tmp_path / "a.json", account([user(name) for name in names]))
    write_tree(tmp_path / "iam", {"users": {"u0": {}}, "removed": [f"user/{name}" for name in names[1:4]]})

    refused = here(*PLAN)
    assert refused.returncode == 3
    assert "--allow-removals users=3" in refused.stdout
    assert here(*PLAN, "--allow-removals", "users=2").returncode == 3
    assert here(*PLAN, "--allow-removals", "memberships=3").returncode == 3
    assert here(*APPLY, "--allow-removals", "users=2").returncode == 3
    assert len(live(tmp_path)["UserDetailList"]) == 8

    assert here(*APPLY, "--allow-removals", "users=3").returncode == 0
    assert [entry["UserName"] for entry in live(tmp_path)["UserDetailList"]] == ["u0", *names[4:]]


PROTECTED = {
    "is removed": {"removed": ["user/break-glass"]},
    "loses a group": {"users": {"break-glass": {}}, "groups": {"admins": {}}, "memberships": {"admins": []}},
    "is renamed": {"users": {"exit": {"renamed_from": "break-glass"}}},
    "is moved": {"users": {"break-glass": {"path": "/people/"}}},
    "loses what its group has": {
        "users": {"break-glass": {}},
        "groups": {"admins": {}},
        "memberships": {"admins": ["break-glass"]},
    },
}


@pytest.mark.parametrize("manifests", PROTECTED.values(), ids=PROTECTED)
@pytest.mark.parametrize("pattern", ["user/break-glass", "user/Break-*"])
def test_what_is_protected_is_neither_removed_nor_weakened_whatever_is_allowed(tmp_path, here, manifests, pattern):
    held = [{"PolicyName": "all", "PolicyDocument": ALLOW}]
    file = save(
        tmp_path / "a.json", account([user("break-glass", ["admins"])], [group("admins", GroupPolicyList=held)])
    )
    before = file.read_bytes()
    write_tree(tmp_path / "iam", manifests, protect=[pattern])
    allowed = [word for name in ("users", "memberships", "attachments") for word in ("--allow-removals", f"{name}=9")]

    done = here(*APPLY, *allowed)

    assert (done.returncode, done.stderr) == (3, "")
    assert "is protected" in done.stdout
    assert file.read_bytes() == before


def test_an_exception_keeps_a_direct_policy_until_its_day_and_then_it_goes(tmp_path, here):
    save(tmp_path / "a.json", account([user("ses", UserPolicyList=INLINE)]))
    entry = {"address": "user-inline-policy/ses/old", "reason": "SES", "until": "2026-11-30"}
    write_tree(tmp_path / "iam", {"users": {"ses": {}}}, exceptions=[entry])

    kept = here(*PLAN)
    assert kept.returncode == 0
    assert "an exception keeps this policy on the user (SES) until 2026-11-30" in kept.stdout
    assert "Nothing to change." in kept.stdout
    last = here(*PLAN[:-1], "2026-11-30T23:59:59Z")
    assert "Nothing to change." in last.stdout

    after = here(*PLAN[:-1], "2026-12-01", "--format", "json")
    assert addresses(after) == ["user-inline-policy/ses/old"]
    assert here(*APPLY[:-2], "2026-12-01", "--yes").returncode == 0
    assert live(tmp_path)["UserDetailList"][0].get("UserPolicyList", []) == []


def test_ignored_members_stay_are_named_and_keep_their_group(tmp_path, here):
    users = [user("alice", ["devs", "old"]), user("svc-ci", ["devs", "old"])]
    file = save(tmp_path / "a.json", account(users, [group("devs"), group("old")]))
    scope = {"ignore": ["user/svc-*"]}
    declared = {"users": {"alice": {}}, "groups": {"devs": {}}, "memberships": {"devs": []}}
    write_tree(tmp_path / "iam", declared, scope=scope)

    done = here(*APPLY, "--allow-removals", "memberships=1")

    assert (done.returncode, done.stderr) == (0, "")
    assert "group/devs: 1 member left alone: ignored svc-ci" in done.stdout
    assert "Ignored: 1 by user/svc-*." in done.stdout
    assert members(tmp_path, "devs") == ["svc-ci"]

    write_tree(tmp_path / "iam", {**declared, "removed": ["group/old"]}, scope=scope)
    before = file.read_bytes()
    refused = here(*APPLY)
    assert refused.returncode == 3
    assert "svc-ci" in refused.stdout
    assert file.read_bytes() == before


def test_several_files_add_members_to_an_open_group_alone(tmp_path, here):
    save(tmp_path / "a.json", account([]))
    tree = write_tree(
        tmp_path / "iam",
        {"users": {"alice": {}, "bob": {}}, "groups": {"everyone": {"members": "open"}, "devs": {}}},
    )
    (tree / "a.yaml").write_text("memberships: {everyone: [alice], devs: [alice]}\n", encoding="utf-8")
    (tree / "b.yaml").write_text("memberships: {everyone: [bob]}\n", encoding="utf-8")

    assert here(*APPLY).returncode == 0
    assert members(tmp_path, "everyone") == ["alice", "bob"]

    (tree / "b.yaml").write_text("memberships: {everyone: [bob], devs: [bob]}\n", encoding="utf-8")
    refused = here(*PLAN)
    assert refused.returncode == 1
    for place in ("a.yaml:1:", "b.yaml:1:"):
        assert place in refused.stderr
    assert "devs" in refused.stderr


def test_what_a_snapshot_does_not_tell_of_a_leaver_stops_the_plan(tmp_path, here):
    snapshot = account([user("dave")])
    del snapshot["credentials"]
    save(tmp_path / "a.json", snapshot)
    write_tree(tmp_path / "iam", {"removed": ["user/dave"]})

    done = here("plan", "iam", "--snapshot", "a.json", "--now", NOW)

    assert done.returncode == 3
    assert "IAM407" in done.stdout

    save(tmp_path / "a.json", {**snapshot, "credentials": {"dave": NO_CREDENTIALS}})
    write_tree(tmp_path / "iam", {"removed": ["user/dave"]}, limits={"users": 1})
    allowed = ("--allow-removals", "users=1")
    assert here("plan", "iam", "--snapshot", "a.json", "--now", NOW, *allowed).returncode == 0


COMMANDS = ("validate", "plan", "apply", "members", "import", "snapshot", "schema")


def test_the_help_names_every_command_and_shows_an_example_of_each(here):
    whole = here("--help")
    assert whole.returncode == 0
    assert "Try it without an account: iamctl plan" in whole.stdout

    for name in COMMANDS:
        assert f" {name} " in whole.stdout
        done = here(name, "--help")
        assert (done.returncode, done.stderr) == (0, "")
        assert f"Example: iamctl {name} " in done.stdout


def test_the_version_is_one_line(here):
    from iamctl import __version__

    done = here("--version")

    assert (done.returncode, done.stdout, done.stderr) == (0, f"iamctl {__version__}\n", "")


def test_the_examples_of_the_help_work(tmp_path, here):
    (tmp_path / "iam").mkdir()
    write_tree(tmp_path / "iam", {"users": {"alice": {}}})

    sandbox = ("--sandbox", "account.json")
    for name, more in (
        ("validate", ()),
        ("plan", ("--out", "plan.json")),
        ("apply", sandbox),
        ("members", ()),
        ("schema", ()),
    ):
        example = here(name, "--help").stdout.split("Example: iamctl ")[1].split()
        done = here(*example, *more)
        assert done.returncode == 0, (example, done.stderr)
    assert ACCOUNT in (tmp_path / "account.json").read_text(encoding="utf-8")
