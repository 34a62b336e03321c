"""Exit codes of the real command line: each with what is said and where, and what is left untouched."""

import errno
import json
import os
import re
import signal
import subprocess

import pytest
from command_line import (
    ACCOUNT,
    NOW,
    account,
    command,
    environment,
    run,
    save,
    user,
    write_tree,
)
from effort import first
from loopback import loopback

TEAM = {"users": {"alice": {}, "bob": {}}, "groups": {"devs": {}}, "memberships": {"devs": ["alice", "bob"]}}


@pytest.fixture
def tree(tmp_path):
    return write_tree(tmp_path / "iam", TEAM)


def told(done, code):
    """Check the exit code, and return stderr, the only place for messages, without the notes on sandbox and lock."""
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return without_notes(done.stderr)


def without_notes(stderr):
    return re.sub(
        r"^(\S+ does not exist; the sandbox starts with an empty account|no lock is set, so .*)\n", "", stderr
    )


def test_0_a_valid_tree_a_plan_with_changes_and_an_apply(tree, tmp_path):
    assert run("validate", tree, cwd=tmp_path).stdout == "valid: 5 resources.\n"
    planned = run("plan", tree, "--sandbox", "account.json", cwd=tmp_path)
    assert told(planned, 0) == ""
    assert planned.stderr == "account.json does not exist; the sandbox starts with an empty account\n"
    assert "5 to create, 0 to update, 0 to delete; 5 calls." in planned.stdout
    assert not (tmp_path / "account.json").exists()

    applied = run("apply", tree, "--sandbox", "account.json", "--yes", cwd=tmp_path)

    assert told(applied, 0) == ""
    assert "converged" in applied.stdout
    again = run("plan", tree, "--sandbox", "account.json", "--detailed-exitcode", cwd=tmp_path)
    assert told(again, 0) == ""
    assert "Nothing to change." in again.stdout


def test_2_only_when_asked_and_only_with_changes(tree, tmp_path):
    assert told(run("plan", tree, "--sandbox", "a.json", "--detailed-exitcode", cwd=tmp_path), 2) == ""


def digest_of(tree, folder, here):
    here("plan", tree, "--sandbox", "a.json", "--out", "plan.json")
    return json.loads((folder / "plan.json").read_text())["plan_digest"]


def test_5_another_plan_than_the_one_that_was_approved(tree, tmp_path, here):
    approved = digest_of(tree, tmp_path, here)
    write_tree(tree, {**TEAM, "users": {**TEAM["users"], "mallory": {}}, "memberships": {"devs": ["mallory"]}})

    done = here("apply", tree, "--sandbox", "a.json", "--yes", "--expect-digest", approved)

    assert f"plan digest is {digest_of(tree, tmp_path, here)}, but --expect-digest asked for another" in told(done, 5)
    assert "mallory will be created" in done.stdout
    assert not (tmp_path / "a.json").exists()
    assert not (tmp_path / ".iamctl").exists()
    expected = digest_of(tree, tmp_path, here)
    assert told(here("apply", tree, "--sandbox", "a.json", "--yes", "--expect-digest", expected), 0) == ""


def test_5_in_json_tells_the_plan_and_that_nothing_was_done(tree, tmp_path, here):
    other = f"sha256:{'0' * 64}"
    words = ("apply", tree, "--sandbox", "a.json", "--yes", "--format", "json")

    done = here(*words, "--expect-digest", other)

    assert told(done, 5).startswith("error: plan digest is sha256:")
    data = json.loads(done.stdout)
    assert (len(data["plan"]["changes"]), data["outcomes"], data["converged"]) == (5, [], None)


