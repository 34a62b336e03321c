"""Two applies of one account at once: with a lock one of them goes on, without one each says that nothing keeps it away."""

import json
import signal
import subprocess

import pytest
from command_line import ALLOW, account, command, environment, group, run, save, user, write_tree
from loopback import loopback

from iamctl.apply import lock as lock_module
from iamctl.apply.lock import AccountLock
from iamctl.source.sandbox import SandboxSource

LOCK = {"lock": {"s3": "locks/iam"}}
KEY = ("locks", "iam/123456789012.json")
TEAM = {
    "users": {"alice": {}, "bob": {}},
    "groups": {"devs": {"inline_policies": {"read": ALLOW}}},
    "memberships": {"devs": ["alice", "bob"]},
}
OLDER = {"users": {"alice": {}, "bob": {}}, "groups": {"devs": {}}, "memberships": {"devs": ["bob"]}}
NO_LOCK = "no lock is set, so nothing keeps a second apply of this account away"


@pytest.fixture
def trees(tmp_path):
    def write(**settings):
        newer = write_tree(tmp_path / "newer", TEAM, **settings)
        return newer, write_tree(tmp_path / "older", OLDER, **settings)

    return write


def apply(iam, tree, *words):
    return run("apply", tree, "--yes", *words, cwd=tree, **iam.environment)


def holder(iam):
    found = iam.buckets.objects.get(KEY)
    return json.loads(found[0]) if found else None


def members(iam):
    return sorted(one["UserName"] for one in iam.session.client("iam").get_group(GroupName="devs")["Users"])


def while_applying(iam, operation, begin):
    """Return what ``begin`` returns, called while the first request for an operation waits for its answer."""
    done = []
    iam.faults[operation] = [lambda: done.append(begin())]
    return done


def test_fault_9_of_two_applies_of_one_plan_one_goes_on_and_one_ends_with_5(trees):
    newer, _ = trees(**LOCK)
    with loopback(account([])) as iam:
        seen = while_applying(iam, "CreateUser", lambda: (holder(iam), apply(iam, newer)))
        first = apply(iam, newer, "--format", "json")
        now = members(iam)

    [(during, second)] = seen
    assert (first.returncode, json.loads(first.stdout)["converged"], first.stderr) == (0, True, "")
    assert (second.returncode, second.stdout) == (5, "")
    assert f"another apply holds the lock of this account: run {during['run']} by {during['holder']}" in second.stderr
    assert f"since {during['taken_at']}. Nothing was read or changed" in second.stderr
    assert f"iamctl unlock {newer} --account test --run {during['run']}" in second.stderr
    assert now == ["alice", "bob"]
    assert KEY not in iam.buckets.objects, "the lock is released at the end"


def test_fault_15_an_older_commit_cannot_run_during_a_newer_one(trees):
    """The other plan would take alice out of the group while the newer one lets her in."""
    newer, older = trees(**LOCK)
    with loopback(account([user("bob")], [group("devs")])) as iam:
        seen = while_applying(iam, "CreateUser", lambda: apply(iam, older))
        first = apply(iam, newer)
        now = members(iam)

    assert (first.returncode, seen[0].returncode) == (0, 5)
    assert now == ["alice", "bob"]


def test_fault_9_the_lock_is_taken_before_the_account_is_read(trees):
    """Otherwise a plan could be made from what the other apply changes a moment later."""
    newer, _ = trees(**LOCK)
    with loopback(account([])) as iam:
        assert apply(iam, newer).returncode == 0
        asked = list(iam.asked)

    assert asked.index("PutObject") < asked.index("GetAccountAuthorizationDetails")
    assert asked[0] == "GetCallerIdentity"
    assert asked[-1] == "DeleteObject"


