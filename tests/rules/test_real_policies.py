"""What the rules on statements say of policies that AWS wrote: warnings only, and few of unknown actions."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from effort import first

from iamctl.kinds import Policy
from iamctl.model import Severity, State
from iamctl.model.settings import Desired, Settings
from iamctl.policy import Document
from iamctl.policy.actions import is_known
from iamctl.rules import Review, check
from iamctl.rules.declared_statements import declared_statements

POLICIES = Path(__file__).resolve().parents[2] / "../shared/data/policies"
pytestmark = pytest.mark.skipif(not POLICIES.exists(), reason="the shared policy data is not here")
RULES = {"IAM304", "IAM305", "IAM306", "IAM307", "IAM308"}

UNKNOWN_IN_GUIDE = {
    "access_policies_understand-policy-summary#1": "the page shows what misspelt names do",
    "reference_policies_condition-keys#6": "'service' stands for the reader's service",
    "reference_policies_condition-keys#14": "'service' stands for the reader's service",
    "reference_policies_elements_condition_operators#7": "'someservice' stands for the reader's service",
    "reference_policies_examples_aws_mfa-dates#1": "'service-prefix-1' stands for the reader's service",
}


def declared(documents):
    return State.of(
        Policy(name=name, document=Document.from_data(document), arn=f"arn:aws:iam::123456789012:policy/{name}")
        for name, document in documents
    )


def found(state):
    review = Review(Desired(Settings("prod", "123456789012"), "aws", state), datetime(2026, 11, 23, tzinfo=UTC))
    return [finding for finding in check(review, "manifests") if finding.rule in RULES]


def test_examples_of_the_user_guide_draw_warnings_where_they_are_misspelt_or_wide():
    examples = json.loads((POLICIES / "aws-iam-user-guide-identity.json").read_text())

    findings = found(declared((item["id"], item["document"]) for item in examples))

    assert len(examples) == 141
    assert {finding.severity for finding in findings} == {Severity.WARN}
    assert {finding.address.name for finding in findings if finding.rule == "IAM304"} == UNKNOWN_IN_GUIDE.keys()
    assert len([finding for finding in findings if finding.rule != "IAM304"]) <= 6


@pytest.mark.parametrize("step", first(1, [8, 1]))
def test_policies_managed_by_aws_draw_warnings_and_hardly_any_of_unknown_actions(step):
    lines = (POLICIES / "aws-managed-policies.jsonl").read_text().splitlines()[::step]
    state = declared((item["name"], item["document"]) for item in map(json.loads, lines))

    findings = found(state)

    assert len(lines) > 1600 // step
    assert {finding.severity for finding in findings} == {Severity.WARN}
    assert all(len(finding.message) < 600 for finding in findings)
    # retired services such as codestar, internal ones, and some slips of AWS's own: 223 of 16,605, in 60 statements
    every = {action for statement in declared_statements(state) for action in statement.written_actions}
    assert sum(not is_known(action) for action in every) < 0.02 * len(every)
    assert len([finding for finding in findings if finding.rule == "IAM304"]) <= max(10, 60 // step)
