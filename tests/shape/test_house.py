"""The shape of the house: rooms of 400 lines, functions of 50, lazy imports, one colour of names."""

import ast
import subprocess
import sys
from collections import Counter

import pytest
from effort import first
from shape.sources import ROOT, SOURCES, nodes_of, text_of, tree_of

from iamctl.model.settings import DEFAULT_HANDOVER

HEAVY = {"boto3", "botocore", "moto", "deepdiff", "rich", "jsonschema", "pydantic"}


def test_files_and_functions_stay_small_and_say_what_they_know():
    assert {str(path.relative_to(ROOT)): wrong for path in SOURCES if (wrong := list(faults(path)))} == {}


def faults(path):
    tree = tree_of(path)
    for node in nodes_of(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno + 1 > 50:
            yield f"{node.name} has more than 50 lines"
    if text_of(path).count("\n") > 400:
        yield "more than 400 lines"
    if not ast.get_docstring(tree):
        yield "no docstring"
    if path.stem in {"utils", "helpers", "core", "manager"}:
        yield "a name that says nothing"


def test_first_passwords_of_a_trial_are_no_part_of_the_repository():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()

    assert f"/{DEFAULT_HANDOVER}/" in ignored


def test_the_root_holds_packages_and_few_modules():
    loose = [path.name for path in (ROOT / "iamctl").iterdir() if path.is_file()]

    assert len(loose) <= 10, loose


@pytest.mark.parametrize(
    "arguments",
    first(1, [["validate", "examples/acme"], ["validate", "examples/minimal"], ["--help"], ["plan", "--help"]]),
)
def test_help_and_validate_load_nothing_heavy(arguments):
    code = (
        "import sys\n"
        "from iamctl.cli.process import run_command_line\n"
        f"code = run_command_line({arguments!r})\n"
        f"loaded = sorted({HEAVY!r} & {{name.partition('.')[0] for name in sys.modules}})\n"
        "assert code == 0, code\n"
        "assert not loaded, loaded\n"
        f"proves = {'examples/acme' in arguments}  # it has assertions\n"
        "assert ('iamctl.policy.actions.details' in sys.modules) is proves, 'only a proof needs the details of actions'\n"
    )

    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr


def test_dataclasses_compile_their_methods_late():
    wrong = [str(path.relative_to(ROOT)) for path in SOURCES if compiles_early(path)]

    assert wrong == [], "import dataclass from iamctl.text.late_dataclass"


def compiles_early(path):
    if "dataclasses" not in text_of(path):
        return False
    taken = [
        alias.name
        for node in nodes_of(path)
        if isinstance(node, ast.ImportFrom) and node.module == "dataclasses"
        for alias in node.names
    ]
    is_early = ("dataclass" in taken and "InitVar" not in taken) or "import dataclasses" in text_of(path)
    return is_early and path.stem != "late_dataclass"


def test_no_two_test_files_have_one_name():
    """Else pytest collects each folder, and not the whole suite."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))

    assert [name for name, number in names.items() if number > 1] == []
