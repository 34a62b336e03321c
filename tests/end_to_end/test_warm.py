"""A warm process, and this one, do what a cold one does: tests use them in place of one."""

import contextlib
import gc
import socket
import subprocess

import pytest
from command_line import NOW, account, acme, environment, run, run_cold, run_warm, runs_here, user, write_tree
from loopback import loopback
from warm import warm


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--version"], 0),
        pytest.param(["validate", "iam"], 0, marks=pytest.mark.exhaustive),
        (["plan", "iam", "--snapshot", "iam/iamctl.yaml"], 1),
        (["plan", "--no-such-option"], 64),
        pytest.param(["plan", "iam", "--sandbox", "nothing/account.json"], 64, marks=pytest.mark.exhaustive),
        pytest.param(
            ["plan", "iam", "--sandbox", "account.json", "--now", NOW, "--detailed-exitcode"],
            2,
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_streams_and_exit_code_are_those_of_a_cold_process(tmp_path, words, code):
    acme(tmp_path)
    cold, own = run_cold(*words, cwd=tmp_path), run_warm(*words, cwd=tmp_path)
    program = subprocess.run(
        [warm().programs / "iamctl", *words],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    here = run(*words, cwd=tmp_path)
    assert (own.returncode, own.stdout, own.stderr) == (cold.returncode, cold.stdout, cold.stderr)
    assert (here.returncode, here.stdout, here.stderr) == (cold.returncode, cold.stdout, cold.stderr)
    assert (program.returncode, program.stdout, program.stderr) == (cold.returncode, cold.stdout, cold.stderr)
    assert cold.returncode == code


def test_what_only_a_new_interpreter_reads_is_refused(tmp_path):
    with pytest.raises(AssertionError, match=r"only a cold process reads .*PYTHONHASHSEED"):
        run("--version", cwd=tmp_path, PYTHONHASHSEED="1")


def test_a_run_in_this_process_leaves_no_connection(tmp_path):
    write_tree(tmp_path / "iam", {"users": {"alice": {}}})
    with loopback(account([user("alice")])) as served:
        assert runs_here(("plan", "iam"), served.environment)
        assert run("plan", "iam", cwd=tmp_path, **served.environment).returncode == 0
        assert served.asked
        assert int(served.url.rpartition(":")[2]) not in ports_of_peers()


def ports_of_peers():
    """Return the ports to which this process is connected."""
    found = []
    for one in gc.get_objects():
        if type(one) is socket.socket and one.fileno() != -1 and one.family == socket.AF_INET:
            with contextlib.suppress(OSError):  # it only listens
                found.append(one.getpeername()[1])
    return found
