"""``--base`` compares what the manifests declare: ends of memberships, what needs no call, what is protected."""

import json

import pytest
from command_line import NOW, account, group, save, user, write_tree
from jsonschema import Draft202012Validator

from iamctl.schema import plan_schema

NAMES = [f"u{number}" for number in range(12)]
PLAN = ("plan", "iam", "--sandbox", "a.json", "--now", NOW)
EXPIRE = ("apply", "iam", "--sandbox", "a.json", "--now", NOW, "--yes", "--only-expired")


def team(*members, **groups):
    """Return manifests in which the users are in the group ``team``."""
    names = [member if isinstance(member, str) else member["user"] for member in members]
    return {
        "users": {name: {} for name in names},
        "groups": {"team": {}},
        "memberships": {"team": [*members]},
        **groups,
    }


def ended(name, until="2026-01-01"):
    return {"user": name, "until": until}


@pytest.fixture
def trees(tmp_path):
    """Twelve members: the base ends one of them, the change ends all."""
    save(tmp_path / "a.json", account([user(name, ["team"]) for name in NAMES], [group("team")]))
    write_tree(tmp_path / "was", team(ended("u0"), *NAMES[1:]))
    return write_tree(tmp_path / "iam", team(*map(ended, NAMES)))


def members(tmp_path):
    users = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["UserDetailList"]
    return {entry["UserName"] for entry in users if entry["GroupList"]}


def test_an_until_in_the_past_counts_like_a_deleted_line(trees, here):
    done = here(*PLAN, "--base", "was")

    assert done.returncode == 3
    assert "this plan removes 11 of 12 memberships, but the limit is 2 (20%)" in done.stdout
    assert "check for an 'until' in the past, or pass --allow-removals memberships=11" in done.stdout
    assert here(*PLAN, "--base", "was", "--allow-removals", "memberships=11").returncode == 0
    assert "this plan removes 12 of 12 memberships" in here(*PLAN).stdout


def test_only_expired_ends_what_the_base_had_ended(trees, here, tmp_path):
    done = here(*EXPIRE, "--base", "was")

    assert done.returncode == 0, done
    assert members(tmp_path) == {*NAMES[1:]}


def test_only_expired_without_a_base_counts_each_end(trees, here, tmp_path):
    assert here(*EXPIRE).returncode == 3
    assert members(tmp_path) == {*NAMES}


