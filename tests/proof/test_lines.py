"""Every operator holds as AWS's tables state, for absent and empty values as well."""

from pathlib import Path

import pytest
from case_files import read_cases

from iamctl.policy.condition_grammar import OPERATORS
from iamctl.proof.encoding import symbol
from iamctl.proof.lines import Family, Line, family, holds, is_opaque, line

CASES = read_cases(Path(__file__).parent / "operators.yaml")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['operator']}-{'-'.join(case['values'])}")
def test_operators_hold_as_documented(case):
    one = line(case["operator"], "key", case["values"])

    for truth in ("holds", "fails", "unknown"):
        expected = {"holds": True, "fails": False, "unknown": None}[truth]
        for values in case.get(truth, ()):
            assert holds(one, tuple(values)) is expected, values


def test_every_operator_has_a_case():
    tested = {line(case["operator"], "key", ()).operator for case in CASES}

    assert set(OPERATORS) <= tested


def test_keys_have_no_case_and_values_no_order():
    assert line("StringEquals", "aws:PrincipalTag/Team", ["b", "a", "b"]) == Line(
        "aws:principaltag/team", "StringEquals", ("a", "b")
    )


def test_operators_are_spelled_in_full():
    assert line("ForAnyValue:StringNotLikeIfExists", "k", ["a"]).full_operator == "ForAnyValue:StringNotLikeIfExists"


@pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "NumericEquals", "ArnLike"])
def test_an_unknown_variable_leaves_it_open(operator):
    one = line(operator, "k", [f"arn:aws:iam::1:user/{symbol('aws:username')}"])

    assert is_opaque(one)
    assert holds(one, ("a",)) is None


def test_families():
    found = {operator: family(line(operator, "k", ["a"])) for operator in OPERATORS}

    assert found["BinaryEquals"] is None
    assert found["Bool"] is found["ArnNotLike"] is found["StringNotEqualsIgnoreCase"] is Family.TEXT
    assert found["NumericNotEquals"] is found["DateLessThan"] is Family.ORDERED
    assert found["NotIpAddress"] is Family.ADDRESS
    assert found["Null"] is Family.PRESENCE
