"""Runs reviews of one account."""

import json

import pytest
from audit_accounts import ACCOUNT, snapshot
from reviewed_account import REVIEWED, TREE

from iamctl.cli.process import run_command_line


@pytest.fixture
def review(tmp_path, capsysbinary, monkeypatch):
    """Return a function that runs ``iamctl review`` and returns the exit code and what was printed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "iam").mkdir()
    (tmp_path / "iam/iamctl.yaml").write_text(f"version: 1\naccounts: {{prod: {{id: '{ACCOUNT}'}}}}\n")
    (tmp_path / "iam/iam.yaml").write_text(TREE)

    def run(*words, case=REVIEWED):
        (tmp_path / "account.json").write_text(json.dumps({**snapshot(case), "taken_at": "2026-11-20T10:00:00Z"}))
        source = ["iam", "--snapshot", "account.json", "--now", "2026-11-23"] if words[0] == "export" else []
        code = run_command_line(["review", words[0], *source, *words[1:]])
        out, err = capsysbinary.readouterr()
        run.error = err.decode()
        return code, out if out.startswith(b"PK") else out.decode()

    return run
