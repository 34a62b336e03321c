"""What a plan reads may come in short pages, twice, late or not at all; it is read whole or the run ends."""

import pytest
from command_line import UNLIMITED, account, run, user, write_tree
from crashing import place
from faults import Rule, drop, reset, short_page, twice
from loopback import loopback

import iamctl.aws.read

USERS = 6
MANY = [user(f"u{number}") for number in range(USERS)]
DECLARED = {"users": {f"u{number}": {"tags": {"team": "pay"}} for number in range(USERS)}}
ALWAYS = float("inf")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setattr(iamctl.aws.read, "PAUSE_SECONDS", 0.0)
    with place(tmp_path, account(MANY)) as opened:
        opened.manifests(DECLARED, limits=UNLIMITED)
        yield opened


def test_fault_21_short_and_empty_pages_are_read_to_their_end(here):
    here.rules += Rule(operation="read", times=ALWAYS, around=short_page(2))
    done = here.apply()

    assert done.code == 0, done.err
    assert here.writes == ["TagUser"] * USERS


def test_fault_21_an_item_on_two_pages_is_read_again(here):
    here.rules += Rule(operation="GetAccountAuthorizationDetails", times=ALWAYS, around=short_page(2))
    here.rules += Rule(operation="GetAccountAuthorizationDetails", nth=3, times=3, around=twice)
    done = here.apply()

    assert done.code == 0, done.err
    assert here.writes == ["TagUser"] * USERS


def test_fault_21_an_item_that_is_always_on_two_pages_ends_the_run(here):
    here.rules += Rule(operation="GetAccountAuthorizationDetails", times=ALWAYS, around=short_page(2))
    here.rules += Rule(operation="GetAccountAuthorizationDetails", times=ALWAYS, around=twice)
    done = here.apply()

    assert (done.code, here.writes) == (1, [])
    assert "was returned twice" in done.err


def test_fault_22_a_plan_from_old_reads_is_stopped_before_its_first_write(here):
    here.past.remember(here.account)
    here.account.users.pop("u5")  # another actor deletes a user
    here.past.remember(here.account)
    here.rules += Rule(operation="read", times=2, around=here.past.stale(1))
    done = here.apply()

    assert done.code in {1, 5}, done.out + done.err
    assert here.writes == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("effect", [drop, reset])
@pytest.mark.parametrize("when", ["before", "after"])
def test_fault_14_a_closed_connection_hinders_no_process(tmp_path, effect, when):
    tree = write_tree(tmp_path / "iam", DECLARED, limits=UNLIMITED)
    with loopback(account(MANY)) as iam:
        iam.rules += Rule(effect, "read", 3)
        iam.rules += Rule(effect, "write", 2, when=when)
        done = run("apply", tree, "--yes", cwd=tmp_path, **iam.environment)

    assert done.returncode == 0, done.stderr