ADMIN = [{"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}]
KEY = "age1ea69waqlgs248whxdt3v9w0d0m8ra7ugf5x3g8k6q7xcvfep6dusu04krp"
OTHER = "age1qmr0vxucxh3qfjlyqrzddne5gmdutdsuulw438h2hk2hnmm9j3csnk47dq"
SECRETS = {"deliver": "age", "recipients": [KEY]}
FIRST = "Look at this first"
LATER = "Changes that need no call now"
THEY_MAY = "; members of this group are administrators or can become administrators"


def administrators(*members, alice=None, **more):
    names = {member if isinstance(member, str) else member["user"] for member in members}
    return {
        "users": {name: {} for name in sorted(names)} | {"alice": alice or {}},
        "groups": {"admins": {"policies": ["aws:AdministratorAccess"]}},
        "memberships": {"admins": [*members]},
        **more,
    }


@pytest.fixture
def admins(tmp_path):
    """An account in which alice and eve are administrators."""
    group_ = group("admins", AttachedManagedPolicies=ADMIN)
    save(tmp_path / "a.json", account([user("alice", ["admins"]), user("eve", ["admins"])], [group_]))


def planned(here, *words):
    """Return the text of a plan with a base, and its JSON, which fits its schema."""
    text = here(*PLAN, "--base", "was", *words)
    data = json.loads(here(*PLAN, "--base", "was", "--format", "json", *words).stdout)
    Draft202012Validator(plan_schema()).validate(data)
    return text, data


def test_a_later_end_of_an_administrator_is_named_first_and_in_the_digest(tmp_path, here, admins):
    write_tree(tmp_path / "was", administrators("alice", ended("eve", "2026-12-05")))
    write_tree(tmp_path / "iam", administrators("alice", ended("eve", "2099-12-31")))

    text, data = planned(here)

    assert text.returncode == 0
    assert (
        f"{FIRST}\n  eve stays in group/admins until 2099-12-31, instead of until 2026-12-05{THEY_MAY}\n" in text.stdout
    )
    assert f"{LATER}\n  ~ membership/admins/eve  until: 2026-12-05 -> 2099-12-31  iam.yaml:" in text.stdout
    assert "Nothing to change. 1 change needs no call now.\n" in text.stdout
    assert data["plan_digest"] in text.stdout
    assert [(one["address"], one["field"], one["before"], one["after"]) for one in data["declared_changes"]] == [
        ("membership/admins/eve", "until", "2026-12-05", "2099-12-31")
    ]
    assert LATER in here(*PLAN, "--base", "was", "--format", "markdown").stdout
    write_tree(tmp_path / "iam", administrators("alice", ended("eve", "2098-12-31")))
    assert planned(here)[1]["plan_digest"] != data["plan_digest"]


def test_who_joins_later_is_named_although_no_call_is_needed_now(tmp_path, here, admins):
    later = {"user": "bob", "from": "2099-01-01", "until": "2099-02-01", "reason": "OPS-1"}
    users, groups = {"bob": {}}, {"readers": {}}
    write_tree(tmp_path / "was", administrators("alice", "eve"))
    tree = administrators("alice", "eve")
    tree["users"] |= users
    tree["groups"] |= groups
    tree["memberships"] = {"admins": ["alice", "eve", later], "readers": [dict(later)]}
    write_tree(tmp_path / "iam", tree)

    text, data = planned(here)

    assert f"{FIRST}\n  bob joins group/admins on 2099-01-01{THEY_MAY}\n" in text.stdout
    terms = "begins 2099-01-01, until 2099-02-01; reason: OPS-1"
    lines = [one.partition("  iam.yaml:")[0] for one in text.stdout.partition(f"{LATER}\n")[2].splitlines()[:2]]
    assert lines == [f"  + membership/{name}/bob  {terms}" for name in ("admins", "readers")]
    assert [(one["address"], one["field"], one["before"], one["after"]) for one in data["declared_changes"]] == [
        (f"membership/{name}/bob", field, None, value)
        for name in ("admins", "readers")
        for field, value in (("from", "2099-01-01"), ("reason", "OPS-1"), ("until", "2099-02-01"))
    ]
    (tmp_path / "iam").rename(tmp_path / "then")
    (tmp_path / "was").rename(tmp_path / "iam")
    (tmp_path / "then").rename(tmp_path / "was")
    text, data = planned(here)
    assert FIRST not in text.stdout
    for name in ("admins", "readers"):
        assert f"~ membership/{name}/bob  no longer declared; it would have begun later\n" in text.stdout


def test_a_membership_that_has_ended_already_comes_and_goes_as_such(tmp_path, here, admins):
    tree = administrators("alice", "eve", ended("bob", "2026-01-01"))
    write_tree(tmp_path / "was", administrators("alice", "eve", users={"alice": {}, "bob": {}, "eve": {}}))
    write_tree(tmp_path / "iam", tree)

    assert "~ membership/admins/bob  declared from now on, with an end that has passed  iam" in planned(here)[0].stdout
    (tmp_path / "iam").rename(tmp_path / "then")
    (tmp_path / "was").rename(tmp_path / "iam")
    (tmp_path / "then").rename(tmp_path / "was")
    assert "~ membership/admins/bob  no longer declared; it had ended\n" in planned(here)[0].stdout


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            {"from": "2099-01-01"},
            {"from": "2027-01-01"},
            [f"joins group/admins on 2027-01-01, instead of on 2099-01-01{THEY_MAY}"],
        ),
        ({"from": "2027-01-01"}, {"from": "2099-01-01"}, []),
    ],
)
def test_an_administrator_is_named_who_begins_sooner(before, after, told, tmp_path, here, admins):
    for folder, terms in (("was", before), ("iam", after)):
        tree = administrators("alice", "eve")
        tree["users"]["bob"] = {}
        tree["memberships"]["admins"].append({"user": "bob", **terms})
        write_tree(tmp_path / folder, tree)

    findings = planned(here)[1]["findings"]

    assert [one["message"] for one in findings if one["rule"] == "IAM431"] == told


