"""What the command line tells about itself: an example for each command, and completion in a shell."""

import os
import subprocess

import pytest
from command_line import command, environment, run
from effort import first
from typer.core import TyperGroup
from typer.main import get_command

from iamctl.cli.app import app


def commands_of(group, before=()):
    for name in group.list_commands(None):
        words = [*before, name]
        found = group.get_command(None, name)
        yield " ".join(words)
        if isinstance(found, TyperGroup):
            yield from commands_of(found, words)


COMMANDS = sorted(commands_of(get_command(app)))
NAMES = sorted({name.partition(" ")[0] for name in COMMANDS})


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_ends_its_help_with_an_example(name, tmp_path):
    shown = run(*name.split(), "--help", cwd=tmp_path, COLUMNS="200")

    assert shown.returncode == 0
    assert shown.stdout.rstrip().splitlines()[-1].strip().startswith(f"Example: iamctl {name} ")


def test_the_list_of_commands_tells_each_in_a_whole_sentence(tmp_path):
    shown = run("--help", cwd=tmp_path, COLUMNS="80").stdout

    listed = shown.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert sorted(line.split()[0] for line in listed) == NAMES
    assert all(line.endswith(".") and not line.endswith("...") for line in listed)


def complete(folder, words):
    """Return what bash is offered after ``words``."""
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1), "_IAMCTL_COMPLETE": "complete_bash"}
    done = subprocess.run(
        command(), cwd=folder, env=environment(**asked), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_a_shell_completes_commands_flags_and_values(tmp_path):
    assert set(complete(tmp_path, "iamctl ")) == set(NAMES)
    assert complete(tmp_path, "iamctl pl") == ["plan"]
    assert "--show-calls" in complete(tmp_path, "iamctl plan --show-")
    assert complete(tmp_path, "iamctl init --ci ") == ["github", "gitlab", "none"]


TREE = {
    "iam/iamctl.yaml": "version: 1\naccounts:\n  prod: {id: '123456789012', manifests: [.]}\n"
    "  preprod: {id: '210987654321', manifests: [.]}\n",
    "iam/a.yaml": "users: {alice: , alan: , bob: }\ngroups: {admins: , readers: }\n",
    "iam/b.yaml": "users: [\n",
}


def test_a_shell_completes_names_from_the_manifests(tmp_path):
    for path, text in TREE.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)

    assert complete(tmp_path, "iamctl plan --account p") == ["prod", "preprod"]
    assert complete(tmp_path, "iamctl members --user al") == ["alan", "alice"]
    assert complete(tmp_path, "iamctl members --group ") == ["admins", "readers"]


@pytest.mark.parametrize("words", first(1, ["iamctl plan --account p", "iamctl members nowhere --user a"]))
def test_completion_of_names_is_silent_where_nothing_can_be_read(tmp_path, words):
    (tmp_path / "iamctl.yaml").write_text("accounts: [\n")

    assert complete(tmp_path, words) == []


def test_iamctl_alone_prints_the_help_and_is_incorrect_usage(tmp_path):
    alone, asked = run(cwd=tmp_path), run("--help", cwd=tmp_path)

    assert (alone.returncode, asked.returncode) == (64, 0)
    assert alone.stdout.rstrip() == asked.stdout.rstrip()
    assert alone.stderr == ""


def test_completion_is_installed_for_the_shell(tmp_path):
    plain = {"HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = subprocess.run(
        [*command(), "--install-completion", "bash"],
        cwd=tmp_path,
        env=environment(**plain),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (0, "")
    script = tmp_path / ".bash_completions/iamctl.sh"
    assert "_IAMCTL_COMPLETE=complete_bash" in script.read_text()
    assert os.fspath(script) in (tmp_path / ".bashrc").read_text()
