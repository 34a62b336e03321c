"""Applies by a simulated clock keep their goals with the waits of AWS switched on; no machine is slow enough to matter."""

import pytest

from benchmarks.simulated import MOST_SECONDS, simulated

CALLS = {
    "1,000 leavers": 8_000,
    "one policy replaced by another in 100 groups": 200,
    "swap of the policies of six groups": 12,
}


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=[pytest.mark.exhaustive] if case == "1,000 leavers" else []) for case in MOST_SECONDS],
)
def test_an_apply_keeps_its_goal_with_the_waits_of_aws(case):
    calls, seconds, alone = simulated(case)

    assert calls == CALLS[case]
    assert alone <= seconds <= MOST_SECONDS[case]
