"""What time brings about: ends and beginnings of memberships, users and exceptions, and keys whose wait is over."""

import json

import pytest
from command_line import NO_CREDENTIALS, account, group, run, save, user, write_tree

KEY = "AKIACARLCARLCARLCAR1"
CARL = {
    **NO_CREDENTIALS,
    "LoginProfile": {"UserName": "carl", "CreateDate": "2026-10-01T00:00:00Z"},
    "AccessKeyMetadata": [{"AccessKeyId": KEY, "Status": "Active", "CreateDate": "2026-10-01T00:00:00Z"}],
}


@pytest.fixture
def at(tmp_path):
    """Run a command at a moment on the tree ``iam`` and the account ``a.json``."""

    def command(name, now, *words):
        return run(name, "iam", "--sandbox", "a.json", "--now", now, *words, cwd=tmp_path)

    return command


def groups_of(tmp_path, name):
    data = json.loads((tmp_path / "a.json").read_text())
    found = [one for one in data["UserDetailList"] if one["UserName"] == name]
    return found[0]["GroupList"] if found else None


def credentials(tmp_path, name="carl"):
    return json.loads((tmp_path / "a.json").read_text())["credentials"][name]


def contractor(tmp_path, settings=None, **more):
    save(
        tmp_path / "a.json",
        account([user("carl", ["devs"]), user("alice")], [group("devs")], credentials={"carl": CARL}),
    )
    users = {"carl": {"console": True, "access_keys": 1, "until": "2026-12-31", **more}, "alice": {}}
    tree = {"users": users, "groups": {"devs": {}}, "memberships": {"devs": ["carl"]}}
    write_tree(tmp_path / "iam", tree, **(settings or {}))


def test_a_user_loses_the_ways_in_first_and_is_deleted_when_the_wait_is_over(tmp_path, at):
    contractor(tmp_path, {"leavers": {"delete_after_days": 30}})
    assert at("plan", "2026-12-16", "--detailed-exitcode").returncode == 0
    soon = at("plan", "2026-12-20").stdout
    assert "Begins and ends within 14 days\n  user/carl  until 2026-12-31" in soon

    locked = at("apply", "2027-01-01", "--yes", "--due")
    assert locked.returncode == 0, locked.stdout + locked.stderr
    assert "the user's 'until' 2026-12-31 has passed" in locked.stdout
    assert groups_of(tmp_path, "carl") == []
    held = credentials(tmp_path)
    assert (held["LoginProfile"], held["AccessKeyMetadata"][0]["Status"]) == (None, "Inactive")
    assert at("plan", "2027-01-10", "--detailed-exitcode").returncode == 0
    assert "user/carl  will be deleted from 2027-01-31 on" in at("plan", "2027-01-25").stdout

    done = at("apply", "2027-01-31", "--yes", "--due")
    assert (done.returncode, groups_of(tmp_path, "carl")) == (0, None)
    last = at("plan", "2027-01-31", "--detailed-exitcode", "--all-findings")
    assert (last.returncode, "this user expired on 2026-12-31" in last.stdout) == (0, True)


def test_without_a_wait_a_user_is_deleted_at_once_also_under_the_old_name(tmp_path, at):
    contractor(tmp_path)
    drift = at("drift", "2027-01-01")
    assert (drift.returncode, "the user carl ended on 2026-12-31 and is due to be deleted" in drift.stdout) == (0, True)
    write_tree(
        tmp_path / "iam",
        {
            "users": {"charles": {"renamed_from": "carl", "until": "2026-12-31"}, "alice": {}},
            "groups": {"devs": {}},
            "memberships": {"devs": ["charles"]},
        },
    )
    done = at("apply", "2027-01-01", "--yes", "--due")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (groups_of(tmp_path, "carl"), groups_of(tmp_path, "charles")) == (None, None)


def test_a_user_who_has_ended_is_not_created(tmp_path, at):
    contractor(tmp_path, {"leavers": {"delete_after_days": 30}})
    save(tmp_path / "a.json", account([user("alice")], [group("devs")]))
    assert at("plan", "2027-01-02", "--detailed-exitcode").returncode == 0


def test_the_last_administrator_and_a_protected_user_do_not_end(tmp_path, at):
    contractor(tmp_path, {"protect": ["user/carl"]})
    done = at("apply", "2027-01-01", "--yes", "--due")
    assert (done.returncode, "(IAM408)" in done.stdout) == (3, True)


