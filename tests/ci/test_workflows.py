"""The CI files that ship: their shape, and their shell steps as they run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ci_world import (
    ALICE,
    BOB,
    PASSWORDS,
    ROOT,
    SETTINGS,
    Repository,
    copy_of_iamctl,
    links_into,
    loaded,
    plain,
    tree_of,
    with_passwords,
)
from expressions import value

from iamctl.model.settings import DEFAULT_HANDOVER

GITHUB = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "examples/github").glob("*.yml"))
GITLAB = "examples/gitlab/.gitlab-ci.yml"
REPORTS = ("iamctl-report.md", "iamctl.env", "gl-code-quality-report.json", "iamctl-results.jsonl")
PIN = re.compile(r"uses: (?P<action>[\w.-]+(?:/[\w.-]+)+)@(?P<commit>[0-9a-f]{40}) # v\d+\.\d+\.\d+$")
OURS = "uses: OWNER/iamctl@COMMIT"


def tool(name):
    """Return the path of a linter, beside this Python or anywhere."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name)


def test_there_are_the_four_workflows():
    assert [Path(path).stem for path in GITHUB] == ["apply", "drift", "expire", "plan"]


@pytest.mark.parametrize("path", [*GITHUB, "action.yml"])
def test_actions_are_pinned_by_commit_and_by_the_same_everywhere(path):
    pinned = {}
    for name in [*GITHUB, "action.yml"]:
        for line in (ROOT / name).read_text().splitlines():
            if found := PIN.search(line):
                pinned.setdefault(found["action"], set()).add(found["commit"])
    used = [line for line in (ROOT / path).read_text().splitlines() if "uses:" in line]

    assert used
    assert all(PIN.search(line) or OURS in line for line in used)
    assert {len(commits) for commits in pinned.values()} == {1}


@pytest.mark.parametrize("path", GITHUB)
def test_a_workflow_may_do_little_and_is_not_cancelled(path):
    workflow = loaded(path)

    assert workflow["permissions"] == {}
    assert workflow["concurrency"]["cancel-in-progress"] == "false"
    assert "pull_request_target" not in workflow["on"]
    assert "pull_request_target" not in (ROOT / path).read_text()
    for job in workflow["jobs"].values():
        assert int(job["timeout-minutes"]) <= 120
        assert job["permissions"] == {} or job["permissions"]["contents"] == "read"
        checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
        assert {step["with"]["persist-credentials"] for step in checkouts} <= {"false"}
        writes = {name for name, access in job["permissions"].items() if access == "write"}
        assert writes <= {"id-token", "pull-requests", "issues"}


def test_fault_15_jobs_that_write_share_one_concurrency_group_on_github():
    """Those are the jobs with an environment; each workflow has a group of its own as well, so that two jobs meet at most."""
    jobs = {f"{Path(path).stem}/{name}": job for path in GITHUB for name, job in loaded(path)["jobs"].items()}
    writing = {name for name, job in jobs.items() if "environment" in job}

    assert writing == {"apply/apply", "expire/expire"}
    for name, job in jobs.items():
        expected = {"group": "iam-write", "cancel-in-progress": "false", "queue": "max"} if name in writing else None
        assert job.get("concurrency") == expected, name
    groups = [loaded(path)["concurrency"]["group"] for path in GITHUB if Path(path).stem != "plan"]
    assert len(set(groups)) == len(groups), "a workflow in the group of its own job would wait for itself"
    assert "iam-write" not in groups


def test_fault_15_jobs_that_write_share_one_resource_group_on_gitlab():
    file = loaded(GITLAB)
    groups = {name: job.get("resource_group") for name, job in file.items() if isinstance(job, dict)}
    writing = {name for name, job in file.items() if isinstance(job, dict) and "environment" in job}

    assert writing == {"iam apply", "iam expire"}
    assert {name: group for name, group in groups.items() if group} == dict.fromkeys(writing, "iam-write")


