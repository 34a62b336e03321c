"""Ctrl-C once, twice, at the prompt, and from a terminal whose processes all get it."""

import io
import os
import signal
import time
from concurrent.futures.process import BrokenProcessPool

import pytest
from fleet.fleet_world import NOW, results, write_accounts

from iamctl.apply.interrupt import stop_on_signals
from iamctl.commands.fleet import apply, tasks
from iamctl.commands.fleet.interruption import Interruption
from iamctl.commands.fleet.processes import Processes
from iamctl.terminal import prompt

SANDBOX = ("--sandbox", "accounts", "--now", NOW)


def stopped(ready):
    """Do what an apply does until it is stopped, and return how often it was asked."""
    asked = []
    with stop_on_signals(lambda: asked.append(1)) as stop:
        open(ready, "w", encoding="utf-8").close()  # noqa: PTH123
        while not stop.requested:
            time.sleep(0.01)
    return os.getsid(0), len(asked)


def until(found):
    deadline = time.monotonic() + 120
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_only_a_second_signal_reaches_an_apply_and_stops_it(tmp_path):
    """The first Ctrl-C of a terminal is for all its processes; an apply would take it for its own."""
    with Processes(1, is_repeatable=False) as executor:
        under_way = executor.submit(stopped, str(tmp_path / "ready"))
        until((tmp_path / "ready").exists)
        executor.hurry()

        session, asked = under_way.result()

    assert session != os.getsid(0)
    assert asked == 1


def test_a_second_signal_ends_what_only_reads(tmp_path):
    with Processes(1) as executor:
        under_way = executor.submit(stopped, str(tmp_path / "ready"))
        until((tmp_path / "ready").exists)
        executor.hurry()

        with pytest.raises(BrokenProcessPool):
            under_way.result()


def test_the_first_signal_is_noted_and_the_second_hurries(capfd):
    asked = []
    interruption = Interruption()
    interruption(signal.SIGINT, None)
    interruption.hurry = lambda: asked.append(1)
    assert (interruption.requested, asked) == (True, [])

    interruption(signal.SIGINT, None)

    assert asked == [1]
    assert "interrupted again" in capfd.readouterr().err


def test_ctrl_c_at_the_prompt_ends_the_wait_and_applies_nothing(tmp_path, here, inline, monkeypatch):
    write_accounts(tmp_path, 2)
    read, write = os.pipe()

    def interrupting(*words):
        signal.raise_signal(signal.SIGINT)
        return ([], [], [])

    monkeypatch.setattr(apply, "_check_usage", lambda *_: None)
    monkeypatch.setattr(prompt.select, "select", interrupting)
    with os.fdopen(read, encoding="utf-8") as stdin, os.fdopen(write, "w", encoding="utf-8"):
        monkeypatch.setattr("sys.stdin", stdin)
        done = here("fleet", "apply", "iam", *SANDBOX, "--results", "apply.jsonl")

    kept = results((tmp_path / "apply.jsonl").read_text(encoding="utf-8"))
    assert done.returncode == 130
    assert {one["outcome"] for one in kept.values()} == {"not-started"}
    assert not list((tmp_path / "accounts").iterdir())


def test_yes_after_ctrl_c_is_no_yes(tmp_path, here, inline, monkeypatch):
    write_accounts(tmp_path, 1)

    class Typed(io.StringIO):
        def readline(self, *_):
            signal.raise_signal(signal.SIGINT)
            return "yes\n"

    monkeypatch.setattr(apply, "_check_usage", lambda *_: None)
    monkeypatch.setattr(prompt.select, "select", lambda *_: ([1], [], []))
    monkeypatch.setattr("sys.stdin", Typed())

    done = here("fleet", "apply", "iam", *SANDBOX)

    assert done.returncode == 130
    assert not list((tmp_path / "accounts").iterdir())


def test_ctrl_c_stops_a_validation(tmp_path, here, inline, monkeypatch):
    write_accounts(tmp_path, 3)
    validated = tasks._validated

    def interrupting(*given):
        signal.raise_signal(signal.SIGINT)
        return validated(*given)

    monkeypatch.setattr(tasks, "_validated", interrupting)

    done = here("fleet", "validate", "iam", "--format", "jsonl")

    assert done.returncode == 130
    assert [one["outcome"] for one in results(done.stdout).values()] == ["clean", "not-started", "not-started"]
