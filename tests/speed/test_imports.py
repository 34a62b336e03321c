"""What a command must not import: each of these takes longer than everything else that the command does."""

import shutil
import subprocess
import sys

import pytest
from effort import first

from iamctl.rules import rules

PROGRAM = """
import sys
from iamctl.cli.process import run_command_line
code = run_command_line(sys.argv[1:])
print(code, *sorted({"boto3", "botocore.session", "moto", "rich", "deepdiff", "yaml", "jsonschema_rs", "pyrage"} & sys.modules.keys()))
print(*(name for name in sys.modules if name.startswith(("iamctl.order", "iamctl.proof", "iamctl.rules.plan."))))
"""


@pytest.mark.parametrize(
    ("words", "imported"),
    first(
        3,
        [
            (["--help"], []),
            (["--version"], []),
            (["validate", "examples/acme"], ["pyrage", "yaml"]),  # it names a recipient
            (["validate", "examples/minimal"], ["yaml"]),
            (["plan", "--help"], []),
        ],
    ),
)
def test_a_command_imports_no_more_than_it_needs(words, imported, pytestconfig, tmp_path):
    without_assertions = shutil.ignore_patterns("assertions.yaml")  # those need a proof
    shutil.copytree(pytestconfig.rootpath / "examples", tmp_path / "examples", ignore=without_assertions)
    run = [sys.executable, "-c", PROGRAM, *words]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)

    *_, listed, of_plans = done.stdout.splitlines()
    assert listed.split() == ["0", *imported]
    assert of_plans == ""


@pytest.mark.parametrize("words", first(1, [["audit", "--help"], ["--help"], ["import", "--help"]]))
def test_help_loads_neither_the_model_nor_a_report(words, tmp_path):
    loaded = (
        "print(*(name for name in sys.modules if name.startswith(('iamctl.model', 'iamctl.report', 'iamctl.kinds'))))"
    )
    run = [sys.executable, "-c", PROGRAM + loaded, *words]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == ""


def test_a_plan_for_a_snapshot_loads_no_session_and_compares_without_deepdiff(pytestconfig):
    words = ["plan", "examples/acme", "--snapshot", "examples/acme/account.json", "--now", "2026-11-23"]
    run = [sys.executable, "-c", PROGRAM, *words, "--access", "none"]
    done = subprocess.run(run, cwd=pytestconfig.rootpath, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-2].split() == ["3", "pyrage", "yaml"]  # IAM502


def test_rules_of_manifests_and_rules_of_plans_are_apart():
    for rule in rules():
        is_of_plans = rule.check is not None and rule.check.__module__.startswith("iamctl.rules.plan.")
        assert not (is_of_plans and rule.stage == "manifests"), rule


def test_the_rules_of_what_manifests_alone_declare_load_no_others():
    known = tuple(rule for rule in rules() if rule.stage == "declared")

    assert known == rules("declared")
    assert {rule.check.__module__ for rule in known} == {"iamctl.rules.plan.assertions"}


@pytest.mark.parametrize(
    ("words", "imported"),
    first(
        2,
        [
            (["--help"], ["app", "application", "complete", "options", "process"]),
            (["audit", "--help"], ["app", "application", "audit", "complete", "options", "process"]),
            (["validate", "--help"], ["app", "application", "complete", "options", "process"]),
            (["access", "diff", "--help"], ["access", "app", "application", "complete", "options", "process"]),
        ],
    ),
)
def test_a_command_line_loads_no_other_commands(words, imported, tmp_path):
    loaded = "print(*sorted(name.partition('iamctl.cli.')[2] for name in sys.modules if 'iamctl.cli.' in name))"
    run = [sys.executable, "-c", PROGRAM + loaded, *words]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1].split() == imported


UNUSED = [
    "hashlib",
    "string",
    "iamctl.comparison.declared_changes",
    "iamctl.comparison.scope",
    "iamctl.comparison.settings_guard",
    "iamctl.manifests.base",
    "iamctl.manifests.flow_text",
    "iamctl.manifests.yaml_problem",
    "iamctl.model.blocked",
    "iamctl.policy.differences",
    "iamctl.report.access_words",
    "iamctl.report.statements",
]
"""What ``validate`` needs only for a base, for a mistake or for an assertion that is refuted."""


def test_validate_without_mistakes_loads_nothing_that_only_mistakes_need(pytestconfig):
    loaded = f"print(*({set(UNUSED)} & sys.modules.keys()))"
    run = [sys.executable, "-c", PROGRAM + loaded, "validate", "examples/acme"]
    done = subprocess.run(run, cwd=pytestconfig.rootpath, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == ""
