"""Which of AWS's own examples are guards: many look at MFA, few take everything away without it."""

import json
from pathlib import Path

import pytest

from iamctl.access.mfa_guard import is_guard, looks_at_mfa
from iamctl.policy import Document

EXAMPLES = Path(__file__).resolve().parents[2] / "../shared/data/policies/aws-iam-user-guide-identity.json"
GUARDS = {
    "id_credentials_mfa_enable_fido#1",
    "id_credentials_mfa_sync#1",
    "reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only#1",
}


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the examples of the user guide are not here")
def test_three_examples_of_the_user_guide_are_guards_and_five_more_look_at_mfa():
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    statements = {
        example["id"]: Document.from_data(example["document"]).normalized.statements
        for example in examples
        if example["kind"] == "identity"
    }

    assert {name for name, held in statements.items() if any(map(is_guard, held))} == GUARDS
    assert sum(any(map(looks_at_mfa, held)) for name, held in statements.items() if name not in GUARDS) == 5
