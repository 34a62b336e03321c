"""Access keys in whole runs: what is refused, what the flag permits, and what goes away two weeks later."""

import json

import pytest
from command_line import NO_CREDENTIALS, account, run, save, user, write_tree

OLD, NEW = "AKIAOLDOLDOLDOLDOLD1", "AKIANEWNEWNEWNEWNEW1"


def key(name, used=None):
    last = {"AccessKeyLastUsed": {"LastUsedDate": used, "Region": "us-east-1", "ServiceName": "s3"}} if used else {}
    return {"AccessKeyId": name, "Status": "Active", "CreateDate": "2026-10-01T00:00:00Z", **last}


@pytest.fixture
def iam(tmp_path):
    def prepare(permitted, *keys):
        held = {"ci": {**NO_CREDENTIALS, "AccessKeyMetadata": list(keys)}}
        save(tmp_path / "a.json", account([user("ci")], credentials=held))
        write_tree(tmp_path / "iam", {"users": {"ci": {"access_keys": permitted}}})

    prepare.run = lambda *words: run(words[0], "iam", "--sandbox", "a.json", *words[1:], cwd=tmp_path)
    prepare.held = lambda: json.loads((tmp_path / "a.json").read_text())
    return prepare


def test_a_key_in_use_goes_inactive_only_when_the_flag_says_so(iam):
    iam(0, key(NEW, "2026-11-20T00:00:00Z"))

    refused = iam.run("apply", "--now", "2026-11-23", "--yes")
    assert (refused.returncode, "(IAM123)" in refused.stdout) == (3, True)
    assert iam.held()["credentials"]["ci"]["AccessKeyMetadata"][0]["Status"] == "Active"

    done = iam.run("apply", "--now", "2026-11-23", "--yes", "--allow-removals", "access_keys=1")
    assert done.returncode == 0, done.stdout
    assert iam.held()["credentials"]["ci"]["AccessKeyMetadata"][0]["Status"] == "Inactive"


def test_the_surplus_key_that_is_idle_goes_inactive_and_two_weeks_later_away(iam):
    iam(1, key(OLD, "2026-10-02T00:00:00Z"), key(NEW, "2026-11-20T00:00:00Z"))

    assert iam.run("apply", "--now", "2026-11-23", "--yes").returncode == 0
    states = {held["AccessKeyId"]: held["Status"] for held in iam.held()["credentials"]["ci"]["AccessKeyMetadata"]}
    assert states == {OLD: "Inactive", NEW: "Active"}
    assert iam.run("plan", "--now", "2026-12-07", "--detailed-exitcode").returncode == 0
    assert iam.run("plan", "--now", "2026-12-08", "--detailed-exitcode").returncode == 2

    assert iam.run("apply", "--now", "2026-12-08", "--yes").returncode == 0
    [left] = iam.held()["credentials"]["ci"]["AccessKeyMetadata"]
    assert left["AccessKeyId"] == NEW
    assert not iam.held()["UserDetailList"][0].get("Tags")
    assert iam.run("plan", "--now", "2026-12-08", "--detailed-exitcode").returncode == 0


def test_old_and_idle_keys_are_named_and_stop_nothing(iam):
    iam(1, key(OLD, "2026-10-02T00:00:00Z"))

    done = iam.run("plan", "--now", "2027-03-01")

    assert done.returncode == 0
    assert "the access key is 151 days old; the limit is 90 days" in done.stdout
    assert "was last used 150 days ago, on 2026-10-02" in done.stdout


def test_six_keys_that_a_clean_up_made_inactive_go_without_a_flag(tmp_path):
    names = [f"u{number}" for number in range(6)]
    keys = {name: f"AKIAOLDOLDOLDOLDOL{number:02}" for number, name in enumerate(names)}
    held = {name: {**NO_CREDENTIALS, "AccessKeyMetadata": [key(keys[name])]} for name in names}
    save(tmp_path / "a.json", account([user(name) for name in names], credentials=held))
    write_tree(tmp_path / "iam", {"users": {name: {} for name in names}})
    words = ("iam", "--sandbox", "a.json")
    assert run("apply", *words, "--now", "2026-11-23", "--yes", cwd=tmp_path).returncode == 3
    allowed = ("--yes", "--allow-removals", "access_keys=6")
    assert run("apply", *words, "--now", "2026-11-23", *allowed, cwd=tmp_path).returncode == 0

    assert run("plan", *words, "--now", "2026-12-13", cwd=tmp_path).returncode == 0
    assert run("drift", *words, "--now", "2026-12-13", cwd=tmp_path).returncode == 0
    done = run("apply", *words, "--now", "2026-12-13", "--yes", cwd=tmp_path)
    assert (done.returncode, "12 of 12 calls done." in done.stdout) == (0, True)


