"""The pages on access name tests that exist, every member of the JSON, and figures that are true."""

import ast
import re

import pytest
from shown_output import ROOT

from iamctl.access.ways import WAYS
from iamctl.proof.searches import MOST_STEPS
from iamctl.schema import plan_schema

EXPLANATION = (ROOT / "docs/explanation/access.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs/reference/access.md").read_text(encoding="utf-8")
PROMISES = re.findall(r"^\| (\d+)\. ([^|]+) \| ([^|]*)\|$", EXPLANATION, re.MULTILINE)
TESTS = [found for _, _, cell in PROMISES for found in re.findall(r"`(tests/[^`]+\.py)::(\w+)`", cell)]
ACCESS = plan_schema()["properties"]["access"]["properties"]
BLOCK = ACCESS["changes"]["items"]["properties"]


def test_each_promise_has_a_test():
    assert [int(number) for number, _, _ in PROMISES] == list(range(1, 11))
    assert all("::" in cell for _, _, cell in PROMISES)


@pytest.mark.parametrize(("path", "name"), TESTS)
def test_a_named_test_exists(path, name):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))

    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(
    "member", [*ACCESS, *ACCESS["summary"]["properties"], *BLOCK, *BLOCK["gains"]["items"]["properties"]]
)
def test_each_member_of_the_json_is_described(member):
    assert f"`{member}`" in REFERENCE


def test_figures_are_true():
    assert f"iamctl knows {len(WAYS)} such ways" in EXPLANATION
    assert f"one question may take {MOST_STEPS:,} steps" in EXPLANATION
