"""The controls against the recorded verdicts of Prowler, resource by resource; each difference has its reason."""

from collections import defaultdict
from functools import cache

import pytest
from case_files import read_cases
from prowler_compared import ACCOUNTS, ALONE, CHECKS, VERDICTS, both_decide, controls, own_verdicts

RECORDED = read_cases(VERDICTS)


@cache
def decided(title):
    return tuple(both_decide(own_verdicts(ACCOUNTS[title]["account"]), RECORDED[title]))


@pytest.mark.parametrize("title", ACCOUNTS)
def test_both_decide_alike_or_the_reason_is_documented(title):
    reasons = {
        (control, resource): reason
        for control, found in (ACCOUNTS[title].get("differs") or {}).items()
        for resource, reason in found.items()
    }

    differing = [(control, resource) for control, resource, ours, theirs in decided(title) if ours != theirs]
    assert sorted(differing) == sorted(reasons)
    assert all(len(reason) > 20 for reason in reasons.values())


def test_every_control_that_both_decide_fails_and_passes():
    seen = defaultdict(set)
    for title in ACCOUNTS:
        for control, _, ours, _theirs in decided(title):
            seen[control].add(ours)

    assert {control for control, verdicts in seen.items() if verdicts == {"FAIL", "PASS"}} == set(CHECKS)


def test_every_control_is_compared_or_is_one_that_prowler_does_not_have():
    assert set(CHECKS) | ALONE == controls()
    assert not set(CHECKS) & ALONE


def test_the_recorded_verdicts_are_of_these_accounts_and_checks():
    assert list(RECORDED) == list(ACCOUNTS)
    recorded = {check for found in RECORDED.values() for checks in found.values() for check in checks}
    assert recorded == {check for one in CHECKS.values() for check in one["checks"]}
