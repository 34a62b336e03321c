"""Tasks become results: each account has one, whatever becomes of its worker."""

import signal
import threading
import time
from collections import Counter
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from fleet.fleet_world import Inline, account_id, result

from iamctl.apply.interrupt import on_signals
from iamctl.commands.fleet import output, running
from iamctl.commands.fleet.output import progress_text
from iamctl.commands.fleet.running import run
from iamctl.model.fleet import AccountOutcome, AccountTask, FleetCommand
from iamctl.terminal.progress import Progress

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def task(number, command=FleetCommand.PLAN):
    return AccountTask("run", command, f"a{number}", account_id(number), "first", "0", NOW, b"")


@pytest.fixture
def worker(monkeypatch):
    """Let a worker answer with what a test says for an account, or raise it."""
    answers = {}

    def run_task(asked):
        answer = answers.get(asked.account, result(asked.account))
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(running, "run_task", run_task)
    return answers


@pytest.mark.parametrize("command", [FleetCommand.PLAN, FleetCommand.APPLY])
def test_a_worker_that_dies_loses_its_own_account_only_and_nothing_is_sent_twice(worker, command):
    worker["a2"] = BrokenProcessPool("it died")
    executor = Inline()

    found = {one.account: one for one in run([task(one, command) for one in (1, 2, 3)], executor, at_once=2)}

    assert [len(one) for one in executor.submitted] == [1, 1, 1]
    assert sorted(found) == ["a1", "a2", "a3"]
    assert (found["a2"].outcome, found["a2"].exit) == (AccountOutcome.ERROR, 1)
    assert "BrokenProcessPool" in found["a2"].error
    assert ("unknown" in found["a2"].error) is (command is FleetCommand.APPLY)


def test_what_is_known_already_needs_no_worker(worker):
    executor = Inline()

    found = list(run([result("a1", AccountOutcome.SKIPPED), task(2)], executor, at_once=1))

    assert [one.account for one in found] == ["a1", "a2"]
    assert len(executor.submitted) == 1


def test_after_a_stop_those_under_way_end_and_the_others_are_listed(worker):
    reasons = iter(["", "", "the run was interrupted before it"])

    found = list(run([task(one) for one in (1, 2, 3)], Inline(), at_once=8, why_stopped=lambda: next(reasons)))

    assert {one.account: one.outcome.value for one in found} == {"a1": "clean", "a2": "clean", "a3": "not-started"}
    assert next(one.error for one in found if one.account == "a3") == "the run was interrupted before it"


def test_no_more_tasks_are_submitted_than_are_wanted_at_once(worker):
    open_ones, most = [], []

    class Slow(Inline):
        def submit(self, fn, /, *args, **kwargs):
            for future, answer in open_ones[: max(0, len(open_ones) - 1)]:
                future.set_result(answer)
            del open_ones[: max(0, len(open_ones) - 1)]
            future = Future()
            open_ones.append((future, fn(*args)))
            most.append(len(open_ones))
            if len(open_ones) == 2:
                for waiting, answer in open_ones:
                    waiting.set_result(answer)
                open_ones.clear()
            return future

    found = list(run([task(one) for one in range(1, 7)], Slow(), at_once=2))

    assert len(found) == 6
    assert max(most) == 2


def test_progress_names_what_went_wrong():
    counts = Counter({AccountOutcome.REFUSED: 3, AccountOutcome.UNREACHABLE: 1, AccountOutcome.CLEAN: 139})

    assert progress_text(143, 200, counts) == "143/200, 1 unreachable, 3 refused"


def test_without_a_terminal_a_line_is_printed_now_and_then(capsys, monkeypatch):
    now = iter(range(0, 1000, 25))
    monkeypatch.setattr(output.time, "monotonic", lambda: next(now))
    shown = output.Output(6, [], Progress(is_shown=False))

    for number in range(1, 7):
        shown.add(result(f"a{number}"))

    assert capsys.readouterr().err == "3/6\n6/6\n"


def test_a_signal_just_before_a_wait_is_heard_before_an_account_ends(worker):
    """It reaches no wait of the main thread, so it is sent to another one here."""
    account, heard = Future(), []

    def unnoticed():
        time.sleep(0.1)
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        time.sleep(60)
        account.done() or account.set_result(result("late"))

    def begin(*_):
        threading.Thread(target=unnoticed, daemon=True).start()
        return account

    def hear(*_):
        heard.append(1)
        account.set_result(result("a1"))

    with on_signals(hear):
        assert [one.account for one in run([task(1)], SimpleNamespace(submit=begin), at_once=1)] == ["a1"]
    assert heard == [1]
