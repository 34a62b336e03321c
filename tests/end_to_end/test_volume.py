"""What commands say on stderr while they run: nothing, a line that moves, or all of it, and never a secret."""

import re
import sys
from collections import Counter

import pytest
from command_line import account, acme, group, run, save, user, write_tree
from loopback import loopback
from terminal import on_terminal

MANIFESTS = {"users": {"alice": {}, "bob": {}}, "groups": {"devs": {}}, "memberships": {"devs": ["alice", "bob"]}}
STARTS_EMPTY = "a.json does not exist; the sandbox starts with an empty account\n"
MOVING = re.compile(r"reading: |applying: ")


@pytest.fixture
def tree(tmp_path):
    return write_tree(tmp_path / "iam", MANIFESTS)


@pytest.mark.parametrize("words", [[], ["--quiet"]])
def test_without_a_terminal_nothing_is_said(here, tree, words):
    done = here("apply", tree, "--yes", "--sandbox", "a.json", *words)

    assert (done.returncode, done.stderr) == (0, "" if words else STARTS_EMPTY)


@pytest.mark.parametrize("order", ["before", "after"])
def test_verbose_says_what_is_read_and_each_call(here, tree, order):
    words = ("apply", tree, "--yes", "--parallel", 1, "--sandbox", "a.json")
    done = here(*(("--verbose", *words) if order == "before" else (*words, "--verbose")))

    assert done.stderr.startswith(STARTS_EMPTY)
    lines = done.stderr.removeprefix(STARTS_EMPTY).splitlines()
    assert re.fullmatch(r"read 0 users, 0 groups, 0 roles, 0 policies, 4 requests in \d+\.\d s", lines[0])
    assert "call 1 of 5: CreateGroup devs: done" in lines
    assert len([line for line in lines if line.startswith("call ")]) == 5
    assert not [line for line in lines if line.startswith("debug")]


def test_debug_says_each_answer(here, tree):
    done = here("plan", tree, "--sandbox", "a.json", "--debug")

    debug = [line for line in done.stderr.splitlines() if line.startswith("debug: ")]
    assert [line.split(": ")[1] for line in debug[:2]] == [
        "sts:GetCallerIdentity",
        "iam:GetAccountAuthorizationDetails",
    ]
    assert all(re.search(r": 200, \d+ ms", line) for line in debug)


def test_debug_says_also_what_is_read_side_by_side(tree, tmp_path):
    with loopback(account([user("alice"), user("bob")])) as iam:
        done = run("plan", tree, "--debug", cwd=tmp_path, **iam.environment)

    told = Counter(line.split(":")[2] for line in done.stderr.splitlines() if line.startswith("debug: "))
    assert told == iam.counts
    assert told["ListAccessKeys"] == 2


def test_the_last_one_said_holds(here, tree):
    done = here("--debug", "plan", tree, "--sandbox", "a.json", "--verbose", "--quiet")

    assert done.stderr == ""


def test_what_is_asked_of_one_run_is_not_asked_of_the_next(here, tree):
    here("plan", tree, "--sandbox", "a.json", "--debug")

    assert here("plan", tree, "--sandbox", "a.json").stderr == STARTS_EMPTY


def test_results_are_the_same_at_any_volume(here, tree):
    shown = {here("plan", tree, "--sandbox", "a.json", *words).stdout for words in ([], ["--debug"], ["--quiet"])}

    assert len(shown) == 1


def slow(seconds):
    import time

    return lambda: time.sleep(seconds)


def test_a_terminal_shows_a_long_read_and_leaves_nothing_behind(tree, tmp_path):
    with loopback(account([user("alice"), user("bob"), user("carol")], [group("devs")])) as iam:
        iam.faults["GetAccountSummary"] = [slow(1.5)]
        code, screen = on_terminal("plan", tree, cwd=tmp_path, **iam.environment)

    assert code == 0
    assert "reading: 3 users, 1 group, 0 roles, 0 policies" in screen
    assert not MOVING.search(left_on_screen(screen))
    assert "Plan for test" in left_on_screen(screen)


