"""Case tables: two declared states, the calls up and down between them, and nothing left both ways.

A case may begin with what manifests cannot declare: ``holds`` says what users hold, by name and as a snapshot does, and
``given`` lists IAM calls. ``down: none`` says that there is no way back.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest
from case_files import read_cases
from world import world, written

from iamctl.source.live_source import whole_snapshot

CASES = {
    f"{path.stem}.{name}": case
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    for name, case in read_cases(path).items()
}
NOTHING = {"users": {}}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_calls_up_and_down_and_nothing_left(case):
    with beginning(case) as account:
        up = account.plan(case["desired"])
        assert _lines(up) == case["up"].splitlines()
        _reached(account, up, case["desired"])
        if case["down"] != "none":
            down = account.plan(case["live"] or NOTHING)
            assert _lines(down) == case["down"].splitlines()
            _reached(account, down, case["live"] or NOTHING)


@contextmanager
def beginning(case):
    """Yield the account in which a case begins."""
    snapshot = None
    if "holds" in case:
        with world() as account:
            account.reach(case["live"])
            snapshot = whole_snapshot(account.live)
        for name, facts in case["holds"].items():
            snapshot["credentials"][name] |= facts
    with world(snapshot) as account:
        if case.get("live") and snapshot is None:
            account.reach(case["live"])
        for given in case.get("given", []):
            getattr(account.session.client("iam"), given["call"])(**given["params"])
        yield account


def _reached(account, plan, manifests):
    failed = [outcome for outcome in account.apply(plan) if outcome.error]
    assert not failed
    assert account.plan(manifests).changes == ()


def _lines(plan):
    return [written(call) for call in plan.calls]
