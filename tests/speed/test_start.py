"""What a process does beside its command: each counts, since it takes longer than the command."""

import gc

import pytest
import typer

from iamctl.cli import application, process


def test_a_process_ends_without_a_last_look_for_garbage(monkeypatch):
    done = []
    monkeypatch.setattr(process, "collect_seldom", lambda: None)
    monkeypatch.setattr(process, "run_command_line", lambda arguments: done.append(arguments) or 3)
    monkeypatch.setattr(gc, "freeze", lambda: done.append("frozen"))

    with pytest.raises(SystemExit) as ended:
        process.main(["plan"])

    assert (done, ended.value.code) == ([["plan"], "frozen"], 3)


@pytest.mark.parametrize(
    ("words", "read"),
    [
        (["--help"], []),
        (["--version"], []),
        (["plan", "--help"], ["plan"]),
        (["access", "--help"], []),
        (["access", "diff", "--help"], ["diff"]),
        (["nosuch"], []),
    ],
)
def test_only_the_command_that_runs_has_its_parameters_read(words, read, monkeypatch, capsys):
    unread = getattr(typer.main.get_command, "__wrapped__", typer.main.get_command)  # tests read a command once
    monkeypatch.setattr(typer.main, "get_command", unread)
    seen = []
    found = application.get_command_from_info
    monkeypatch.setattr(
        application,
        "get_command_from_info",
        lambda info, **how: seen.append(info.callback.__name__) or found(info, **how),
    )

    process.run_command_line(words)

    assert seen == read
    assert capsys.readouterr()
