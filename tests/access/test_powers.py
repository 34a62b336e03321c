"""Which Allows are a power: those that may be about an action which changes or uses something of IAM."""

import pytest

from iamctl.access import powers as module
from iamctl.access.powers import Power, powers
from iamctl.policy import Atom

ON = frozenset({"arn:aws:iam::123456789012:*/x"})
ACTIONS = [
    *("iam:addusertogroup", "IAM:addusertogroup", "iam:*", "i*", "?am:*", "*:addusertogroup", "*togroup", "*"),
    *("sts:assumerole", "s?s:assumerole", "s3:*", "s*", "i:*", "iamx:*", "ec2:runinstances", "logs:*", "ia", "iam"),
]


def allow(*actions, **more):
    return Atom("Allow", frozenset(actions), ON, **more)


def test_a_right_to_add_members_is_a_power_and_one_of_another_service_is_none():
    assert powers(allow("iam:addusertogroup")) == {Power.JOIN}
    assert powers(allow("sts:assumerole")) == {Power.ACT}
    assert powers(allow("s3:*")) == powers(allow("logs:*", "ec2:*")) == frozenset()
    assert Power.JOIN in powers(allow("s3:*", negated_action=True))


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("other", [(), ("s3:getobject",)])
def test_a_look_at_the_service_alone_hides_no_power(action, other, monkeypatch):
    found = powers(allow(action, *other))
    monkeypatch.setattr(module, "_may_name_one", lambda _: True)

    assert powers(allow(action, *other)) == found
