"""Each call that waits, and each that has no place, knows the one true reason, and the clause behind each reason counts."""

import json

import pytest
from oracle_cases import world_of, written
from oracle_plans import planned

import iamctl.order.search
from iamctl.access.statement_sets import StatementSets
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
from iamctl.order.rank import ranks
from iamctl.order.safety import Safety
from iamctl.order.world import View
from iamctl.policy import Document

MOVES = {"both": {"groups": {"g1": {}, "g2": {}}, "users": {"u": {}}, "quota": 1}}
LONG = [f"allow {letter * 110}" for letter in "abcdefghijklmnopqr"]
GONE = View(exists=False)


def statement(effect, action, **more):
    return {"Effect": effect, "Action": action, "Resource": "*", **more}


def document(*blocks):
    return Document.from_data(json.loads(json.dumps({"Version": "2012-10-17", "Statement": list(blocks)})))


GUARD = statement("Deny", "*", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})


def late(case):
    plan = planned(world_of(case))
    assert not plan.is_refused
    return {written(plan.calls[index]): found for index, found in plan.ordered.late.items()}


def test_a_user_leaves_a_group_first_where_the_quota_of_groups_is_full():
    case = MOVES | {"before": {"groups": {"g1": {"members": ["u"]}}}, "after": {"groups": {"g2": {"members": ["u"]}}}}

    assert late(case) == {
        "AddUserToGroup g2 u": Late(0, Objection("user/u", QuotaExceeded(Quota.GROUPS_PER_USER, "user/u")))
    }


def test_a_policy_is_detached_first_where_the_quota_of_policies_is_full():
    both = {"policies": {"p": ["allow a"], "q": ["allow b"]}, "groups": {"g": {}}, "users": {}, "quota": 1}
    case = {
        "both": both,
        "before": {"groups": {"g": {"policies": ["p"]}}},
        "after": {"groups": {"g": {"policies": ["q"]}}},
    }

    assert late(case) == {
        "AttachGroupPolicy g q": Late(0, Objection("group/g", QuotaExceeded(Quota.POLICIES_PER_GROUP, "group/g")))
    }


def test_an_inline_policy_is_deleted_first_where_both_are_too_long_together():
    sides = {side: {"groups": {"g": {"inline": {side: LONG}}}} for side in ("before", "after")}
    case = {"both": {"groups": {"g": {}}, "users": {}}, **sides}

    assert late(case) == {
        "PutGroupPolicy g after": Late(0, Objection("group/g", QuotaExceeded(Quota.INLINE_SIZE, "group/g")))
    }


def test_an_administrator_goes_once_there_is_another_one():
    both = {
        "policies": {"all": ["allow *"], "guard": ["guard"]},
        "groups": {"admins": {"policies": ["all", "guard"], "members": ["a", "b"]}},
        "users": {"a": {}, "b": {}},
    }
    case = {"both": both, "before": {"users": {"b": {"password": True}}}, "after": {"users": {"a": {"password": True}}}}

    assert late(case) == {"DeleteLoginProfile b": Late(0, Objection("user/b", TooFewAdministrators()))}


def test_the_statement_that_somebody_would_gain_is_known():
    both = {"policies": {"mixed": ["allow a", "deny b"]}, "groups": {"g": {}}, "users": {"u": {}}}
    case = {
        "both": both,
        "before": {"groups": {"g": {"members": ["u"]}}},
        "after": {"groups": {"g": {"policies": ["mixed"]}}},
    }

    [found] = late(case).values()

    assert (found.after, found.objection.who) == (0, "user/u")
    assert isinstance(found.objection.why, Gain)
    assert found.objection.why.statement.actions == {"s3:a"}


def test_the_password_goes_before_the_device_whatever_is_preferred(monkeypatch):
    both = {"policies": {"guard": ["guard"]}, "groups": {"g": {"policies": ["guard"]}}, "users": {}}
    leaver = {"groups": {"g": {"members": ["u"]}}, "users": {"u": {"password": True, "device": "u"}}}
    monkeypatch.setattr(iamctl.order.search, "ranks", lambda *node: tuple(-rank for rank in ranks(*node)))

    plan = planned(world_of({"both": both, "before": leaver}))

    order = [call.operation for call in plan.calls]
    assert order.index("DeleteLoginProfile") < order.index("DeactivateMFADevice")
    why = plan.ordered.late[order.index("DeactivateMFADevice")]
    assert why == Late(order.index("DeleteLoginProfile"), Objection("user/u", DeviceMissing()))


@pytest.mark.parametrize(
    ("before", "after", "now", "why"),
    [
        ((True, True), (False, False), (True, False), DeviceMissing()),
        ((True, True), (False, False), (False, True), None),
        ((True, True), (True, False), (True, False), None),  # asked for
        ((True, False), (False, False), (True, False), None),  # as it was
        ((True, True), None, (True, False), DeviceMissing()),
        ((True, True), None, (False, False), None),
    ],
)
def test_a_password_is_never_alone_on_the_way(before, after, now, why):
    safety = Safety(StatementSets())
    views = (GONE if side is None else View(login=side[0], device=side[1]) for side in (before, after, now))
    guard = safety.sets.of(document(GUARD)).deny

    assert safety.objection(*(view._replace(deny=guard) for view in views)) == why


def test_a_password_is_never_without_its_guard_on_the_way():
    safety = Safety(StatementSets())
    guard = safety.sets.of(document(GUARD)).deny
    other = safety.sets.of(document(GUARD, statement("Deny", "s3:b"))).deny
    before, after = View(deny=guard, login=True), View(deny=other, login=True)

    assert safety.objection(before, after, View(login=True)) == Unguarded()
    assert safety.objection(before, after, View(deny=guard, login=False)) is None


def test_the_deny_that_would_be_missing_is_one_that_applies_before_and_after():
    sets = StatementSets()
    first, both, last = (sets.of(document(statement("Deny", f"s3:{action}"))).deny for action in "abc")
    before, after = View(deny=first | both), View(deny=both | last)

    found = Safety(sets).objection(before, after, View())

    assert isinstance(found, DenyMissing)
    assert found.statement.actions == {"s3:b"}
    assert Safety(sets).objection(before, after, View(deny=first | both | last)) is None


def test_a_deny_that_applies_on_one_side_only_may_be_missing():
    sets = StatementSets()
    first, both = (sets.of(document(statement("Deny", f"s3:{action}"))).deny for action in "ab")

    assert Safety(sets).objection(View(deny=first | both), View(deny=both), View(deny=both)) is None
