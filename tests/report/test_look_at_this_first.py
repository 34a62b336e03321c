"""What stands under "Look at this first", and what merely warns."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from iamctl.commands.apply import _confirmed
from iamctl.model import Account, Address, Finding, Plan, Severity
from iamctl.report.plan import risky_section
from iamctl.rules import Hit, Rule

PLAN = Plan(Account("123456789012", "prod", "aws"), datetime(2026, 11, 1, tzinfo=UTC), (), (), ())
ALICE, BOB = Address.of("user", "alice"), Address.of("user", "bob")
LOSS = Finding("IAM425", Severity.WARN, "loses the key", ALICE, facts=("key",), first=True, many="lose their keys")


def lines(*findings: Finding) -> list[str]:
    plan = replace(PLAN, findings=findings)
    return ["".join(span.text for span in entry.spans) for section in risky_section(plan) for entry in section.lines]


def test_any_code_can_come_first() -> None:
    assert lines(LOSS, Finding("IAM112", Severity.WARN, "has no device", BOB)) == ["alice loses the key"]


def test_equal_facts_are_one_line() -> None:
    assert lines(LOSS, replace(LOSS, address=BOB)) == ["2 users lose their keys: alice, bob"]
    plain = replace(LOSS, many="")
    assert lines(plain, replace(plain, address=BOB)) == ["each of 2 users loses the key: alice, bob"]


def test_other_facts_are_lines_of_their_own() -> None:
    assert lines(LOSS, replace(LOSS, address=BOB, facts=("other",))) == ["alice loses the key", "bob loses the key"]


def test_a_refusal_is_listed_as_such_alone() -> None:
    assert lines(replace(LOSS, severity=Severity.REFUSE)) == []


def test_a_hit_decides_for_itself_or_leaves_it_to_its_rule() -> None:
    rule = Rule("IAM425", Severity.WARN, "plan", "", "", None, first=True)
    hits = Hit(ALICE, "loses"), Hit(ALICE, "loses", first=False)
    assert [hit.finding(rule).first for hit in hits] == [True, False]
    assert Hit(ALICE, "loses", first=True).finding(replace(rule, first=False)).first


def test_the_prompt_repeats_it_right_above_the_question(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("iamctl.commands.apply.typed", lambda: "no\n")

    assert not _confirmed(replace(PLAN, findings=(LOSS,)))
    told = capsys.readouterr().err
    assert told.startswith(
        "\nLook at this first\n  alice loses the key\n\nApply these 0 calls to prod (123456789012)?\n"
    )
