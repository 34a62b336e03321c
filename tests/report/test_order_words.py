"""What the report says of calls that wait: one sentence for each reason."""

import pytest

from iamctl.access.rebound import rebind
from iamctl.model import Call
from iamctl.model.blocked import (
    DenyMissing,
    DeviceMissing,
    Gain,
    Late,
    Objection,
    Quota,
    QuotaExceeded,
    TooFewAdministrators,
    Unguarded,
)
from iamctl.policy import Atom
from iamctl.report.order_words import call_words, late_words, objection_words, statement_words

READ = Atom("Allow", frozenset({"s3:getobject"}), frozenset({"arn:aws:s3:::logs/*"}))
REASONS = {
    "user/dave would be allowed s3:getobject on arn:aws:s3:::logs/*": Gain(READ),
    "user/dave would be without the MFA guard": Unguarded(),
    "user/dave would have a password and no MFA device": DeviceMissing(),
    "user/dave would not be denied s3:getobject on arn:aws:s3:::logs/*": DenyMissing(READ),
    "user/dave would exceed the groups-per-user quota": QuotaExceeded(Quota.GROUPS_PER_USER, "user/dave"),
    "group/ops would exceed the policies-per-group quota": QuotaExceeded(Quota.POLICIES_PER_GROUP, "group/ops"),
    "group/ops would exceed the inline-policy-size quota": QuotaExceeded(Quota.INLINE_SIZE, "group/ops"),
    "too few administrators would remain": TooFewAdministrators(),
}


@pytest.mark.parametrize("text", REASONS)
def test_each_reason_has_its_own_sentence(text):
    objection = Objection("user/dave", REASONS[text])

    assert objection_words(objection) == text
    assert late_words(Late(4, objection)) == f"after call 4: until then {text}"


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        (Atom("Deny", frozenset("abcd"), frozenset("*"), negated_action=True), "all but a, b, c and 1 more on *"),
        (
            Atom("Allow", frozenset("a"), frozenset("r"), frozenset({("Bool", "k", frozenset())})),
            "a on r under its condition",
        ),
        (
            rebind("user/u", READ, (("aws:username", 1),)),
            f"{statement_words(READ)}, as a changed name, path or tag decides it",
        ),
        (Atom("Allow", opaque="arn:aws:iam::aws:policy/X"), "whatever arn:aws:iam::aws:policy/X allows"),
        (Atom("Allow", opaque=("2012-10-17", None)), "an unusual statement"),
    ],
)
def test_a_statement_is_described_by_the_requests_that_it_matches(statement, text):
    assert statement_words(statement) == text


def test_a_call_is_described_without_its_documents():
    call = Call(0, "iam", "PutGroupPolicy", {"GroupName": "g", "PolicyName": "p", "PolicyDocument": "{}"})

    assert call_words(call) == "PutGroupPolicy(g, p)"
