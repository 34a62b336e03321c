"""Commands that a page names without showing what they print: those of iamctl run, the others are looked at."""

import re
import shlex
import shutil

import botocore.session
import pytest
from shown_output import ROOT, RUN, environment
from test_docs import PAGES

BLOCK = re.compile(r"^(?P<indent> *)```sh\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
LOOKED_AT = {
    "make": "a target of the Makefile",
    "python3": "setting up an environment, as CI and the action do",
    "~/.venvs/iamctl/bin/pip": "installing, as CI does",
    "pip": "installing, as the tests of the wheel do",
    "age": "decrypting, as the tests of the handover do with pyrage",
    "$EDITOR": "the user's own",
    "aws": "checked against the service model",
}
"""Why the words after such a command are not run."""


def shell_commands(page):
    found = BLOCK.finditer((ROOT / page).read_text(encoding="utf-8"))
    lines = (line.strip() for block in found for line in block["body"].splitlines())
    return [shlex.split(line, comments=True) for line in lines if line]


COMMANDS = {page: commands for page in PAGES if (commands := shell_commands(page))}


def test_there_are_such_commands_and_each_is_known():
    names = {words[0] for commands in COMMANDS.values() for words in commands}

    assert names == {"iamctl", "sed", *LOOKED_AT}


@pytest.fixture(scope="module")
def applied(tmp_path_factory):
    """Return a folder with the examples and the account of the smallest one."""
    folder = tmp_path_factory.mktemp("applied")
    shutil.copytree(ROOT / "examples", folder / "examples")
    run(["iamctl", "apply", "examples/minimal", "--yes", "--sandbox", "account.json"], folder)
    return folder


@pytest.mark.parametrize("page", COMMANDS)
def test_commands_of_iamctl_do_what_they_should(page, tmp_path, applied):
    shutil.copytree(applied, tmp_path, dirs_exist_ok=True)
    if page == "docs/how-to/ci.md":  # the page has shown it before
        run(["iamctl", "init", "iam", "--account-id", "123456789012", "--ci", "github"], tmp_path)
    for words in COMMANDS[page]:
        if words[0] in {"iamctl", "sed"}:
            if "gitlab" in words:
                shutil.rmtree(tmp_path / "iam")
            run(in_a_sandbox(words), tmp_path)


def in_a_sandbox(words):
    """Return the command for an account that lives in a file, with nobody to ask."""
    if "--profile" in words:
        place = words.index("--profile")
        words = [*words[:place], "--sandbox", "account.json", *words[place + 2 :]]
    return [*words, "--yes"] if words[:2] == ["iamctl", "apply"] else words


def run(words, folder):
    command = " ".join(word if "*" in word else shlex.quote(word) for word in words)
    done = RUN[0](command, folder, environment())
    assert done.returncode == 0, (command, done.stdout, done.stderr)


def test_targets_of_make_are_there():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = {words[1] for commands in COMMANDS.values() for words in commands if words[0] == "make"}

    assert named <= set(targets)


def test_commands_of_the_aws_cli_are_as_the_service_model_has_them():
    session = botocore.session.get_session()
    for words in (words for commands in COMMANDS.values() for words in commands if words[0] == "aws"):
        model = session.get_service_model(words[1])
        operation = model.operation_model("".join(part.title() for part in words[2].split("-")))
        named = (word for word in words[3:] if word.startswith("--") and word != "--region")
        flags = {word[2:].replace("-", "") for word in named}
        required = {name.lower() for name in operation.input_shape.required_members}

        assert required <= flags <= {name.lower() for name in operation.input_shape.members}
        for word in words:
            assert not word.startswith("file://") or (ROOT / word.removeprefix("file://")).is_file()
