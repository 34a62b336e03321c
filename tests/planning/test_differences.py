"""In what a plan differs from the approved one: nothing where the digests are equal, something where they are not."""

import inspect
import json
import re
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamctl.model.approval import Subject
from iamctl.planning.differences import differences
from iamctl.planning.promise import digest, promise


def call(index, operation, needs=(), **params):
    return {"index": index, "service": "iam", "operation": operation, "params": params, "needs": list(needs)}


def covered(*calls, **more):
    parts = {"ids": {}, "terms": {}, "gained": {}, "risks": []}
    return {"account": "123456789012", "partition": "aws", "calls": list(calls), **parts, **more}


CREATE = call(0, "CreateUser", UserName="ann", Path="/")
JOIN = call(1, "AddUserToGroup", [0], UserName="ann", GroupName="dev")


def found(before, after):
    return [(one.subject, one.name, one.before is None, one.after is None) for one in differences(before, after)]


def test_equal_plans_do_not_differ():
    assert differences(covered(CREATE, JOIN), deepcopy(covered(CREATE, JOIN))) == ()


def test_calls_that_are_new_gone_and_different():
    other = call(0, "CreateUser", UserName="ann", Path="/people/")
    leave = call(1, "RemoveUserFromGroup", UserName="ann", GroupName="ops")

    assert found(covered(CREATE, JOIN), covered(other, leave)) == [
        (Subject.CALL, "CreateUser(UserName=ann)", False, False),
        (Subject.CALL, "AddUserToGroup(UserName=ann, GroupName=dev)", False, True),
        (Subject.CALL, "RemoveUserFromGroup(UserName=ann, GroupName=ops)", True, False),
    ]


def test_a_call_that_moves_because_another_came_before_it_does_not_differ():
    def version(index):
        return [
            call(index, "CreatePolicy", PolicyName="p", PolicyDocument="{}"),
            call(
                index + 1,
                "AttachGroupPolicy",
                PolicyArn={"$result": {"call": index, "path": "Policy.Arn"}},
                GroupName="g",
            ),
        ]

    assert found(covered(*version(0)), covered(CREATE, *version(1))) == [
        (Subject.CALL, "CreateUser(UserName=ann)", True, False)
    ]


def test_the_same_call_twice_counts_twice():
    assert found(covered(CREATE, CREATE), covered(CREATE)) == [(Subject.CALL, "CreateUser(UserName=ann)", False, True)]


def test_another_order_is_a_difference_of_its_own():
    free = {**JOIN, "needs": []}

    assert found(covered(CREATE, JOIN), covered(CREATE, free)) == [(Subject.ORDER, "", False, False)]


def test_what_comes_with_a_new_call_is_not_told_beside_it():
    before = covered(CREATE, ids={"group/dev": "AGPA1"}, gained={"policy/p": "{}"})
    after = covered(
        CREATE, JOIN, ids={"group/dev": "AGPA1", "user/ann": "AIDA1"}, gained={"policy/p": "{ }", "policy/q": "{}"}
    )

    assert found(before, after) == [
        (Subject.CALL, "AddUserToGroup(UserName=ann, GroupName=dev)", True, False),
        (Subject.DOCUMENT, "policy/p", False, False),
    ]


@pytest.mark.parametrize(
    ("key", "before", "after", "subject"),
    [
        ("ids", {"user/ann": "AIDA1"}, {"user/ann": "AIDA2"}, Subject.IDENTITY),
        ("ids", {}, {"user/ann": "AIDA2"}, Subject.IDENTITY),
        ("terms", {"login-profile/ann": {"readers": ["a"]}}, {"login-profile/ann": {"readers": ["b"]}}, Subject.TERMS),
        ("gained", {"policy/p": None}, {}, Subject.DOCUMENT),
        ("gained", {"policy/p": "{}"}, {"policy/p": None}, Subject.DOCUMENT),
        ("risks", [], [["user/ann", "IAM418"]], Subject.RISK),
        ("risks", [["a", "IAM418"], ["b", "IAM418"]], [["b", "IAM418"], ["a", "IAM418"]], Subject.RISK),
        ("unchanged", ["user/ann"], [], Subject.UNCHANGED),
        ("declared", [["None", "lock", None, "b"]], [], Subject.DECLARED),
    ],
)
def test_each_part_of_the_promise(key, before, after, subject):
    both = covered(CREATE, **{key: before}), covered(CREATE, **{key: after})

    assert [one.subject for one in differences(*both)] == [subject]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a", "b"]),
    lambda below: (
        st.lists(below, max_size=2) | st.dictionaries(st.sampled_from(["a", "$result", "call"]), below, max_size=2)
    ),
    max_leaves=4,
)
NAMED = st.sampled_from(["user/a", "group/b"])
CALLS = st.lists(
    st.builds(
        lambda operation, params, needs: (operation, params, needs),
        st.sampled_from(["CreateUser", "TagUser"]),
        st.dictionaries(st.sampled_from(["UserName", "Tags", "PolicyArn"]), JSON, max_size=2),
        st.lists(st.integers(0, 1), max_size=1),
    ),
    max_size=3,
).map(
    lambda rows: [
        {"index": n, "service": "iam", "operation": o, "params": p, "needs": w} for n, (o, p, w) in enumerate(rows)
    ]
)
ROWS = st.lists(st.tuples(NAMED, st.sampled_from(["IAM418", "IAM435"])).map(list), max_size=2)
PROMISES = st.builds(
    lambda calls, ids, terms, gained, risks, declared, same: covered(
        *calls,
        ids=ids,
        terms=terms,
        gained=gained,
        risks=risks,
        **({"declared": declared} if declared else {}),
        **({"unchanged": sorted(same)} if same else {}),
    ),
    CALLS,
    st.dictionaries(NAMED, st.sampled_from(["1", "2"]), max_size=2),
    st.dictionaries(NAMED, JSON, max_size=2),
    st.dictionaries(NAMED, st.sampled_from([None, "{}", "[]"]), max_size=2),
    ROWS,
    ROWS,
    st.sets(NAMED),
)


def test_every_part_of_a_promise_is_compared():
    """A new key of the promise needs its words here; otherwise a plan would be refused without a reason."""
    text = inspect.getsource(promise)
    assert set(re.findall(r'"(\w+)":', text)) == {"account", "partition", *covered(), "declared", "unchanged"}


@given(PROMISES, PROMISES)
def test_other_digests_always_have_a_difference_and_equal_ones_none(before, after):
    """Otherwise a plan would be refused without a word why."""
    assert bool(differences(before, after)) == (digest(before) != digest(after))
    json.dumps([one.to_json() for one in differences(before, after)])