def test_only_apply_and_expire_have_an_environment_and_their_roles_are_their_own():
    roles, environments = {}, {}
    for path in GITHUB:
        for short, job in loaded(path)["jobs"].items():
            name = f"{Path(path).stem}/{short}"
            environments[name] = job.get("environment")
            found = [
                step["with"]["role-to-assume"] for step in job["steps"] if "role-to-assume" in step.get("with", {})
            ]
            roles[name] = found

    assert {name: place for name, place in environments.items() if place} == {
        "apply/apply": "iam-apply",
        "expire/expire": "iam-expire",
    }
    assert roles == {
        "apply/apply": ["${{ vars.IAMCTL_APPLY_ROLE }}"],
        "apply/plan": ["${{ vars.IAMCTL_PLAN_ROLE }}"],
        "drift/drift": ["${{ vars.IAMCTL_PLAN_ROLE }}"],
        "expire/expire": ["${{ vars.IAMCTL_EXPIRE_ROLE }}"],
        "plan/iam": [],
        "plan/plan": ["${{ vars.IAMCTL_PLAN_ROLE }}"],
        "plan/validate": [],
    }


@pytest.mark.parametrize("path", GITHUB)
def test_what_is_handed_to_the_action_is_one_of_its_inputs(path):
    inputs = loaded("action.yml")["inputs"]
    for job in loaded(path)["jobs"].values():
        for given in [step["with"] for step in job["steps"] if step.get("uses") == "OWNER/iamctl@COMMIT"]:
            assert given.keys() <= inputs.keys()
            assert given["account"] == "${{ env.ACCOUNT }}"


@pytest.mark.parametrize("path", [*GITHUB, "action.yml"])
def test_no_script_holds_an_expression(path):
    found = loaded(path)
    steps = (
        found["runs"]["steps"] if "runs" in found else [step for job in found["jobs"].values() for step in job["steps"]]
    )

    assert not [step["run"] for step in steps if "${{" in step.get("run", "")]


def project_with_workflows(folder, ours):
    """Make a repository that has the workflows, ours as the action that ``ours`` names."""
    (folder / ".git").mkdir()
    workflows = folder / ".github/workflows"
    workflows.mkdir(parents=True)
    shutil.copy(ROOT / "action.yml", folder)
    for path in GITHUB:
        (workflows / Path(path).name).write_text((ROOT / path).read_text().replace("OWNER/iamctl@COMMIT", ours))
    return folder


def linted(folder, *words):
    return subprocess.run(
        [tool(words[0]), *words[1:]], cwd=folder, env=plain(), capture_output=True, text=True, check=False
    )


def test_actionlint_finds_nothing(tmp_path):
    """Ours is a local action there, so that its inputs and outputs are checked, too."""
    folder = project_with_workflows(tmp_path, "./")

    done = linted(folder, "actionlint", "-shellcheck=", "-pyflakes=")

    assert (done.returncode, done.stdout) == (0, "")


def test_actionlint_finds_an_input_that_is_not_there(tmp_path):
    folder = project_with_workflows(tmp_path, "./")
    workflow = folder / ".github/workflows/apply.yml"
    workflow.write_text(workflow.read_text().replace("expect-digest:", "expect-digst:"))

    done = linted(folder, "actionlint", "-shellcheck=", "-pyflakes=")

    assert done.returncode == 1
    assert "expect-digst" in done.stdout


def test_zizmor_finds_nothing(tmp_path):
    """It looks for injection into scripts, permissions that are too wide, and actions that are not pinned."""
    folder = project_with_workflows(tmp_path, f"example/iamctl@{'0123456789' * 4}")

    done = linted(folder, "zizmor", "--offline", "--no-progress", ".")

    assert done.returncode == 0, done.stdout + done.stderr


