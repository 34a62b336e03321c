"""A warm process, and this one, do what a cold one does: tests use them in place of one."""

import subprocess

import pytest
from command_line import NOW, acme, environment, run, run_cold, run_warm
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
