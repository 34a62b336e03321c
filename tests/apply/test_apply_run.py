import os
import signal
import threading
import time
from functools import partial

import pytest
from apply_world import (
    LOST,
    THROTTLED,
    Forever,
    Scripted,
    Time,
    call,
    in_order,
    lines,
    make_journal,
    play,
    refusal,
    statuses,
)
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from iamctl.apply.interrupt import Interrupted
from iamctl.apply.journal import JournalError
from iamctl.apply.run import JournalLostError, RunStoppedError
from iamctl.apply.schedule import Spreading
from iamctl.apply.summary import exit_code
from iamctl.apply.workers import Threads
from iamctl.model import OutcomeStatus

NO_USER = refusal("NoSuchEntity")


def test_calls_are_sent_once_in_plan_order(tmp_path):
    execute = Scripted()

    outcomes = in_order(play(tmp_path, [call(0), call(1, needs=[0]), call(2)], execute))

    assert execute.indexes == [0, 1, 2]
    assert statuses(outcomes) == ["done"] * 3
    assert exit_code(outcomes) == 0


def test_outcomes_come_while_the_run_goes_on(tmp_path):
    execute = Scripted()
    running = play(tmp_path, [call(0), call(1)], execute)

    next(running)

    assert execute.indexes == [0]


def test_a_failure_stops_what_needs_it_and_nothing_else(tmp_path):
    calls = [call(0), call(1, needs=[0]), call(2, needs=[1]), call(3), call(4, needs=[3, 2])]
    execute = Scripted(c0=[refusal("AccessDenied")])

    outcomes = in_order(play(tmp_path, calls, execute))

    assert statuses(outcomes) == ["failed", "not-started", "not-started", "done", "not-started"]
    assert [outcome.because for outcome in outcomes] == [None, 0, 0, None, 0]
    assert outcomes[2].error == "call 0 (CreateUser) failed"
    assert execute.indexes == [0, 3]
    assert exit_code(outcomes) == 4


def test_what_is_not_started_names_the_first_cause(tmp_path):
    calls = [call(0), call(1, needs=[0]), call(2), call(3, needs=[2, 1])]
    outcomes = in_order(play(tmp_path, calls, Scripted(c0=[refusal("AccessDenied")], c2=[LOST])))

    assert [outcome.because for outcome in sorted(outcomes, key=lambda outcome: outcome.call.index)] == [
        None,
        0,
        None,
        0,
    ]


def test_a_refusal_before_anything_is_written_is_exit_1(tmp_path):
    outcomes = in_order(play(tmp_path, [call(0), call(1, needs=[0])], Scripted(c0=[refusal("AccessDenied")])))

    assert exit_code(outcomes) == 1


LASTING = (
    "LimitExceeded",
    "AccessDenied",
    "EntityAlreadyExists",
    "DeleteConflict",
    "MalformedPolicyDocument",
    "Future",
)


@pytest.mark.parametrize("code", LASTING)
def test_fault_26_a_refusal_that_stays_is_not_sent_again(tmp_path, code):
    execute = Scripted(c0=[refusal(code), None])

    outcomes = in_order(play(tmp_path, [call(0)], execute))

    assert execute.indexes == [0]
    assert (outcomes[0].status, outcomes[0].code) == (OutcomeStatus.FAILED, code)


DOUBTFUL = [LOST, *(refusal(code, ambiguous=True) for code in ("ServiceFailure", "Future", "ConcurrentModification"))]


@pytest.mark.parametrize("error", DOUBTFUL)
def test_an_ambiguous_failure_is_unknown_and_never_repeated(tmp_path, error):
    execute = Scripted(c0=[error, None])

    outcomes = in_order(play(tmp_path, [call(0), call(1, needs=[0]), call(2)], execute))

    assert execute.indexes == [0, 2]
    assert statuses(outcomes) == ["unknown", "not-started", "done"]
    assert outcomes[1].error == "call 0 (CreateUser) has an unknown outcome"


PASSING = [
    THROTTLED,
    *(refusal(code) for code in ("ConcurrentModification", "EntityTemporarilyUnmodifiable")),
    *(refusal(code) for code in ("ConnectTimeoutError", "EndpointConnectionError", "ProxyConnectionError")),
]


@pytest.mark.parametrize("fault", PASSING)
def test_fault_25_a_refusal_that_passes_is_sent_again_after_longer_and_longer_waits(tmp_path, fault):
    time, execute = Time(), Scripted(c0=[fault] * 6 + [None])

    outcomes = in_order(play(tmp_path, [call(0)], execute, time=time))

    assert statuses(outcomes) == ["done"]
    assert time.waits == [1, 2, 4, 8, 16, 20]