@pytest.mark.parametrize("more", [{"CI": "true"}, {"TERM": "dumb"}])
@pytest.mark.exhaustive
def test_ci_and_dumb_terminals_get_no_moving_line(tree, tmp_path, more):
    with loopback(account([user("alice")])) as iam:
        iam.faults["GetAccountSummary"] = [slow(1.5)]
        code, screen = on_terminal("plan", tree, cwd=tmp_path, **iam.environment, **more)

    assert code == 0
    assert not MOVING.search(screen)


def test_a_terminal_shows_how_far_an_apply_is_and_why_it_waits(tree, tmp_path):
    throttled = ("Throttling", "Rate exceeded")
    with loopback(account([])) as iam:
        iam.faults["AddUserToGroup"] = [throttled, throttled, throttled, None]
        code, screen = on_terminal("apply", tree, "--yes", "--parallel", 1, cwd=tmp_path, **iam.environment)

    assert code == 0
    assert re.search(r"applying: 3 of 5 calls; waiting \d+ s before AddUserToGroup again: Throttling", screen)
    assert not MOVING.search(left_on_screen(screen))
    assert "converged" in left_on_screen(screen)


def test_no_line_moves_where_passwords_are_shown(tmp_path):
    guarded = {
        "users": {"alice": {"console": True}},
        "groups": {"everyone": {"policies": ["require-mfa"]}},
        "memberships": {"everyone": ["alice"]},
        "policies": {"require-mfa": {"builtin": "require-mfa/1"}},
    }
    tree = write_tree(tmp_path / "iam", guarded, secrets={"deliver": "terminal"})
    with loopback(account([])) as iam:
        iam.faults["CreateGroup"] = [("Throttling", "Rate exceeded")]
        code, screen = on_terminal("apply", tree, "--yes", cwd=tmp_path, **iam.environment)

    assert code == 0
    assert "password for alice" in screen
    assert "applying: " not in screen


def left_on_screen(screen):
    """Return what a terminal shows at the end, as far as lines that are written anew go."""
    lines, row = [""], 0
    for part in re.findall(r"\n|\r|\x1b\[1A|\x1b\[2K|\x1b\[[?\d;]*[A-Za-z]|[^\n\r\x1b]+", screen):
        if part == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif part == "\x1b[1A":
            row -= 1
        elif part == "\x1b[2K":
            lines[row] = ""
        elif not part.startswith(("\r", "\x1b")):
            lines[row] += part
    return "\n".join(lines)


def test_rich_is_loaded_on_a_terminal_alone(here, tree):
    for name in [name for name in sys.modules if name.split(".")[0] == "rich"]:
        del sys.modules[name]
    here("plan", tree, "--sandbox", "a.json")

    assert "rich" not in sys.modules


def test_names_from_outside_are_not_printed_raw(here, tmp_path):
    tree = write_tree(tmp_path / "iam", {"users": {"al=ice": {}}})
    save(tmp_path / "a.json", account([]))
    done = here("apply", tree, "--yes", "--sandbox", "a.json", "--debug")

    assert "\x1b" not in done.stderr
    assert "CreateUser al=ice: done" in done.stderr


@pytest.mark.exhaustive
def test_every_command_takes_the_options(here, tmp_path):
    acme(tmp_path)
    for words in (
        ["validate", "iam"],
        ["members", "iam", "--declared"],
        ["schema"],
        ["drift", "iam", "--sandbox", "account.json"],
    ):
        assert run(*words, "--debug", cwd=tmp_path).returncode in {0, 2}


def test_a_warning_at_the_normal_verbosity_is_escaped(tree, tmp_path):
    done = run("plan", tree, "--sandbox", "a\x1b[31m.json", cwd=tmp_path)

    assert "\x1b" not in done.stderr
    assert "does not exist; the sandbox starts with an empty account" in done.stderr
