"""Nobody reads stdout or stderr any more, for example since Ctrl-C ended ``tee`` as well: the run ends as otherwise."""

import errno
import os
import signal
import subprocess

import pytest
from command_line import account, command, environment, save, write_tree
from loopback import loopback
from pyrage import x25519

from iamctl.model import CallError
from iamctl.source.sandbox import SandboxSource

SECRETS = {"deliver": "age", "recipients": [str(x25519.Identity.generate().to_public())]}
PEOPLE = {
    "users": {"alice": {"console": True}, "bob": {"console": True}},
    "groups": {"everyone": {"policies": ["guard"]}},
    "memberships": {"everyone": ["alice", "bob"]},
    "policies": {"guard": {"builtin": "require-mfa/1"}},
}
TEAM = {"users": {name: {} for name in ("alice", "bob", "carol")}}


def test_fault_38_a_run_that_stops_says_why_and_where_passwords_are_when_its_report_cannot_be_shown(
    here, tmp_path, monkeypatch
):
    execute = SandboxSource.execute

    def executed(self, call):
        if call.operation == "CreateLoginProfile" and call.params["UserName"] == "bob":
            raise CallError("ExpiredToken", "it has expired")
        return execute(self, call)

    def show(report, output):
        if "outcomes" in report.data:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(SandboxSource, "execute", executed)
    monkeypatch.setattr("iamctl.commands.apply.show", show)
    tree = write_tree(tmp_path / "iam", PEOPLE, secrets=SECRETS)
    save(tmp_path / "a.json", account([]))

    done = here("apply", tree, "--sandbox", "a.json", "--yes", "--parallel", "1")

    assert done.returncode == 4, done.stderr
    assert "the report could not be written: Broken pipe. Run 'iamctl journal' to read what was done" in done.stderr
    assert "password for alice: handover/" in done.stderr
    assert "the AWS credentials are no longer accepted (ExpiredToken)" in done.stderr


@pytest.mark.exhaustive
@pytest.mark.parametrize("is_stderr_read", [True, False], ids=["stdout", "both"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, 0], ids=["SIGINT", "SIGTERM", "no signal"])
def test_fault_38_a_reader_that_ends_during_the_calls_changes_no_exit_code(tmp_path, is_stderr_read, number):
    tree = write_tree(tmp_path / "iam", TEAM)
    with loopback(account([])) as iam:
        reading, writing = os.pipe()
        words = command("apply", tree, "--yes", "--parallel", "1")
        stderr = subprocess.PIPE if is_stderr_read else writing
        own = environment(**iam.environment)
        child = subprocess.Popen(words, cwd=tmp_path, env=own, stdout=writing, stderr=stderr, text=True)
        os.close(writing)

        def end_reader():
            os.read(reading, 65536)
            os.close(reading)
            if number:
                child.send_signal(number)

        iam.faults["CreateUser"] = [None, end_reader]
        _, errors = child.communicate(timeout=60)

    assert child.returncode == (130 if number else 4), errors
    assert iam.writes == ["CreateUser"] * (2 if number else 3)
    if is_stderr_read:
        assert "Traceback" not in errors
        assert "Exception ignored" not in errors
        assert "report could not be written: Broken pipe. Run 'iamctl journal'" in errors
        assert ("interrupted after 2 of 3 calls" in errors) == bool(number)


@pytest.mark.exhaustive
def test_warnings_that_nobody_reads_do_not_end_a_run(tmp_path):
    tree = write_tree(tmp_path / "iam", TEAM)
    with loopback(account([])) as iam:
        reading, writing = os.pipe()
        words = command("apply", tree, "--yes", "--parallel", "1", "--debug")
        own = environment(**iam.environment)
        child = subprocess.Popen(words, cwd=tmp_path, env=own, stdout=subprocess.PIPE, stderr=writing, text=True)
        os.close(writing)
        iam.faults["CreateUser"] = [None, lambda: os.close(reading)]
        shown, _ = child.communicate(timeout=60)

    assert (child.returncode, "converged: the account matches the manifests." in shown) == (0, True)
