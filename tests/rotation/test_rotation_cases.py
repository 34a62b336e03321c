"""Every state of a rotation, and what the next plan does in it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from case_files import read_cases

from iamctl.kinds.rotation import Begun, KeyFacts, RotationRule, SecretFacts, WaitReason, next_deeds

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
PATIENCE = timedelta(days=14)
SECRETS = {"unasked": None, "denied": SecretFacts(), "missing": SecretFacts(exists=False)}
CASES = read_cases(Path(__file__).parent / "cases.yaml")


def facts(name, created, used, status):
    kind, _, days = status.partition(" ")
    deleted_at = None
    if kind == "since":
        day = NOW.replace(hour=0) - timedelta(days=int(days))
        deleted_at = day + timedelta(days=1) + PATIENCE
    return KeyFacts(
        id=name,
        is_active=status in {"active", "retired"},
        created=NOW - timedelta(days=created),
        used=NOW - timedelta(days=used) if isinstance(used, int) else None,
        is_use_known=used != "?",
        deleted_at=deleted_at,
        is_retired=kind == "retired",
    )


def deeds_of(case):
    rule = RotationRule(timedelta(days=80), timedelta(days=10), "ci/key" if "secret" in case else None)
    keys = [facts(name, *row) for name, row in case["keys"].items()]
    told = case.get("begun")
    if isinstance(told, list):
        day, *known = told
        told = str(Begun((NOW - timedelta(days=day)).date(), tuple(known)))
    return next_deeds(
        rule,
        keys,
        Begun.of(told),
        NOW,
        PATIENCE,
        SECRETS.get(case.get("secret"), SecretFacts(exists=True, key_id=case.get("secret"))),
    )


def written(deeds):
    lines = [f"deactivate {key}" for key in deeds.deactivated]
    lines += [f"delete {key}" for key in deeds.deleted]
    lines += [f"note {key}" for key in deeds.noted]
    made = [" ".join(["make", *([deeds.due.id] if deeds.due else [])])] if deeds.makes else []
    return [*lines, *made]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_next_deeds_are_those_of_the_case(case):
    deeds = deeds_of(case)

    assert written(deeds) == case["deeds"]
    wait = deeds.waits
    told = [wait.reason.value, wait.key, wait.other, f"{wait.until:%Y-%m-%d}" if wait.until else "-"] if wait else None
    expected = case.get("waits")
    assert told == ([str(part) for part in expected] if expected else None)
    assert deeds.is_unfinished is case.get("unfinished", False)


def test_each_reason_to_wait_has_a_case():
    seen = {case["waits"][0] for case in CASES.values() if "waits" in case}

    assert seen | {WaitReason.KEYS_UNKNOWN} == set(WaitReason)