def test_a_membership_begins_on_its_day(tmp_path, at):
    save(tmp_path / "a.json", account([user("bob")], [group("devs")]))
    member = {"user": "bob", "from": "2026-12-01", "until": "2026-12-31", "reason": "OPS-1"}
    write_tree(tmp_path / "iam", {"users": {"bob": {}}, "groups": {"devs": {}}, "memberships": {"devs": [member]}})

    before = at("plan", "2026-11-28", "--detailed-exitcode")
    assert (before.returncode, "membership/devs/bob  from 2026-12-01  OPS-1" in before.stdout) == (0, True)
    assert "bob  begins 2026-12-01" in at("members", "2026-11-28").stdout
    assert "bob  begins 2026-12-01" in run("members", "iam", "--declared", "--now", "2026-11-28", cwd=tmp_path).stdout
    assert at("drift", "2026-12-01").returncode == 0
    assert at("drift", "2026-12-20").returncode == 2

    assert at("apply", "2026-11-30T23:59:59Z", "--yes", "--due").stdout.count("Nothing to change.") == 1
    assert at("apply", "2026-12-01", "--yes", "--due").returncode == 0
    assert groups_of(tmp_path, "bob") == ["devs"]
    early = at("plan", "2026-11-28").stdout
    assert "begins only on 2026-12-01" in early


def test_a_membership_that_ends_before_it_begins_is_an_error(tmp_path):
    member = {"user": "bob", "from": "2026-12-02", "until": "2026-12-01"}
    write_tree(tmp_path / "iam", {"users": {"bob": {}}, "groups": {"devs": {}}, "memberships": {"devs": [member]}})
    done = run("validate", "iam", "--now", "2026-11-28", cwd=tmp_path)
    assert (done.returncode, "(IAM440)" in done.stdout + done.stderr) == (1, True)


def test_an_exception_that_ended_is_due_and_nobody_did_it(tmp_path, at):
    policy = {"PolicyName": "Send", "PolicyDocument": {"Version": "2012-10-17", "Statement": []}}
    policy["PolicyDocument"]["Statement"] = [{"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}]
    save(tmp_path / "a.json", account([{**user("ses"), "UserPolicyList": [policy]}]))
    exception = {"address": "user-inline-policy/ses/Send", "reason": "SES", "until": "2026-12-05"}
    write_tree(tmp_path / "iam", {"users": {"ses": {}}}, exceptions=[exception])

    assert "user-inline-policy/ses/Send  until 2026-12-05  SES" in at("plan", "2026-12-01").stdout
    drift = at("drift", "2026-12-07")
    assert (drift.returncode, "Due, not applied yet" in drift.stdout, "someone" in drift.stdout) == (0, True, False)
    assert "ended on 2026-12-05" in drift.stdout
    done = at("apply", "2026-12-07", "--yes", "--due")
    assert (done.returncode, "everything that was due is done" in done.stdout) == (0, True)


def test_due_runs_no_end_that_is_new_in_this_change(tmp_path, at):
    contractor(tmp_path)
    (tmp_path / "iam").rename(tmp_path / "base")
    contractor(tmp_path, until="2026-11-01")

    with_base = at("plan", "2026-11-28", "--base", "base", "--detailed-exitcode")
    assert "user/carl" in with_base.stdout or "carl will be deleted" in with_base.stdout
    quiet = at("apply", "2026-11-28", "--yes", "--due", "--base", "base")
    assert (quiet.returncode, "Nothing to change." in quiet.stdout) == (0, True)
    assert groups_of(tmp_path, "carl") == ["devs"]
    done = at("apply", "2027-01-01", "--yes", "--due", "--base", "base")
    assert (done.returncode, groups_of(tmp_path, "carl")) == (0, None)


def test_due_with_a_base_that_has_errors_applies_nothing_and_exits_with_1(tmp_path, at):
    contractor(tmp_path)
    write_tree(tmp_path / "base", {"users": {"carl": {"until": "tomorrow"}}})

    done = at("apply", "2027-01-01", "--yes", "--due", "--base", "base")
    assert (done.returncode, "it is unknown what was due there" in done.stderr) == (1, True), done.stdout
    assert groups_of(tmp_path, "carl") == ["devs"]


def test_keys_whose_wait_is_over_are_announced_and_deleted_when_due(tmp_path, at):
    contractor(tmp_path)
    write_tree(
        tmp_path / "iam",
        {
            "users": {"carl": {"console": True}, "alice": {}},
            "groups": {"devs": {}},
            "memberships": {"devs": ["carl", "alice"]},
        },
    )
    assert at("apply", "2026-11-23", "--yes").returncode == 0
    assert f"access-key/carl/{KEY}  will be deleted from 2026-12-08 on" in at("plan", "2026-12-01").stdout
    data = json.loads(at("plan", "2026-12-01", "--format", "json").stdout)
    assert [(one["address"], one["event"], one["date"]) for one in data["upcoming"]] == [
        (f"access-key/carl/{KEY}", "deleted", "2026-12-08")
    ]
    done = at("apply", "2026-12-08", "--yes", "--only-expired")
    assert (done.returncode, credentials(tmp_path)["AccessKeyMetadata"]) == (0, [])