def test_shellcheck_finds_nothing():
    shellcheck = tool("shellcheck")
    if not shellcheck:
        pytest.skip("shellcheck is not installed")
    scripts = sorted(map(str, (ROOT / "action").glob("*.sh")))

    done = subprocess.run([shellcheck, *scripts], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("validated", "planned", "code"),
    [("success", "success", 0), ("success", "skipped", 1), ("failure", "success", 1), ("success", "failure", 1)],
)
def test_the_check_to_require_is_red_for_a_fork_and_for_every_failure(repository, validated, planned, code):
    job = loaded("examples/github/plan.yml")["jobs"]["iam"]
    (step,) = job["steps"]

    done = repository.bash(step["run"], repository.environment(VALIDATED=validated, PLANNED=planned))

    assert (done.returncode, job["if"], job["needs"]) == (code, "always()", ["validate", "plan"])


@pytest.mark.parametrize(("newest", "code"), [("same", 0), ("other", 1)])
def test_apply_stops_when_main_has_moved_on(repository, newest, code):
    (step,) = [step for step in loaded("examples/github/apply.yml")["jobs"]["apply"]["steps"] if "run" in step]
    folder = repository.outside / "bin"
    folder.mkdir()
    (folder / "gh").write_text(f'#!/bin/sh\n[ "$1 $2" = "api repos/example/iam/commits/main" ] && echo {newest}\n')
    (folder / "gh").chmod(0o755)
    env = repository.environment(GITHUB_SHA="same", GH_TOKEN="x", PATH=f"{folder}{os.pathsep}{os.environ['PATH']}")

    done = repository.bash(step["run"], env)

    assert done.returncode == code
    assert ("main is at other by now" in done.stdout) == bool(code)