def test_5_comes_before_3_and_not_where_all_is_done_already(tree, tmp_path, here):
    expected = digest_of(tree, tmp_path, here)
    words = ("apply", tree, "--sandbox", "a.json", "--yes", "--expect-digest")
    assert told(here(*words, expected), 0) == ""

    assert "Nothing to change" in here(*words, expected).stdout
    write_tree(
        tree,
        {"groups": {"devs": {}}, "memberships": {"devs": []}, "removed": ["user/alice", "user/bob"]},
        limits={"users": 1},
    )
    assert "refused" in here("plan", tree, "--sandbox", "a.json").stdout
    assert "--expect-digest asked for another" in told(here(*words, expected), 5)


@pytest.mark.parametrize("digest", ["", "abc", "sha256:ABC", f"sha256:{'0' * 63}"])
def test_64_what_is_no_digest(tree, tmp_path, here, digest):
    done = here("apply", tree, "--sandbox", "a.json", "--yes", "--expect-digest", digest)

    assert "is not a plan digest" in told(done, 64)


BROKEN = {
    "iamctl.yaml": "version: 1\naccounts: {main: {id: '12'}}\nlimitz: {}\n",
    "groups.yaml": "groups:\n  devs: {policies: [nowhere]}\n",
    "users.yaml": "users:\n  alice: {tags: [x]}\n  'b o b': {}\n  carol: {policies: [x]}\n",
    "twice.yaml": "users:\n  alice: {}\n",
    "syntax.yaml": "users: [\n",
}


@pytest.mark.parametrize(
    "words", [["validate"], ["plan", "--sandbox", "a.json"], ["apply", "--sandbox", "a.json", "--yes"]]
)
def test_1_all_mistakes_of_a_tree_in_one_run(tmp_path, here, words):
    (tmp_path / "iam").mkdir()
    for name, text in BROKEN.items():
        (tmp_path / "iam" / name).write_text(text, encoding="utf-8")

    done = here(words[0], "iam", *words[1:])

    assert done.returncode == 1
    said, silent = (done.stdout, done.stderr) if words == ["validate"] else (done.stderr, done.stdout)
    assert silent == ""
    assert {name for name in BROKEN if f"{name}:" in said} >= {"iamctl.yaml", "users.yaml", "syntax.yaml"}
    assert not (tmp_path / "a.json").exists()


def test_1_mistakes_in_meaning_are_told_together_too(tmp_path, here):
    tree = write_tree(
        tmp_path / "iam",
        {
            "users": {"alice": {"permissions_boundary": "nowhere"}, "dave": {}},
            "groups": {"devs": {"policies": ["nowhere"]}, "ops": {}},
            "memberships": {"devs": ["nobody"]},
            "removed": ["user/dave"],
        },
    )

    done = here("validate", tree)

    assert done.returncode == 1
    assert done.stderr == ""
    for part in ("'nowhere'", "nobody", "user/dave", "ops"):
        assert part in done.stdout
    assert done.stdout.count("error: ") >= 5


SNAPSHOTS = {
    "missing": None,
    "empty": "",
    "not JSON": "{",
    "another list": "[1]",
    "no account": "{}",
    "deep": "[" * 100_000,
    "wrong types": '{"account": {"id": "123456789012", "partition": "aws"}, "UserDetailList": [1]}',
    "bytes": "\ud800",
}


@pytest.mark.parametrize("flag", ["--snapshot", "--sandbox"])
@pytest.mark.parametrize("text", SNAPSHOTS.values(), ids=SNAPSHOTS)
def test_1_a_snapshot_that_cannot_be_read(tree, tmp_path, here, text, flag):
    file = tmp_path / "a.json"
    if text is None and flag == "--sandbox":
        file.mkdir()
    elif text is not None:
        file.write_bytes(text.encode("utf-8", "surrogatepass"))

    done = here("plan", tree, flag, file)

    assert told(done, 1).startswith(f"error: {file}")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize("directory", ["nowhere", "iam/iam.yaml", "empty"])
def test_1_a_tree_that_is_not_there(tree, tmp_path, here, directory):
    (tmp_path / "empty").mkdir()

    done = here("plan", directory, "--sandbox", "a.json")

    assert told(done, 1).count("\n") <= 4
    assert "error: " in done.stderr


