"""What a failed call keeps from running, and what comes first; the numbers are those of the faults in the docs."""

from oracle_cases import world_of, written
from oracle_plans import planned

from iamctl.account.live import Live
from iamctl.comparison.diff import diff
from iamctl.kinds import AccessKey, Group, GroupPolicy, LoginProfile, Membership, Policy, User
from iamctl.model import State
from iamctl.order import order
from iamctl.order.holdings import holdings
from iamctl.policy import Document

GUARDED = {
    "both": {
        "policies": {"guard": ["guard"], "own": ["allow d"], "reads": ["allow c"]},
        "groups": {"a": {"policies": ["reads"]}, "everyone": {"policies": ["guard", "own"]}},
        "users": {},
    }
}


def left_undone(calls, failed):
    """Return what does not run when a call fails."""
    lost = {call.index for call in calls if written(call) == failed}
    assert lost, failed
    for call in calls:
        if lost.intersection(call.needs):
            lost.add(call.index)
    return {written(call) for call in calls if call.index in lost} - {failed}


def test_fault_2_a_failed_revocation_keeps_no_other_one_from_running():
    user = {"password": True, "key": "AKIA1", "device": "u"}
    case = {
        "both": {"policies": {"reads": ["allow c"]}, "groups": {"g": {"policies": ["reads"]}}, "users": {}},
        "before": {"users": {"u": user}, "groups": {"g": {"members": ["u"]}}},
    }

    assert left_undone(planned(world_of(case)).calls, "DeleteLoginProfile u") == {
        "DeactivateMFADevice u",
        "DeleteVirtualMFADevice",
        "DeleteUser u",
    }


def test_fault_11_a_user_who_cannot_be_created_keeps_nobody_else_from_their_groups():
    people = [f"u{number}" for number in range(5)]
    joined = {"members": people}
    case = GUARDED | {"after": {"users": {name: {} for name in people}, "groups": {"a": joined, "everyone": joined}}}

    undone = left_undone(planned(world_of(case)).calls, "CreateUser u2")

    assert undone == {"AddUserToGroup a u2", "AddUserToGroup everyone u2"}


def test_fault_16_all_join_the_group_that_brings_the_guard_first():
    people = [f"u{number}" for number in range(6)]
    joined = {"members": people}
    case = GUARDED | {"after": {"users": {name: {} for name in people}, "groups": {"a": joined, "everyone": joined}}}
    plan = planned(world_of(case))
    joins = [call for call in plan.calls if call.operation == "AddUserToGroup"]

    assert [call.params["GroupName"] for call in joins] == ["everyone"] * 6 + ["a"] * 6
    assert all(len(plan.ordered.relies_on[call.index]) == 1 for call in joins[6:])


def account(*resources):
    text = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    arn = "arn:aws:iam::123456789012:policy/p"
    policy = Policy(name="p", document=Document.from_data(text), arn=arn)
    return State.of((User(name="u"), policy, Group(name="g"), GroupPolicy(group="g", policy_arn=arn), *resources))


def operations(live, desired):
    changes = diff(live, desired)
    calls = order(changes, holdings(Live("123456789012", "aws", live), live)).calls
    return [call for call in calls if call.operation != "TagUser"]


def test_fault_13_a_key_goes_inactive_first_and_needs_no_grant():
    inactive = AccessKey(user="u", key_id="AKIA1", is_active=False, inactive_since="2026-11-23")
    calls = operations(
        account(AccessKey(user="u", key_id="AKIA1", is_active=True)),
        account(inactive, Membership(group="g", user="u")),
    )

    assert [call.operation for call in calls] == ["UpdateAccessKey", "AddUserToGroup"]
    assert calls[0].index == 1  # after the tag alone


def test_fault_17_a_password_is_replaced_before_its_user_gets_more():
    calls = operations(
        account(LoginProfile(user="u")),
        account(LoginProfile(user="u", reissue="2026-11-23"), Membership(group="g", user="u")),
    )

    assert [call.operation for call in calls] == ["DeleteLoginProfile", "CreateLoginProfile", "AddUserToGroup"]
