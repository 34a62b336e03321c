"""On the way of an apply nothing but a guard stands for a guard."""

import pytest

from iamctl.access.statement_sets import StatementSets
from iamctl.model.blocked import Unguarded
from iamctl.order.safety import Safety
from iamctl.order.world import View
from iamctl.policy import Document

GUARD = {
    "Effect": "Deny",
    "NotAction": "iam:GetUser",
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}
NEAR = {
    "Bool": {**GUARD, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}},
    "some resources": {**GUARD, "Resource": "arn:aws:s3:::*"},
    "an action too many": {**GUARD, "NotAction": ["iam:GetUser", "iam:DeactivateMFADevice"]},
    "a further condition": {
        **GUARD,
        "Condition": {**GUARD["Condition"], "StringEquals": {"aws:RequestedRegion": "eu-central-1"}},
    },
}


def sides(*blocks):
    sets = StatementSets()
    return sets, [sets.of(Document.from_data({"Version": "2012-10-17", "Statement": block})).deny for block in blocks]


@pytest.mark.parametrize("near", NEAR.values(), ids=NEAR)
def test_a_password_does_not_come_before_the_guard_that_comes_with_it(near):
    sets, (almost, guard) = sides(near, GUARD)
    before, after = View(deny=almost), View(deny=almost | guard, login=True)

    assert Safety(sets).objection(before, after, View(deny=almost, login=True)) == Unguarded()
    assert Safety(sets).objection(before, after, View(deny=almost | guard)) is None


def test_one_guard_may_take_the_place_of_another():
    other = {**GUARD, "NotAction": ["iam:GetUser", "iam:ChangePassword"]}
    sets, (one, another) = sides(GUARD, other)
    before, after = View(deny=one, login=True), View(deny=another, login=True)

    assert Safety(sets).objection(before, after, View(deny=one | another, login=True)) is None
    assert Safety(sets).objection(before, after, View(login=True)) == Unguarded()