def test_1_a_plan_that_cannot_be_saved(tree, here):
    done = here("plan", tree, "--sandbox", "a.json", "--out", "no/where.json")

    assert told(done, 1) == "error: no/where.json: the plan cannot be saved: No such file or directory\n"


@pytest.mark.parametrize("command", ["plan", "drift"])
def test_1_a_page_that_cannot_be_saved_comes_after_the_report(tree, here, command):
    report = here(command, tree, "--sandbox", "a.json", "--now", NOW).stdout

    done = here(command, tree, "--sandbox", "a.json", "--now", NOW, "--page", "no/where.html")

    assert told(done, 1) == "error: no/where.html: the page cannot be saved: No such file or directory\n"
    assert done.stdout == report
    assert "alice" in report


def test_a_plan_is_saved_where_its_page_cannot_be(tree, tmp_path, here):
    here("plan", tree, "--sandbox", "a.json", "--page", "no/where.html", "--out", "plan.json")

    assert json.loads((tmp_path / "plan.json").read_text())["plan_digest"]


def test_1_no_credentials(tree, tmp_path):
    done = run("plan", tree, cwd=tmp_path, AWS_ENDPOINT_URL="http://127.0.0.1:9")

    assert told(done, 1).startswith("error: ")
    assert "credentials" in done.stderr


def test_1_aws_refused_before_anything_was_written(tree, tmp_path):
    with loopback(None) as iam:
        iam.faults["GetAccountAuthorizationDetails"] = [("AccessDenied", "User: x is not authorized")] * 5
        done = run("apply", tree, "--yes", cwd=tmp_path, **iam.environment)

    assert told(done, 1).startswith("error: ")
    assert "GetAccountAuthorizationDetails" in done.stderr
    assert iam.writes == []


def test_1_when_aws_refuses_every_call(tree, tmp_path):
    with loopback(None) as iam:
        for operation in ("CreateUser", "CreateGroup"):
            iam.faults[operation] = [("AccessDenied", f"not authorized to perform: iam:{operation}")] * 5
        done = run("apply", tree, "--yes", cwd=tmp_path, **iam.environment)

    assert done.returncode == 1
    assert sorted(iam.writes) == ["CreateGroup", "CreateUser", "CreateUser"]
    assert "0 of 5 calls done." in done.stdout
    assert done.stdout.count("not started: AddUserToGroup") == 2


def test_4_when_one_call_fails_and_the_others_go_on(tree, tmp_path):
    with loopback(None) as iam:
        iam.faults["CreateUser"] = [None, ("LimitExceeded", "Cannot exceed quota for UsersPerAccount: 5000")]
        done = run("apply", tree, "--yes", cwd=tmp_path, **iam.environment)
        first_writes = list(iam.writes)
        again = run("apply", tree, "--yes", cwd=tmp_path, **iam.environment)

    assert done.returncode == 4
    assert sorted(first_writes) == ["AddUserToGroup", "CreateGroup", "CreateUser", "CreateUser"]
    assert "3 of 5 calls done." in done.stdout
    assert "LimitExceeded: Cannot exceed quota for UsersPerAccount: 5000" in done.stdout
    # Calls run side by side: which of the two users is refused is not fixed.
    refused = [name for name in ("alice", "bob") if f"CreateUser(UserName={name}) failed" in done.stdout]
    assert len(refused) == 1
    assert f"Still different\n  membership/devs/{refused[0]}\n  user/{refused[0]}\n" in done.stdout
    assert "not converged" in done.stdout
    assert told(again, 0) == ""
    assert "2 of 2 calls done." in again.stdout


@pytest.mark.exhaustive  # it waits for IAM to settle
def test_4_when_the_second_read_differs(tree, tmp_path):
    with loopback(None) as iam:
        client = iam.session.client("iam")
        iam.faults["AddUserToGroup"] = [None, lambda: client.create_group(GroupName="other")]
        iam.faults["AddUserToGroup"].append(None)

        def undo():
            client.remove_user_from_group(GroupName="devs", UserName="alice")

        iam.faults["GetAccountAuthorizationDetails"] = [None] * 2 + [undo]
        done = run("apply", tree, "--yes", cwd=tmp_path, **iam.environment)

    assert done.returncode == 4
    assert "membership/devs/alice" in done.stdout.split("Still different")[1]


