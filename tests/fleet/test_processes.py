"""The local engine: each task in a process of its own kind, and a process that dies loses its task alone."""

import os
import signal
import time
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress

import pytest

from iamctl.commands.fleet.processes import Processes


def end(path):
    if path:
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def signalled(_):
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(os.getpid(), number)
    return os.getpid()


def test_a_process_that_dies_loses_its_own_task_and_is_replaced():
    with Processes(1) as executor:
        first = executor.submit(end, "")
        lost = executor.submit(end, "x")
        after = executor.submit(end, "")
        with pytest.raises(BrokenProcessPool):
            lost.result()

        assert first.result() != os.getpid()
        assert after.result() not in {first.result(), os.getpid()}


@pytest.mark.exhaustive
def test_signals_for_the_whole_group_do_not_reach_a_task():
    with Processes(1) as executor:
        assert executor.submit(signalled, 0).result() == executor.submit(end, "").result()


@pytest.mark.exhaustive
def test_processes_end_with_the_one_that_started_them(tmp_path):
    starter = os.fork()
    if not starter:
        executor = Processes(1)
        (tmp_path / "pid").write_text(str(executor.submit(end, "").result()), encoding="utf-8")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(starter, 0)
    worker = int((tmp_path / "pid").read_text(encoding="utf-8"))

    deadline = time.monotonic() + 60
    with suppress(ProcessLookupError):
        while time.monotonic() < deadline:
            os.kill(worker, 0)
            time.sleep(0.05)
        pytest.fail("the worker is still there")
