"""A disk that is full, or a reader that left, in the middle of a run: no other account is started, and all is reported."""

import errno
import io
import sys

import pytest
from fleet.fleet_world import NOW, write_accounts

from iamctl.commands.fleet import output

APPLY = ("fleet", "apply", "iam", "--sandbox", "accounts", "--now", NOW, "--yes")


class Full(io.StringIO):
    """Takes one line."""

    def write(self, text):
        if self.getvalue():
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(text)


def applied(tmp_path):
    return sorted(file.stem for file in (tmp_path / "accounts").iterdir())


def test_a_full_disk_stops_an_apply_after_the_accounts_under_way(tmp_path, here, inline, monkeypatch):
    write_accounts(tmp_path, 4)
    monkeypatch.setattr(output, "_opened", lambda _: Full())

    done = here(*APPLY, "--results", "apply.jsonl")

    assert done.returncode == 1
    assert applied(tmp_path) == ["a1", "a2"]
    assert "2 not started, 2 changed." in done.stdout
    assert "error: the results cannot be written any more: No space left on device" in done.stderr


@pytest.mark.parametrize("command", ["plan", "validate"])
def test_a_reader_that_left_ends_a_run_without_a_traceback(tmp_path, here, inline, monkeypatch, command):
    write_accounts(tmp_path, 4)
    monkeypatch.setattr(sys, "stdout", Full())
    sandbox = ("--sandbox", "accounts") if command == "plan" else ()

    done = here("fleet", command, "iam", *sandbox, "--format", "jsonl")
    sys.stdout.close()

    assert done.returncode == 1
    assert "the results cannot be written any more" in done.stderr


def test_progress_that_nobody_reads_stops_nothing(tmp_path, here, inline, monkeypatch):
    write_accounts(tmp_path, 2)

    def unread(_):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(output, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(output, "note", unread)

    done = here(*APPLY, "--results", "apply.jsonl")

    assert (done.returncode, applied(tmp_path)) == (0, ["a1", "a2"])
