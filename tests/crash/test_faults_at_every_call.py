"""One fault at each write: a lost answer, an error of AWS, a page of a proxy. The same run finishes all the same."""

import random

import pytest
from crashing import trial
from faults import Rule, drop, garbage, reset, status
from scenarios import SCENARIOS

FAULTS = {
    "dropped": (drop, ("before", "after")),
    "reset": (reset, ("before", "after")),
    "error 500": (status("ServiceFailure", 500), ("before", "after")),
    "page of a proxy": (garbage(), ("before", "after")),
    "throttled": (status("Throttling", 400), ("before",)),
    "modified": (status("ConcurrentModification", 409), ("before",)),
}
WAYS = [(name, when) for name, (_, whens) in FAULTS.items() for when in whens]
SOME = {"new team": 7, "policy edit": 2}
"""Scenarios of ``make test``, each with one write that meets a fault."""


def disturbed(tried, number, name, when, parallel):
    """Let a write meet a fault and return what is wrong after the run, or None."""
    tried.begin()
    rule = Rule(FAULTS[name][0], "write", number, when=when)
    tried.here.rules += rule
    problem = tried.ends(parallel=parallel)
    return problem if rule.met else "no request met the fault"


@pytest.mark.parametrize("name", SOME)
def test_fault_14_a_lost_answer_hinders_no_run(name, tmp_path):
    fault, when = random.Random(name).choice(WAYS)
    with trial(tmp_path, SCENARIOS[name]) as tried:
        assert disturbed(tried, SOME[name], fault, when, 8) is None, (fault, when)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("fault", "when"), WAYS)
@pytest.mark.parametrize("name", SCENARIOS)
def test_fault_14_one_fault_at_each_write_hinders_no_run(name, fault, when, tmp_path):
    with trial(tmp_path, SCENARIOS[name]) as tried:
        for number in range(1, tried.writes + 1):
            assert disturbed(tried, number, fault, when, 1 + 7 * (number % 2)) is None, number


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", SCENARIOS)
def test_fault_14_reads_that_fail_once_hinder_no_run(name, tmp_path):
    with trial(tmp_path, SCENARIOS[name]) as tried:
        for number in range(1, 6):
            for fault in ("dropped", "error 500", "throttled"):
                tried.begin()
                tried.here.rules += Rule(FAULTS[fault][0], "read", number)
                assert tried.ends(parallel=8) is None, (number, fault)
