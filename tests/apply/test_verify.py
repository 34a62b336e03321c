"""The reads after the calls: what AWS shows late is no drift, and what comes back is found."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from apply_world import Time, call
from botocore.exceptions import ParamValidationError
from effort import first

from iamctl.cli.process import run_command_line
from iamctl.commands.verify import Verified, verified
from iamctl.kinds import removal_limits
from iamctl.model import Address, IamctlError, Outcome, OutcomeStatus
from iamctl.sandbox import open_sandbox
from iamctl.source import aws
from iamctl.source.live_source import Waits

ACCOUNT = "123456789012"
ALICE, BOB, GROUP = (Address.of("user", name) for name in ("alice", "bob", "team"))
READ = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}'
WAITS = (2.0, 4.0, 8.0, 16.0, 30.0)


def plan(*addresses):
    """Return a plan with one call for each address."""
    changes = [SimpleNamespace(address=address) for address in addresses]
    return SimpleNamespace(changes=changes, calls_of=[(index,) for index in range(len(addresses))])


def looked(reads, *, planned=(ALICE,), failed=()):
    """Return what reads tell one after the other, and for how long they took; calls for ``failed`` were refused."""
    time, left = Time(), list(reads)

    def propose(_made):
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, Exception):
            raise found
        if callable(found):
            return found(time.now)
        return found

    ends = [OutcomeStatus.FAILED if address in failed else OutcomeStatus.DONE for address in planned]
    outcomes = [Outcome(call(index), end) for index, end in enumerate(ends)]
    live = SimpleNamespace(waits=Waits(WAITS))
    return verified(propose, live, plan(*planned), outcomes, time.sleep), time.now


DENIED = IamctlError("no")


def test_fault_6_a_verifying_read_that_fails_once_is_made_again():
    found, _ = looked([DENIED, plan()])
    assert (found.left, found.unread) == ((), None)

    found, _ = looked([plan(ALICE), DENIED, DENIED, plan()])
    assert (found.left, found.unread) == ((), None)


def test_fault_6_a_verifying_read_that_keeps_failing_ends():
    found, seconds = looked([DENIED])

    assert found.unread is DENIED
    assert seconds <= 5


@pytest.mark.parametrize("failures", [1, 2, 3])
def test_fault_6_a_last_read_that_fails_is_made_again(failures):
    """It looks for what came back, and is the one after which nothing is left to do."""
    left, time = [DENIED] * failures, Time()

    def fetch(*_):
        if left:
            raise left.pop()
        return {"UserDetailList": [], "GroupDetailList": [], "Policies": []}

    live = SimpleNamespace(waits=Waits(WAITS, 0.0, 15.0), fetch=fetch)
    removal = call(0, "RemoveUserFromGroup", GroupName="team", UserName="alice")
    outcomes = [Outcome(removal, OutcomeStatus.DONE)]

    found = verified(lambda _: plan(), live, plan(ALICE), outcomes, time.sleep)

    assert found == Verified(unread=DENIED if failures == 3 else None)


def test_fault_8_reads_that_are_20_seconds_old_are_no_drift():
    found, seconds = looked([lambda now: plan(ALICE) if now < 20 else plan()])

    assert found.left == ()
    assert 20 <= seconds <= 60


def test_fault_8_what_stays_different_is_drift_within_a_minute():
    found, seconds = looked([plan(ALICE)])

    assert found.left == ("user/alice",)
    assert seconds == sum(WAITS)


def test_fault_8_what_this_run_did_not_touch_needs_only_two_reads_that_agree():
    found, seconds = looked([plan(ALICE, GROUP), plan(GROUP), plan(BOB), plan(BOB)])

    assert found.left == ("user/bob",)
    assert seconds == 2 + 4 + 8


def test_after_a_failed_call_nobody_waits_for_what_was_not_done():
    found, seconds = looked([plan(ALICE)], failed=(ALICE,))

    assert (found.left, seconds) == (("user/alice",), 0)


def test_fault_8_a_failed_call_makes_no_drift_of_what_was_done_and_is_shown_late():
    reads = [lambda now: plan(ALICE, BOB) if now < 20 else plan(ALICE)]

    found, seconds = looked(reads, planned=(ALICE, BOB), failed=(ALICE,))

    assert found.left == ("user/alice",)
    assert 20 <= seconds <= 60


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_sandbox(None, account_id=ACCOUNT, moment=datetime.now(UTC)) as session:
        monkeypatch.setattr(aws, "open_session", lambda *_: session)
        monkeypatch.setattr(aws, "SPREAD_SECONDS", 0.0)
        monkeypatch.setattr(aws, "SWEEP_SECONDS", 0.01)
        yield session


MANIFESTS = {
    "users": {"alice": {"access_keys": {"count": 0}}, "bob": {}},
    "groups": {"team": {"policies": []}},
    "memberships": {"team": ["bob"]},
    "removed": ["user/dave"],
}


def filled(iam):
    for name in ("alice", "bob", "dave"):
        iam.create_user(UserName=name)
    iam.create_group(GroupName="team")
    for name in ("alice", "bob"):
        iam.add_user_to_group(GroupName="team", UserName=name)
    iam.create_login_profile(UserName="alice", Password="Before-1234567890")
    iam.create_policy(PolicyName="read", PolicyDocument=READ)
    iam.attach_group_policy(GroupName="team", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/read")
    return iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]


def applied(monkeypatch, edit, key, manifests=MANIFESTS):
    """Apply with somebody who edits the account after the read that found everything as planned."""
    import iamctl.commands.verify as verify

    settled = verify._Looks.settled

    def then_edit(self, *args):
        left = settled(self, *args)
        edit(key)
        return left

    monkeypatch.setattr(verify._Looks, "settled", then_edit)
    settings = {
        "version": 1,
        "accounts": {"test": {"id": ACCOUNT}},
        "limits": dict.fromkeys(removal_limits(), 1000),
    }
    Path("iamctl.yaml").write_text(yaml.safe_dump(settings))
    Path("iam.yaml").write_text(yaml.safe_dump(manifests))
    allowed = ["--allow-removals", "attachments=1", "--allow-removals", "passwords=1"]
    return run_command_line(["apply", "--yes", *allowed])


def test_fault_4_what_stays_removed_converges(session, monkeypatch, capsys):
    key = filled(session.client("iam"))

    assert applied(monkeypatch, lambda _: None, key) == 0
    assert "converged" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("edit", "words"),
    first(
        1,
        [
            (
                lambda iam, key: iam.update_access_key(UserName="alice", AccessKeyId=key, Status="Active"),
                "access key {} of user alice",
            ),
            (
                lambda iam, _: iam.create_login_profile(UserName="alice", Password="Again-1234567890"),
                "password of user alice",
            ),
            (lambda iam, _: iam.add_user_to_group(GroupName="team", UserName="alice"), "user alice in group team"),
            (lambda iam, _: iam.create_user(UserName="dave"), "user dave"),
            (
                lambda iam, _: iam.attach_group_policy(
                    GroupName="team", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/read"
                ),
                f"policy arn:aws:iam::{ACCOUNT}:policy/read on group team",
            ),
        ],
    ),
    ids=["key", "password", "membership", "user", "policy"],
)
def test_fault_4_what_comes_back_after_the_last_write_fails_loudly(session, monkeypatch, capsys, edit, words):
    iam = session.client("iam")
    key = filled(iam)

    code = applied(monkeypatch, lambda key: edit(iam, key), key)

    shown = capsys.readouterr()
    assert code == 4, shown
    assert f"what this apply removed is there again: {words.format(key)}." in shown.err
    assert "not converged" in shown.out


def refused(**_):
    raise ParamValidationError(report="no")


def test_fault_4_what_comes_back_fails_loudly_also_after_a_failed_call(session, monkeypatch, capsys):
    iam = session.client("iam")
    key = filled(iam)
    session.events.register_first("before-send.iam.CreateGroup", refused)
    manifests = {**MANIFESTS, "groups": {**MANIFESTS["groups"], "new": {}}}
    manifests["memberships"] = {**MANIFESTS["memberships"], "new": []}

    def edit(key):
        iam.update_access_key(UserName="alice", AccessKeyId=key, Status="Active")

    code = applied(monkeypatch, edit, key, manifests)

    shown = capsys.readouterr()
    assert code == 4, shown
    assert f"what this apply removed is there again: access key {key} of user alice." in shown.err
