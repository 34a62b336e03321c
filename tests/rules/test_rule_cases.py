"""Every rule has a case in which it speaks and one in which it is silent."""

from collections import defaultdict
from pathlib import Path

import pytest
from case_files import read_cases
from rule_review import findings, review

from iamctl.rules import check, rules

CASES = {
    f"{code}: {name}": (code, case)
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    for code, cases in read_cases(path).items()
    for name, case in cases.items()
}


@pytest.mark.parametrize(("code", "case"), CASES.values(), ids=CASES)
def test_rule_finds_what_the_case_says(code, case):
    found = findings(case, code)

    told = [[finding.severity.value, str(finding.address or "-")] for finding in found]
    assert told == [expected[:2] for expected in case["finds"]], [finding.message for finding in found]
    for finding, expected in zip(found, case["finds"], strict=True):
        for part in expected[2:]:
            assert part in finding.message
        _is_one_bounded_sentence(finding.message)


@pytest.mark.exhaustive
def test_a_rule_finds_the_same_beside_all_others():
    for name, (code, case) in CASES.items():
        every = check(review(case), case.get("at", "plan"))

        assert [finding for finding in every if finding.rule == code] == findings(case, code), name


def _is_one_bounded_sentence(message):
    assert len(message) < 600
    assert message[:2].isupper() or message[0] == message[0].lower()
    assert not message.endswith(".")


def test_every_rule_speaks_in_one_case_and_is_silent_in_another():
    seen = defaultdict(set)
    for code, case in CASES.values():
        seen[code, case.get("at", "plan")].add(bool(case["finds"]))

    wanted = {(rule.code, rule.stage): {True, False} for rule in rules() if rule.stage != "files"}
    assert dict(seen) == wanted


def test_every_rule_has_a_title_and_a_source():
    for rule in rules():
        assert rule.title.endswith(".")
        assert rule.source.startswith("https://")
