"""Accounts of more than 25 users, whose passwords, keys and devices come from the credential report."""

import json

from command_line import ACCOUNT, DAY, NO_CREDENTIALS, NOW, account, run, save, user, write_tree
from loopback import loopback

USED = {"LastUsedDate": "2026-11-01T10:15:00Z", "Region": "eu-west-1", "ServiceName": "s3"}
KEY = {"AccessKeyId": "AKIA0000000000000001", "Status": "Active", "CreateDate": DAY, "AccessKeyLastUsed": USED}
REPORTED_KEY = {"Status": "Active", "LastRotated": DAY, "AccessKeyLastUsed": USED}
NOTHING = {"PasswordEnabled": False, "MFAActive": False, "AccessKeys": []}
NAMES = [f"u{number:02}" for number in range(30)]
SANDBOX = ("--sandbox", "a.json")


def many(**more):
    """Return an account of thirty users of whose credentials nothing is known but what ``more`` says."""
    found = account([user(name) for name in NAMES], **more)
    return {**found, "credentials": more.get("credentials", {})}


def report(**rows):
    """Return a credential report in which everybody has nothing but what ``rows`` say."""
    users = {
        name: {"Arn": f"arn:aws:iam::{ACCOUNT}:user/{name}", "CreateDate": DAY, **rows.get(name, NOTHING)}
        for name in NAMES
    }
    return {"GeneratedTime": "2026-11-22T08:00:00Z", "users": users}


def rows_of(here, tmp_path):
    """Return what a snapshot of the sandbox tells by user: the rows of its report without ARN and date."""
    assert here("snapshot", "-o", "out.json", *SANDBOX).returncode == 0
    rows = json.loads((tmp_path / "out.json").read_text())["credential_report"]["users"]
    return {name: {key: row[key] for key in row.keys() - {"Arn", "CreateDate"}} for name, row in rows.items()}


def test_what_a_file_does_not_tell_is_not_in_the_report_of_the_sandbox(tmp_path, here):
    known = {
        "u01": NO_CREDENTIALS,
        "u02": {"LoginProfile": {"CreateDate": DAY}, "MFADevices": [{"SerialNumber": "GAKT12345678"}]},
        "u03": {"AccessKeyMetadata": [KEY]},
        "u04": {"AccessKeyMetadata": []},
    }
    save(tmp_path / "a.json", many(credentials=known))

    rows = rows_of(here, tmp_path)

    assert rows.pop("u01") == NOTHING
    password = {"PasswordEnabled": True, "PasswordLastChanged": DAY, "IsPasswordUseKnown": False}
    assert rows.pop("u02") == {**password, "MFAActive": True}
    assert rows.pop("u03") == {"AccessKeys": [REPORTED_KEY]}
    assert rows.pop("u04") == {"AccessKeys": []}
    assert len(rows) == 26
    assert set(map(str, rows.values())) == {"{}"}


def test_what_the_report_in_a_file_tells_is_told_by_the_sandbox(tmp_path, here):
    told = {
        "u01": {"PasswordEnabled": True, "PasswordLastChanged": DAY, "MFAActive": True, "AccessKeys": [REPORTED_KEY]},
        "u02": {"PasswordEnabled": True, "PasswordLastUsed": DAY},
        "u03": {},
    }
    save(tmp_path / "a.json", many(credential_report=report(**told)))

    rows = rows_of(here, tmp_path)

    assert {name: rows[name] for name in told} == told
    assert rows["u04"] == NOTHING


def test_a_row_about_somebody_else_of_the_name_tells_nothing(tmp_path, here):
    old = report()
    old["users"]["u01"] |= {"CreateDate": "2020-01-31T10:00:00Z", "PasswordEnabled": True, "PasswordLastChanged": DAY}
    save(tmp_path / "a.json", many(credential_report=old))

    assert rows_of(here, tmp_path)["u01"] == {}


def test_exact_facts_of_a_file_go_before_its_report(tmp_path, here):
    told = {"u01": {"PasswordEnabled": True, "PasswordLastChanged": DAY, "AccessKeys": [REPORTED_KEY, REPORTED_KEY]}}
    known = {"u01": {"LoginProfile": None, "AccessKeyMetadata": []}}
    save(tmp_path / "a.json", many(credentials=known, credential_report=report(**told)))

    assert rows_of(here, tmp_path)["u01"] == {"PasswordEnabled": False, "AccessKeys": []}


