"""Initial passwords from end to end: they reach their people, and no byte that an apply writes holds one."""

import base64
import json
import os
import signal
import subprocess
import sys
from functools import partial
from types import SimpleNamespace
from urllib.parse import quote

import jsonschema
import pyrage
import pytest
from command_line import ROOT, account, command, environment, run, user, write_tree
from effort import first
from loopback import DROPPED, loopback
from pyrage import x25519
from terminal import on_terminal

OPS, ALICE = x25519.Identity.generate(), x25519.Identity.generate()
AGE = {"deliver": "age", "recipients": [str(OPS.to_public())]}
MANIFESTS = {
    "users": {"alice": {"console": True, "age_recipient": str(ALICE.to_public())}, "bob": {"console": True}},
    "groups": {"everyone": {"policies": ["require-mfa"]}},
    "memberships": {"everyone": ["alice", "bob"]},
    "policies": {"require-mfa": {"builtin": "require-mfa/1"}},
}
ERROR = (
    '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>{}</Code>'
    "<Message>{}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
)
PASSWORD = "{Password}"
WEAK = ("PasswordPolicyViolation", "Password {Password} should have at least one word in it")
LEAVER = {"removed": ["user/carol"]}


@pytest.fixture
def tree(tmp_path):
    return write_tree(tmp_path / "iam", MANIFESTS, secrets=AGE)


def live():
    return account([user(name) for name in ("alice", "bob", "carol")])


def files(folder):
    """Return user and text of each file that was handed over."""
    found = {}
    for path in sorted((folder / "handover").glob("*.age")):
        name = path.stem.rsplit("-", 1)[-1]
        found[name] = pyrage.decrypt(path.read_bytes(), [OPS]).decode()
    return found


def assert_nowhere(passwords, folder, *done):
    """Assert that none of the passwords stands in a file or in what a process said, however it may be written."""
    assert passwords
    written = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for number, process in enumerate(done):
        written |= {f"stdout {number}": process.stdout.encode(), f"stderr {number}": process.stderr.encode()}
    for password in passwords:
        ways = {password, password[::-1], quote(password), json.dumps(password)[1:-1], repr(password)[1:-1]}
        ways |= {base64.b64encode(password.encode()[start:]).decode()[:20] for start in range(3)}
        for name, text in written.items():
            assert not any(way.encode() in text for way in ways), name


def told(done):
    data = json.loads(done.stdout)
    jsonschema.validate(data, json.loads((ROOT / "schemas/apply.schema.json").read_text()))
    return data


def test_each_person_gets_a_file_before_the_password_works(tree, tmp_path):
    with loopback(live()) as iam:
        on_disk = []
        iam.faults["CreateLoginProfile"] = [lambda: on_disk.append(list(files(tmp_path)))] * 2
        done = run("apply", tree, "--yes", "--parallel", 1, cwd=tmp_path, **iam.environment)

    assert done.returncode == 0, done.stderr
    letters = files(tmp_path)
    assert on_disk == [["alice"], ["alice", "bob"]]
    assert [f"Password:   {password}\n" in letters[name] for name, password in zip(letters, iam.passwords, strict=True)]
    for name in ("alice", "bob"):
        (path,) = (tmp_path / "handover").glob(f"*-{name}.age")
        assert f"password for {name}: handover/{path.name}\n" in done.stdout
    assert_nowhere(iam.passwords, tmp_path, done)


def test_alice_can_read_her_own(tree, tmp_path):
    done = run("apply", tree, "--yes", "--sandbox", "account.json", "--format", "json", cwd=tmp_path)

    by_user = {given["user"]: tmp_path / given["file"] for given in told(done)["handover"]}
    assert b"User name:  alice" in pyrage.decrypt(by_user["alice"].read_bytes(), [ALICE])
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(by_user["bob"].read_bytes(), [ALICE])


