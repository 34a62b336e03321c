"""``iamctl journal`` explains the run before it."""

import json
import re
import shutil

import pytest
from command_line import NOW, run, write_tree

RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
"""The key of age's own examples."""

MANIFESTS = {
    "users": {"niaj": {"console": True}},
    "groups": {"everyone": {"policies": ["require-mfa"]}},
    "memberships": {"everyone": ["niaj"]},
    "policies": {"require-mfa": {"builtin": "require-mfa/1"}},
}


@pytest.fixture(scope="module")
def applied(tmp_path_factory):
    folder = tmp_path_factory.mktemp("applied")
    write_tree(folder / "iam", MANIFESTS, secrets={"deliver": "age", "recipients": [RECIPIENT]})
    done = run("apply", "iam", "--sandbox", "account.json", "--now", NOW, "--yes", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def folder(applied, tmp_path):
    """Return a copy of a tree after its apply, in the folder where commands run."""
    return shutil.copytree(applied, tmp_path, dirs_exist_ok=True)


def test_the_latest_run_is_explained(folder, here):
    done = here("journal")
    told = json.loads(here("journal", "--format", "json").stdout)

    assert (done.returncode, done.stderr) == (0, "")
    assert "The run finished." in done.stdout
    day = told["started_at"][:10]
    assert re.match(rf"Run of {day}T\d\d:\d\d:\d\dZ in account 123456789012\n", done.stdout)
    assert re.search(rf"\n  ended: {day}T\d\d:\d\d:\d\dZ\n", done.stdout)
    assert (
        "CreateLoginProfile(UserName=niaj, Password=(generated during apply), PasswordResetRequired=True)"
        in done.stdout
    )
    assert f"\n{len(told['outcomes'])} done.\n" in done.stdout
    assert {outcome["status"] for outcome in told["outcomes"]} == {"done"}
    assert "A journal is never run again" not in done.stdout


def test_the_latest_run_is_that_of_a_file(folder, here):
    """A repository may bring links, and a pipe would never end."""
    journals = folder / ".iamctl/journal"
    (journals / "9.jsonl").symlink_to("/dev/zero")
    (journals / "8.jsonl").mkdir()

    done = here("journal")

    assert (done.returncode, "The run finished." in done.stdout) == (0, True)


def test_a_run_that_was_killed_says_what_may_have_been_done(folder, here):
    (path,) = (folder / ".iamctl/journal").glob("*.jsonl")
    lines = path.read_text().splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if '"intent"' in line)
    operation = json.loads(lines[last])["operation"]
    shutil.move(path, folder / "killed.jsonl")
    (folder / "killed.jsonl").write_text("".join(lines[: last + 1]) + lines[last + 1][:20])

    done = here("journal", "killed.jsonl")

    assert done.returncode == 0
    assert "The journal does not say how the run ended" in done.stdout
    assert f"{operation}(" in done.stdout.partition("\nFailed or unknown\n")[2].partition("\n\n")[0]
    assert "may or may not have been done: NoAnswer: the journal ends before an answer" in done.stdout
    assert "1 line cannot be read (line " in done.stdout
    assert "A journal is never run again" in done.stdout


def test_without_a_journal_or_with_another_file_it_says_what_to_do(tmp_path, here):
    write_tree(tmp_path / "iam", MANIFESTS)
    none, foreign = here("journal"), here("journal", "iam/iamctl.yaml")

    assert (none.returncode, none.stdout) == (64, "")
    assert "there is no journal in .iamctl/journal; run apply, or name the file" in none.stderr
    assert (foreign.returncode, foreign.stdout) == (1, "")
    assert "iam/iamctl.yaml: the first line is not the header of a journal" in foreign.stderr
    assert here("journal", "nothing.jsonl").returncode == 1