def test_waits_are_jittered_from_nothing_to_the_whole(tmp_path):
    time, dice = Time(), iter([0.0, 0.25, 0.999])
    execute = Scripted(c0=[refusal("ConcurrentModification")] * 3 + [None])

    list(play(tmp_path, [call(0)], execute, time=time, random=lambda: next(dice)))

    assert time.waits == [0.5, pytest.approx(3.996)]


@pytest.mark.parametrize("seconds", [30.0, 120.0, 300.0])
@pytest.mark.parametrize("fault", PASSING)
def test_patience_with_one_call_ends(tmp_path, fault, seconds):
    time, execute = Time(), Scripted(c0=[Forever(fault)])

    outcomes = in_order(play(tmp_path, [call(0), call(1)], execute, time=time, patience_seconds=seconds))

    assert statuses(outcomes) == ["failed", "done"]
    assert seconds - 20 <= sum(time.waits) <= seconds


def test_dice_that_always_say_now_do_not_send_forever(tmp_path):
    execute = Scripted(c0=[Forever(THROTTLED)])

    list(play(tmp_path, [call(0)], execute, random=lambda: 0.0))

    assert len(execute.sent) == 60


NEW_THINGS = {
    "user": (call(0, UserName="Alice"), call(1, "AddUserToGroup", [0], GroupName="g", UserName="alice")),
    "group": (
        call(0, "CreateGroup", GroupName="g"),
        call(1, "PutGroupPolicy", [0], GroupName="g", PolicyName="p", PolicyDocument="{}"),
    ),
    "policy": (
        call(0, "CreatePolicy", PolicyName="p", PolicyDocument="{}"),
        call(1, "AttachGroupPolicy", [0], GroupName="g", PolicyArn="arn:aws:iam::123456789012:policy/x/p"),
    ),
    "boundary": (
        call(0, "CreatePolicy", PolicyName="p", PolicyDocument="{}"),
        call(1, "CreateUser", [0], UserName="a", PermissionsBoundary="arn:aws:iam::123456789012:policy/p"),
    ),
    "renamed_user": (
        call(0, "UpdateUser", UserName="old", NewUserName="new"),
        call(1, "TagUser", [0], UserName="new", Tags=[]),
    ),
}


@pytest.mark.parametrize(("made", "used"), NEW_THINGS.values(), ids=NEW_THINGS)
def test_fault_24_something_new_that_is_not_visible_yet_is_waited_for(tmp_path, made, used):
    execute = Scripted(c1=[NO_USER] * 3 + [None])

    assert statuses(play(tmp_path, [made, used], execute)) == ["done", "done"]
    assert execute.indexes == [0, 1, 1, 1, 1]


def test_something_new_is_waited_for_through_other_calls(tmp_path):
    calls = [call(0, UserName="a"), call(1, "TagUser", [0], UserName="a"), call(2, "PutX", [1], UserName="a")]

    assert statuses(play(tmp_path, calls, Scripted(c2=[NO_USER, None]))) == ["done"] * 3


def test_looking_for_what_is_new_takes_no_longer_in_a_dense_plan(tmp_path):
    calls = [call(index, "TagUser", range(index), UserName="a") for index in range(60)]

    assert statuses(play(tmp_path, calls, Scripted(c59=[NO_USER])))[-1] == "failed"


def test_fault_24_something_new_that_never_becomes_visible_fails_within_two_minutes(tmp_path):
    time = Time()
    made, used = NEW_THINGS["user"]

    outcomes = in_order(play(tmp_path, [made, used], Scripted(c1=[Forever(NO_USER)]), time=time))

    assert statuses(outcomes) == ["done", "failed"]
    assert outcomes[1].code == "NoSuchEntity"
    assert 100 <= sum(time.waits) <= 120


@pytest.mark.parametrize(
    "calls",
    [
        [call(0), call(1, "UpdateUser", UserName="u0")],  # not needed
        [call(0), call(1, "UpdateUser", [0], UserName="other")],  # another user
        [call(0, "TagUser", UserName="a", Tags=[]), call(1, "UpdateUser", [0], UserName="a")],  # not new
    ],
)
def test_what_this_run_has_not_made_is_not_waited_for(tmp_path, calls):
    execute = Scripted(c1=[NO_USER, None])

    assert statuses(play(tmp_path, calls, execute)) == ["done", "failed"]
    assert execute.indexes == [0, 1]