def test_a_sandbox_keeps_no_password(tree, tmp_path):
    done = run("apply", tree, "--yes", "--sandbox", "account.json", cwd=tmp_path)
    taken = run("snapshot", "-o", "snapshot.json", "--sandbox", "account.json", cwd=tmp_path)
    again = run("plan", tree, "--sandbox", "account.json", "--detailed-exitcode", cwd=tmp_path)

    passwords = [text.split("Password:")[1].split()[0] for text in files(tmp_path).values()]
    assert (done.returncode, taken.returncode, again.returncode) == (0, 0, 0)
    assert_nowhere(passwords, tmp_path, done, taken, again)


LATER = partial(pytest.param, marks=pytest.mark.exhaustive)


@pytest.mark.parametrize(
    ("faults", "status", "valid", "sent"),
    [
        ([WEAK, WEAK, WEAK], "done", True, 4),
        LATER([WEAK] * 4, "failed", "gone", 4),
        ([("EntityAlreadyExists", "exists: {Password}")], "failed", "gone", 1),
        ([("AccessDenied", "x" * 490 + PASSWORD)], "failed", "gone", 1),
        LATER([("", "", 500, ERROR.format("ServiceFailure", f"try {PASSWORD} again"))], "done", True, 2),
        ([DROPPED], "done", True, 2),
        ([b"<html>{Password}"], "done", True, 2),
        LATER([b"<html>{Password}</html>"], "done", True, 2),
        LATER([b"{Password}"], "done", True, 2),
        LATER([("{Password}", "{Password}")], "done", True, 2),
        LATER([("Throttling", "{Password}"), WEAK], "done", True, 3),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, list) else "",
)
@pytest.mark.parametrize("volume", [pytest.param("--quiet", marks=pytest.mark.exhaustive), "--debug"])
def test_no_failure_shows_a_password(tree, tmp_path, faults, status, valid, sent, volume):
    (tree / "iam.yaml").write_text(json.dumps({**MANIFESTS, **LEAVER}), encoding="utf-8")
    with loopback(live()) as iam:
        iam.faults["CreateLoginProfile"] = [*faults, None]
        words = ("apply", tree, "--yes", "--format", "json", "--allow-removals", "users=1", "--parallel", 1, volume)
        done = run(*words, cwd=tmp_path, **iam.environment)

    assert len(iam.passwords) == sent + 1
    assert ("debug: iam:CreateLoginProfile" in done.stderr) == (volume == "--debug")
    assert_nowhere(iam.passwords, tmp_path, done)
    data = told(done)
    given = {item["user"]: item["valid"] for item in data["handover"]}
    assert given == ({"bob": True} if valid == "gone" else {"alice": valid, "bob": True})
    ends = [item["status"] for item in data["outcomes"] if item["operation"] == "CreateLoginProfile"]
    assert ends == [status, "done"]
    assert set(files(tmp_path)) == ({"bob"} if valid == "gone" else {"alice", "bob"})


def test_a_file_that_may_be_valid_is_named_so(tree, tmp_path):
    with loopback(live()) as iam:
        iam.faults["CreateLoginProfile"] = [b"<html>" + PASSWORD.encode()] * 100
        done = run("apply", tree, "--yes", "--patience", "1s", cwd=tmp_path, **iam.environment)

    assert done.returncode == 4
    assert_nowhere(iam.passwords, tmp_path, done)
    assert "-alice.age, may or may not be valid: see the failed call\n" in done.stdout


