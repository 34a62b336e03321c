"""Many calls under way at the same time, and the one rate that they share; seconds pass only in a simulation."""

import json
import random
import threading

import pytest
from apply_world import THROTTLED, Scripted, Time, call, lines, make_journal, play, refusal, statuses
from effort import examples, first
from hypothesis import given, settings
from hypothesis import strategies as st

from iamctl.apply.pace import Width
from iamctl.apply.run import RunStoppedError
from iamctl.apply.targets import targets
from iamctl.apply.workers import Threads
from iamctl.model import OutcomeStatus


class Metered:
    """An IAM that allows so many writes in a second, with a bucket of tokens, and counts what it refuses."""

    def __init__(self, time, per_second, burst=1.0):
        self.time, self.per_second, self.burst = time, per_second, burst
        self.tokens, self.filled_at = burst, 0.0
        self.sent = self.throttled = 0

    def __call__(self, call):
        now = self.time.now
        self.tokens = min(self.burst, self.tokens + (now - self.filled_at) * self.per_second)
        self.filled_at = now
        self.sent += 1
        if self.tokens < 1:
            self.throttled += 1
            raise THROTTLED
        self.tokens -= 1
        return {}


@pytest.mark.parametrize("parallel", [8, 16])
@pytest.mark.parametrize(
    ("per_second", "burst"), first(2, [(20, 1), (5, 20), (5, 5), (20, 5), (20, 20), (20, 100), (50, 5), (50, 50)])
)
def test_at_the_rate_of_aws_few_calls_are_throttled_and_little_time_is_lost(tmp_path, per_second, burst, parallel):
    time = Time(latency=0.05)
    execute = Metered(time, per_second, burst)
    calls = [call(index) for index in range(1750)]

    outcomes = list(play(tmp_path, calls, execute, time=time, parallel=parallel, random=random.Random(1).random))

    assert set(statuses(outcomes)) == {"done"}
    assert execute.throttled <= 0.05 * execute.sent, execute.throttled
    assert time.now <= 1.1 * len(calls) / per_second


def refused_forever(tmp_path, calls, fault, **more):
    """Run calls of which each that ``fault`` names is refused for ever; return statuses, seconds, messages and end."""
    time, told, outcomes, error = Time(latency=0.05), [], [], None

    def execute(one):
        if found := fault(one):
            raise found
        return {}

    running = play(
        tmp_path, calls, execute, time=time, parallel=8, random=random.Random(1).random, slow=told.append, **more
    )
    try:
        outcomes.extend(running)
    except RunStoppedError as stopped:
        error = stopped
    return statuses(outcomes), time.now, told, error


def test_fault_18_throttling_for_ever_ends_after_two_minutes_and_says_so_meanwhile(tmp_path):
    found, seconds, told, error = refused_forever(
        tmp_path, [call(index) for index in range(500)], lambda one: THROTTLED if one.index >= 10 else None
    )

    assert found[:10] == ["done"] * 10
    assert set(found[10:]) == {"failed", "not-started"}
    assert 90 <= seconds <= 140
    assert "AWS throttled every call (Throttling); 10 of 500 calls are done" in str(error)
    assert error.exit_code == 4
    assert 3 <= len(told) <= 8
    assert told[0].startswith("AWS has refused CreateUser for 1")
    assert "iamctl gives up on it in 1" in told[0]


def test_fault_33_a_network_that_stays_down_ends_the_run_after_two_minutes(tmp_path):
    down = refusal("EndpointConnectionError")

    calls = [call(index, needs=[index - 50] if index >= 50 else ()) for index in range(500)]
    found, seconds, told, error = refused_forever(tmp_path, calls, lambda one: down if one.index >= 10 else None)

    assert found[:10] == ["done"] * 10
    assert set(found[10:60]) == {"failed"}
    assert set(found[60:]) == {"not-started"}
    assert 90 <= seconds <= 140
    assert "AWS could not be reached (EndpointConnectionError); 10 of 500 calls are done" in str(error)
    assert told[0].startswith("AWS has not been reached for CreateUser for 1")


@pytest.mark.parametrize("patience", [20.0, 120.0])
def test_fault_18_what_never_becomes_visible_is_given_up_together(tmp_path, patience):
    calls = [call(index, UserName=f"u{index}") for index in range(20)]
    calls += [call(20 + index, "AddUserToGroup", [index], UserName=f"u{index}", GroupName="g") for index in range(20)]
    calls += [call(40 + index, "CreateLoginProfile", [20 + index], UserName=f"u{index}") for index in range(20)]
    missing = refusal("NoSuchEntity")

    found, seconds, _, error = refused_forever(
        tmp_path,
        calls,
        lambda one: missing if one.operation == "AddUserToGroup" else None,
        patience_seconds=patience,
    )

    assert found == ["done"] * 20 + ["failed"] * 20 + ["not-started"] * 20
    assert patience - 20 <= seconds <= patience + 10
    assert error is None


