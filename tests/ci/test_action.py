"""The action from end to end: every step of action.yml runs, on a sandbox and a GitHub on loopback."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from ci_world import ALICE, BOB, PASSWORDS, ROOT, SETTINGS, links_into, loaded, run_action, tree_of, with_passwords
from effort import first

SANDBOX = "--sandbox\naccount.json"
LOOSER = SETTINGS + "limits: {users: 50%}\n"


@pytest.fixture(autouse=True)
def on_loopback(github):
    assert urlsplit(github.url).hostname == "127.0.0.1"


def test_a_pull_request_gets_one_comment_that_is_kept_up_to_date(repository, github):
    event = repository.pull_request(BOB)
    first = run_action(repository, github, event, command="plan", comment="true", arguments=SANDBOX, account="main")
    repository.commit(ALICE)
    second = run_action(repository, github, event, command="plan", comment="true", arguments=SANDBOX, account="main")

    assert (first.code, second.code) == (0, 0), first.said
    assert [method for method, _ in github.asked] == ["GET", "POST", "GET", "PATCH"]
    (comment,) = github.comments
    assert comment["body"].startswith("<!-- iamctl-plan main -->\n## iamctl plan of main: done (0)\n")
    assert f"Commit {event['pull_request']['head']['sha'][:12]}.\n" in comment["body"]
    assert comment["body"].count("<!-- iamctl-plan") == 1
    assert "bob" in first.summary
    assert "alice" in comment["body"]
    assert "bob" not in comment["body"]
    assert token_is_nowhere(repository, first, second)


def token_is_nowhere(repository, *ended):
    written = [path.read_bytes() for path in repository.outside.rglob("*") if path.is_file()]
    said = [each.said.encode() + each.summary.encode() for each in ended]
    return not any(b"token-of-the-job" in text for text in written + said)


@pytest.mark.exhaustive
def test_a_comment_of_somebody_else_is_left_alone_also_with_our_marker(repository, github):
    github.entry("comments", {"body": "<!-- iamctl-plan main -->\nmine"}, "mallory")
    for number in range(250):
        github.entry("comments", {"body": f"talk {number}"}, "alice")
    event = repository.pull_request(BOB)
    for _ in range(2):
        run_action(repository, github, event, command="plan", comment="true", arguments=SANDBOX, account="main")

    assert len(github.comments) == 252
    assert github.comments[0]["body"].endswith("mine")
    assert github.comments[-1]["body"].startswith("<!-- iamctl-plan main -->")


@pytest.mark.parametrize("status", [403, 307, 500])
@pytest.mark.exhaustive
def test_a_github_that_does_not_take_the_comment_is_a_warning(repository, github, status):
    github.refuses = status
    event = repository.pull_request(BOB)
    ended = run_action(repository, github, event, command="plan", comment="true", arguments=SANDBOX)

    assert ended.code == 0
    assert f"::warning::the report is not shown in the comment: GitHub answers {status} to POST" in ended.said
    assert not any("elsewhere" in path for _, path in github.asked)


def test_settings_are_compared_with_the_branch_that_the_request_goes_to(repository, github):
    ended = run_action(repository, github, repository.pull_request(BOB, LOOSER), command="plan", arguments=SANDBOX)

    assert ended.code in {1, 3}, ended.said
    assert "IAM410" in ended.summary
    assert "Settings were not compared" not in ended.summary


@pytest.mark.exhaustive
def test_settings_are_compared_with_the_commit_before_a_push(repository, github):
    repository.commit(BOB, LOOSER)
    repository.commit(ALICE, LOOSER)
    event = {"before": repository.first}
    refused = run_action(repository, github, event, command="apply", arguments=SANDBOX)
    allowed = run_action(repository, github, event, command="apply", arguments=SANDBOX, allow_loosening="true")
    later = run_action(repository, github, {}, command="apply", arguments=SANDBOX)
    beside = run_action(repository, github, event, command="plan", arguments=SANDBOX, base="none")

    assert refused.code in {1, 3}
    assert (allowed.code, later.code, beside.code) == (0, 0, 0), allowed.said


def test_a_tree_that_is_new_has_nothing_to_be_compared_with(repository, github):
    event = repository.pull_request(ALICE, folder="other")
    ended = run_action(repository, github, event, command="plan", directory="other", arguments=SANDBOX)

    assert ended.code == 0
    assert "Settings were not compared" in ended.summary


def test_a_base_that_is_not_in_the_checkout_stops_the_run(repository, github):
    ended = run_action(repository, github, {"before": "1" * 40}, command="apply", arguments=SANDBOX)

    assert ended.code == 1
    assert "give it fetch-depth: 0" in ended.summary
    assert not (repository.folder / "account.json").exists()


@pytest.mark.parametrize("directory", first(1, ["iam/deep", "iam", "./iam/"]))
def test_a_link_in_place_of_the_tree_as_it_was_stops_the_run(repository, github, directory):
    repository.git("mv", "iam", "other")
    (repository.folder / "iam").symlink_to("other")
    repository.write("other/deep/iamctl.yaml", SETTINGS)
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "link")
    event = {"before": repository.git("rev-parse", "HEAD")}
    (repository.folder / "iam").unlink()
    repository.git("mv", "other", "iam")
    repository.commit(ALICE, LOOSER)
    ended = run_action(repository, github, event, command="plan", directory=directory, arguments=SANDBOX)

    assert ended.code == 1
    assert "'iam' is a symbolic link in the commit" in ended.summary


@pytest.mark.parametrize(("place", "link"), first(1, [("iam/iamctl.yaml", "people.yaml"), ("iam", None)]))
def test_only_a_path_that_is_not_in_the_base_means_that_there_is_none(repository, github, place, link):
    repository.git("rm", "--quiet", "-r", place)
    if link:
        (repository.folder / place).symlink_to(link)
    else:
        repository.write(place, "a file\n")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "no tree")
    event = {"before": repository.git("rev-parse", "HEAD")}
    (repository.folder / place).unlink()
    repository.commit(ALICE)
    ended = run_action(repository, github, event, command="plan", arguments=SANDBOX)

    assert ended.code == 1
    assert f"{place!r} is a {'symbolic link' if link else 'file'} in the commit" in ended.summary


def test_a_shallow_checkout_is_not_taken_for_a_first_commit(repository, github):
    repository.commit(BOB)
    (repository.folder / ".git/shallow").write_text(repository.git("rev-parse", "HEAD") + "\n")
    repository.git("reflog", "expire", "--expire=now", "--all")
    repository.git("gc", "--quiet", "--prune=now")
    ended = run_action(repository, github, {}, command="plan", arguments=SANDBOX)

    assert ended.code == 1
    assert "give it fetch-depth: 0" in ended.summary


@pytest.mark.parametrize("folder", first(1, ["iam", "."]))
def test_the_base_is_read_as_it_was_committed(repository, github, folder):
    """Attributes and filters of a repository change what `git checkout` writes."""
    repository.git("config", "filter.other.smudge", "sed s/1%/100%/")
    repository.commit(ALICE, SETTINGS + "limits: {users: 1%}\n")
    before = repository.git("rev-parse", "HEAD")
    repository.write(".gitattributes", "*.yaml filter=other working-tree-encoding=UTF-16\n")
    repository.write("iam/iamctl.yaml", LOOSER)
    if folder == ".":
        repository.write("iamctl.yaml", LOOSER)
        (repository.folder / "iam/iamctl.yaml").unlink()
    ended = run_action(repository, github, {"before": before}, command="plan", directory=folder, arguments=SANDBOX)

    assert "IAM410" in ended.summary, ended.said


def test_the_manifests_of_the_base_are_compared_and_not_only_its_settings(repository, github):
    event = repository.pull_request(ALICE.replace("{alice: {}}", "{alice: {access_keys: 1}}"))
    ended = run_action(repository, github, event, command="plan", arguments=SANDBOX)

    assert "IAM432" not in ended.summary
    assert "access_keys: 0 -&gt; 1" in ended.summary or "access_keys: 0 -> 1" in ended.summary, ended.summary


def test_apply_writes_and_keeps_its_journal(repository, github):
    ended = run_action(repository, github, {}, command="apply", arguments=SANDBOX)
    again = run_action(repository, github, {}, command="plan", arguments=f"{SANDBOX}\n--detailed-exitcode")

    assert (ended.code, again.code) == (0, 0), ended.said
    report, journal = ended.used["actions/upload-artifact"]
    (written,) = (repository.folder / ".iamctl/journal").glob("*.jsonl")
    assert journal["path"] == f"{ended.outputs['folder']}/kept/"
    assert tree_of(journal["path"]) == {f"journal/{written.name}": written.read_bytes()}
    assert report["name"] != journal["name"]
    assert len(again.used["actions/upload-artifact"]) == 1


@pytest.mark.parametrize("handover", [pytest.param("handover", marks=pytest.mark.exhaustive), "people/handover"])
def test_only_files_of_this_run_become_artifacts(repository, github, handover):
    """The upload follows links: one to /proc/self/environ would show the credentials of the job."""
    links_into(repository, handover)
    repository.commit(with_passwords("alice"), PASSWORDS.replace("handover", handover))
    run_action(repository, github, {}, command="apply", arguments=SANDBOX, base="none", handover=handover)
    repository.commit(with_passwords("alice", "bob"), PASSWORDS.replace("handover", handover))
    ended = run_action(repository, github, {}, command="apply", arguments=SANDBOX, base="none", handover=handover)

    assert ended.code == 0, ended.said
    kept = tree_of(ended.used["actions/upload-artifact"][1]["path"])
    journal, password = sorted(kept, reverse=True)
    assert (journal.startswith("journal/"), password.startswith("handover/")) == (True, True)
    assert password.endswith("-bob.age")
    assert b"secret of the job" not in b"".join(kept.values())


@pytest.mark.parametrize("link", first(2, [".iamctl", "handover", ".iamctl/journal"]))
def test_no_artifact_comes_through_a_linked_folder(repository, github, link):
    (repository.outside / "elsewhere").mkdir()
    (repository.folder / link).parent.mkdir(exist_ok=True)
    (repository.folder / link).symlink_to(repository.outside / "elsewhere")
    for folder in (".", "journal"):
        (repository.outside / "elsewhere" / folder).mkdir(exist_ok=True)
    listing, kept = repository.outside / "before.json", repository.outside / "kept"
    keep = [repository.python, "-I", ROOT / "action/keep.py"]
    subprocess.run([*keep, "before", "handover", listing], cwd=repository.folder, check=True)
    for name in ("x.age", "journal/x.age"):
        (repository.outside / "elsewhere" / name).write_text("secret of the job")
    subprocess.run([*keep, "after", "handover", listing, kept], cwd=repository.folder, check=True)

    assert tree_of(kept) == {}


def test_a_link_that_came_with_the_run_is_not_kept_and_a_file_is(repository):
    listing, kept = repository.outside / "before.json", repository.outside / "kept"
    keep = [repository.python, "-I", ROOT / "action/keep.py"]
    subprocess.run([*keep, "before", "handover", listing], cwd=repository.folder, check=True)
    links_into(repository, "handover")
    done = subprocess.run(
        [*keep, "after", "handover", listing, kept], cwd=repository.folder, check=True, capture_output=True, text=True
    )

    assert sorted(tree_of(kept)) == ["handover/old.age", "journal/old.jsonl"]
    assert "not kept: 'x.age' in 'handover' is no regular file\n" in done.stderr


def test_a_run_that_fails_keeps_its_journal_too():
    steps = [step for step in loaded("action.yml")["runs"]["steps"] if "kept" in str(step)]

    assert len(steps) == 2
    assert all(step["if"].startswith("always() && inputs.command == 'apply' &&") for step in steps)


def test_the_plan_that_was_approved_is_applied_or_none(repository, github):
    planned = run_action(repository, github, {}, command="plan", arguments=SANDBOX, base="none")
    approved = {
        "command": "apply",
        "arguments": SANDBOX,
        "base": "none",
        "expect_digest": planned.outputs["plan-digest"],
    }
    assert [planned.outputs[name] for name in ("risks", "refused", "approve", "truncated")] == ["0", "0", "[]", "false"]
    repository.commit(BOB)
    other = run_action(repository, github, {}, **approved)
    repository.commit(ALICE)
    same = run_action(repository, github, {}, **approved)

    assert (planned.code, other.code, same.code) == (0, 5, 0), other.said
    assert planned.outputs["changes"] == "3"
    assert "iamctl apply: the plan is stale" in other.summary
    assert "--expect-digest asked for another" in other.summary


def test_a_failed_run_is_shown_and_kept_and_ends_as_iamctl_does(repository, github):
    event = repository.pull_request("users: {alice: {pth: /}}\n")
    ended = run_action(repository, github, event, command="plan", comment="true", arguments=SANDBOX)

    assert ended.code == 1
    for text in (ended.summary, github.comments[0]["body"]):
        assert "iamctl plan: error (1)" in text
        assert "pth" in text
    assert len(ended.used["actions/upload-artifact"]) == 1


@pytest.mark.parametrize(("people", "code"), first(1, [("users: {alice: {pth: /}}\n", 1), (BOB, 0)]))
def test_findings_are_uploaded_as_sarif_when_asked_for(repository, github, people, code):
    event = repository.pull_request(people)
    ended = run_action(repository, github, event, command="plan", sarif="true", arguments=SANDBOX)
    unasked = run_action(repository, github, event, command="plan", arguments=SANDBOX)

    (upload,) = ended.used["github/codeql-action/upload-sarif"]
    found = json.loads(Path(upload["sarif_file"]).read_text(encoding="utf-8"))
    places = {
        place["physicalLocation"]["artifactLocation"]["uri"]
        for result in found["runs"][0]["results"]
        for place in result["locations"]
    }
    assert (ended.code, unasked.code) == (code, code)
    assert found["version"] == "2.1.0"
    assert all((repository.folder / place).is_file() for place in places)
    assert ("iam/people.yaml" in places) == bool(code)
    assert "github/codeql-action/upload-sarif" not in unasked.used


@pytest.mark.exhaustive
def test_removals_beyond_the_limits_are_refused_until_the_input_permits_them(repository, github):
    names = [f"user{number:02}" for number in range(30)]
    repository.commit(f"users: {{{': {}, '.join(names)}: {{}}}}\n")
    run_action(repository, github, {}, command="apply", arguments=SANDBOX, base="none")
    gone = json.dumps([f"user/{name}" for name in names[:10]])
    repository.commit(f"users: {{{': {}, '.join(names[10:])}: {{}}}}\nremoved: {gone}\n")
    refused = run_action(repository, github, {}, command="apply", arguments=SANDBOX)
    allowed = run_action(
        repository, github, {}, command="apply", arguments=SANDBOX, allow_removals="users=10  groups=1"
    )

    assert refused.code == 3
    assert allowed.code == 0, allowed.said


@pytest.mark.parametrize("name", first(1, ["due", "only_expired"]))
def test_due_ends_memberships_and_nothing_else(repository, github, name):
    run_action(repository, github, {}, command="apply", arguments=SANDBOX)
    repository.commit(BOB.replace("[alice, bob]", "[{user: alice, until: 2020-01-01}, bob]"))
    ended = run_action(repository, github, {}, command="apply", arguments=SANDBOX, base="none", **{name: "true"})

    live = json.loads((repository.folder / "account.json").read_text())
    assert ended.code == 0, ended.said
    assert [(user["UserName"], user["GroupList"]) for user in live["UserDetailList"]] == [("alice", [])]


def test_drift_opens_one_issue_updates_it_and_closes_it(repository, github):
    say = {"command": "drift", "issue": "true", "account": "main", "arguments": SANDBOX, "base": "none"}
    opened = run_action(repository, github, {}, **say)
    updated = run_action(repository, github, {}, **say)
    run_action(repository, github, {}, command="apply", arguments=SANDBOX)
    closed = run_action(repository, github, {}, **say)
    quiet = run_action(repository, github, {}, **say)

    assert [ended.code for ended in (opened, updated, closed, quiet)] == [2, 2, 0, 0], opened.said
    (issue,) = github.issues
    assert issue["title"] == "iamctl drift of main"
    assert issue["state"] == "closed"
    assert [method for method, _ in github.asked] == ["GET", "POST", "GET", "PATCH", "GET", "PATCH", "GET"]


@pytest.mark.parametrize(
    "names", first(1, [("account", "allow_removals", "arguments"), (("directory",),), (("base",),), (("command",),)])
)
@pytest.mark.parametrize(
    "text",
    [
        "$(touch pwned)",
        pytest.param("`touch pwned`\"; touch pwned; '; touch pwned; ", marks=pytest.mark.exhaustive),
        pytest.param("x\ntouch pwned", marks=pytest.mark.exhaustive),
    ],
)
def test_no_input_is_a_part_of_a_script(repository, github, names, text):
    run_action(repository, github, {}, **{"command": "plan", "arguments": SANDBOX, **dict.fromkeys(names, text)})

    assert not list(repository.outside.rglob("pwned"))


@pytest.mark.parametrize("text", first(1, ["--yes", "-h"]))
def test_a_folder_is_no_flag(repository, github, text):
    ended = run_action(repository, github, {}, command="plan", arguments=SANDBOX, directory=text, base="none")

    assert ended.code == 1


@pytest.mark.parametrize("text", ["import", "plan\ntruncated=false"])
def test_an_unknown_command_is_wrong_usage(repository, github, text):
    ended = run_action(repository, github, {}, command=text)

    assert ended.code == 64
    assert not any("truncated" in step["outputs"] for step in ended.steps.values())


def test_a_repository_brings_no_python_modules(repository, github):
    repository.runs(sys.executable)
    for name in ("iamctl/__init__", "json", "typer", "boto3", "pip", "venv/__main__", "iamctl/__main__", "urllib"):
        repository.write(f"{name}.py", "open('pwned', 'w')\nraise SystemExit(0)\n")
    event = repository.pull_request(BOB)
    ended = run_action(repository, github, event, command="plan", comment="true", arguments=SANDBOX)

    assert ended.code == 0, ended.said
    assert not (repository.folder / "pwned").exists()
    assert "bob" in github.comments[0]["body"]


def test_names_are_no_commands_of_the_runner(repository, github):
    repository.commit("groups: {devs: {}}\nmemberships: {devs: ['::add-mask::x', '::set-output name=exit-code::0']}\n")
    ended = run_action(repository, github, {}, command="plan", arguments=SANDBOX)

    lines = ended.said.splitlines()
    (start,) = [number for number, line in enumerate(lines) if line.startswith("::stop-commands::")]
    token = lines[start].removeprefix("::stop-commands::")
    end = lines.index(f"::{token}::")
    assert len(token) == 32
    assert not [line for line in lines[:start] + lines[end + 1 :] if line.startswith("::")]
    assert ended.code == 1


@pytest.mark.exhaustive
def test_a_long_report_is_cut_after_a_line_and_says_so(repository, github):
    people = "\n".join(f"  someone-with-a-name-of-some-length-{number}: {{}}" for number in range(3000))
    event = repository.pull_request(f"users:\n{people}\n")
    ended = run_action(repository, github, event, command="plan", comment="true", arguments=SANDBOX)

    body = github.comments[0]["body"]
    assert ended.code == 0, ended.said
    assert len(body) < 65_536
    assert body.count("<details") == body.count("</details>")


def test_pip_checks_hashes_and_builds_nothing(repository, github):
    old = repository.temp / "iamctl-environment/packages/old.pth"
    old.parent.mkdir(parents=True)
    old.write_text("of an earlier job")
    ended = run_action(repository, github, {}, command="validate")

    assert not old.exists()
    asked = (repository.temp / "iamctl-environment/pip.txt").read_text()
    assert f"--require-hashes --only-binary :all: -r {ROOT}/requirements/run.txt" in asked
    assert asked.count("\n") == 1
    assert (repository.temp / "iamctl-environment/packages/iamctl.pth").read_text() == f"{ROOT}\n"
    assert ended.code == 0


def test_a_run_that_is_cancelled_comes_to_its_end(repository, tmp_path):
    slow = tmp_path / "slow"
    slow.write_text(
        "#!/bin/sh\ncase $* in *base.py*|*keep.py*) exit 0;; esac\ntrap 'echo journal > journal; exit 130' TERM\ntouch started\nwhile :; do sleep 0.1; done\n"
    )
    slow.chmod(0o755)
    more = {"IAMCTL_COMMAND": "apply", "IAMCTL_DIRECTORY": "iam", "IAMCTL_PYTHON": str(slow)}
    run = subprocess.Popen(
        ["bash", ROOT / "action/run.sh"],
        cwd=repository.folder,
        env=repository.environment(**more),
        stdout=subprocess.DEVNULL,
    )
    while not (repository.folder / "started").exists():
        time.sleep(0.05)
    run.send_signal(signal.SIGTERM)

    assert run.wait(timeout=120) == 0
    assert "exit-code=130" in (tmp_path / "output").read_text()
    assert (repository.folder / "journal").exists()
