"""What tests of many accounts share."""

from types import SimpleNamespace

import pytest
from end_to_end.command_line import environment
from fleet.fleet_world import inline

from iamctl.cli.process import run_command_line
from iamctl.commands.fleet import output

__all__ = ["inline"]


@pytest.fixture
def here(tmp_path, monkeypatch, capsys):
    """Return a function that runs a command line in ``tmp_path`` and returns what a finished process would."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(output, "PAUSE_SECONDS", float("inf"))  # a slow machine makes no test fail
    for name, value in environment().items():
        monkeypatch.setenv(name, value)

    def run(*words):
        capsys.readouterr()
        code = run_command_line([str(word) for word in words])
        said = capsys.readouterr()
        return SimpleNamespace(returncode=code, stdout=said.out, stderr=said.err)

    return run