def test_results_and_secrets_are_put_in_and_not_written_down(tmp_path):
    reference = {"$result": {"call": 0, "path": "Answer.To"}}
    made = call(1, "CreateLoginProfile", [0], UserName="a", Password={"$secret": "password/a"}, Other=[reference])
    execute, journal = Scripted(), make_journal(tmp_path)

    outcomes = in_order(play(tmp_path, [call(0), made], execute, journal=journal, secret=lambda name: f"canary-{name}"))

    assert statuses(outcomes) == ["done", "done"]
    assert execute.sent[1].params == {"UserName": "a", "Password": "canary-password/a", "Other": [0]}
    assert outcomes[1].call is made
    assert "canary" not in journal.path.read_text()


def test_a_secret_that_nobody_makes_fails_before_anything_is_sent(tmp_path):
    execute = Scripted()
    wanted = call(0, "CreateLoginProfile", UserName="a", Password={"$secret": "x"})

    outcomes = in_order(play(tmp_path, [wanted], execute))

    assert statuses(outcomes) == ["failed"]
    assert execute.sent == []


@pytest.mark.parametrize("calls", [[call(0, needs=[1]), call(1)], [call(0, needs=[7])], [call(0), call(0)]])
def test_an_order_that_cannot_be_run_is_our_bug_and_nothing_is_sent(tmp_path, calls):
    execute = Scripted()

    with pytest.raises(ValueError, match="comes before a call that it needs"):
        list(play(tmp_path, calls, execute))
    assert execute.sent == []


def collected(running):
    """Return all outcomes and the error after them."""
    outcomes = []
    try:
        outcomes.extend(running)
    except (Interrupted, JournalLostError, RunStoppedError) as error:
        return in_order(outcomes), error
    return in_order(outcomes), None


def test_what_a_call_relies_on_is_given_time_to_be_seen_everywhere(tmp_path):
    time, journal = Time(), make_journal(tmp_path)
    spreading = Spreading({2: (0,), 3: (0,)}, 15.0)
    calls = [call(0), call(1), call(2, needs=[0]), call(3, needs=[0])]
    execute = Scripted(c1=[refusal("ConcurrentModification"), None])

    outcomes, _ = collected(play(tmp_path, calls, execute, time=time, journal=journal, spreading=spreading))

    assert statuses(outcomes) == ["done"] * 4
    assert time.now == 15.0
    waits = [line for line in lines(journal) if line.get("event") == "wait"]
    assert [(line["index"], line["for"]) for line in waits] == [(2, 0), (3, 0)]
    assert execute.indexes == [0, 1, 1, 2, 3]


def test_nothing_is_waited_for_that_failed(tmp_path):
    time, execute = Time(), Scripted(c0=[refusal("LimitExceeded")])
    spreading = Spreading({1: (0,)}, 15.0)

    outcomes, _ = collected(play(tmp_path, [call(0), call(1)], execute, time=time, spreading=spreading))

    assert (statuses(outcomes), time.now) == (["failed", "done"], 0.0)


def test_a_signal_ends_that_wait(tmp_path):
    time, execute = Time(), Scripted()
    time.sleep = lambda _: os.kill(os.getpid(), signal.SIGTERM)
    spreading = Spreading({1: (0,)}, 15.0)

    outcomes, error = collected(play(tmp_path, [call(0), call(1)], execute, time=time, spreading=spreading))

    assert statuses(outcomes) == ["done", "not-started"]
    assert error.exit_code == 130


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_fault_23_a_signal_lets_the_call_under_way_finish_and_starts_no_other(tmp_path, number):
    before = signal.getsignal(number)
    execute, journal = Scripted(c0=[lambda: os.kill(os.getpid(), number)]), make_journal(tmp_path)

    outcomes, error = collected(play(tmp_path, [call(0), call(1), call(2, needs=[1])], execute, journal=journal))

    assert statuses(outcomes) == ["done", "not-started", "not-started"]
    assert (error.exit_code, error.done, error.total) == (130, 1, 3)
    assert lines(journal)[-1]["reason"] == "interrupted"
    assert execute.indexes == [0]
    assert signal.getsignal(number) is before


def interrupt(number):
    """Send this process a signal, and return once the run has heeded it."""
    stop = signal.getsignal(number)
    os.kill(os.getpid(), number)
    while not stop.requested:
        time.sleep(0.01)


