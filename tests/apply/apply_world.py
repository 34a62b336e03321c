"""A scripted AWS, a clock that only waits move, and a journal that can be read."""

import json
from datetime import UTC, datetime, timedelta

from iamctl.apply.journal import Journal
from iamctl.apply.run import run
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
    """Seconds that pass only while somebody sleeps."""

    def __init__(self):
        self.waits = []
        self.now = 0.0

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds

    def clock(self):
        return self.now


def make_journal(directory):
    moments = (datetime(2026, 11, 23, 10, tzinfo=UTC) + timedelta(seconds=number) for number in range(10**6))
    return Journal.create(
        directory, plan_digest="sha256:0", account_id="123456789012", version="0.1.0", now=lambda: next(moments)
    )


def lines(journal):
    return [json.loads(line) for line in journal.path.read_text().splitlines()]


def play(tmp_path, calls, execute, *, time=None, journal=None, random=lambda: 1.0, **more):
    """Run calls and return the generator; the journal stays in ``tmp_path``."""
    time = time or Time()
    journal = journal or make_journal(tmp_path)
    return run(calls, execute, journal=journal, sleep=time.sleep, random=random, clock=time.clock, **more)


def statuses(outcomes):
    return [outcome.status.value for outcome in outcomes]