def test_a_later_end_of_a_user_who_is_an_administrator_is_named(tmp_path, here, admins):
    for folder, until in (("was", "2026-12-05"), ("iam", "2099-12-31")):
        tree = administrators("alice", "eve")
        tree["users"] |= {"eve": {"until": until}, "bob": {"until": until}}
        write_tree(tmp_path / folder, tree)

    findings = planned(here)[1]["findings"]

    assert [(one["address"], one["message"]) for one in findings if one["rule"] == "IAM431"] == [
        ("user/eve", "stays an administrator until 2099-12-31, instead of until 2026-12-05")
    ]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({}, {"access_keys": 2}, "~ user/alice  access_keys: 0 -> 2  iam.yaml:"),
        ({"console": True}, {"console": True, "age_recipient": OTHER}, f"age_recipient: (none) -> {OTHER}"),
    ],
)
def test_what_a_user_may_have_later_is_told(before, after, told, tmp_path, here, admins):
    held = {"LoginProfile": {"CreateDate": "2026-01-31T10:00:00Z"}} if before else {"LoginProfile": None}
    lists = ("AccessKeyMetadata", "MFADevices", "SSHPublicKeys", "Certificates", "ServiceSpecificCredentials")
    data = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    data["credentials"]["alice"] = {**held, **{name: [] for name in lists}}
    save(tmp_path / "a.json", data)
    write_tree(tmp_path / "was", administrators("alice", "eve", alice=before), secrets=SECRETS)
    write_tree(tmp_path / "iam", administrators("alice", "eve", alice=after), secrets=SECRETS)

    text, data = planned(here)

    assert told in text.stdout
    assert FIRST in text.stdout
    assert len(data["declared_changes"]) == 1


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (
            {
                "accounts": {
                    "test": {"id": "123456789012", "assume_role": {"apply": "arn:aws:iam::123456789012:role/y"}}
                }
            },
            "assume_role.apply: ",
        ),
        ({"secrets": None}, "secrets: the setting is gone"),
        ({"secrets": {"deliver": "terminal"}}, "secrets.deliver: terminal in place of age"),
    ],
)
def test_another_role_and_other_readers_are_refused_and_first_where_permitted(now, told, tmp_path, here, admins):
    role = {"test": {"id": "123456789012", "assume_role": {"apply": "arn:aws:iam::123456789012:role/x"}}}
    before = {"accounts": role, "secrets": SECRETS}
    write_tree(tmp_path / "was", administrators("alice", "eve"), **before)
    write_tree(tmp_path / "iam", administrators("alice", "eve"), **{k: v for k, v in {**before, **now}.items() if v})

    text, data = planned(here)
    permitted, more = planned(here, "--allow-loosening")

    assert (text.returncode, permitted.returncode) == (3, 0)
    assert f"refused: {told}" in text.stdout
    assert told in permitted.stdout.partition(FIRST)[2].partition(LATER)[0]
    assert data["declared_changes"] == more["declared_changes"] != []


def test_a_protected_group_cannot_be_taken_out_of_the_manifests(tmp_path, here, admins):
    write_tree(tmp_path / "was", administrators("alice", "eve"), protect=["group/admins"])
    write_tree(tmp_path / "iam", {"users": {"alice": {}, "eve": {}}}, protect=["group/admins"])

    text, _ = planned(here)
    checked = here("validate", "iam", "--base", "was")

    assert text.returncode == 3
    assert "~ group/admins  no longer declared, and left alone\n" in text.stdout
    assert checked.returncode == 1
    for said in (text.stdout, checked.stdout):
        assert "group/admins: this is protected, and the manifests of the base declare it, but these do not" in said


def test_a_plan_says_that_it_could_not_read_the_manifests_of_the_base(tmp_path, here, admins):
    write_tree(tmp_path / "was", "users: [\n")
    write_tree(tmp_path / "iam", administrators("alice", "eve"))

    text, data = planned(here)

    assert text.returncode == 0
    assert "the manifests of the base have errors, so they were not compared" in text.stdout
    assert (data["settings_compared"], data["manifests_compared"], data["declared_changes"]) == (True, False, [])


def test_a_rename_is_one_change_and_equal_trees_have_none(tmp_path, here, admins):
    write_tree(tmp_path / "was", administrators("alice", "eve"))
    write_tree(tmp_path / "iam", administrators("alice", "eve"))
    assert planned(here)[1]["declared_changes"] == []

    renamed = administrators("alice", "eva")
    renamed["users"]["eva"] = {"renamed_from": "eve"}
    write_tree(tmp_path / "iam", renamed)
    assert planned(here)[1]["declared_changes"] == []


def test_settings_of_all_sorts_are_told_by_their_name(tmp_path, here, admins):
    write_tree(tmp_path / "was", administrators("alice", "eve"), scope={"ignore": ["user/a", "user/b"]})
    more = {"scope": {"ignore": ["user/b"], "undeclared": {"users": "drift"}}, "protect": ["user/eve"]}
    write_tree(tmp_path / "iam", administrators("alice", "eve"), **more, limits={"users": 1})

    text, data = planned(here)

    found = {one["field"]: (one["before"], one["after"]) for one in data["declared_changes"]}
    assert found == {
        "limits.users": ("10%", "1"),
        "protect": ([], ["user/eve"]),
        "scope.ignore": (["user/a", "user/b"], ["user/b"]),
        "scope.undeclared.users": ("report", "drift"),
    }
    assert "  ~ scope.ignore  changes  iamctl.yaml:" in text.stdout
    assert "      - user/a\n" in text.stdout
