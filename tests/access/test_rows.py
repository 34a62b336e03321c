"""Gains as rows: what is one row, what a wider row contains, what comes first, and how it reads."""

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from case_files import read_cases
from few_actions import ACTIONS, grant

from iamctl.access.action_sets import ActionSets
from iamctl.access.rows import rows
from iamctl.report.access_words import notes, row_text

CASES = read_cases(Path(__file__).parent / "rows.yaml")


def told(grants):
    for row in rows(grants, ActionSets(ACTIONS)):
        more = "; ".join(notes(row, is_gain=True))
        yield f"{row.rank.name} {row_text(row)}{f' ({more})' if more else ''}"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_rows_of_grants(case):
    assert list(told(map(grant, case["grants"]))) == case["rows"].splitlines()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_order_of_grants_changes_nothing(case):
    for order in permutations(map(grant, case["grants"])):
        assert list(told(order)) == case["rows"].splitlines()


def test_each_row_has_an_example_although_a_wider_grant_contains_a_resource():
    wide = grant({"actions": ["s3:GetObject", "s3:DeleteObject"], "resources": ["a"]})
    everything = [
        replace(grant({"actions": ["s3:GetObject"], "resources": ["a"]}), is_all=True),
        replace(grant({"actions": ["s3:DeleteObject"], "resources": ["b"]}), is_all=True),
    ]
    examples = []

    rows([wide, *everything], ActionSets(ACTIONS), lambda grants, _: examples.append(grants) or grants[0].example)

    assert all(examples)