def unnoticed(number):
    """Signal this process without ending the wait of the main thread, as a signal just before that wait does."""
    signal.pthread_kill(threading.get_ident(), number)


@pytest.mark.parametrize("second", [partial(os.kill, os.getpid()), unnoticed])
def test_fault_23_a_second_signal_does_not_wait_for_the_answer(tmp_path, second):
    answer = threading.Event()

    def execute(call):
        if call.index == 1:
            interrupt(signal.SIGINT)
            second(signal.SIGINT)
        assert answer.wait(120)
        return {}

    running = play(tmp_path, [call(0), call(1), call(2)], execute, time=Threads(), parallel=2)
    outcomes, error = collected(running)
    answer.set()

    assert statuses(outcomes) == ["unknown", "unknown", "not-started"]
    assert (error.exit_code, error.done) == (130, 0)
    assert "the outcome of 2 calls is unknown" in str(error)


def test_fault_23_a_signal_lets_all_calls_under_way_finish(tmp_path):
    both = threading.Barrier(2)

    def execute(call):
        both.wait(120)
        if call.index == 1:
            interrupt(signal.SIGTERM)
        both.wait(120)
        return {}

    journal = make_journal(tmp_path)
    running = play(tmp_path, [call(0), call(1), call(2)], execute, time=Threads(), parallel=2, journal=journal)
    outcomes, error = collected(running)

    assert statuses(outcomes) == ["done", "done", "not-started"]
    assert (error.exit_code, error.done) == (130, 2)
    assert [line["status"] for line in lines(journal) if line.get("event") == "outcome"] == [
        "done",
        "done",
        "not-started",
    ]


def test_a_signal_between_two_calls_is_heeded(tmp_path):
    execute = Scripted()
    running = play(tmp_path, [call(0), call(1)], execute)
    next(running)

    os.kill(os.getpid(), signal.SIGTERM)

    assert collected(running)[1].exit_code == 130
    assert execute.indexes == [0]


def test_fault_23_a_signal_during_a_wait_ends_the_wait(tmp_path):
    time, execute = Time(), Scripted(c0=[THROTTLED, None])
    time.sleep = lambda _: os.kill(os.getpid(), signal.SIGTERM)

    outcomes, error = collected(play(tmp_path, [call(0), call(1)], execute, time=time))

    assert statuses(outcomes) == ["failed", "not-started"]
    assert outcomes[0].code == "Throttling"
    assert error.exit_code == 130


def test_a_signal_before_a_refusal_that_passes_starts_no_wait(tmp_path):
    def stopped_and_throttled():
        os.kill(os.getpid(), signal.SIGTERM)
        return THROTTLED

    time, execute = Time(), Scripted(c0=[stopped_and_throttled, None])

    outcomes, error = collected(play(tmp_path, [call(0)], execute, time=time))

    assert statuses(outcomes) == ["failed"]
    assert (error.exit_code, time.waits, execute.indexes) == (130, [], [0])


def test_handlers_come_back_when_the_run_is_left_early(tmp_path):
    before = signal.getsignal(signal.SIGINT)
    running = play(tmp_path, [call(0), call(1)], Scripted())
    next(running)

    running.close()

    assert signal.getsignal(signal.SIGINT) is before


def test_a_crash_of_ours_shows_and_the_journal_says_what_was_under_way(tmp_path):
    journal = make_journal(tmp_path)

    with pytest.raises(ZeroDivisionError):
        list(play(tmp_path, [call(0), call(1)], Scripted(c1=[ZeroDivisionError()]), journal=journal))

    last = lines(journal)[-1]
    assert (last["event"], last["index"], last["status"]) == ("outcome", 1, "unknown")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("ExpiredToken", "the AWS credentials are no longer accepted (ExpiredToken)"),
        ("SignatureDoesNotMatch", "AWS no longer accepts the signature of requests (SignatureDoesNotMatch)"),
        ("RequestExpired", "check the credentials and the clock of this machine"),
        ("CredentialRetrievalError", "the AWS credentials cannot be renewed (no)"),
        ("SSLError", "the TLS connection to AWS fails (no)"),
    ],
)
def test_fault_29_what_no_later_call_can_escape_ends_the_run(tmp_path, code, told):
    calls = [call(0), call(1), call(2)]
    outcomes, error = collected(play(tmp_path, calls, Scripted(c1=[refusal(code)])))

    assert statuses(outcomes) == ["done", "failed", "not-started"]
    assert error.exit_code == 4
    assert told in str(error)
    assert "1 of 3 calls are done" in str(error)


