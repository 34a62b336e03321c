"""A question is answered once for all people of whom the same is known; who differs gets an answer of their own."""

import pytest
from proof.worlds import NOW, engine_for

from iamctl.policy.normalized import normalize
from iamctl.proof.engine import Side
from iamctl.proof.requests import Requests
from iamctl.proof.statements import NO_FACTS, Facts

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
ASKING = {
    "a condition": [{**ALLOW, "Condition": {"StringEquals": {"aws:username": "ann"}}}],
    "a variable in a resource": [{**ALLOW, "Resource": "arn:aws:s3:::home/${aws:username}"}],
    "a variable in a condition": [
        {**ALLOW, "Condition": {"StringEquals": {"aws:PrincipalTag/owner": "${aws:username}"}}}
    ],
    "a variable with a default": [{**ALLOW, "Resource": "arn:aws:s3:::home/${aws:PrincipalTag/owner, 'ann'}"}],
    "a Deny": [ALLOW, {**ALLOW, "Effect": "Deny", "Condition": {"StringNotEquals": {"aws:username": "ann"}}}],
    "nothing": [ALLOW],
}
PEOPLE = [
    NO_FACTS,
    *(
        Facts({"aws:username": (name,), "aws:principaltag/owner": owner})
        for name in ("ann", "bob")
        for owner in ((), ("ann",), ("bob",))
    ),
]


def answers(requests, side, known):
    """Return what three kinds of questions are answered."""
    return (
        requests.decide(side, "s3:GetObject", "arn:aws:s3:::home/ann", known),
        requests.somewhere(side, "s3:GetObject", known),
        requests.patterns(side, "s3:GetObject", known),
    )


@pytest.mark.parametrize("statements", ASKING.values(), ids=ASKING)
@pytest.mark.parametrize("bounded", [False, True])
def test_what_was_answered_for_others_decides_for_nobody_else(statements, bounded):
    engine = engine_for()[0]
    numbers = engine.statements(normalize({"Version": "2012-10-17", "Statement": statements}))
    side = Side(numbers.allow, numbers.deny)
    if bounded:  # the statements bound somebody who may do anything
        side = Side(engine.everything().allow, numbers.deny, (numbers.allow,))
    shared = Requests(engine, NOW)

    for known in (*PEOPLE, *PEOPLE):
        assert answers(shared, side, known) == answers(Requests(engine, NOW), side, known)


def test_people_with_other_names_get_one_answer_where_no_statement_asks_for_it(monkeypatch):
    engine = engine_for()[0]
    numbers = engine.statements(normalize({"Version": "2012-10-17", "Statement": [ALLOW]}))
    shared, side, read = Requests(engine, NOW), Side(numbers.allow), []
    each_way = Requests._read_each_way
    monkeypatch.setattr(
        Requests, "_read_each_way", lambda self, *question: read.append(question) or each_way(self, *question)
    )

    for known in PEOPLE:
        answers(shared, side, known)

    assert len({resource for _, resource, _ in read}) == len(read)