def test_a_retired_key_goes_though_it_is_in_use(iam):
    iam({"count": 1, "retire": [NEW]}, key(OLD, "2026-10-02T00:00:00Z"), key(NEW, "2026-11-22T00:00:00Z"))
    shown = iam.run("plan", "--now", "2026-11-23")
    assert (shown.returncode, f"{NEW} (active" in shown.stdout, "listed under 'retire'" in shown.stdout) == (
        0,
        True,
        True,
    )
    assert iam.run("apply", "--now", "2026-11-23", "--yes").returncode == 0
    states = {held["AccessKeyId"]: held["Status"] for held in iam.held()["credentials"]["ci"]["AccessKeyMetadata"]}
    assert states == {OLD: "Active", NEW: "Inactive"}

    assert iam.run("apply", "--now", "2026-12-08", "--yes").returncode == 0
    assert [held["AccessKeyId"] for held in iam.held()["credentials"]["ci"]["AccessKeyMetadata"]] == [OLD]
    last = iam.run("plan", "--now", "2026-12-08", "--detailed-exitcode")
    assert (last.returncode, "(IAM129)" in last.stdout) == (0, True)


def test_a_retired_key_that_somebody_else_made_inactive_is_deleted_later(iam):
    iam({"count": 0, "retire": [OLD]}, {**key(OLD), "Status": "Inactive"})

    assert iam.run("apply", "--now", "2026-11-23", "--yes").returncode == 0
    assert iam.run("plan", "--now", "2026-12-07", "--detailed-exitcode").returncode == 0
    assert iam.run("apply", "--now", "2026-12-08", "--yes").returncode == 0
    assert iam.held()["credentials"]["ci"]["AccessKeyMetadata"] == []


def test_ids_of_keys_are_secrets_but_not_where_the_keys_are_retired(iam, tmp_path):
    iam({"count": 1, "retire": [NEW]}, key(NEW))
    assert iam.run("plan", "--now", "2026-11-23").returncode == 0
    write_tree(tmp_path / "iam", {"users": {"ci": {"tags": {"key": NEW}}}})
    assert "(IAM002)" in iam.run("plan", "--now", "2026-11-23").stderr


def test_what_is_not_known_is_told_and_what_would_change_is_refused(iam, tmp_path):
    data = account([user("ci")])
    made = {"CreateDate": "2026-01-31T10:00:00Z", "PasswordEnabled": False, "MFAActive": False}
    row = {**made, "Arn": data["UserDetailList"][0]["Arn"], "AccessKeys": [{"Status": "Active"}]}
    report = {"GeneratedTime": "2026-11-23T08:00:00Z", "users": {"ci": row}}
    save(tmp_path / "s.json", {**data, "credentials": {}, "credential_report": report})
    for permitted, code, told in ((1, 0, ""), (0, 3, "(IAM417)")):
        write_tree(tmp_path / "iam", {"users": {"ci": {"access_keys": permitted}}})
        done = run("plan", "iam", "--snapshot", "s.json", "--now", "2026-11-23", cwd=tmp_path)
        assert done.returncode == code, done.stdout + done.stderr
        assert told in done.stdout

    save(tmp_path / "s.json", {**data, "credentials": {}})
    done = run("plan", "iam", "--snapshot", "s.json", "--now", "2026-11-23", cwd=tmp_path)
    assert (done.returncode, done.stdout.count("(IAM416)")) == (0, 4)


def test_a_key_that_cannot_be_noted_stays_active_and_is_refused(iam, tmp_path):
    iam(0, key(OLD, "2026-10-02T00:00:00Z"))
    data = iam.held()
    data["UserDetailList"][0]["Tags"] = [{"Key": f"t{number}", "Value": ""} for number in range(50)]
    save(tmp_path / "a.json", data)
    tags = {f"t{number}": "" for number in range(50)}
    write_tree(tmp_path / "iam", {"users": {"ci": {"tags": tags}}})

    done = iam.run("apply", "--now", "2026-11-23", "--yes")

    assert (done.returncode, "already has 50 tags" in done.stdout) == (3, True)