def test_without_throttling_the_calls_take_their_share_of_the_time(tmp_path):
    time = Time(latency=0.05)

    list(play(tmp_path, [call(index) for index in range(800)], Scripted(), time=time, parallel=8))

    assert time.most_under_way == 8
    assert time.now == pytest.approx(800 * 0.05 / 8)


def test_fault_25_calls_that_collide_make_half_as_many_go_at_the_same_time(tmp_path):
    collision = refusal("ConcurrentModification")
    time, execute = Time(latency=0.05), Scripted(c0=[collision, None])
    under_way = []

    def counted(one):
        under_way.append(len(time.under_way) + 1)
        return execute(one)

    calls = [call(index) for index in range(40)]
    outcomes = list(play(tmp_path, calls, counted, time=time, parallel=8, random=lambda: 0.0))

    assert set(statuses(outcomes)) == {"done"}
    assert max(under_way[:8]) == 8
    assert max(under_way[8:28]) == 4
    assert max(under_way[28:]) > 4


def test_collisions_of_calls_that_were_sent_together_count_once():
    width = Width(8)
    for _ in range(8):
        width.collided(1.0, 2.0)

    assert width.now == 4
    width.collided(3.0, 4.0)
    width.collided(5.0, 6.0)
    width.collided(7.0, 8.0)
    assert width.now == 1


def test_each_intent_is_on_disk_before_its_call_and_one_flush_holds_many(tmp_path):
    journal, flushes = make_journal(tmp_path), []
    flush = journal.flush
    journal.flush = lambda: (flushes.append(1), flush())

    def execute(one):
        told = [line["index"] for line in lines(journal) if line.get("event") == "intent"]
        assert one.index in told
        return {}

    calls = [call(index) for index in range(80)]
    outcomes = list(play(tmp_path, calls, execute, time=Time(latency=0.05), journal=journal, parallel=8))

    assert set(statuses(outcomes)) == {"done"}
    assert len(flushes) <= 15


def test_threads_send_beside_each_other_what_has_no_target_in_common(tmp_path):
    under_way, most, lock = [], [], threading.Lock()

    def execute(one):
        with lock:
            assert not any(targets(one) & targets(other) for other in under_way)
            under_way.append(one)
            most.append(len(under_way))
        threading.Event().wait(0.002)
        with lock:
            under_way.remove(one)
        return {}

    calls = [call(index, "AddUserToGroup", UserName=f"u{index % 7}", GroupName=f"g{index % 5}") for index in range(150)]
    outcomes = list(play(tmp_path, calls, execute, time=Threads(), parallel=8))

    assert set(statuses(outcomes)) == {"done"}
    assert 1 < max(most) <= 8


FATES = [None, THROTTLED, refusal("AccessDenied"), refusal("ConcurrentModification"), refusal("X", ambiguous=True)]


@st.composite
def plans(draw):
    size = draw(st.integers(0, 12))
    calls = [
        call(
            i,
            needs=draw(st.sets(st.integers(0, i - 1), max_size=3)) if i else (),
            UserName=draw(st.sampled_from("abcd")),
        )
        for i in range(size)
    ]
    faults = {f"c{i}": [*draw(st.lists(st.sampled_from(FATES), max_size=3)), None] for i in range(size)}
    return calls, faults


@settings(max_examples=examples(150), deadline=None)
@given(plan=plans(), parallel=st.integers(1, 8), dice=st.randoms(use_true_random=False))
def test_side_by_side_the_same_laws_hold_as_one_by_one(tmp_path_factory, plan, parallel, dice):
    calls, faults = plan
    execute, done = Scripted(**faults), set()

    def checked(one):
        assert done.issuperset(one.needs)
        return execute(one)

    with make_journal(tmp_path_factory.mktemp("run")) as journal:
        outcomes = []
        running = play(
            None, calls, checked, journal=journal, time=Time(latency=0.05), parallel=parallel, random=dice.random
        )
        for outcome in running:
            outcomes.append(outcome)
            if outcome.status is OutcomeStatus.DONE:
                done.add(outcome.call.index)
        told = [json.loads(line) for line in journal.path.read_text().splitlines()]

    assert sorted(outcome.call.index for outcome in outcomes) == list(range(len(calls)))
    for outcome in outcomes:
        assert (outcome.status is OutcomeStatus.NOT_STARTED) == (not done.issuperset(outcome.call.needs))
    intents = [line["index"] for line in told if line.get("event") == "intent"]
    retries = [line["index"] for line in told if line.get("event") == "retry"]
    assert sorted(execute.indexes) == sorted(intents + retries)
    assert len(intents) == len(set(intents))
