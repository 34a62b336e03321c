"""Workers of a cluster die at the worst moments, and no account gets a write twice."""

import threading
from collections import Counter
from contextlib import contextmanager

import pytest

pytest.importorskip("distributed", reason="the extra 'fleet' is not installed")

from cluster.processes import SECONDS, Authority, serving
from distributed import cfexecutor
from end_to_end.loopback import loopback
from fleet.fleet_world import results, write_accounts

pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.exhaustive,
]

ACCOUNT_ID = "000000000001"
APPLY = ("fleet", "apply", "iam", "--yes", "--format", "jsonl")
WRITES = {"CreateUser": 2}


class World:
    """An account of AWS, a scheduler, and the way to start workers of it one after the other."""

    def __init__(self, aws, scheduler, authority, logs):
        self.aws, self.scheduler, self._authority, self._logs = aws, scheduler, authority, logs
        self.engine = f"dask:{scheduler.url}"

    @contextmanager
    def worker(self):
        variables = {**self._authority.variables("worker"), **self.aws.environment}
        with serving("worker", self.scheduler.url, self._logs, variables) as served:
            yield served

    @property
    def writes(self):
        return dict(Counter(self.aws.writes))


@pytest.fixture
def world(tmp_path, here, monkeypatch):
    write_accounts(tmp_path, 1)
    logs = tmp_path / "logs"
    logs.mkdir()
    authority = Authority(tmp_path / "ours", "ours")
    for name, value in authority.variables("client").items():
        monkeypatch.setenv(name, value)
    with (
        loopback(None, ACCOUNT_ID) as aws,
        serving("scheduler", "tls://127.0.0.1:0", logs, authority.variables("scheduler")) as scheduler,
    ):
        yield World(aws, scheduler, authority, logs)


def kill(served):
    served.process.kill()
    served.process.wait(SECONDS)


def test_a_worker_dies_in_the_middle_of_an_apply(world, here):
    """The account is an error that says what is unknown; the next apply does what is left, and nothing twice."""
    with world.worker() as first:
        world.aws.faults["CreateUser"] = [None, lambda: kill(first)]
        done = here(*APPLY, "--engine", world.engine)

    found = results(done.stdout)["a1"]
    assert (done.returncode, found["outcome"]) == (1, "error")
    assert "the worker ended before it reported (KilledWorker)" in found["error"]
    assert "the next apply finds out" in found["error"]
    begun = world.writes
    assert begun == WRITES, "the second CreateUser was received, and its worker never saw the answer"

    with world.worker():
        again = here(*APPLY, "--engine", world.engine)

    assert (again.returncode, results(again.stdout)["a1"]["outcome"]) == (0, "clean")
    assert world.writes == begun


def test_a_worker_dies_after_an_apply_and_before_its_result_was_fetched(world, here, monkeypatch):
    """Dask runs it again, whatever it was told; the second run finds that nothing is left."""
    finished, go, calls = threading.Event(), threading.Event(), []
    cascade = cfexecutor._cascade_future

    async def held(future, outcome):
        calls.append(future.key)
        if len(calls) == 2:  # the first is the plan
            await future._state.wait()
            finished.set()
            while not go.is_set():
                await cfexecutor.gen.sleep(0.05)
        await cascade(future, outcome)

    monkeypatch.setattr(cfexecutor, "_cascade_future", held)
    with world.worker() as first:
        second = world.worker()

        def choreography():
            assert finished.wait(SECONDS)
            kill(first)
            second.__enter__()
            go.set()

        thread = threading.Thread(target=choreography)
        thread.start()
        done = here(*APPLY, "--engine", world.engine)
        thread.join(SECONDS)
        second.__exit__(None, None, None)

    found = results(done.stdout)["a1"]
    assert finished.is_set()
    assert world.writes == WRITES
    assert (found["outcome"], found["exit"]) in {("clean", 0), ("refused", 5)}, found
    assert len(calls) == 2, "the client submitted the apply once"
