"""Two applies at once: the second one runs from its beginning to its end while a call of the first one is under way."""

import pytest
from crashing import trial
from effort import first
from faults import Rule, edit
from scenarios import SCENARIOS

SOME = {"new team": 5}
"""The scenario of ``make test``, and the write of the first run before which the second one runs."""


def two(tried, number, second):
    """Run ``second`` before a write of an apply; return the result of both."""
    found = []
    tried.begin()
    tried.here.rules += Rule(edit(lambda: found.append(second())), "write", number)
    one = tried.here.apply("--patience", "1s")
    assert len(found) == 1
    return one, found[0]


def twice(tried, number):
    one, second = two(tried, number, tried.here.apply)
    assert second.code == 0, second.out[-2000:] + second.err
    came_late = "\n0 of " in one.out  # the other one did all of it; what cannot be made twice is refused
    assert one.code in ({0, 1} if came_late else {0, 4}), one.out[-2000:] + one.err
    if "\ntemporary policy iamctl-transition is still on " in one.out:  # its creations met those of the other one
        assert one.code == 4
        assert "--allow-transition" in tried.here.flags
        return tried.problem() or tried.finishes()
    assert tried.here.seen() == tried.after
    return tried.problem()


@pytest.mark.parametrize("name", SOME)
def test_fault_9_the_same_manifests_applied_twice_leave_what_they_declare(name, tmp_path):
    with trial(tmp_path, SCENARIOS[name]) as tried:
        assert twice(tried, SOME[name]) is None


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", SCENARIOS)
def test_fault_9_the_same_manifests_applied_twice_at_each_write_leave_what_they_declare(name, tmp_path):
    with trial(tmp_path, SCENARIOS[name]) as tried:
        for number in range(1, tried.writes + 1):
            assert twice(tried, number) is None, number


def test_fault_9_a_lock_keeps_the_second_apply_away(tmp_path):
    scenario = SCENARIOS["new team"]
    with trial(tmp_path, scenario) as tried:
        tried.here.manifests(scenario.declared, **scenario.settings, lock={"s3": "acme-locks/iam"})
        one, second = two(tried, 5, tried.here.apply)

        assert (one.code, second.code) == (0, 5), one.err + second.err
        assert tried.here.seen() == tried.after
        assert tried.problem() is None


@pytest.mark.parametrize("number", first(1, [8, 1]))
def test_fault_9_conflicting_manifests_without_a_lock_end_and_the_last_one_wins(number, tmp_path):
    scenario = SCENARIOS["new team"]
    other = {**scenario.declared, "memberships": {"everyone": ["u0", "u1"], "readers": ["u0"]}}
    with trial(tmp_path, scenario) as tried:

        def conflicting():
            tried.here.manifests(other, **scenario.settings)
            done = tried.here.apply()
            tried.here.manifests(scenario.declared, **scenario.settings)
            return done

        one, second = two(tried, number, conflicting)
        assert second.code == 0
        assert one.code in {0, 4 if number > 1 else 1}  # 1: its first call was refused, so nothing was written
        assert tried.problem() is None
        assert tried.finishes() is None