def test_fault_9_without_a_lock_the_second_read_stops_the_apply_that_is_late(trees):
    """What is documented: each plans again right before its first write, and nothing is made twice."""
    newer, _ = trees()
    with loopback(account([])) as iam:
        assert run("plan", newer, cwd=newer, **iam.environment).returncode == 0
        pages = iam.counts["GetAccountAuthorizationDetails"]
        second = []
        iam.faults["GetAccountAuthorizationDetails"] = [*[None] * pages, lambda: second.append(apply(iam, newer))]
        first = apply(iam, newer)
        again = apply(iam, newer)

    assert (second[0].returncode, first.returncode, again.returncode) == (0, 5, 0)
    assert NO_LOCK in first.stderr
    assert NO_LOCK in second[0].stderr
    assert "the account changed after the plan was shown" in first.stderr
    assert "Changed meanwhile\n  - no longer planned call: Create" in first.stderr
    assert iam.counts["CreateUser"] == 2


def test_fault_9_without_a_lock_two_applies_in_the_middle_of_each_other_converge_when_run_again(trees):
    newer, older = trees()
    with loopback(account([user("bob")], [group("devs")])) as iam:
        seen = while_applying(iam, "CreateUser", lambda: apply(iam, older))
        first = apply(iam, newer)
        again = apply(iam, newer)
        now = members(iam)

    assert seen[0].returncode in {0, 1, 3, 4}
    assert first.returncode in {0, 1, 4}
    assert (again.returncode, now) == (0, ["alice", "bob"])
    assert NO_LOCK in first.stderr


def test_quiet_says_nothing_about_locks(trees):
    newer, _ = trees()
    with loopback(account([])) as iam:
        assert apply(iam, newer, "--quiet").stderr == ""


def test_an_apply_with_a_lock_or_without_changes_says_nothing_about_locks(trees):
    newer, _ = trees(**LOCK)
    with loopback(account([])) as iam:
        assert apply(iam, newer).stderr == ""
        write_tree(newer, TEAM)
        assert apply(iam, newer).stderr == ""


def test_plan_and_drift_never_take_the_lock(trees):
    newer, _ = trees(**LOCK)
    with loopback(account([])) as iam:
        for name in ("plan", "drift"):
            run(name, newer, cwd=newer, **iam.environment)
        asked = set(iam.asked)

    assert not asked & {"PutObject", "GetObject", "DeleteObject"}


