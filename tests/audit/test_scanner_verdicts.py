"""The controls about wide policies against the recorded verdicts of another scanner; each difference has its reason."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from audit_accounts import ACCOUNT
from case_files import read_cases

from iamctl.account.live import live_account
from iamctl.audit.audited import Audited
from iamctl.audit.controls.policies import nothing_allows_everything, services_are_not_allowed_whole
from iamctl.audit.outcome import failures
from iamctl.model.settings import Settings

CASES = read_cases(Path(__file__).parent / "scanner_verdicts.yaml")
NOW = datetime(2026, 11, 29, tzinfo=UTC)


def wide(statements):
    """Return whether a control fails a group that holds a policy of these statements."""
    arn = f"arn:aws:iam::{ACCOUNT}:policy/p"
    version = {
        "VersionId": "v1",
        "IsDefaultVersion": True,
        "Document": {"Version": "2012-10-17", "Statement": statements},
    }
    live = live_account(
        {
            "account": {"id": ACCOUNT, "partition": "aws"},
            "UserDetailList": [],
            "GroupDetailList": [{"GroupName": "g", "AttachedManagedPolicies": [{"PolicyName": "p", "PolicyArn": arn}]}],
            "RoleDetailList": [],
            "Policies": [{"Arn": arn, "PolicyName": "p", "DefaultVersionId": "v1", "PolicyVersionList": [version]}],
        }
    )
    audited = Audited(live, live.state, Settings("prod", ACCOUNT), NOW)
    found = [*nothing_allows_everything(audited), *services_are_not_allowed_whole(audited)]
    return any(failures(found))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_wide_policy_fails_where_the_scanner_finds_one_or_a_reason_is_documented(case):
    agrees = wide(case["statements"]) is bool(case["wildcards"])

    assert agrees is ("differs" not in case), case.get("differs", "a difference without a reason")


def test_the_verdicts_are_of_both_kinds():
    assert {bool(case["wildcards"]) for case in CASES.values()} == {True, False}
    assert [name for name, case in CASES.items() if "differs" in case] == [
        "everything-with-mfa",
        "everything-on-a-bucket",
        "whole-service-on-a-bucket",
    ]
