"""Case tables: two declared states, the calls up and down between them, and nothing left both ways.

A case may begin with ``given``: IAM calls for what manifests cannot declare. ``down: none`` says that there is no way
back. ``same`` says that nothing at all is to be done.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from world import world, written

CASES = {
    f"{path.stem}.{name}": case
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    for name, case in yaml.safe_load(path.read_text(encoding="utf-8")).items()
}
NOTHING = {"users": {}}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_calls_up_and_down_and_nothing_left(case):
    with world() as account:
        account.reach(case.get("live") or NOTHING)
        iam = account.session.client("iam")
        for given in case.get("given", []):
            getattr(iam, given["call"])(**given["params"])

        up = account.plan(case["desired"])
        assert _lines(up) == case["up"].splitlines()
        _reached(account, up, case["desired"])
        if case["down"] != "none":
            down = account.plan(case["live"] or NOTHING)
            assert _lines(down) == case["down"].splitlines()
            _reached(account, down, case["live"] or NOTHING)


def _reached(account, plan, manifests):
    failed = [outcome for outcome in account.apply(plan) if outcome.error]
    assert not failed
    assert account.plan(manifests).changes == ()


def _lines(plan):
    return [written(call) for call in plan.calls]
