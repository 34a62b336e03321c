"""Each control has a case that fails, one that passes and one that cannot be decided."""

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from audit_accounts import ACCOUNT, snapshot
from case_files import read_cases

from iamctl.account.audit_facts import audit_facts
from iamctl.account.live import live_account
from iamctl.audit import all_controls
from iamctl.audit.audited import Audited
from iamctl.audit.frameworks import Framework
from iamctl.audit.judged import Verdict, judgements
from iamctl.model.settings import AccessKeySettings, AuditSettings, Settings
from iamctl.report.audit_words import cure_text, failing_text

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
CASES = {
    f"{control}: {name}": (control, case)
    for control, cases in read_cases(Path(__file__).parent / "cases.yaml").items()
    for name, case in cases.items()
}
ALWAYS_DECIDED = {"cloudshell", "direct-policies", "owner-tags", "support-role"}
"""Every snapshot has users with their tags, and what is attached to users, groups and roles."""


def audited(case):
    found = snapshot(case)
    live = live_account(found)
    settings = Settings(
        "prod",
        ACCOUNT,
        access_keys=AccessKeySettings(max_age_days=case.get("max_age_days", 90)),
        audit=AuditSettings(owner_tags=tuple(case.get("owner_tags", ()))),
        protect=tuple(case.get("protect", ())),
    )
    return Audited(live, live.state, settings, NOW, audit_facts(found))


def judgement(control, case):
    return next(found for found in judgements(audited(case)) if found.control.id == control)


@pytest.mark.parametrize(("control", "case"), CASES.values(), ids=CASES)
def test_a_control_finds_what_the_case_says(control, case):
    found = judgement(control, case)

    assert [[str(one.address or "-"), one.fact.value] for one in found.failing] == case.get("finds", [])
    assert [[one.missing.value, str(one.address or "-")] for one in found.undecided] == case.get("unknown", [])
    assert [one.why.value for one in found.exempt] == case.get("exempt", [])


def test_a_protected_user_without_mfa_needs_a_device_since_no_plan_may_take_the_password():
    case = {"users": {"alice": {"password": {"since": "2026-11-23"}}}}

    (other,) = judgement("console-mfa", case).failing
    (protected,) = judgement("console-mfa", {**case, "protect": ["user/al*"]}).failing

    control = judgement("console-mfa", case).control
    assert cure_text(other.cure) == "users: {alice: {console: false}}"
    enrols = (
        "the user has a password since 2026-11-23 and no MFA device; the user enrols one "
        "(https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html)"
    )
    assert failing_text(control, other, NOW) == f"{enrols}, or remove the password"
    assert protected.cure is None
    assert failing_text(control, protected, NOW) == f"{enrols}, since protect keeps the password"


def test_every_control_fails_passes_and_is_not_evaluated_in_a_case():
    seen = defaultdict(set)
    for control, case in CASES.values():
        seen[control].add(judgement(control, case).verdict)

    for control in all_controls():
        wanted = {Verdict.FAIL, Verdict.PASS}
        wanted |= set() if control.id in ALWAYS_DECIDED else {Verdict.NOT_EVALUATED}
        assert seen[control.id] >= wanted, control.id


def test_nothing_passes_in_a_snapshot_that_says_nothing_but_what_it_always_says():
    bare = {"users": {"alice": {"credentials": "unknown"}}}

    passed = {found.control.id for found in judgements(audited(bare)) if found.verdict is Verdict.PASS}

    assert passed <= ALWAYS_DECIDED | {"full-administrators", "whole-services"}


def test_controls_of_a_framework_come_in_the_order_of_their_numbers():
    numbers = [found.control.numbers(Framework.CIS_7)[0] for found in judgements(audited({}), Framework.CIS_7)]

    assert numbers == sorted(numbers, key=lambda text: [int(part) for part in text.split(".")])
    assert {"2.1.1", "2.4", "2.20"} <= set(numbers)


@pytest.mark.parametrize("framework", Framework)
def test_every_framework_has_controls(framework):
    assert [control for control in all_controls() if control.numbers(framework)]


def test_every_control_has_a_title_a_source_and_a_framework():
    for control in all_controls():
        assert control.title.endswith(".")
        assert control.source.startswith("https://docs.aws.amazon.com/")
        assert control.ids
