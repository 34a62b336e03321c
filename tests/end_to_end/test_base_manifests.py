"""``--base`` compares what the manifests declare: ends of memberships, what needs no call, what is protected."""

import json

import pytest
from command_line import NOW, account, group, save, user, write_tree

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