class BreakingJournal:
    """A journal whose disk is full after it was flushed ``good`` times."""

    def __init__(self, journal, good):
        self.journal, self.good = journal, good

    def __getattr__(self, name):
        return getattr(self.journal, name)

    def flush(self):
        if self.good == 0:
            raise JournalError("disk full")
        self.good -= 1
        self.journal.flush()


def test_a_wait_that_the_journal_does_not_hold_is_not_begun(tmp_path):
    time, execute, journal = Time(), Scripted(c0=[THROTTLED, None]), BreakingJournal(make_journal(tmp_path), 1)

    outcomes, error = collected(play(tmp_path, [call(0)], execute, journal=journal, time=time))

    assert (statuses(outcomes), time.waits, error.exit_code) == (["failed"], [], 1)


@pytest.mark.parametrize(
    ("good", "sent", "expected"),
    [
        (0, [], ["not-started"] * 3),
        (1, [0], ["done", "not-started", "not-started"]),
        (2, [0, 1], ["done", "done", "not-started"]),
        (3, [0, 1, 2], ["done", "done", "done"]),
    ],
)
def test_fault_31_nothing_is_sent_that_the_journal_does_not_hold(tmp_path, good, sent, expected):
    execute, journal = Scripted(), BreakingJournal(make_journal(tmp_path), good)

    outcomes, error = collected(play(tmp_path, [call(0), call(1), call(2)], execute, journal=journal))

    assert execute.indexes == sent
    assert statuses(outcomes) == expected
    assert error.exit_code == (4 if sent else 1)


FAULTS = [None, THROTTLED, LOST, refusal("AccessDenied"), NO_USER, refusal("ConcurrentModification")]


@st.composite
def plans(draw):
    size = draw(st.integers(0, 8))
    calls = [call(i, needs=draw(st.sets(st.integers(0, i - 1))) if i else ()) for i in range(size)]
    faults = {f"c{i}": [*draw(st.lists(st.sampled_from(FAULTS), min_size=1, max_size=3)), None] for i in range(size)}
    return calls, faults


@settings(max_examples=examples(150), deadline=None)
@given(plan=plans())
def test_what_is_done_is_closed_under_needs_and_nothing_is_sent_twice_without_a_refusal(tmp_path_factory, plan):
    calls, faults = plan
    execute, journal = Scripted(**faults), make_journal(tmp_path_factory.mktemp("run"))

    with journal:
        outcomes = in_order(play(None, calls, execute, journal=journal))
        told = lines(journal)

    assert [outcome.call for outcome in outcomes] == calls
    done = {outcome.call.index for outcome in outcomes if outcome.status is OutcomeStatus.DONE}
    for sent in execute.sent:
        assert done.issuperset(sent.needs)
    for outcome in outcomes:
        needed = done.issuperset(outcome.call.needs)
        assert (outcome.status is OutcomeStatus.NOT_STARTED) == (not needed)
        assert (outcome.because is None) == needed
    intents = [line["index"] for line in told if line.get("event") == "intent"]
    retries = [line["index"] for line in told if line.get("event") == "retry"]
    assert sorted(execute.indexes) == sorted(intents + retries)
    assert len(intents) == len(set(intents))


EMPTIED = [
    (call(0, "DeleteLoginProfile", UserName="dave"), call(1, "DeleteUser", [0], UserName="Dave"), "DeleteConflict"),
    (
        call(0, "RemoveUserFromGroup", GroupName="g", UserName="a"),
        call(1, "DeleteGroup", [0], GroupName="g"),
        "DeleteConflict",
    ),
    (
        call(0, "DetachGroupPolicy", GroupName="g", PolicyArn="arn:aws:iam::1:policy/p"),
        call(1, "DeletePolicy", [0], PolicyArn="arn:aws:iam::1:policy/p"),
        "DeleteConflict",
    ),
    (
        call(0, "RemoveUserFromGroup", GroupName="g", UserName="a"),
        call(1, "AddUserToGroup", [0], GroupName="h", UserName="a"),
        "LimitExceeded",
    ),
    (
        call(0, "DeletePolicyVersion", PolicyArn="arn:aws:iam::1:policy/p", VersionId="v1"),
        call(1, "CreatePolicyVersion", [0], PolicyArn="arn:aws:iam::1:policy/p", PolicyDocument="{}"),
        "LimitExceeded",
    ),
]


