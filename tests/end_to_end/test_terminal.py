"""On a terminal: the question before an apply, colour, and lines that are no wider than it."""

import os
import re
import signal

import pytest
from command_line import NOW, account, run, save, user, write_tree
from effort import first
from terminal import on_terminal

QUESTION = "Only 'yes' is accepted: "
ESCAPE = re.compile("\x1b\\[[0-9;]*m")


@pytest.fixture
def tree(tmp_path):
    save(tmp_path / "a.json", account([user("bob")]))
    return write_tree(tmp_path / "iam", {"users": {"alice": {}}})


def apply(tmp_path, answer):
    words = ("apply", "iam", "--sandbox", "a.json")
    return on_terminal(*words, cwd=tmp_path, answer=answer, until=QUESTION)


def test_yes_applies(tree, tmp_path):
    code, seen = apply(tmp_path, "yes\n")

    assert code == 0
    assert seen.index("+ alice will be created") < seen.index(QUESTION) < seen.index("converged")
    assert "\nApply this call to test (123456789012)?\n" in seen
    assert '"alice"' in (tmp_path / "a.json").read_text()


@pytest.mark.parametrize("answer", first(2, ["y\n", "\x04", "yes please\n"]))
def test_anything_else_changes_nothing(tree, tmp_path, answer):
    before = (tmp_path / "a.json").read_bytes()

    code, seen = apply(tmp_path, answer)

    assert code == 1
    assert "nothing was changed" in seen
    assert (tmp_path / "a.json").read_bytes() == before
    assert not (tmp_path / ".iamctl").exists()


@pytest.mark.parametrize("number", first(1, [signal.SIGINT, signal.SIGTERM]))
def test_a_signal_at_the_question_changes_nothing(tree, tmp_path, number):
    before = (tmp_path / "a.json").read_bytes()

    code, seen = on_terminal(
        *("apply", "iam", "--sandbox", "a.json"),
        cwd=tmp_path,
        until=QUESTION,
        stop=lambda child: os.kill(child.pid, number),
    )

    assert code == 130
    assert seen.rstrip().endswith("interrupted")
    assert (tmp_path / "a.json").read_bytes() == before


def test_nothing_is_asked_where_there_is_nothing_to_do_or_all_is_refused(tree, tmp_path):
    (tree / "iam.yaml").write_text("users: {bob: {}}\n", encoding="utf-8")
    code, seen = on_terminal("apply", "iam", "--sandbox", "a.json", cwd=tmp_path)
    assert (code, QUESTION in seen) == (0, False)

    write_tree(tree, {"removed": ["user/bob"]}, protect=["user/bob"])
    code, seen = on_terminal("apply", "iam", "--sandbox", "a.json", cwd=tmp_path)
    assert (code, QUESTION in seen) == (3, False)


PLAN = ("plan", "iam", "--sandbox", "a.json", "--now", NOW)


@pytest.fixture
def wide(tmp_path):
    """A tree whose plan has lines beyond 200 columns."""
    save(tmp_path / "a.json", account([user("bob")]))
    tags = {f"key-{number}": "v" * 60 for number in range(5)}
    write_tree(tmp_path / "iam", {"users": {"alice": {"tags": tags}}, "removed": ["user/bob"]})
    return run(*PLAN, cwd=tmp_path).stdout


def test_colour_is_for_terminals_that_want_it(wide, tmp_path):
    coloured = on_terminal(*PLAN, cwd=tmp_path, columns=500)[1]

    assert max(map(len, wide.splitlines())) > 200
    assert "\x1b" not in wide
    assert len(ESCAPE.findall(coloured)) > 10
    assert ESCAPE.sub("", coloured) == wide
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert on_terminal(*PLAN, cwd=tmp_path, columns=500, **env)[1] == wide


@pytest.mark.parametrize(
    ("columns", "env"), first(1, [(80, {}), (120, {"NO_COLOR": "1"}), (80, {"NO_COLOR": "1"}), (120, {})])
)
def test_lines_are_broken_between_words_and_go_on_farther_in(wide, tmp_path, columns, env):
    shown = ESCAPE.sub("", on_terminal(*PLAN, cwd=tmp_path, columns=columns, **env)[1])

    (tags,) = [line for line in wide.splitlines() if "tags: key-0" in line]
    parts = tags.split()
    first = next(number for number, line in enumerate(shown.splitlines()) if "tags: key-0" in line)
    assert all(len(line) <= columns for line in shown.splitlines() if " " in line.strip())
    assert shown.split() == wide.split()
    assert shown.splitlines()[first].startswith(" " * 6 + parts[0])
    assert shown.splitlines()[first + 1].startswith(" " * 12 + "key-")


def test_commands_to_copy_are_in_one_piece(wide, tmp_path):
    shown = ESCAPE.sub("", on_terminal(*PLAN, "--show-commands", cwd=tmp_path, columns=80)[1])

    (command,) = [line for line in shown.splitlines() if "aws iam create-user" in line]
    assert len(command) > 200
    assert "key-4" in command


def test_markdown_and_json_have_no_colour(wide, tmp_path):
    for output in ("markdown", "json"):
        assert "\x1b" not in on_terminal(*PLAN, "--format", output, cwd=tmp_path)[1]


def test_messages_go_to_stderr_and_the_plan_to_stdout_when_it_asks(tree, tmp_path):
    (tmp_path / "mistake").mkdir()
    code, seen = on_terminal("plan", "mistake", cwd=tmp_path)

    assert code == 1
    assert "error: " in ESCAPE.sub("", seen)