def test_an_interrupt_names_the_files_that_there_are(tree, tmp_path):
    with loopback(live()) as iam:
        child = subprocess.Popen(
            command("apply", tree, "--yes", "--parallel", 1),
            cwd=tmp_path,
            env=environment(**iam.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        iam.faults["CreateLoginProfile"] = [lambda: os.kill(child.pid, signal.SIGTERM)]
        out, err = child.communicate(timeout=60)
        done = SimpleNamespace(stdout=out, stderr=err)

    assert child.returncode == 130
    (path,) = (tmp_path / "handover").iterdir()
    assert path.name.endswith("-alice.age")
    assert f"password for alice: handover/{path.name}\n" in done.stdout
    assert_nowhere(iam.passwords, tmp_path, done)


def test_a_second_read_that_fails_still_tells_where_passwords_are(tree, tmp_path):
    with loopback(live()) as iam:
        denied = [("AccessDenied", "no more")] * 50
        iam.faults["CreateLoginProfile"] = [None, lambda: iam.faults.update(GetAccountAuthorizationDetails=denied)]
        done = run("apply", tree, "--yes", cwd=tmp_path, **iam.environment)

    assert done.returncode == 4
    assert "could not be read again" in done.stderr
    for name in ("alice", "bob"):
        (path,) = (tmp_path / "handover").glob(f"*-{name}.age")
        assert f"password for {name}: handover/{path.name}\n" in done.stdout


def test_a_folder_that_cannot_be_written_stops_before_the_first_write(tree, tmp_path):
    (tmp_path / "handover").write_text("in the way", encoding="utf-8")
    with loopback(live()) as iam:
        done = run("apply", tree, "--yes", "--format", "json", cwd=tmp_path, **iam.environment)

    assert (done.returncode, iam.writes) == (1, [])
    assert "secrets cannot be written to this folder: File exists. Nothing was sent" in done.stderr


def test_the_password_policy_of_the_account_is_read_once_and_only_when_needed(tree, tmp_path):
    with loopback(live()) as iam:
        iam.session.client("iam").update_account_password_policy(MinimumPasswordLength=64)
        done = run("apply", tree, "--yes", cwd=tmp_path, **iam.environment)
        again = run("apply", tree, "--yes", cwd=tmp_path, **iam.environment)

    assert (done.returncode, again.returncode) == (0, 0)
    assert {len(password) for password in iam.passwords} == {64}
    assert iam.counts["GetAccountPasswordPolicy"] == 1


def test_a_policy_that_may_not_be_read_stops_before_the_first_write(tree, tmp_path):
    with loopback(live()) as iam:
        iam.faults["GetAccountPasswordPolicy"] = [("AccessDenied", "not authorized")]
        done = run("apply", tree, "--yes", cwd=tmp_path, **iam.environment)

    assert done.returncode == 1
    assert "AWS denied iam:GetAccountPasswordPolicy" in done.stderr
    assert iam.writes == []


def test_without_secrets_the_plan_is_refused_and_says_what_to_write(tmp_path):
    tree = write_tree(tmp_path / "iam", MANIFESTS)
    done = run("apply", tree, "--yes", "--sandbox", "account.json", cwd=tmp_path)

    assert done.returncode == 3
    assert "secrets: {deliver: age, directory: handover, recipients: [age1…]}" in done.stdout
    assert not (tmp_path / "account.json").exists()


@pytest.mark.parametrize("words", first(1, [["--debug"], []]))
def test_a_terminal_shows_passwords_once(tmp_path, words):
    tree = write_tree(tmp_path / "iam", MANIFESTS, secrets={"deliver": "terminal"})
    with loopback(live()) as iam:
        code, screen = on_terminal("apply", tree, "--yes", *words, cwd=tmp_path, **iam.environment)

    assert code == 0
    for name, password in zip(("alice", "bob"), iam.passwords, strict=True):
        assert screen.count(password) == 1
        assert f"password for {name}, must be changed at the first sign-in at " in screen
    assert_nowhere(iam.passwords, tmp_path)


@pytest.mark.parametrize("output", first(1, ["json", "text", "markdown"]))
def test_without_a_terminal_nothing_is_shown_and_nothing_done(tmp_path, output):
    tree = write_tree(tmp_path / "iam", MANIFESTS, secrets={"deliver": "terminal"})
    with loopback(live()) as iam:
        done = run("apply", tree, "--yes", "--format", output, cwd=tmp_path, **iam.environment)

    assert done.returncode == 64
    assert "stdout is not a terminal" in done.stderr
    assert iam.writes == []


LOGGING = """
import logging, sys
logging.basicConfig(level=1, stream=sys.stderr)
from iamctl.cli.process import run_command_line
sys.exit(run_command_line(sys.argv[1:]))
"""


def test_a_log_of_everything_holds_no_password(tree, tmp_path):
    with loopback(live()) as iam:
        run_it = [sys.executable, "-c", LOGGING, "apply", str(tree), "--yes", "--debug"]
        told_env = environment(**iam.environment)
        done = subprocess.run(
            run_it, cwd=tmp_path, env=told_env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )

    assert done.returncode == 0, done.stderr
    passwords = [text.split("Password:")[1].split()[0] for text in files(tmp_path).values()]
    assert_nowhere(passwords, tmp_path, done)


def test_a_log_of_a_whole_sandbox_holds_no_password(tree, tmp_path, here, caplog):
    caplog.set_level(1)

    done = here("apply", tree, "--yes", "--debug", "--sandbox", "a.json")

    assert done.returncode == 0, done.stderr
    assert "CreateLoginProfile" in caplog.text
    (tmp_path / "log").write_text(caplog.text, encoding="utf-8")
    passwords = [text.split("Password:")[1].split()[0] for text in files(tmp_path).values()]
    assert_nowhere(passwords, tmp_path, done)


def test_plans_hold_no_password(tree, tmp_path):
    done = run("plan", tree, "--sandbox", "a.json", "--format", "json", "--out", "plan.json", cwd=tmp_path)

    calls = [call for call in json.loads(done.stdout)["calls"] if call["operation"] == "CreateLoginProfile"]
    assert [call["params"]["Password"] for call in calls] == [
        {"$secret": "console-password/alice"},
        {"$secret": "console-password/bob"},
    ]
    assert not (tmp_path / "handover").exists()


def planned(tree, folder, *words):
    done = run("plan", tree, "--sandbox", "a.json", "--format", "json", *words, cwd=folder)
    return json.loads(done.stdout) if done.stdout else done


def test_a_plan_tells_who_can_read_a_password_and_is_another_one_for_others(tree, tmp_path):
    mallory = x25519.Identity.generate().to_public()
    first = planned(tree, tmp_path)
    write_tree(tree, MANIFESTS, secrets={**AGE, "recipients": [*AGE["recipients"], str(mallory)]})
    second = planned(tree, tmp_path)

    assert terms(first, "alice") == [
        f"can be read by {', '.join(sorted(map(str, (ALICE.to_public(), OPS.to_public()))))}"
    ]
    assert terms(first, "bob") == [f"can be read by {OPS.to_public()}"]
    assert str(mallory) in terms(second, "bob")[0]
    assert first["calls"] == second["calls"]
    assert first["plan_digest"] != second["plan_digest"]
    assert terms(second, "bob")[0] in run("plan", tree, "--sandbox", "a.json", cwd=tmp_path).stdout


def terms(plan, name):
    (change,) = [change for change in plan["changes"] if change["address"] == f"login-profile/{name}"]
    return change["terms"]


def test_keys_of_ssh_are_told_by_their_fingerprint(tree, tmp_path):
    """``ssh-keygen -l`` prints the same for the key that OpenSSH's own manual page of ssh-keyscan would hold."""
    key = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"  # github.com's own, published
    fingerprint = "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"
    write_tree(tree, MANIFESTS, secrets={"deliver": "age", "recipients": [f"ssh-ed25519 {key} ops@example.com"]})

    assert terms(planned(tree, tmp_path), "bob") == [f"can be read by ssh-ed25519 {fingerprint}"]


def test_who_can_read_passwords_is_a_guard_rail_of_the_base(tree, tmp_path):
    base = write_tree(tmp_path / "base", MANIFESTS, secrets=AGE)
    mallory = str(x25519.Identity.generate().to_public())
    write_tree(tree, MANIFESTS, secrets={**AGE, "recipients": [*AGE["recipients"], mallory]})

    refused = run("plan", tree, "--sandbox", "a.json", "--base", base, cwd=tmp_path)
    allowed = run("plan", tree, "--sandbox", "a.json", "--base", base, "--allow-loosening", cwd=tmp_path)

    assert (refused.returncode, allowed.returncode) == (3, 0)
    assert f"{mallory} can read new passwords, in the base it cannot" in refused.stdout
    assert "iamctl.yaml:" in refused.stdout
