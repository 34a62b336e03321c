"""Processes that are really killed leave the account that a killed run inside this process leaves."""

import signal
import threading

import pytest
from command_line import environment, write_tree
from crashing import trial
from faults import Rule, kill
from loopback import loopback
from scenarios import SCENARIOS
from seen_account import seen
from warm import warm

KILLS = [("policy edit", 2, "before"), ("leavers", 7, "before"), ("leavers", 16, "after"), ("new team", 9, "after")]


def inside(folder, scenario, number, when):
    """Return the account that a run inside this process leaves, and the one that the next run reaches."""
    with trial(folder, scenario) as tried:
        tried.begin()
        tried.here.kill_at(number, when)
        assert tried.here.apply().code is None
        return tried.here.seen(), tried.after


def outside(folder, scenario, number, when):
    """Return the same of processes, the first of which gets SIGKILL."""
    tree = write_tree(folder / "iam", scenario.declared, **scenario.settings)
    process, is_known = [], threading.Event()

    def started(found):
        process.append(found)
        is_known.set()

    def victim():
        assert is_known.wait(60)
        return process[0]

    with loopback(scenario.live) as iam:
        uids = {user.id: user.id for user in iam.account.users.values()}
        iam.rules += Rule(kill(victim), "write", number, when=when)
        words = ("apply", tree, "--yes", "--access", "none", "--parallel", 1)
        env = environment(**iam.environment)
        killed = warm().run(words, cwd=folder, env=env, started=started)
        left = seen(iam.account, uids)
        finished = warm().run(words, cwd=folder, env=env)
        assert killed.returncode in {-signal.SIGKILL, 128 + signal.SIGKILL}, killed.stderr
        assert finished.returncode == 0, finished.stderr
        return left, seen(iam.account, uids)


@pytest.mark.parametrize(
    ("name", "number", "when"),
    [pytest.param(*KILLS[0]), *(pytest.param(*one, marks=pytest.mark.exhaustive) for one in KILLS[1:])],
)
def test_fault_19_a_killed_process_leaves_what_a_run_killed_inside_this_process_leaves(tmp_path, name, number, when):
    scenario = SCENARIOS[name]

    assert outside(tmp_path, scenario, number, when) == inside(tmp_path, scenario, number, when)