REFUSED = {
    "a limit": ({"users": {"u0": {}}, "removed": [f"user/u{number}" for number in range(1, 6)]}, {}, "IAM401"),
    "a protected user": ({"removed": ["user/u0"]}, {"protect": ["user/u0"]}, "IAM4"),
}


@pytest.mark.parametrize(("manifests", "settings", "rule"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("words", [["plan"], ["apply", "--yes"]])
def test_3_what_a_rule_refuses_is_shown_and_nothing_is_done(tmp_path, here, words, manifests, settings, rule):
    file = save(tmp_path / "a.json", account([user(f"u{number}") for number in range(6)]))
    before = file.read_bytes()
    tree = write_tree(tmp_path / "iam", manifests, **settings)

    done = here(*words, tree, "--sandbox", file)

    assert told(done, 3) == ""
    assert f"({rule}" in done.stdout
    assert "This plan is refused" in done.stdout
    assert file.read_bytes() == before


@pytest.mark.parametrize("words", [["plan"], ["apply", "--yes"]])
def test_3_another_account(tree, tmp_path, words):
    other = account([]) | {"account": {"id": "999999999999", "partition": "aws"}}

    done = run(*words, tree, "--sandbox", save(tmp_path / "a.json", other), cwd=tmp_path)

    assert "IAM402" in told(done, 3)
    assert "999999999999" in done.stderr
    with loopback(other, "999999999999") as iam:
        assert "IAM402" in told(run(*words, tree, cwd=tmp_path, **iam.environment), 3)
        assert iam.asked == ["GetCallerIdentity"]


@pytest.mark.parametrize("words", [["plan"], ["drift"], ["members"]])
def test_3_a_snapshot_of_another_account_is_compared_with_nothing(tree, tmp_path, words):
    other = account([]) | {"account": {"id": "999999999999", "partition": "aws"}}

    done = run(*words, tree, "--snapshot", save(tmp_path / "a.json", other), cwd=tmp_path)

    assert "the live account is 999999999999; nothing was read or changed (IAM402)" in told(done, 3)
    assert done.stdout == ""


def test_3_the_root_user(tree, tmp_path):
    with loopback(None) as iam:
        iam.faults["GetCallerIdentity"] = [ROOT_USER]
        done = run("plan", tree, cwd=tmp_path, **iam.environment)

    assert "IAM403" in told(done, 3)
    assert iam.asked == ["GetCallerIdentity"]


ROOT_USER = (
    "",
    "",
    200,
    (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        f"<Arn>arn:aws:iam::{ACCOUNT}:root</Arn><UserId>{ACCOUNT}</UserId><Account>{ACCOUNT}</Account>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
    ),
)

USAGE = {
    "an unknown command": ["plam"],
    "an unknown option": ["plan", "iam", "--dry-run"],
    "an unknown format": ["plan", "iam", "--format", "pdf"],
    "two directories": ["plan", "iam", "iam"],
    "an option without its value": ["plan", "iam", "--account"],
    "import without a directory": ["import"],
    "a time without meaning": ["plan", "iam", "--sandbox", "a.json", "--now", "tomorrow"],
    "a time without an offset": ["plan", "iam", "--sandbox", "a.json", "--now", "2026-11-23T10:00:00"],
    "a date that is none": ["validate", "iam", "--now", "2026-02-30"],
    "a limit that is none": ["plan", "iam", "--sandbox", "a.json", "--allow-removals", "user=3"],
    "a number that is none": ["plan", "iam", "--sandbox", "a.json", "--allow-removals", "users=-1"],
    "a number in other digits": ["plan", "iam", "--sandbox", "a.json", "--allow-removals", "users=٣"],
    "two sources": ["plan", "iam", "--sandbox", "a.json", "--snapshot", "b.json"],
    "apply to a snapshot": ["apply", "iam", "--snapshot", "b.json", "--yes"],
    "no terminal to ask on": ["apply", "iam", "--sandbox", "a.json"],
    "a clock for a real apply": ["apply", "iam", "--yes", "--now", NOW],
    "an account that is not there": ["plan", "iam", "--sandbox", "a.json", "--account", "prod"],
    "an unknown schema": ["schema", "nothing"],
}


@pytest.mark.parametrize("words", USAGE.values(), ids=USAGE)
def test_64_wrong_usage(tree, tmp_path, here, words):
    done = here(*words)

    assert told(done, 64) != ""
    assert done.stdout == ""
    assert not (tmp_path / "a.json").exists()


def test_64_several_accounts_and_none_named(tmp_path, here):
    accounts = {
        "one": {"id": ACCOUNT, "manifests": ["iam.yaml"]},
        "two": {"id": "999999999999", "manifests": ["iam.yaml"]},
    }
    tree = write_tree(tmp_path / "iam", TEAM, accounts=accounts)

    for words in (["plan"], ["apply", "--yes"], ["members"]):
        assert "one, two" in told(here(*words, tree, "--sandbox", "a.json"), 64)
    assert here("validate", tree).returncode == 0


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_IAM"])
def test_64_a_sandbox_beside_a_custom_endpoint(tree, here, monkeypatch, name):
    monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert "http://127.0.0.1:9" in told(here("plan", tree, "--sandbox", "a.json"), 64)


@pytest.mark.parametrize("number", first(1, [signal.SIGINT, signal.SIGTERM]))
def test_130_while_planning(tree, tmp_path, number):
    with loopback(None) as iam:
        child = subprocess.Popen(
            command("plan", tree), cwd=tmp_path, env=environment(**iam.environment), stderr=subprocess.PIPE
        )
        iam.faults["GetAccountAuthorizationDetails"] = [lambda: os.kill(child.pid, number)]
        _, err = child.communicate(timeout=60)

    assert child.returncode == 130
    assert err == b"interrupted\n"


@pytest.mark.parametrize("number", first(1, [signal.SIGTERM, signal.SIGINT]))
def test_130_while_applying_after_the_call_under_way(tree, tmp_path, number):
    with loopback(None) as iam:
        child = subprocess.Popen(
            command("apply", tree, "--yes"),
            cwd=tmp_path,
            env=environment(**iam.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        iam.faults["CreateUser"] = [None, lambda: os.kill(child.pid, number)]
        out, err = child.communicate(timeout=60)
        writes = list(iam.writes)
        again = run("apply", tree, "--yes", cwd=tmp_path, **iam.environment)

    assert child.returncode == 130
    done = len(writes)
    assert f"{done} of 5 calls done." in out.decode()
    assert without_notes(err.decode()) == f"error: interrupted after {done} of 5 calls; run apply again to finish\n"
    assert again.returncode == 0
    assert len(iam.writes) == 5


@pytest.mark.parametrize("output", ["text", "json"])
def test_4_when_the_calls_ran_and_the_report_cannot_be_written(tree, here, monkeypatch, output):
    def show(report, output):
        if "outcomes" in report.data:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr("iamctl.commands.apply.show", show)

    done = here("apply", tree, "--sandbox", "account.json", "--yes", "--format", output)

    assert "the calls ran, but the report could not be written: Broken pipe. " in told(done, 4)
    assert "iamctl journal" in done.stderr
    assert "Nothing to change." in here("plan", tree, "--sandbox", "account.json").stdout


def test_a_broken_pipe_is_no_traceback(tmp_path):
    words = command("schema", "plan")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(words, cwd=tmp_path, env=environment(), **pipes) as child:
        child.stdout.close()
        err = child.stderr.read()

    assert err == b""
    assert child.returncode == 1