@pytest.mark.parametrize("number", [pytest.param(signal.SIGINT, marks=pytest.mark.exhaustive), signal.SIGTERM])
def test_fault_23_a_signal_releases_the_lock(trees, tmp_path, number):
    newer, _ = trees(**LOCK)
    with loopback(account([])) as iam:
        words = command("apply", newer, "--yes")
        own = environment(**iam.environment)
        started = subprocess.Popen(words, cwd=tmp_path, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        iam.faults["CreateUser"] = [lambda: started.send_signal(number)]
        _, errors = started.communicate(timeout=120)

    assert (started.returncode, KEY in iam.buckets.objects) == (130, False), errors


def test_fault_27_a_lock_that_cannot_be_taken_ends_the_apply_before_it_reads(trees):
    newer, _ = trees(**LOCK)
    with loopback(account([])) as iam:
        iam.faults["PutObject"] = [("AccessDenied", "no", 403)] * 3
        done = apply(iam, newer)
        asked = list(iam.asked)

    assert (done.returncode, done.stdout) == (1, "")
    assert "AWS denied s3:PutObject on the lock s3://locks/iam/123456789012.json" in done.stderr
    assert "GetAccountAuthorizationDetails" not in asked


def unlock(iam, tree, *words):
    return run("unlock", tree, *words, cwd=tree, **iam.environment)


def left_behind(iam, tree, seconds=0):
    """Leave the lock of a run that was killed."""
    iam.faults["GetAccountAuthorizationDetails"] = [lambda: iam.buckets.objects.update(kept=iam.buckets.objects[KEY])]
    assert apply(iam, tree).returncode == 0
    body, written = iam.buckets.objects.pop("kept")
    iam.buckets.objects[KEY] = (body, written)
    return json.loads(body)["run"]


def test_fault_27_unlock_shows_the_holder_and_wants_the_id_of_its_run(trees):
    newer, _ = trees(**LOCK)
    with loopback(account([])) as iam:
        free = unlock(iam, newer)
        number = left_behind(iam, newer)
        shown, other = unlock(iam, newer), unlock(iam, newer, "--run", "20000101T000000Z-000000000000")
        still = holder(iam)
        removed = unlock(iam, newer, "--account", "test", "--run", number)
        gone = holder(iam)

    assert (free.returncode, free.stdout) == (0, "not locked: s3://locks/iam/123456789012.json does not exist\n")
    assert shown.returncode == 0
    assert shown.stdout.startswith(f"s3://locks/iam/123456789012.json: held by run {number} by arn:aws:sts::")
    assert f"iamctl unlock {newer} --account test --run {number}" in shown.stdout
    assert (other.returncode, "Nothing was removed" in other.stderr, still["run"]) == (5, True, number)
    assert (removed.returncode, removed.stdout.splitlines()[-1], gone) == (0, "unlocked", None)


def test_unlock_without_a_lock_in_the_settings_is_wrong_usage(trees):
    newer, _ = trees()
    with loopback(account([])) as iam:
        done = unlock(iam, newer)

    assert (done.returncode, "no lock is set for account test" in done.stderr) == (64, True)


def test_the_lock_of_a_dead_run_is_taken_over_once_it_has_expired(trees):
    newer, _ = trees(**LOCK)
    with loopback(account([])) as iam:
        number = left_behind(iam, newer)
        early = apply(iam, newer)
        iam.clock_ahead_seconds = 200  # of S3, which alone says how old a lock is
        late = apply(iam, newer)

    assert (early.returncode, late.returncode) == (5, 0), late.stderr
    assert f"took over the expired lock of run {number}" in late.stderr
    assert KEY not in iam.buckets.objects


def test_hostile_text_in_a_lock_is_escaped(trees):
    newer, _ = trees(**LOCK)
    with loopback(account([])) as iam:
        left_behind(iam, newer)
        body, written = iam.buckets.objects[KEY]
        hostile = {**json.loads(body), "holder": "\u202e##[x]\x1b[31m", "where": "a\nerror: b"}
        iam.buckets.objects[KEY] = (json.dumps(hostile).encode(), written)
        said = [apply(iam, newer).stderr, unlock(iam, newer).stdout]

    for text in said:
        assert all(character.isprintable() or character == "\n" for character in text)
        assert "##" not in text
        assert "\nerror: b" not in text


class Kept:
    """A lock in memory, for an apply in this process."""

    place = "s3://locks/iam/123456789012.json"

    def __init__(self):
        self.body, self.count = None, 0

    def create(self, body):
        return self.replace(body, "")

    def replace(self, body, etag):
        if etag != (f"{self.count}" if self.body else ""):
            raise lock_module.ConditionFailedError
        self.body, self.count = body, self.count + 1
        return f"{self.count}"

    def delete(self, etag):
        self.replace(None, etag)

    def read(self):
        return lock_module.StoredLock(self.body, f"{self.count}", 0) if self.body else None


@pytest.mark.parametrize(("after", "code"), [(0, 5), (1, 4)])
def test_fault_27_a_lock_that_is_lost_in_the_middle_stops_before_the_next_write(
    here, tmp_path, monkeypatch, after, code
):
    kept, sent = Kept(), []
    execute, check = SandboxSource.execute, AccountLock.check

    def executed(self, call):
        sent.append(call.operation)
        return execute(self, call)

    def checked(self):
        if len(sent) >= after:
            kept.body = None
            self.renew()  # as the thread does every 20 seconds
        check(self)

    monkeypatch.setattr(SandboxSource, "lock_store", lambda *_: kept)
    monkeypatch.setattr(SandboxSource, "execute", executed)
    monkeypatch.setattr(AccountLock, "check", checked)
    save(tmp_path / "a.json", account([]))
    tree = write_tree(tmp_path / "iam", TEAM, **LOCK)

    done = here("apply", tree, "--sandbox", "a.json", "--yes", "--parallel", "1")

    assert (done.returncode, len(sent)) == (code, after)
    assert "the lock s3://locks/iam/123456789012.json was lost: it was removed" in done.stderr
    assert f"{after} of 6 calls are done" in done.stderr


def test_a_sandbox_needs_no_lock(here, tmp_path):
    save(tmp_path / "a.json", account([]))
    for settings in ({}, LOCK):
        tree = write_tree(tmp_path / "iam", TEAM, **settings)
        assert here("apply", tree, "--sandbox", "a.json", "--yes").stderr == ""
