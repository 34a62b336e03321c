"""Killed before and after each write: the next run finishes, and every state on the way keeps the promises.

``make test`` tries some kills of each scenario, ``make test-all`` all of them, and pairs of kills.
"""

import random

import pytest
from crashing import trial
from scenarios import SCENARIOS

BOTH = ("before", "after")
PAIRS = 12
SOME = {
    "new team": (6, "before", 8),
    "leavers": (9, "after", 1),
    "policy edit": (2, "after", 8),
    "crossed": (6, "after", 1),
}
"""Scenarios of ``make test``, each with one kill: at which write, when, and with how many workers."""


def crashes(tried, number, when, parallel):
    """Kill a run at a write and return what is wrong after it and after the next one, or None."""
    tried.begin()
    return killed(tried, number, when, parallel) or tried.finishes(parallel=parallel)


def killed(tried, number, when, parallel):
    tried.here.rules.rules.clear()
    tried.here.kill_at(number, when)
    done = tried.here.apply(parallel=parallel)
    return None if done.code is None else f"the run was not killed: {done.code} {done.err}"


@pytest.mark.parametrize("name", SOME)
def test_fault_19_some_kills_leave_an_account_that_the_next_run_finishes(name, tmp_path):
    with trial(tmp_path, SCENARIOS[name]) as tried:
        assert crashes(tried, *SOME[name]) is None


@pytest.mark.exhaustive
@pytest.mark.parametrize("parallel", [1, 8])
@pytest.mark.parametrize("when", BOTH)
@pytest.mark.parametrize("name", SCENARIOS)
def test_fault_19_each_kill_leaves_an_account_that_the_next_run_finishes(name, when, parallel, tmp_path):
    with trial(tmp_path, SCENARIOS[name]) as tried:
        for number in range(1, tried.writes + 1):
            assert crashes(tried, number, when, parallel) is None, number


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", SCENARIOS)
def test_fault_19_two_kills_in_a_row_leave_an_account_that_the_next_run_finishes(name, tmp_path):
    dice = random.Random(name)
    with trial(tmp_path, SCENARIOS[name]) as tried:
        for _ in range(PAIRS):
            first, second = dice.randint(1, tried.writes), dice.randint(1, tried.writes)
            when, then, parallel = dice.choice(BOTH), dice.choice(BOTH), dice.choice((1, 8))
            tried.begin()
            problem = killed(tried, first, when, parallel)
            left = tried.writes - first + (when == "before")
            if left:
                problem = problem or killed(tried, 1 + second % left, then, parallel)
            assert (problem or tried.finishes(parallel=parallel)) is None, (first, when, second, then, parallel)
