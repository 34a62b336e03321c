"""Places in a report lead to the file at the commit, where CI tells which."""

from __future__ import annotations

from pathlib import Path

import pytest

from iamctl.commands.ci_surroundings import in_ci, source_links
from iamctl.render.markdown import render_markdown
from iamctl.report.blocks import Report, Section, line, places
from iamctl.text.origin import Origin

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def github(root: Path, **more: str) -> dict[str, str]:
    return {
        "GITHUB_SERVER_URL": "https://github.example.com",
        "GITHUB_REPOSITORY": "acme/iam",
        "GITHUB_SHA": COMMIT,
        "GITHUB_WORKSPACE": str(root),
        **more,
    }


def test_a_place_is_a_link_on_github(tmp_path: Path) -> None:
    (tmp_path / "iam").mkdir()
    (tmp_path / "iam/iamctl.yaml").touch()
    found = Report({}, (Section("", (line("joins", *places([Origin("a b.yaml", 5, 7)])),)),))

    page = render_markdown(in_ci(found, tmp_path / "iam", github(tmp_path)))

    assert (
        page == f"- `joins` [`a b.yaml:5:7`](https://github.example.com/acme/iam/blob/{COMMIT}/iam/a%20b.yaml#L5)\n\n"
    )


def test_gitlab_has_another_address(tmp_path: Path) -> None:
    told = {"CI_PROJECT_URL": "https://gitlab.com/a/b", "CI_COMMIT_SHA": COMMIT, "CI_PROJECT_DIR": str(tmp_path)}

    links = source_links(told, tmp_path)

    assert links
    assert links.to(Origin("x.yaml", 3, 1)) == f"https://gitlab.com/a/b/-/blob/{COMMIT}/x.yaml#L3"


@pytest.mark.parametrize(
    "more",
    [
        {"GITHUB_SERVER_URL": "javascript:alert(1)"},
        {"GITHUB_REPOSITORY": "acme/iam)[x](https://evil.example"},
        {"GITHUB_SHA": "main"},
        {"GITHUB_WORKSPACE": "/elsewhere"},
    ],
)
def test_what_is_no_address_is_no_link(more: dict[str, str], tmp_path: Path) -> None:
    assert source_links(github(tmp_path, **more), tmp_path) is None


def test_a_page_names_the_artifact_that_has_all(tmp_path: Path) -> None:
    (tmp_path / "iamctl.yaml").touch()
    many = Report({}, (Section("People", tuple(line(f"person {number}") for number in range(9_000))),), noun="plan")

    page = render_markdown(in_ci(many, tmp_path, {"IAMCTL_ARTIFACT": "iamctl-plan-x-1"}))

    assert page.splitlines()[0].endswith(
        "lines are left out or cut; the whole plan is in the artifact `iamctl-plan-x-1`.**"
    )
