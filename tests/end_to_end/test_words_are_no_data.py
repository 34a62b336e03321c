"""Other words for reasons, kinds and findings change what people read, and no fact, digest, fingerprint or exit code."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from command_line import NOW, acme

from iamctl.report import words
from iamctl.rules import Hit

HUMAN = {"reason", "because", "message", "sentence", "details", "terms", "description"}
"""The names of JSON texts that are written for people."""

ACCOUNT = ("iam", "--sandbox", "account.json", "--now", NOW)
COMMANDS = [
    ("plan", *ACCOUNT, "--format", "json"),
    pytest.param(("plan", *ACCOUNT, "--format", "sarif"), marks=pytest.mark.exhaustive),
    pytest.param(("plan", *ACCOUNT, "--format", "codequality"), marks=pytest.mark.exhaustive),
    pytest.param(("plan", *ACCOUNT, "--detailed-exitcode"), marks=pytest.mark.exhaustive),
    pytest.param(("drift", *ACCOUNT, "--format", "json"), marks=pytest.mark.exhaustive),
    ("members", *ACCOUNT, "--format", "json"),
]


def facts(value):
    """Return JSON without the texts for people; findings that differ in these alone may change places."""
    if isinstance(value, dict):
        return {key: facts(item) for key, item in value.items() if key not in HUMAN}
    if isinstance(value, list):
        return sorted(map(facts, value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


def reworded(table):
    return {key: reworded(entry) if isinstance(entry, dict) else "zebra" for key, entry in table.items()}


@pytest.fixture
def zebras(monkeypatch):
    """Make every phrase and every message the same word."""
    for name in ("REASONS", "VERBS", "VERBS_OF_KINDS", "DRIFTS", "DRIFTS_OF_PARTS", "DRIFTS_OF_KINDS"):
        monkeypatch.setattr(words, name, reworded(getattr(words, name)))
    monkeypatch.setattr(words, "DRIFTS_OF_REASONS", reworded(words.DRIFTS_OF_REASONS))
    monkeypatch.setattr(words, "READABLE", "zebra")
    finding = Hit.finding
    monkeypatch.setattr(Hit, "finding", lambda hit, rule: replace(finding(hit, rule), message="zebra"))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: f"{words[0]}-{words[-1]}")
def test_no_fact_depends_on_a_phrase(tmp_path, here, request, command):
    acme(tmp_path)
    plain = here(*command)
    request.getfixturevalue("zebras")
    other = here(*command)

    assert other.returncode == plain.returncode
    assert other.stdout != plain.stdout
    assert "zebra" in other.stdout
    if command[-1] != "--detailed-exitcode":
        assert facts(json.loads(other.stdout)) == facts(json.loads(plain.stdout))
    else:
        assert other.stdout.splitlines()[-1] == plain.stdout.splitlines()[-1]
