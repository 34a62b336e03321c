"""What GitHub is shown of a report, which may be longer than GitHub takes."""

import importlib.util

import pytest
from ci_world import ROOT

from iamctl.render.markdown import MOST_CHARACTERS


@pytest.fixture
def publish(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("publish", ROOT / "action/publish.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setenv("IAMCTL_FOLDER", str(tmp_path))
    monkeypatch.setenv("IAMCTL_COMMAND", "plan")
    monkeypatch.setenv("IAMCTL_ACCOUNT", "main")
    monkeypatch.setenv("IAMCTL_EXIT_CODE", "2")
    monkeypatch.setenv("GITHUB_SHA", "a" * 40)
    monkeypatch.delenv("GITHUB_EVENT_PATH", raising=False)
    return module


def test_the_longest_page_of_iamctl_is_shown_whole(publish, tmp_path):
    text = "x" * (MOST_CHARACTERS - 1) + "\n"
    (tmp_path / "report.md").write_text(text)

    assert publish.body(publish.MAX_COMMENT_CHARACTERS).endswith(f"\n\n{text}")


@pytest.mark.parametrize(("files", "whole"), [(("report.md", "plan.json"), "plan.json"), (("report.md",), "report.md")])
def test_a_report_that_is_cut_names_the_artifact_that_is_whole(publish, tmp_path, files, whole):
    for name in files:
        (tmp_path / name).write_text("<details>\n" + "- `x`\n" * 50_000)
    body = publish.body(publish.MAX_COMMENT_CHARACTERS)

    assert len(body) <= publish.MAX_COMMENT_CHARACTERS
    assert body.count("<details>") == body.count("</details>") == 1
    assert body.endswith(f" more lines are left out; the artifact `{whole}` of this run has all.\n")
