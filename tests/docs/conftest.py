"""Commands of the pages run in this process, and in warm ones where a shell has to run them."""

import re
import shlex
import subprocess

import pytest
import shown_output
from end_to_end.command_line import run_here, runs_here
from warm import DECIDED_AT_START, warm

QUOTED = re.compile(r"""'[^']*'|"[^"$`\\]*\"""")
OUTPUT = re.compile(r" [|>] [^&;]*$")
FOR_A_SHELL = frozenset("|&;<>()$`*?[#~!{}\\\"'\n")


def in_this_process(command, folder, env):
    """Run a command line as a shell would, but ``iamctl`` at its start in this process.

    What becomes of its output, after ``|`` or ``>``, is still the work of a shell.
    """
    bare = QUOTED.sub(lambda found: " " * len(found[0]), command)
    start = found.start() if (found := OUTPUT.search(bare)) else len(bare)
    words = shlex.split(command[:start]) if not FOR_A_SHELL & set(bare[:start]) else [""]
    if words[0] != "iamctl" or not runs_here(tuple(words[1:]), env):
        return shown_output.in_a_shell(command, folder, env)
    mine = {name: text for name, text in env.items() if not name.startswith(DECIDED_AT_START)}
    done = run_here(words[1:], folder, mine)
    if start < len(command):
        shell = ["bash", "-c", f"cat{command[start:]}"]
        rest = subprocess.run(
            shell, cwd=folder, env=env, input=done.stdout, capture_output=True, timeout=120, check=False
        )
        done.stdout, done.stderr = rest.stdout, done.stderr + rest.stderr
        done.returncode = rest.returncode if bare[start + 1] == "|" else done.returncode or rest.returncode
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    return done


@pytest.fixture(scope="session", autouse=True)
def fast_commands():
    shown_output.PROGRAMS.insert(0, str(warm().programs))
    shown_output.RUN.insert(0, in_this_process)
    yield
    del shown_output.PROGRAMS[0], shown_output.RUN[0]
