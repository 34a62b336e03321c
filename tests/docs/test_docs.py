"""The pages that users read say what is true: their commands print what they show, and their links lead somewhere."""

import ast
import re
from pathlib import Path

import botocore.session
import pytest
from shown_output import ROOT, blocks, page_as_run, run_page

from iamctl.aws import signin
from iamctl.kinds.account_setting import READS
from iamctl.kinds.signin_session import REVOKE, SIGNIN

RUN = [
    "README.md",
    "docs/explanation/safe-order.md",
    "docs/reference/access.md",
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs/how-to").glob("*.md")),
    "docs/tutorial.md",
]
PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in ROOT.rglob("*.md")
    if not {part for part in path.relative_to(ROOT).parts if part.startswith(".")} and path.parts[-2] != "build"
)
LINK = re.compile(r"\[[^\]]*\]\((?!https?://|mailto:)(?P<path>[^)#\s]*)(?:#(?P<anchor>[^)\s]*))?\)")


LONG = {f"docs/how-to/{name}.md" for name in ("access-keys", "adopt", "leavers", "review")}
"""Pages whose commands take most of the time of all pages; others show the same commands on smaller accounts."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.exhaustive] if name in LONG else []) for name in RUN]
)
def test_commands_print_what_the_page_shows(name):
    page = ROOT / name

    assert run_page(page) == page.read_text(encoding="utf-8"), f"run python tests/docs/shown_output.py {name}"


@pytest.mark.parametrize("name", RUN)
def test_every_block_with_a_prompt_is_run(name):
    shown = [block for block in blocks((ROOT / name).read_text(encoding="utf-8")) if block.body.startswith("$ ")]

    assert shown
    assert {block.language for block in shown} == {"console"}


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_to_files_and_headings(name):
    page = ROOT / name
    for link in LINK.finditer(page.read_text(encoding="utf-8")):
        target = (page.parent / link["path"]).resolve() if link["path"] else page

        assert target.exists(), link[0]
        assert not link["anchor"] or link["anchor"] in anchors(target), link[0]


def test_the_index_leads_to_every_page():
    index = ROOT / "docs/README.md"
    linked = {(index.parent / link["path"]).resolve() for link in LINK.finditer(index.read_text(encoding="utf-8"))}

    assert linked == set((ROOT / "docs").rglob("*.md")) - {index}


def test_a_page_that_shows_something_else_is_told(tmp_path):
    text = "```yaml a.yaml\nx: 1\n```\n\n```console\n$ cat a.yaml\nx: 2\n$ false\n$ echo $?\n0\n```\n"

    assert page_as_run(text, tmp_path) == text.replace("x: 2", "x: 1").replace("0\n```", "1\n```")


def test_a_command_that_fails_is_told(tmp_path):
    with pytest.raises(AssertionError, match="false ended with 1"):
        page_as_run("```console\n$ false\n```\n", tmp_path)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_permissions_that_are_listed_are_those_that_are_used():
    listed = re.findall(r"```text\n(.*?)```", (ROOT / "docs/reference/aws.md").read_text(encoding="utf-8"), re.DOTALL)
    reads = operations("iamctl/aws/read.py", "iamctl/aws/credentials.py", "iamctl/aws/credential_report.py")
    reads = sorted([*reads, *(f"iam:{operation}" for _, operation in READS.values()), f"{SIGNIN}:{signin.LIST}"])

    auditing = [
        *operations("iamctl/aws/audit_facts.py", "iamctl/commands/usage.py"),
        "access-analyzer:ListAnalyzers",
        "account:ListRegions",
    ]
    applying = operations("iamctl/kinds/*.py", "iamctl/aws/password_policy.py", "iamctl/apply/read_back.py")

    assert [sorted(text.split()) for text in listed] == [
        reads,
        sorted(set(auditing) - set(reads)),
        [*(action for action in applying if action not in reads), f"{SIGNIN}:{REVOKE}"],
    ]


def operations(*patterns: str) -> list[str]:
    """Return the actions of the IAM operations that are named in source files."""
    known = set(botocore.session.get_session().get_service_model("iam").operation_names)
    texts = {
        node.value
        for pattern in patterns
        for path in ROOT.glob(pattern)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return sorted(f"iam:{text}" for text in texts & known)


def test_every_fault_has_a_test_and_every_test_of_a_fault_a_row():
    page = (ROOT / "docs/explanation/reliability.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (\d+) \|.*\| ([^|]*) \|$", page, re.MULTILINE))
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))

    assert rows
    assert all(" in `" in named for named in rows.values()), rows
    assert set(re.findall(r"^def test_fault_(\d+)_", tests, re.MULTILINE)) == rows.keys()
