"""``iamctl drift --event``: a run names the event that started it, whatever its text."""

import json
from pathlib import Path

import pytest
from command_line import account, user, write_tree
from jsonschema import Draft202012Validator
from test_actor import ROOT as ROOT_USER
from test_actor import event, role

from iamctl.cli.process import run_command_line

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "schemas/drift.schema.json").read_text())
ADDED = event("AddUserToGroup", role("helpdesk", "eve"), userName="bob", groupName="admins")
TOLD = (
    "  started by an event: role helpdesk, session eve from 203.0.113.7 on 2026-11-22T10:00:00Z "
    "(AddUserToGroup, event e-AddUserToGroup)\n"
)


@pytest.fixture
def drift(tmp_path, capsys, monkeypatch):
    """Return a function that runs drift of an account without differences."""
    monkeypatch.chdir(tmp_path)
    write_tree(tmp_path / "iam", {"users": {"alice": {}}})
    (tmp_path / "account.json").write_text(json.dumps(account([user("alice")])))

    def run(given, *words):
        flags = ["--sandbox", "account.json", "--now", "2026-11-23", "--event", given]
        return run_command_line(["drift", "iam", *flags, *words]), capsys.readouterr()

    return run


@pytest.mark.parametrize("given", [ADDED, {"detail-type": "AWS API Call via CloudTrail", "detail": ADDED}])
def test_a_record_or_an_event_of_eventbridge_is_named(drift, tmp_path, given):
    (tmp_path / "event.json").write_text(json.dumps(given))

    for way in (json.dumps(given), "event.json"):
        code, told = drift(way)

        assert code == 0, told.err
        assert f"Drift in test (123456789012, aws)\n{TOLD}" in told.out


def test_the_root_user_is_shouted(drift):
    assert "started by an event: THE ROOT USER from" in drift(json.dumps({**ADDED, "userIdentity": ROOT_USER}))[1].out


def test_without_an_event_nothing_is_said(drift):
    code, told = drift("")

    assert code == 0
    assert "started by" not in told.out


@pytest.mark.parametrize("output", ["text", "markdown"])
def test_text_of_an_event_is_escaped(drift, output):
    hostile = {
        **ADDED,
        "eventName": "Add\x1b[31m\n| <b> | `x` ##[error]",
        "userIdentity": {"type": "IAMUser", "userName": "a\u202eb"},
    }

    _, told = drift(json.dumps(hostile), "--format", output)

    assert not {"\x1b", "\u202e"} & set(told.out)
    assert "##[" not in told.out
    assert "\\u{001B}" in told.out.replace("\\\\", "\\")


def test_json_has_the_event(drift):
    data = json.loads(drift(json.dumps(ADDED), "--format", "json")[1].out)

    Draft202012Validator(SCHEMA).validate(data)
    assert (data["event"]["operation"], data["event"]["name"]) == ("AddUserToGroup", "helpdesk")
    assert json.loads(drift("", "--format", "json")[1].out)["event"] is None


@pytest.mark.parametrize(
    "given",
    [
        "{",
        "[]",
        "{}",
        '{"detail": 1}',
        "absent.json",
        '{"eventName": "x", "eventTime": "yesterday"}',
        '{"eventName": "x", "eventTime": 1}',
        '{"eventName": "x", "eventTime": "2026-11-22T10:00:00Z", "userIdentity": "a"}',
        json.dumps({**ADDED, "more": "x" * 2**18}),
        "{" * 100_000,
    ],
)
def test_what_is_no_event_is_wrong_usage(drift, given):
    code, told = drift(given)

    assert code == 64
    assert "--event" in told.err
    assert told.out == ""
