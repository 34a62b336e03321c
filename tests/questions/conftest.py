"""Asking a question of a snapshot in this process."""

import json

import pytest
from questions.asked import NOW, save

from iamctl.cli.process import run_command_line


@pytest.fixture
def ask(tmp_path, capsys, monkeypatch):
    """Return a function that runs a command on a snapshot, and returns its exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(snapshot, *words, source="--snapshot"):
        where = ()
        if snapshot is not None:
            save(tmp_path, snapshot)
            where = (source, "a.json")
        code = run_command_line(["access", *words, *where, "--now", NOW])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def answer(ask):
    """Return a function that runs a command as ``ask`` does, and returns its JSON."""

    def run(snapshot, *words, **more):
        code, out, err = ask(snapshot, *words, "--format", "json", **more)
        assert (code, err) == (0, "")
        return json.loads(out)

    return run
