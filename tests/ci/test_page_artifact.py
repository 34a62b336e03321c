"""The page of a plan and of drift is among the artifacts of a run, and the comment links to it."""

import importlib.util
from pathlib import Path

import pytest
from ci_world import BOB, ROOT, run_action
from page_text import checked_page

SANDBOX = "--sandbox\naccount.json"


def pages_of(ended):
    """Return the data of the pages that a run uploads, by file name."""
    wanted = ended.used["actions/upload-artifact"][0]["path"].split()
    names = {path.rpartition("/")[2]: path for path in wanted if path.endswith(".html")}
    found = {}
    for name, path in names.items():
        try:
            found[name] = checked_page(Path(path).read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
    return found


def test_a_plan_uploads_its_page_and_the_comment_links_to_it(repository, github):
    environment = repository.environment
    more = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_RUN_ID": "4711"}
    repository.environment = lambda event=None, **told: environment(event, **more, **told)
    event = repository.pull_request(BOB)

    ended = run_action(repository, github, event, command="plan", comment="true", arguments=SANDBOX, account="main")

    assert ended.code == 0, ended.said
    (data,) = pages_of(ended).values()
    assert data["page"]["people"]["names"] == ["alice", "bob"]
    (comment,) = github.comments
    address = f"https://github.com/{environment()['GITHUB_REPOSITORY']}/actions/runs/4711#artifacts"
    assert f"`page.html`, an artifact of [this run]({address})" in comment["body"]


@pytest.mark.exhaustive
def test_drift_keeps_its_page_and_those_of_the_members_and_the_audit(repository, github):
    ended = run_action(repository, github, {}, command="drift", arguments=SANDBOX, account="main", base="none")

    assert ended.code == 2, ended.said
    found = pages_of(ended)
    assert sorted(found) == ["audit.html", "members.html", "page.html"]
    assert found["audit.html"]["title"].startswith("Audit of main")
    assert found["members.html"]["page"]["people"]["names"] == ["alice"]
    assert found["page.html"]["title"].startswith("Drift in main")


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"CI_JOB_URL": "https://gitlab.example/g/p/-/jobs/1"}, "/g/p/-/jobs/1/artifacts/file/iamctl-page.html)"),
        ({"CI_JOB_URL": "https://x) [evil](https://evil.example"}, ""),
        ({"GITHUB_SERVER_URL": "https://x", "GITHUB_REPOSITORY": "a/b) [x](y", "GITHUB_RUN_ID": "1"}, ""),
        ({"GITHUB_SERVER_URL": "https://x", "GITHUB_REPOSITORY": "a/b", "GITHUB_RUN_ID": "1) x"}, ""),
        ({}, ""),
    ],
)
def test_a_link_to_the_page_is_an_address_and_nothing_else(tmp_path, monkeypatch, told, shown):
    for name in ("CI_JOB_URL", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"):
        monkeypatch.delenv(name, raising=False)
    for name, text in (told | {"IAMCTL_FOLDER": str(tmp_path)}).items():
        monkeypatch.setenv(name, text)
    spec = importlib.util.spec_from_file_location("publish", ROOT / "action/publish.py")
    publish = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(publish)
    assert publish.page() == ""

    (tmp_path / "page.html").write_text("<!DOCTYPE html>")

    assert shown in publish.page()
    assert bool(shown) == bool(publish.page())
