"""A scripted AWS, a clock that only waits move, and a journal that can be read."""

import json
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from iamctl.apply.journal import Journal
from iamctl.apply.run import Surroundings, run
from iamctl.apply.workers import Ended
from iamctl.model import Call, CallError


def call(index, operation="CreateUser", needs=(), **params):
    return Call(index, "iam", operation, params or {"UserName": f"u{index}"}, tuple(needs))


def refusal(code, **how):
    return CallError(code, "no", **how)


THROTTLED = refusal("Throttling", throttled=True)
LOST = refusal("ReadTimeoutError", ambiguous=True)


class Scripted:
    """Answers calls by a script: index to the faults that its first requests meet."""

    def __init__(self, **faults):
        self.faults = {int(name[1:]): list(found) for name, found in faults.items()}
        self.sent = []

    def __call__(self, call):
        self.sent.append(call)
        faults = self.faults.get(call.index)
        if faults:
            fault = faults.pop(0) if len(faults) > 1 or not isinstance(faults[0], Forever) else faults[0].fault
            if callable(fault) and not isinstance(fault, BaseException):
                fault = fault()
            if fault is not None:
                raise fault
        return {"Answer": {"To": call.index}}

    @property
    def indexes(self):
        return [call.index for call in self.sent]


class Forever:
    def __init__(self, fault):
        self.fault = fault


class Time:
    """Workers without threads: a job runs when it starts, and its answer takes ``latency`` seconds of no real time."""

    def __init__(self, latency=0.0):
        self.latency = latency
        self.waits = []
        self.now = 0.0
        self.under_way = []
        self.most_under_way = 0
        self.is_woken = False
        self.number = 0

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds

    def clock(self):
        return self.now

    def start(self, index, job):
        try:
            ended = Ended(index, self.now, self.now + self.latency, value=job())
        except Exception as error:  # noqa: BLE001 - as threads do
            ended = Ended(index, self.now, self.now + self.latency, error=error)
        self.number += 1
        heappush(self.under_way, (ended.at, self.number, ended))
        self.most_under_way = max(self.most_under_way, len(self.under_way))

    def wait(self, seconds):
        self.is_woken, was_woken = False, self.is_woken
        if self.under_way and (seconds is None or self.under_way[0][0] <= self.now + seconds):
            self.now = max(self.now, self.under_way[0][0])
            found = []
            while self.under_way and self.under_way[0][0] <= self.now:
                found.append(heappop(self.under_way)[2])
            return found
        if not was_woken:
            assert seconds is not None, "nothing would ever end this wait"
            self.sleep(seconds)
        return []

    def wake(self):
        self.is_woken = True

    def close(self):
        pass


def make_journal(directory):
    moments = (datetime(2026, 11, 23, 10, tzinfo=UTC) + timedelta(seconds=number) for number in range(10**6))
    return Journal.create(
        directory, plan_digest="sha256:0", account_id="123456789012", version="0.1.0", now=lambda: next(moments)
    )


def lines(journal):
    return [json.loads(line) for line in journal.path.read_text().splitlines()]


def play(tmp_path, calls, execute, *, time=None, journal=None, random=lambda: 1.0, parallel=1, **more):
    """Run calls and return the generator; the journal stays in ``tmp_path``."""
    journal = journal or make_journal(tmp_path)
    around = Surroundings(execute, journal, time or Time(), random, parallel=parallel, **more)
    return run(calls, around)


def statuses(outcomes):
    """Return the statuses of outcomes in the order of the plan."""
    return [outcome.status.value for outcome in in_order(outcomes)]


def in_order(outcomes):
    return sorted(outcomes, key=lambda outcome: outcome.call.index)
