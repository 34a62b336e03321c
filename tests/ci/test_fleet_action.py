"""The action with many accounts in one run, or in shards whose results are merged: one comment for all."""

import shutil

import pytest
from ci_world import ALICE, BOB, run_action
from test_page_artifact import pages_of
from test_workflows import GitlabJob

ACCOUNTS = """\
version: 1
accounts:
  dev: {id: "111111111111", manifests: [people.yaml]}
  prod: {id: "222222222222", manifests: [people.yaml]}
"""
SANDBOX = "--sandbox\naccounts\n--jobs\n1"


@pytest.fixture
def event(repository):
    (repository.folder / "accounts").mkdir()
    repository.commit(ALICE, ACCOUNTS)
    return repository.pull_request(BOB, ACCOUNTS)


def test_many_accounts_have_one_comment_and_one_digest(repository, github, event):
    ended = run_action(repository, github, event, command="plan", select="*", comment="true", arguments=SANDBOX)

    assert ended.code == 0, ended.said
    (comment,) = github.comments
    assert comment["body"].startswith("<!-- iamctl-fleet-plan %2A -->\n## iamctl fleet plan: done (0)\n")
    assert comment["body"].count("<!-- iamctl-") == 1
    assert "bob" in comment["body"]
    assert [one[0] for one in pages_of(ended)["page.html"]["page"]["accounts"]] == ["dev", "prod"]
    assert ended.outputs["plan-digest"].startswith("sha256:")
    assert {name: ended.outputs[name] for name in ("changes", "risks", "refused")} == {
        "changes": "2",
        "risks": "0",
        "refused": "0",
    }


@pytest.mark.exhaustive  # the digest of many accounts is that of tests/fleet, and the step that passes it that of one
def test_the_plans_that_were_approved_are_applied_or_none(repository, github, event):
    wanted = {"select": "*", "arguments": SANDBOX}
    planned = run_action(repository, github, event, command="plan", **wanted)

    other = run_action(repository, github, event, command="apply", expect_digest="sha256:" + 64 * "0", **wanted)
    assert other.code == 5, other.said
    assert not list((repository.folder / "accounts").iterdir())

    digest = planned.outputs["plan-digest"]
    applied = run_action(repository, github, event, command="apply", expect_digest=digest, **wanted)
    assert applied.code == 0, applied.said
    assert sorted(path.name for path in (repository.folder / "accounts").iterdir()) == ["dev.json", "prod.json"]


@pytest.mark.exhaustive
def test_shards_are_merged_into_one_comment(repository, github, event, tmp_path):
    """Each shard is a job with its own credentials; the job after them has none."""
    for shard in ("1/2", "2/2"):
        ended = run_action(repository, github, event, command="plan", select="*", shard=shard, arguments=SANDBOX)
        assert ended.code == 0, ended.said
        kept = ended.used["actions/upload-artifact"][0]["path"].split()
        results = next(path for path in kept if path.endswith("results.jsonl"))
        (tmp_path / "shards" / shard[0]).mkdir(parents=True)
        shutil.copy(results, tmp_path / "shards" / shard[0])
    assert github.comments == []

    ended = run_action(repository, github, event, command="report", results=str(tmp_path / "shards"), comment="true")
    whole = run_action(repository, github, event, command="plan", select="*", arguments=SANDBOX)

    assert ended.code == 0, ended.said
    (comment,) = github.comments
    assert comment["body"].startswith("<!-- iamctl-fleet-report  -->\n## iamctl fleet report: done (0)\n")
    assert "2 accounts" in comment["body"]
    assert ended.outputs["plan-digest"] == whole.outputs["plan-digest"]


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"command": "report"}, "results is empty"),
        ({"command": "report", "results": "nothing"}, "there are no results of shards"),
        ({"command": "report", "results": "-delete"}, "there are no results of shards"),
        ({"command": "plan", "select": "*", "account": "dev"}, "account and select exclude each other"),
    ],
)
@pytest.mark.exhaustive
def test_inputs_that_make_no_sense_are_wrong_usage(repository, github, inputs, reason):
    ended = run_action(repository, github, repository.pull_request(BOB), **inputs)

    assert ended.code == 64
    assert f"error: {reason}" in ended.said
    assert (repository.folder / "iam").is_dir()


@pytest.mark.exhaustive
def test_drift_in_many_accounts_opens_one_issue(repository, github, event):
    ended = run_action(
        repository, github, event, command="drift", select="dev\n*", base="none", issue="true", arguments=SANDBOX
    )

    assert ended.code == 2, ended.said
    (issue,) = github.issues
    assert issue["title"] == "iamctl fleet drift"
    assert issue["body"].startswith("<!-- iamctl-fleet-drift dev%20%2A -->")


@pytest.mark.exhaustive
def test_shards_of_gitlab_are_merged(repository, event, tmp_path):
    gitlab = GitlabJob(repository, tmp_path / "iamctl")
    gitlab.file["iam report"] = {"script": ['bash "$RUNNER_TEMP/iamctl/action/gitlab.sh" report']}
    base = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": event["pull_request"]["base"]["sha"], "IAMCTL_ARGUMENTS": SANDBOX}
    many = {"ACCOUNT": "", "SELECT": "*", "SHARDS": "true", "CI_NODE_TOTAL": "2"}
    parts = []
    for index in ("1", "2"):
        done = gitlab.run("iam plan", **base, **many, CI_NODE_INDEX=index)
        assert done.returncode == 0, done.stderr + done.report
        parts.append((repository.folder / f"iamctl-results-{index}.jsonl").read_text())
    for index, text in enumerate(parts, 1):
        (repository.folder / f"iamctl-results-{index}.jsonl").write_text(text)

    done = gitlab.run("iam report", ACCOUNT="", IAMCTL_ARGUMENTS="")

    assert done.returncode == 0, done.stderr + done.report
    assert "iamctl fleet report: done (0)" in done.report
    assert "2 accounts" in done.report


@pytest.mark.exhaustive
def test_a_file_of_the_repository_does_not_pass_for_results_of_gitlab(repository, event, tmp_path):
    gitlab = GitlabJob(repository, tmp_path / "iamctl")
    gitlab.file["iam report"] = {"script": ['bash "$RUNNER_TEMP/iamctl/action/gitlab.sh" report']}
    repository.write("iamctl-results-3.jsonl", "{}\n")
    repository.commit(BOB, ACCOUNTS)

    done = gitlab.run("iam report", ACCOUNT="", IAMCTL_ARGUMENTS="")

    assert done.returncode == 64
    assert "would pass for results of this pipeline" in done.stderr
