"""Running iamctl in this process, where a process of its own would tell no more."""

from types import SimpleNamespace

import pytest
from command_line import environment

from iamctl.cli.process import run_command_line


@pytest.fixture
def here(tmp_path, monkeypatch, capsys):
    """Return a function that runs a command line in ``tmp_path`` and returns what a finished process would."""
    monkeypatch.chdir(tmp_path)
    for name, value in environment().items():
        monkeypatch.setenv(name, value)

    def run(*words):
        capsys.readouterr()
        code = run_command_line([str(word) for word in words])
        said = capsys.readouterr()
        return SimpleNamespace(returncode=code, stdout=said.out, stderr=said.err)

    return run