class GitlabJob:
    """Runs the lines of a job of the example, in a project of which the runner has a copy."""

    def __init__(self, repository: Repository, folder):
        self.repository = repository
        self.file = loaded(GITLAB)
        folder.mkdir()
        self.known = {"IAMCTL_REPOSITORY": str(folder), "IAMCTL_COMMIT": copy_of_iamctl(folder)}

    def run(self, name, **more):
        job = self.file[name]
        lines = [*self.file[".iamctl"]["before_script"], *job["script"]]
        output = self.repository.outside / "unused"
        env = (
            plain()
            | self.file["variables"]
            | self.known
            | {
                "CI_PROJECT_DIR": str(self.repository.folder),
                "CI_JOB_ID": "4711",
                "TMPDIR": str(self.repository.temp),
                "GITHUB_OUTPUT": str(output),
                "PYTHON": str(self.repository.python),
                "IAMCTL_ARGUMENTS": "--sandbox\naccount.json",
                **{
                    f"IAMCTL_{role}_ROLE": f"arn:aws:iam::123456789012:role/{role}"
                    for role in ("PLAN", "APPLY", "EXPIRE")
                },
                **more,
            }
        )
        del env["GITHUB_OUTPUT"]
        step = self.repository.outside / "job.sh"
        step.write_text("\n".join(["set -eo pipefail", *lines]))
        done = subprocess.run(
            ["bash", step],
            cwd=self.repository.folder,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        self.left = sorted(path.name for path in self.repository.temp.iterdir())
        after = "\n".join(self.file[".iamctl"]["after_script"])
        subprocess.run(["bash", "-eo", "pipefail", "-c", after], cwd=self.repository.folder, env=env, check=True)
        report = self.repository.folder / "iamctl-report.md"
        done.report = report.read_text() if report.exists() else ""
        return done

    def approved(self, **more):
        """Plan, and return what the next job gets from that."""
        planned = self.run("iam plan", **more)
        assert planned.returncode == 0, planned.stderr + planned.report
        (line,) = (self.repository.folder / "iamctl.env").read_text().splitlines()
        return dict([line.split("=", 1)])


@pytest.fixture
def gitlab(repository, tmp_path):
    return GitlabJob(repository, tmp_path / "iamctl")


def test_a_merge_request_in_gitlab_is_validated_and_planned(repository, gitlab):
    event = repository.pull_request(BOB)
    base = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": event["pull_request"]["base"]["sha"]}
    checked = gitlab.run("iam validate", **base, IAMCTL_ARGUMENTS="")
    planned = gitlab.run("iam plan", **base, IAMCTL_TOKEN="secret-token")

    assert (checked.returncode, planned.returncode) == (0, 0), checked.stderr + planned.stderr
    assert "bob" in planned.report
    assert "Settings were not compared" not in planned.report
    assert "secret-token" not in planned.stdout + planned.stderr + planned.report
    assert (repository.folder / "gl-code-quality-report.json").read_text().startswith("[")


def test_a_job_of_gitlab_uses_nothing_that_an_earlier_one_left_and_leaves_nothing(repository, gitlab):
    """A shell runner keeps what is beside the project, and what is in the folder for temporary files."""
    foreign = "import pathlib\npathlib.Path('pwned').touch()\n"
    for place in (f"{repository.folder}.temp", f"{repository.folder}.iamctl", repository.temp / "iamctl-environment"):
        for name in ("packages", "lib/python3/site-packages", "action", "bin"):
            Path(place, name).mkdir(parents=True)
            Path(place, name, "sitecustomize.py").write_text(foreign)
    done = gitlab.run("iam plan", IAMCTL_TOKEN="secret-token")
    (used,) = [name for name in gitlab.left if name != "iamctl-environment"]

    assert done.returncode == 0, done.stderr
    assert used.startswith("iamctl.4711.")
    assert [path.name for path in repository.temp.iterdir()] == ["iamctl-environment"]
    assert not list(repository.outside.rglob("pwned"))
    assert not list(repository.outside.rglob("token"))


@pytest.mark.exhaustive
def test_a_push_in_gitlab_is_applied_and_a_failure_ends_as_iamctl_does(repository, gitlab):
    applied = gitlab.run("iam apply", **gitlab.approved(), CI_COMMIT_BEFORE_SHA="0" * 40)
    before = repository.git("rev-parse", "HEAD")
    repository.commit(BOB.replace("{devs: {}}", "{devs: {pth: /}}"))
    failed = gitlab.run("iam apply", IAMCTL_PLAN_DIGEST=f"sha256:{'0' * 64}", CI_COMMIT_BEFORE_SHA=before)

    assert (applied.returncode, failed.returncode) == (0, 1), applied.stderr + failed.stderr
    assert "pth" in failed.report
    assert list((repository.folder / ".iamctl/journal").glob("*.jsonl"))


def test_a_push_in_gitlab_is_applied_as_it_was_planned_or_not_at_all(repository, gitlab):
    before = {"CI_COMMIT_BEFORE_SHA": "0" * 40}
    approved = before | gitlab.approved(**before)
    repository.commit(BOB)
    other = gitlab.run("iam apply", **approved)
    repository.git("reset", "--quiet", "--hard", repository.first)
    same = gitlab.run("iam apply", **approved)

    assert (other.returncode, same.returncode) == (5, 0), same.stderr
    assert "the plan is stale" in other.report


def test_a_run_by_hand_in_gitlab_is_compared_with_the_parent(repository, gitlab):
    """GitLab writes zeros for the commit before, when somebody starts a pipeline."""
    repository.commit(ALICE, settings=SETTINGS + "protect: [user/alice]\n")
    repository.commit(ALICE)
    done = gitlab.run("iam plan", CI_COMMIT_BEFORE_SHA="0" * 40, CI_PIPELINE_SOURCE="web")

    assert done.returncode == 3
    assert "no longer protected" in done.report


def test_only_files_of_this_run_become_artifacts_in_gitlab(repository, gitlab):
    links_into(repository, "handover")
    for name in (*REPORTS, "iamctl-kept"):
        (repository.folder / name).symlink_to(repository.outside / "secret.txt")
    before = repository.commit(with_passwords("alice"), PASSWORDS)
    approved = gitlab.approved(CI_COMMIT_BEFORE_SHA=before)
    assert not any((repository.folder / name).is_symlink() for name in REPORTS)
    done = gitlab.run("iam apply", **approved, CI_COMMIT_BEFORE_SHA=before)

    kept = tree_of(repository.folder / "iamctl-kept")
    for job in ("iam apply", "iam expire"):
        assert loaded(GITLAB)[job]["artifacts"]["paths"] == ["iamctl-report.md", "iamctl-results.jsonl", "iamctl-kept/"]
    assert done.returncode == 0, done.report
    assert [name.split("/")[0] for name in sorted(kept)] == ["handover", "journal"]
    assert b"secret of the job" not in b"".join(kept.values())
    assert (repository.outside / "secret.txt").read_text() == "secret of the job"


@pytest.mark.parametrize("digest", [{}, {"IAMCTL_PLAN_DIGEST": ""}])
def test_nothing_is_applied_in_gitlab_without_a_plan_that_was_approved(repository, gitlab, digest):
    done = gitlab.run("iam apply", CI_COMMIT_BEFORE_SHA="0" * 40, **digest)

    assert done.returncode == 64
    assert "IAMCTL_PLAN_DIGEST is empty" in done.stderr
    assert "IAMCTL_PLAN_DIGEST is empty" in done.report
    assert not (repository.folder / "account.json").exists()


@pytest.mark.parametrize(
    ("changes", "digest", "runs"),
    [("2", "sha256:1", True), ("0", "sha256:1", False), ("", "", False), ("2", "", False), ("", "sha256:1", False)],
)
def test_nothing_is_applied_in_github_without_a_plan_that_was_approved(changes, digest, runs):
    job = loaded("examples/github/apply.yml")["jobs"]["apply"]
    outputs = {"changes": changes, "digest": digest}
    contexts = {"github": {"ref": "refs/heads/main"}, "needs": {"plan": {"outputs": outputs}}}

    assert value(" ".join(job["if"].split()), contexts) is runs


def test_first_passwords_are_looked_for_where_they_are_written():
    assert loaded("action.yml")["inputs"]["handover"]["default"] == DEFAULT_HANDOVER == "handover"


@pytest.mark.exhaustive
def test_schedules_in_gitlab_end_memberships_and_tell_drift(repository, gitlab):
    gitlab.run("iam apply", **gitlab.approved(), CI_COMMIT_BEFORE_SHA="0" * 40)
    repository.commit(ALICE.replace("[alice]", "[{user: alice, until: 2020-01-01}]"))
    expired = gitlab.run("iam expire")
    same = gitlab.run("iam drift")
    repository.commit(BOB)
    other = gitlab.run("iam drift")

    assert (expired.returncode, same.returncode, other.returncode) == (0, 0, 2), expired.stderr


def test_jobs_of_gitlab_write_one_after_the_other_and_only_from_where_they_should():
    file = loaded(GITLAB)
    for name in ("iam apply", "iam expire"):
        assert "merge_request" not in str(file[name]["rules"])
    assert file[".iamctl"]["interruptible"] == "false"


def test_the_hook_for_pre_commit_checks_the_tree(repository):
    (hook,) = loaded(".pre-commit-hooks.yaml")
    command, *words = hook["entry"].split()
    call = [sys.executable, "-I", "-m", command, *words, *hook["args"]]

    good = subprocess.run(call, cwd=repository.folder, env=plain(), capture_output=True, text=True, check=False)
    repository.write("iam/people.yaml", "users: {alice: {pth: /}}\n")
    bad = subprocess.run(call, cwd=repository.folder, env=plain(), capture_output=True, text=True, check=False)

    assert (good.returncode, bad.returncode) == (0, 1)
    assert re.search(hook["files"], "iam/people.yaml")
    assert (hook["id"], hook["pass_filenames"], hook["language"]) == ("iamctl-validate", "false", "python")
