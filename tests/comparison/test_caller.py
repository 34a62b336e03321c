"""The user who runs iamctl, and who may get a temporary policy."""

import pytest

from iamctl.comparison.caller import calling_user, restrainable_users
from iamctl.comparison.scoped import Scoped
from iamctl.kinds import User
from iamctl.model import Address, State

ALICE, BOB, GOING = Address.of("user", "alice"), Address.of("user", "bob"), Address.of("user", "old")
WHOLE = State({ALICE: User(name="Alice", path="/people/"), BOB: User(name="robert"), GOING: User(name="old")})
DESIRED = State({ALICE: User(name="Alice"), BOB: User(name="bob")})


@pytest.mark.parametrize(
    ("arn", "caller"),
    [
        (None, None),
        ("arn:aws:iam::123456789012:user/people/alice", ALICE),
        ("arn:aws:iam::123456789012:user/robert", BOB),
        ("arn:aws:iam::123456789012:user/bob", None),
        ("arn:aws:iam::123456789012:root", None),
        ("arn:aws:sts::123456789012:assumed-role/alice/alice", None),
    ],
)
def test_all_managed_users_but_the_caller_may_get_a_temporary_policy(arn, caller):
    scoped = Scoped(DESIRED, WHOLE, WHOLE, going=frozenset({GOING}))
    names = {ALICE: "Alice", BOB: "bob", GOING: "old"}

    assert calling_user(arn, WHOLE) == caller
    assert restrainable_users(scoped, arn) == {str(one): name for one, name in names.items() if one != caller}
