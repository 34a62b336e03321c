"""Long-term API keys of services in whole runs: deleted above api_keys, compared with the base, unknown ones left alone."""

import json

import pytest
from command_line import NO_CREDENTIALS, account, run, save, user, write_tree

NOW = ("--now", "2026-11-28T12:00:00Z")
KEY = {
    "ServiceSpecificCredentialId": "ACCA0000000000000001",
    "ServiceName": "bedrock.amazonaws.com",
    "Status": "Active",
    "CreateDate": "2026-01-31T10:00:00Z",
}
GIT = {**KEY, "ServiceSpecificCredentialId": "ACCA0000000000000002", "ServiceName": "codecommit.amazonaws.com"}


@pytest.fixture
def here(tmp_path):
    def command(*words):
        return run(*words, *NOW, cwd=tmp_path)

    save(
        tmp_path / "a.json",
        account([user("ci")], credentials={"ci": {**NO_CREDENTIALS, "ServiceSpecificCredentials": [KEY, GIT]}}),
    )
    command.write = lambda ci, folder="iam": write_tree(tmp_path / folder, {"users": {"ci": ci}})
    command.held = lambda: json.loads((tmp_path / "a.json").read_text())["credentials"]["ci"]
    command.save = lambda data: save(tmp_path / "a.json", data)
    return command


def test_an_api_key_that_no_manifest_permits_is_deleted_and_shown(here):
    here.write(None)

    planned = here("plan", "iam", "--sandbox", "a.json")
    told = "loses API key ACCA0000000000000001 (bedrock.amazonaws.com, created 2026-01-31, never expires)"
    assert f"{told}  more API keys than api_keys allows" in planned.stdout

    assert here("apply", "iam", "--sandbox", "a.json", "--yes").returncode == 0
    assert [one["ServiceName"] for one in here.held()["ServiceSpecificCredentials"]] == ["codecommit.amazonaws.com"]
    assert here("plan", "iam", "--sandbox", "a.json", "--detailed-exitcode").returncode == 0


def test_a_permitted_api_key_stays_until_its_user_ends(here):
    here.write({"api_keys": 1})
    assert here("plan", "iam", "--sandbox", "a.json", "--detailed-exitcode").returncode == 0

    here.write({"api_keys": 1, "until": "2026-11-20"})
    done = here("plan", "iam", "--sandbox", "a.json", "--format", "json")
    calls = [call["operation"] for call in json.loads(done.stdout)["calls"]]
    assert "DeleteServiceSpecificCredential" in calls


def test_the_base_is_compared(here):
    here.write({"api_keys": 2})
    here.write({"api_keys": 1}, "base")
    done = here("plan", "iam", "--base", "base", "--sandbox", "a.json")
    assert "~ user/ci  api_keys: 1 -> 2" in done.stdout


def test_unknown_api_keys_are_left_alone_and_the_plan_says_so(here):
    facts = {name: value for name, value in NO_CREDENTIALS.items() if name != "ServiceSpecificCredentials"}
    here.save(account([user("ci")], credentials={"ci": facts}))
    here.write(None)

    done = here("plan", "iam", "--snapshot", "a.json", "--detailed-exitcode")
    assert done.returncode == 0
    assert "the API keys of 1 declared user are unknown and were not compared: ci (IAM416)" in done.stdout


def test_import_permits_the_api_keys_that_work(here, tmp_path):
    done = run("import", "new", "--snapshot", "a.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "api_keys: 1" in (tmp_path / "new" / "users.yaml").read_text()
    assert here("plan", "new", "--sandbox", "a.json", "--detailed-exitcode").returncode == 0


def test_import_without_api_keys_refuses_the_plan_that_would_delete_them(here, tmp_path):
    held = here.held()
    unread = {name: value for name, value in held.items() if name != "ServiceSpecificCredentials"}
    here.save(account([user("ci")], credentials={"ci": unread}))
    assert run("import", "new", "--snapshot", "a.json", cwd=tmp_path).returncode == 0

    here.save(account([user("ci")], credentials={"ci": held}))
    done = here("plan", "new", "--sandbox", "a.json")
    assert (done.returncode, "(IAM401)" in done.stdout) == (3, True)
