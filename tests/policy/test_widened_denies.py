"""A Deny that must fit into few characters denies at least what it stands for, and no more than there is need for."""

import json

import pytest
from effort import examples
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from policy_evaluator import decision
from test_document_statements import MODES, blocks, requests

from iamctl.policy import Document, atoms_of, covers
from iamctl.policy.widened import SHORTEST, Width, fitted, without_facts

denies = st.lists(blocks().map(lambda block: {**block, "Effect": "Deny"}), min_size=1, max_size=5)


def deny(actions, resources="*", **condition):
    block = {"Effect": "Deny", "Action": actions, "Resource": resources}
    return {**block, "Condition": condition} if condition else block


@settings(max_examples=examples(60), deadline=None)
@given(st.data(), denies, st.integers(SHORTEST, 700))
def test_a_fitted_deny_denies_every_request_that_the_exact_one_denies(data, found, room):
    exact = {"Version": "2012-10-17", "Statement": found}
    assume(Document.from_data(exact).normalized is not None)
    fit = fitted(found, room)
    event(fit.width.name)

    assert fit.document.size <= room
    assert fit.document.normalized is not None
    wide = atoms_of(fit.document)
    assert all(any(covers(one, atom) for one in wide) for atom in atoms_of(Document.from_data(exact)))
    for _ in range(4):
        request = data.draw(requests(exact))
        for mode in MODES:
            if decision(exact, request, mode) == "Deny":
                assert decision(fit.document.data, request, mode) == "Deny"


@settings(max_examples=examples(40), deadline=None)
@given(st.data(), blocks().map(lambda block: {**block, "Effect": "Deny"}))
def test_a_deny_without_facts_denies_what_it_stands_for_whoever_asks(data, block):
    exact, wide = ({"Version": "2012-10-17", "Statement": [one]} for one in (block, without_facts(block)))

    assume(Document.from_data(exact).normalized is not None)
    assert "${" not in json.dumps(wide)
    for atom in atoms_of(Document.from_data(exact)):
        assert any(covers(one, atom) for one in atoms_of(Document.from_data(wide)))
    for _ in range(4):
        request = data.draw(requests(exact))
        for mode in MODES:
            if decision(exact, request, mode) == "Deny":
                assert decision(wide, request, mode) == "Deny"


MANY = [
    deny([f"s3:Get{number}" for number in range(9)], [f"arn:aws:s3:::bucket-{number}" for number in range(20)]),
    deny([f"ec2:Stop{number}" for number in range(40)], StringEquals={"aws:RequestTag/team": "red"}),
    deny(["s3:Get1"], [f"arn:aws:s3:::bucket-{number}" for number in range(20)]),
]


@pytest.mark.parametrize(
    ("room", "width", "statements"),
    [
        (2048, Width.EXACT, MANY),
        (1600, Width.EXACT, [MANY[1], MANY[0]]),
        (
            1000,
            Width.RESOURCES,
            [MANY[1], deny(MANY[0]["Action"])],
        ),
        (
            300,
            Width.SERVICES,
            [deny("ec2:*", StringEquals={"aws:RequestTag/team": "red"}), deny("s3:*")],
        ),
        (100, Width.CONDITIONS, [deny(["ec2:*", "s3:*"])]),
        (90, Width.EVERYTHING, [deny("*")]),
    ],
)
def test_a_deny_is_as_exact_as_there_is_room_for(room, width, statements):
    fit = fitted(MANY, room)

    assert fit.width is width
    assert fit.document == Document.from_data({"Version": "2012-10-17", "Statement": statements})
    assert (fit.size, fit.room) == (Document.from_data({"Version": "2012-10-17", "Statement": MANY}).size, room)


def test_nothing_fits_where_a_deny_of_everything_does_not():
    assert fitted(MANY, SHORTEST).width is Width.EVERYTHING
    assert fitted(MANY, SHORTEST - 1) is None


def test_what_two_denies_leave_out_is_left_out_of_one_only_as_far_as_both_agree():
    guards = [
        {"Effect": "Deny", "NotAction": [*names, "iam:GetUser"], "Resource": "*"} for names in (["iam:A"], ["iam:B"])
    ]
    fit = fitted([*guards, deny("s3:*", "arn:aws:s3:::" + "a" * 100)], 160)

    assert fit.width is Width.RESOURCES
    assert {"Effect": "Deny", "NotAction": "iam:getuser", "Resource": "*"} in fit.document.data["Statement"]
