"""Each command over many accounts reports in its own words, and no text from an account acts on who reads them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from fleet.run_of_twelve import baseline, drifted, ended, planned, rollout, run_of_twelve
from hostile_pieces import PIECES

from iamctl.kinds import Membership, Resource, User
from iamctl.model.fleet import AccountOutcome, AccountResult, FleetCommand
from iamctl.render import FORMATS
from iamctl.render.text import render_text, text_lines
from iamctl.report.fleet import NextSteps, fleet_report
from iamctl.text.visible import visible

ONE, TWO, THREE = "1" * 12, "2" * 12, "3" * 12
TRUDY: list[Resource] = [User(name="trudy"), Membership(group="admins", user="trudy")]


def text_of(results: list[AccountResult], command: FleetCommand) -> str:
    return render_text(fleet_report(results, command, "0.1.0", NextSteps(retry=("again",))))


def test_drift_names_who_is_an_administrator_and_what_was_done_by_hand() -> None:
    results = [
        *(
            drifted(name, number, [*baseline(number), *TRUDY], baseline(number))
            for name, number in (("a", ONE), ("b", TWO))
        ),
        drifted("c", THREE, baseline(THREE), baseline(THREE)),
    ]
    text = text_of(results, FleetCommand.DRIFT)
    assert "2 with drift, 1 without drift." in text
    first, rest = text.split("Differences from the manifests")
    assert (
        "trudy is an administrator but not declared; declare the user, or list the user under 'removed'  in 2 accounts: a, b"
        in first
    )
    assert "the same 1 difference in 2 accounts: a, b\n    someone added trudy to admins" in rest
    assert "A plan would be refused" in rest
    assert "is no longer an administrator" not in text
    assert "2 differences." in text
    assert "fleet digest" not in text


def test_drift_names_administrators_that_were_made_by_hand() -> None:
    wanted: list[Resource] = [*baseline(ONE), User(name="dave")]
    live: list[Resource] = [*wanted, Membership(group="admins", user="dave")]

    first = text_of([drifted("a", ONE, live, wanted)], FleetCommand.DRIFT).split("Differences from the manifests")[0]

    assert "Look at this first\n  dave is an administrator, but not in the manifests  in a" in first


def test_an_apply_reports_what_is_done_and_what_is_not() -> None:
    results = [replace(one, command=FleetCommand.APPLY) for one in run_of_twelve()]
    results[3] = replace(results[3], outcome=AccountOutcome.ERROR, exit=4, error="2 of 6 calls done")
    text = text_of(results, FleetCommand.APPLY)
    assert "3 changed, 1 with nothing to change." in text
    done, planned_only = "carol deleted with 1 group  in prod-eu", "carol will be deleted with 1 group  in prod"
    assert (done in text, planned_only in text) == (True, True)
    assert "(200000000001) failed: 2 of 6 calls done" in text
    assert "8 created, 2 updated, 2 deleted in the accounts that converged." in text
    assert "apply exactly this" not in text
    assert "retry what failed: again" in text


def control(name: str, severity: str, *failing: str) -> dict[str, Any]:
    return {
        "id": name,
        "title": f"The control {name}.",
        "severity": severity,
        "failing": [{"address": f"user/{user}", "message": "has no MFA device"} for user in failing],
    }


def audited(name: str, account_id: str, *controls: dict[str, Any]) -> AccountResult:
    outcome = AccountOutcome.CHANGES if controls else AccountOutcome.CLEAN
    counts = {"failed": len(controls), "passed": 3}
    return AccountResult(name, account_id, "", FleetCommand.AUDIT, outcome, 0, summary=counts, changes=controls)


def test_an_audit_reports_control_by_control_the_gravest_first() -> None:
    results = [
        audited("a", ONE, control("tidy", "low", "eve"), control("mfa", "high", "eve", "bob")),
        audited("b", TWO, control("mfa", "high", "eve")),
        audited("c", THREE),
    ]
    text = text_of(results, FleetCommand.AUDIT)
    assert "2 with failed controls, 1 without failed controls." in text
    lines = text.split("Failed controls\n")[1].splitlines()[:5]
    assert lines == [
        "  high mfa: The control mfa.  in 2 accounts: a, b",
        "    user/eve: has no MFA device  in 2 accounts: a, b",
        "    user/bob: has no MFA device  in a",
        "  low tidy: The control tidy.  in 1 account: a",
        "    user/eve: has no MFA device  in a",
    ]
    assert "Controls over all accounts: 3 failed, 9 passed." in text


def test_validate_reports_a_mistake_of_shared_files_once() -> None:
    (mistake,) = (one for one in run_of_twelve() if one.account == "payments")
    results = [replace(mistake, account=name, command=FleetCommand.VALIDATE) for name in ("a", "b", "c")]
    text = text_of(results, FleetCommand.VALIDATE)
    assert "3 accounts failed: a, b, c: 1 error in the manifests" in text
    assert text.count("unknown group 'devs'") == 1
    assert "teams/payments.yaml:4:7: unknown group 'devs'; did you mean 'dev'? (IAM001)  in 3 accounts: a, b, c" in text


def test_mistakes_are_counted_beside_the_account_and_listed_once() -> None:
    (mistake,) = (one for one in run_of_twelve() if one.account == "payments")
    told = f"the manifests have 1 error: teams/payments.yaml:4:7: {mistake.findings[0]['message']}"
    text = text_of([replace(mistake, account=name, error=told) for name in ("a", "payments")], FleetCommand.DRIFT)
    assert "2 accounts failed: a, payments: 1 error in the manifests" in text
    assert text.count("unknown group 'devs'") == 1
    assert "No drift" not in text


def test_a_reason_that_names_one_account_for_all_is_one_reason() -> None:
    reason = "account 'a' has no manifests"
    results = [ended(name, number, AccountOutcome.ERROR, 1, reason) for name, number in (("a", ONE), ("b", TWO))]
    assert f"2 accounts failed: a, b: {reason}" in text_of(results, FleetCommand.PLAN)


def test_a_refusal_without_a_rule_keeps_its_reason() -> None:
    changed = "plan digest is sha256:1, but another was approved"
    text = text_of([ended("a", ONE, AccountOutcome.REFUSED, 5, changed)], FleetCommand.APPLY)
    assert f"Refused\n  a ({ONE}) refused: {changed}" in text


def test_a_refusal_is_not_told_again_as_the_reason() -> None:
    (legacy,) = (one for one in run_of_twelve() if one.account == "legacy")
    (refusal,) = (one for one in legacy.findings if one["severity"] == "refuse")
    text = text_of([replace(legacy, error=refusal["message"])], FleetCommand.PLAN)
    assert text.count(refusal["message"]) == 1
    assert "Refused\n  legacy" in text_of([replace(legacy, error="another reason")], FleetCommand.PLAN).replace(
        f"  {refusal['message']} (IAM412)  in legacy\n", ""
    )


def test_controls_that_fail_are_no_errors_of_an_account_that_was_not_read_whole() -> None:
    finding = {"rule": "mfa", "severity": "error", "address": "user/eve", "message": "has no MFA device"}
    one = replace(audited("a", ONE, control("mfa", "high", "eve")), findings=(finding,), outcome=AccountOutcome.ERROR)
    text = text_of([replace(one, error="not evaluated: 5 of 52 controls", exit=1)], FleetCommand.AUDIT)
    assert f"a ({ONE}) failed: not evaluated: 5 of 52 controls" in text
    assert text.count("has no MFA device") == 1


def test_an_outcome_without_a_reason_has_its_exit_code() -> None:
    assert f"a ({ONE}) failed: exit code 1" in text_of(
        [ended("a", ONE, AccountOutcome.ERROR, 1, "")], FleetCommand.PLAN
    )


def test_a_run_without_accounts_says_so() -> None:
    assert render_text(fleet_report([], FleetCommand.PLAN, "0.1.0")).startswith("Fleet plan: 0 accounts\n")


def test_changes_of_a_kind_that_is_not_known_are_counted() -> None:
    (one, *_) = run_of_twelve()
    strange = {**one.changes[0], "address": "robot/r2", "kind": "robot"}
    made = fleet_report([replace(one, changes=(*one.changes, strange))], FleetCommand.PLAN, "0.1.0")
    assert "team-1 (100000000001): 5 changes" in render_text(made)
    assert "robot/r2" in render_text(made)


@pytest.mark.parametrize("piece", PIECES)
def test_names_and_errors_of_accounts_do_not_act(piece: str) -> None:
    name, error = f"x{piece}y", f"AccessDenied: {piece}"
    mistake = {"rule": "IAM001", "severity": "refuse", "address": f"user/{piece}", "message": piece, "first": True}
    joins = planned(name, ONE, baseline(ONE), rollout(ONE))
    results = [
        ended(name, TWO, AccountOutcome.UNREACHABLE, 1, error),
        replace(ended(f"{name}2", THREE, AccountOutcome.REFUSED, 3, error), findings=(mistake,)),
        replace(joins, account=f"{name}3", findings=(*joins.findings, {**mistake, "severity": "warn"})),
    ]
    made = fleet_report(results, FleetCommand.PLAN, "0.1.0", selection=piece)
    text = FORMATS["text"](made)
    assert f"  {visible(name)} ({TWO}) unreachable: {visible(error)}\n" in text
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u202e\ud800-\udfff]", text)
    assert text.count("\n") == len([*text_lines(made)])
    for output in ("markdown", "json", "html"):
        assert "\x1b" not in FORMATS[output](made)
