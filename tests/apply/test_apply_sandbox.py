"""Whole runs against the embedded IAM, with the one executor that commands use."""

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from apply_world import Time, call, in_order, lines, make_journal, play, statuses
from botocore.exceptions import ReadTimeoutError
from call_counts import count_calls

from iamctl.aws.execute import Executor
from iamctl.aws.read import read_snapshot
from iamctl.aws.session import identify, writing_client
from iamctl.sandbox import open_sandbox

DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
TEAM = [
    call(0, "CreatePolicy", PolicyName="deploy", PolicyDocument=DOCUMENT),
    call(1, "CreateGroup", GroupName="devs"),
    call(2, "CreateUser", UserName="alice", Path="/people/", Tags=[{"Key": "team", "Value": "pay"}]),
    call(3, "AttachGroupPolicy", [0, 1], GroupName="devs", PolicyArn={"$result": {"call": 0, "path": "Policy.Arn"}}),
    call(4, "AddUserToGroup", [1, 2, 3], GroupName="devs", UserName="alice"),
]


@pytest.fixture
def session():
    with open_sandbox(None, account_id="123456789012") as session:
        yield session


def snapshot(session):
    return read_snapshot(session, identify(session), now=datetime(2026, 11, 23, tzinfo=UTC))


def test_a_team_is_made(session, tmp_path):
    counts = count_calls(session)

    outcomes = in_order(play(tmp_path, TEAM, Executor(session)))

    assert statuses(outcomes) == ["done"] * 5
    assert sum(counts.values()) == 5
    live = snapshot(session)
    assert live["UserDetailList"][0]["GroupList"] == ["devs"]
    assert live["GroupDetailList"][0]["AttachedManagedPolicies"][0]["PolicyName"] == "deploy"


def test_a_second_run_of_the_same_calls_fails_at_its_roots_and_changes_nothing(session, tmp_path):
    list(play(tmp_path / "1", TEAM, Executor(session)))
    before = snapshot(session)

    outcomes = in_order(play(tmp_path / "2", TEAM, Executor(session)))

    assert statuses(outcomes) == ["failed"] * 3 + ["not-started"] * 2
    assert {outcome.code for outcome in outcomes[:3]} == {"EntityAlreadyExists"}
    assert snapshot(session) == before


def test_a_lost_answer_leaves_one_user_and_starts_nothing_that_needs_it(session, tmp_path):
    def lose(**_):
        raise ReadTimeoutError(endpoint_url="http://127.0.0.1/")

    writing_client(session).meta.events.register("after-call.iam.CreateUser", lose)

    outcomes = in_order(play(tmp_path, TEAM, Executor(session)))

    assert statuses(outcomes) == ["done", "done", "unknown", "done", "not-started"]
    live = snapshot(session)
    assert [user["UserName"] for user in live["UserDetailList"]] == ["alice"]
    assert live["UserDetailList"][0]["GroupList"] == []


def test_fault_24_a_user_that_another_replica_does_not_see_yet_is_waited_for(session, tmp_path):
    hidden = [1, 1, 1]

    def hide(request, **_):
        if hidden:
            hidden.pop()
            request.body = request.body.replace("alice", "nobody")

    writing_client(session).meta.events.register_first("before-send.iam.AddUserToGroup", hide)
    clock = Time()

    assert statuses(play(tmp_path, TEAM, Executor(session), time=clock)) == ["done"] * 5
    assert clock.waits == [1, 2, 4]
    assert snapshot(session)["UserDetailList"][0]["GroupList"] == ["devs"]


def test_removing_everything_in_order_works(session, tmp_path):
    list(play(tmp_path / "1", TEAM, Executor(session)))
    arn = "arn:aws:iam::123456789012:policy/deploy"
    calls = [
        call(0, "RemoveUserFromGroup", GroupName="devs", UserName="alice"),
        call(1, "DetachGroupPolicy", GroupName="devs", PolicyArn=arn),
        call(2, "DeleteUser", [0], UserName="alice"),
        call(3, "DeleteGroup", [0, 1], GroupName="devs"),
        call(4, "DeletePolicy", [1], PolicyArn=arn),
    ]

    assert statuses(play(tmp_path / "2", calls, Executor(session))) == ["done"] * 5
    live = snapshot(session)
    assert live["UserDetailList"] == live["GroupDetailList"] == live["Policies"] == []


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from apply_world import call
from iamctl.apply.interrupt import Interrupted
from iamctl.apply.journal import Journal
from iamctl.apply.run import Surroundings, run

def execute(sent):
    print("sent", sent.index, flush=True)
    sys.stdin.readline()
    return {{}}

journal = Journal.create(Path({directory!r}), plan_digest="d", account_id="a", version="v")
calls = [call(index) for index in range(3)]
try:
    for outcome in run(calls, Surroundings(execute, journal, parallel=1)):
        print(outcome.status.value, flush=True)
except Interrupted as error:
    sys.exit(error.exit_code)
"""


def started(tmp_path):
    """Return a process whose first call is under way until it gets a line."""
    code = KILLED.format(tests=str(Path(__file__).parent), directory=str(tmp_path))
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "sent 0\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_fault_23_a_stopped_process_finishes_its_call_and_exits_130(tmp_path, number):
    with started(tmp_path) as process:
        process.send_signal(number)
        out, _ = process.communicate("\n", timeout=120)

    assert process.returncode == 130
    assert out.split() == ["done", "not-started", "not-started"]
    told = [json.loads(line) for line in next(tmp_path.iterdir()).read_text().splitlines()]
    assert [line.get("status") for line in told if line.get("event") == "outcome"] == out.split()
    assert told[-1] == {**told[-1], "event": "end", "reason": "interrupted"}


def test_a_killed_process_leaves_the_intent_of_the_call_under_way(tmp_path):
    with started(tmp_path) as process:
        process.kill()
        process.wait(timeout=120)

    told = [json.loads(line) for line in next(tmp_path.iterdir()).read_text().splitlines()]
    assert [(line.get("event"), line.get("index")) for line in told[1:]] == [("intent", 0)]


def test_a_thousand_calls_run_within_seconds(tmp_path):
    journal = make_journal(tmp_path)
    start = time.process_time()

    list(
        play(
            tmp_path,
            [call(index, needs=range(max(0, index - 3), index)) for index in range(1000)],
            lambda _: {},
            journal=journal,
        )
    )

    assert time.process_time() - start < 20
    assert len(lines(journal)) == 2002