@pytest.mark.parametrize(("removal", "refused", "code"), EMPTIED)
def test_fault_7_what_this_run_emptied_and_aws_shows_late_is_waited_for(tmp_path, removal, refused, code):
    time, execute = Time(), Scripted(c1=[refusal(code)] * 4 + [None])

    assert statuses(play(tmp_path, [removal, refused], execute, time=time)) == ["done", "done"]
    assert execute.indexes == [0, 1, 1, 1, 1, 1]


@pytest.mark.parametrize(("removal", "refused", "code"), EMPTIED)
def test_fault_7_what_was_not_emptied_is_refused_at_once(tmp_path, removal, refused, code):
    other = call(0, "UntagUser", UserName="somebody", TagKeys=["a"])
    execute = Scripted(c1=[Forever(refusal(code))])

    assert statuses(play(tmp_path, [other, refused], execute)) == ["done", "failed"]
    assert execute.indexes == [0, 1]


def test_fault_7_what_stays_full_fails_within_the_patience(tmp_path):
    time = Time()
    removal, refused, code = EMPTIED[0]

    assert statuses(play(tmp_path, [removal, refused], Scripted(c1=[Forever(refusal(code))]), time=time)) == [
        "done",
        "failed",
    ]
    assert 90 <= time.now <= 120


REMOVALS = (
    "RemoveUserFromGroup",
    "DetachGroupPolicy",
    "DeleteGroupPolicy",
    "DeleteLoginProfile",
    "DeactivateMFADevice",
    "DeleteAccessKey",
    "DeleteUser",
)


@pytest.mark.parametrize("operation", REMOVALS)
def test_fault_10_a_removal_whose_target_is_gone_has_reached_its_goal(tmp_path, operation):
    calls = [call(0, operation, UserName="dave", GroupName="old"), call(1, "DeleteGroup", needs=[0], GroupName="old")]
    outcomes = in_order(play(tmp_path, calls, Scripted(c0=[NO_USER])))

    assert statuses(outcomes) == ["already-gone", "done"]
    assert exit_code(outcomes) == 0


@pytest.mark.parametrize(("status", "expected"), [("Inactive", "already-gone"), ("Active", "failed")])
def test_fault_10_a_key_that_is_gone_needs_no_deactivation(tmp_path, status, expected):
    deactivation = call(0, "UpdateAccessKey", UserName="dave", AccessKeyId="AKIAGONE", Status=status)

    assert statuses(play(tmp_path, [deactivation], Scripted(c0=[NO_USER]))) == [expected]


@pytest.mark.parametrize("operation", ["AddUserToGroup", "AttachGroupPolicy", "CreateAccessKey", "UpdateUser"])
def test_what_gives_or_changes_something_has_not_reached_its_goal_when_that_is_missing(tmp_path, operation):
    outcomes = in_order(play(tmp_path, [call(0, operation, UserName="dave")], Scripted(c0=[NO_USER])))

    assert statuses(outcomes) == ["failed"]


def test_a_removal_from_something_new_is_not_taken_for_reached_while_that_may_be_invisible(tmp_path):
    calls = [
        call(0, "UpdateUser", UserName="a", NewUserName="b"),
        call(1, "DeleteLoginProfile", needs=[0], UserName="b"),
    ]
    time, execute = Time(), Scripted(c1=[NO_USER, NO_USER, None])

    assert statuses(play(tmp_path, calls, execute, time=time)) == ["done", "done"]
    assert execute.indexes == [0, 1, 1, 1]


@pytest.mark.parametrize(("user", "expected"), [({"User": {"UserName": "b"}}, "already-gone"), (None, "failed")])
def test_fault_10_what_is_gone_from_something_new_has_reached_its_goal_in_the_end(tmp_path, user, expected):
    calls = [
        call(0, "UpdateUser", UserName="a", NewUserName="b"),
        call(1, "DeleteLoginProfile", needs=[0], UserName="b"),
    ]

    def ask(operation, params):
        assert params == {"UserName": "b"}
        return user if operation == "GetUser" else None

    outcomes = play(tmp_path, calls, Scripted(c1=[Forever(NO_USER)]), ask=ask, patience_seconds=10.0)

    assert statuses(outcomes) == ["done", expected]


def test_an_interrupt_counts_calls_as_all_counts_are_written():
    assert str(Interrupted(1135, 1800)) == "interrupted after 1,135 of 1,800 calls; run apply again to finish"