def test_a_file_that_was_written_has_no_report_and_unknown_stays_unknown(tmp_path, here):
    told = {"u01": {"AccessKeys": [REPORTED_KEY], "MFAActive": True}, "u02": {"PasswordEnabled": False}}
    save(tmp_path / "a.json", many(credential_report=report(**told)))
    write_tree(tmp_path / "iam", {"users": {name: {"tags": {"team": "a"}} for name in ("u03", "new")}})

    done = here("apply", "iam", *SANDBOX, "--now", NOW, "--yes")

    assert (done.returncode, done.stderr) == (0, "")
    live = json.loads((tmp_path / "a.json").read_text())
    none = {"LoginProfile": None, "AccessKeyMetadata": [], "MFADevices": []}
    assert "credential_report" not in live
    assert "u01" not in live["credentials"]
    assert live["credentials"]["u02"] == {"LoginProfile": None}
    assert live["credentials"]["u03"] == none
    assert live["credentials"]["new"] == NO_CREDENTIALS


def test_a_file_to_which_nothing_happened_keeps_its_report(tmp_path, here):
    text = save(tmp_path / "a.json", many(credential_report=report())).read_bytes()
    write_tree(tmp_path / "iam", {"users": {"u01": {}}})

    assert here("apply", "iam", *SANDBOX, "--now", NOW, "--yes").returncode == 0
    assert (tmp_path / "a.json").read_bytes() == text


def test_a_user_of_whom_nothing_is_known_is_not_removed_from_a_sandbox(tmp_path, here):
    save(tmp_path / "a.json", many())
    write_tree(tmp_path / "iam", {"removed": ["user/u01"]})

    done = here("plan", "iam", *SANDBOX, "--now", NOW)

    assert done.returncode == 3
    assert "(IAM407)" in done.stdout


def test_the_report_of_the_sandbox_is_as_old_as_the_command(tmp_path, here):
    save(tmp_path / "a.json", many())
    write_tree(tmp_path / "iam", {"users": {"u01": {}}})

    texts = {here("plan", "iam", *SANDBOX, "--now", NOW, "--format", form).stdout for form in ("json", "json")}

    assert len(texts) == 1
    assert json.loads(texts.pop())["credentials_as_of"] == f"{NOW}T00:00:00Z"


def test_a_plan_from_a_snapshot_says_how_old_its_report_is(tmp_path, here):
    save(tmp_path / "a.json", many(credential_report=report()))
    write_tree(tmp_path / "iam", {"users": {"u01": {}}})

    said = here("plan", "iam", "--snapshot", "a.json", "--now", NOW).stdout

    assert (
        "Passwords, keys and devices as of 2026-11-22 08:00 UTC, 16 hours before this plan (credential report)." in said
    )


def test_a_snapshot_of_an_account_can_be_planned_against(tmp_path, here):
    known = {"u01": {"LoginProfile": {"CreateDate": DAY}, "AccessKeyMetadata": [KEY], "MFADevices": []}}
    save(tmp_path / "a.json", many(credentials=known))
    rows_of(here, tmp_path)
    write_tree(tmp_path / "iam", {"users": {"u02": {"tags": {}}}})

    done = here("plan", "iam", "--snapshot", "out.json", "--detailed-exitcode")

    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing to change." in done.stdout


def test_a_report_that_is_being_made_is_waited_for(tmp_path):
    write_tree(tmp_path / "iam", {"users": {"u01": {}}})
    with loopback(many()) as iam:
        done = run("plan", "iam", cwd=tmp_path, **iam.environment)

    assert (done.returncode, done.stderr) == (0, "")
    assert iam.counts["GenerateCredentialReport"] == 2
    assert iam.counts["GetCredentialReport"] == 1
    assert iam.counts.total() <= 20


def test_a_denied_report_is_an_error_that_names_the_action(tmp_path):
    write_tree(tmp_path / "iam", {"users": {"u01": {}}})
    with loopback(many()) as iam:
        iam.faults["GenerateCredentialReport"] = [("AccessDenied", "not you")]
        done = run("plan", "iam", cwd=tmp_path, **iam.environment)

    assert done.returncode == 1
    assert "AWS denied iam:GenerateCredentialReport; allow it in a policy of the caller" in done.stderr


def test_snapshot_says_where_it_has_passwords_and_keys_from(tmp_path):
    with loopback(many()) as iam:
        large = run("snapshot", "-o", "out.json", cwd=tmp_path, **iam.environment)
    with loopback(account([user("u01")])) as iam:
        small = run("snapshot", "-o", "small.json", cwd=tmp_path, **iam.environment)

    made = json.loads((tmp_path / "out.json").read_text())["credential_report"]["GeneratedTime"]
    assert f"30 users in it, with passwords and keys from the credential report of {made}" in large.stderr
    assert "1 users in it, with passwords and keys of 1" in small.stderr
