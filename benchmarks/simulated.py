"""How long applies take by a simulated clock: iamctl's own runner and order, without a machine's noise.

Each answer takes 50 ms, 8 calls are under way at most, and waits until all of AWS sees a change are as on AWS.
``python -m benchmarks.simulated`` prints each case: calls, seconds with these waits, and seconds without them.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from heapq import heappop, heappush
from pathlib import Path

from iamctl.account.live import Live
from iamctl.apply.journal import Journal
from iamctl.apply.run import Surroundings, run
from iamctl.apply.schedule import Spreading
from iamctl.apply.workers import Ended, Job
from iamctl.cli.process import collect_seldom
from iamctl.comparison.diff import diff
from iamctl.kinds import AccessKey, Group, GroupPolicy, LoginProfile, Membership, MfaDevice, Policy, User
from iamctl.kinds.credentials import Credentials, HeldKey
from iamctl.model import Resource, State
from iamctl.order import Ordered, order
from iamctl.order.holdings import holdings
from iamctl.policy import Document
from iamctl.source.aws import SPREAD_SECONDS

LATENCY_SECONDS = 0.05
PARALLEL = 8
LEAVERS = 1_000
GROUPS, MEMBERS, PAIRS = 100, 1_000, 3
MOST_SECONDS = {
    "1,000 leavers": 60.0,
    "one policy replaced by another in 100 groups": 60.0,
    "swap of the policies of six groups": 35.0,
}

_ACCOUNT_ID = "123456789012"
_NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


class Simulated:
    """Workers without threads: a job runs when it starts, and its answer takes the latency of no real time."""

    def __init__(self) -> None:
        self.now = 0.0
        self._under_way: list[tuple[float, int, Ended]] = []
        self._number = 0
        self._is_woken = False

    def clock(self) -> float:
        return self.now

    def start(self, index: int, job: Job) -> None:
        self._number += 1
        ended = Ended(index, self.now, self.now + LATENCY_SECONDS, value=job())
        heappush(self._under_way, (ended.at, self._number, ended))

    def wait(self, seconds: float | None) -> Sequence[Ended]:
        until = None if seconds is None else self.now + seconds
        if self._under_way and (until is None or self._under_way[0][0] <= until):
            self.now = self._under_way[0][0]
            found = []
            while self._under_way and self._under_way[0][0] <= self.now:
                found.append(heappop(self._under_way)[2])
            return found
        assert until is not None, "nothing would ever end this wait"
        self.now = until
        return []

    def wake(self) -> None:
        """Do nothing: nobody interrupts a simulation."""

    def close(self) -> None:
        """Do nothing: there are no threads."""


def simulated(case: str) -> tuple[int, float, float]:
    """Return the calls of a case, and the seconds that they take with and without waits for AWS."""
    live, desired = (State.of(_CASES[case](before)) for before in (True, False))
    ordered = order(diff(live, desired), holdings(Live(_ACCOUNT_ID, "aws", live), live))
    assert not ordered.impossible, case
    return len(ordered.calls), _seconds(ordered, SPREAD_SECONDS), _seconds(ordered, 0.0)


def _seconds(ordered: Ordered, spread_seconds: float) -> float:
    workers = Simulated()
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal.create(Path(folder), plan_digest="sha256:0", account_id=_ACCOUNT_ID, version="bench")
        spreading = Spreading(ordered.relies_on, spread_seconds)
        around = Surroundings(
            lambda _: {}, journal, workers, secret=lambda _: "x", spreading=spreading, parallel=PARALLEL
        )
        for outcome in run(ordered.calls, around):
            assert not outcome.error, outcome
    return workers.now


def _leavers(before: bool) -> Iterator[Resource]:  # noqa: FBT001 - one of two states
    yield from (Group(name=f"group-{number}") for number in range(GROUPS))
    held = Credentials(
        has_password=True,
        access_keys=(HeldKey(is_active=True, id="key"),),
        mfa_devices=("device",),
        has_mfa=True,
        ssh_keys=(),
        certificates=(),
        service_credentials=(),
        is_exact=True,
    )
    for number in range(LEAVERS if before else 0):
        name, key = f"user-{number}", f"AKIA{number:016}"
        yield User(name=name, credentials=held)
        yield LoginProfile(user=name, since=_NOW)
        yield AccessKey(user=name, key_id=key, is_active=True, created=_NOW)
        yield MfaDevice(user=name, serial=f"arn:aws:iam::{_ACCOUNT_ID}:mfa/{name}")
        yield from (Membership(group=f"group-{(number + step) % GROUPS}", user=name) for step in (0, 1))


def _replaced(before: bool) -> Iterator[Resource]:  # noqa: FBT001 - as above
    yield from (User(name=f"user-{number}") for number in range(MEMBERS))
    yield from (_policy(number) for number in (0, 1))
    for number in range(GROUPS):
        yield Group(name=f"group-{number}")
        yield GroupPolicy(group=f"group-{number}", policy_arn=_arn(0 if before else 1))
    for number in range(MEMBERS):
        yield from (Membership(group=f"group-{(number + step) % GROUPS}", user=f"user-{number}") for step in (0, 7))


def _swapped(before: bool) -> Iterator[Resource]:  # noqa: FBT001 - as above
    people = [f"user-{number}" for number in range(6)]
    yield from (User(name=name) for name in people)
    for number in range(2 * PAIRS):
        yield _policy(number)
        yield Group(name=f"group-{number}")
        yield GroupPolicy(group=f"group-{number}", policy_arn=_arn(number if before else number ^ 1))
        yield from (Membership(group=f"group-{number}", user=name) for name in people)


_CASES: dict[str, Callable[[bool], Iterator[Resource]]] = dict(
    zip(MOST_SECONDS, (_leavers, _replaced, _swapped), strict=True)
)


def _policy(number: int) -> Policy:
    blocks = [
        {"Effect": effect, "Action": f"service{number}:{verb}", "Resource": "*"}
        for effect, verb in (("Allow", "*"), ("Deny", "Delete*"))
    ]
    document = Document.from_data({"Version": "2012-10-17", "Statement": blocks})
    return Policy(name=f"policy-{number}", document=document, arn=_arn(number))


def _arn(number: int) -> str:
    return f"arn:aws:iam::{_ACCOUNT_ID}:policy/policy-{number}"


if __name__ == "__main__":
    collect_seldom()
    json.dump({case: simulated(case) for case in MOST_SECONDS}, sys.stdout)
