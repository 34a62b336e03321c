"""The shape of the house: rooms of 400 lines, functions of 50, lazy imports, one colour of names."""

import ast
import subprocess
import sys

import pytest
from shape.sources import ROOT, SOURCES, text_of, tree_of

HEAVY = {"boto3", "botocore", "moto", "deepdiff", "rich", "jsonschema", "pydantic"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small_and_say_what_they_know(path):
    text, tree = text_of(path), tree_of(path)
    long = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno + 1 > 50
    ]

    assert text.count("\n") <= 400
    assert not long
    assert ast.get_docstring(tree)
    assert path.stem not in {"utils", "helpers", "core", "manager"}


def test_the_root_holds_packages_and_few_modules():
    loose = [path.name for path in (ROOT / "iamctl").iterdir() if path.is_file()]

    assert len(loose) <= 10, loose


@pytest.mark.parametrize(
    "arguments", [["--help"], ["plan", "--help"], ["validate", "examples/acme"], ["validate", "examples/minimal"]]
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


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_dataclasses_compile_their_methods_late(path):
    text = text_of(path)
    taken = [
        alias.name
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and node.module == "dataclasses"
        for alias in node.names
    ]

    assert "dataclass" not in taken or "InitVar" in taken or path.stem == "late_dataclass", (
        "import it from iamctl.text.late_dataclass"
    )
    assert "import dataclasses" not in text or path.stem == "late_dataclass"
