"""In small worlds ``who-can`` names exactly those who may, each with a request; and no other may make any request."""

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from proof.worlds import (
    ACTION_PATTERNS,
    ACTIONS,
    CONTEXTS,
    IMPOSSIBLE,
    RESOURCE_PATTERNS,
    RESOURCES,
    allowed,
    fits,
    reaches,
)
from questions.worlds import accounts, allow, held_by, people_of

from iamctl.access.forms import forms_of, is_documented
from iamctl.access.who_can import How, who_can
from iamctl.model.assertion import Expected, Requests
from iamctl.policy.resource_pattern import resource_error
from iamctl.proof.decide import Request, decide
from iamctl.proof.encoding import Reading

NAMES = ("pat", "sam")
MFA = "aws:multifactorauthpresent"
STATED = st.sampled_from(
    [(), (Expected("k", ("a",)),), (Expected("k", ()),), (Expected("aws:MultiFactorAuthPresent", ("true",)),)]
)
QUESTIONS = st.builds(
    lambda actions, resource, when: Requests(actions=tuple(actions), resources=(resource,), when=when),
    st.lists(st.sampled_from(ACTION_PATTERNS), min_size=1, max_size=2, unique=True),
    st.sampled_from(RESOURCES) | RESOURCE_PATTERNS.filter(lambda text: resource_error(text) is None),
    STATED,
)


def listed(account, name, question, reading=Reading.PARTS):
    """Return each request of a question with whether the user may make it, worked out without the code under test."""
    found = allowed(held_by(account, name), reading)
    actions = [one for one in ACTIONS if any(fits(pattern.lower(), one.lower()) for pattern in question.actions)]
    contexts = [
        (place, context)
        for place, context in enumerate(CONTEXTS)
        if all(context[one.key.lower()] == one.values for one in question.when)
    ]
    for number, resource in enumerate(RESOURCES):
        if any(reaches(pattern, resource, reading) for pattern in question.resources):
            for action in actions:
                for place, context in contexts:
                    yield action, resource, context, bool(found[action] >> number * len(CONTEXTS) + place & 1)


def check(account, question):
    people, state = people_of(account)
    found = who_can(people, state, question)
    answers = {person.name: one for one in found.answers for person in one.people}
    others = set(NAMES) - answers.keys() - {person.name for person in (*found.unusual, *found.undecided)}
    assert len(others) == found.nobody_else
    for name in others:
        for reading in Reading:
            assert not any(may for *_, may in listed(account, name, question, reading))
    for name, answer in answers.items():
        check_answer(account, question, name, answer)
    for one in found.answers:
        for row in one.rows:
            confirm(account, one.people[0].name, row.example)


def check_answer(account, question, name, answer):
    """What is "always" is allowed in every request of documented form, and the rows leave out no action."""
    shown = {one.lower() for row in answer.rows for one in row.actions}
    for action, resource, context, may in listed(account, name, question):
        if is_usual(action, resource):
            if answer.how is How.ALWAYS or (answer.how is How.WITH_MFA and context[MFA] == ("true",)):
                assert may, (action, resource, context)
            if may:
                assert any(fits(one, action.lower()) for one in shown)


def is_usual(action, resource):
    """Return whether requests have such a resource; no request has ``*`` if its action acts on a resource."""
    if (action, resource) in IMPOSSIBLE or (resource == "*" and forms_of(action)):
        return False
    return is_documented(action, resource)


def confirm(account, name, example):
    context = {key.lower(): values for key, values in example.context}
    request = Request(example.action, example.resource, context).by({"aws:username": (name,)})
    assert decide(request, held_by(account, name)) is True


@settings(max_examples=examples(15))
@given(accounts(NAMES), QUESTIONS)
def test_who_is_named_may_and_nobody_else(account, question):
    check(account, question)


@pytest.mark.exhaustive
@settings(max_examples=examples(150))
@given(accounts(NAMES), QUESTIONS)
def test_who_is_named_may_and_nobody_else_in_many_worlds(account, question):
    check(account, question)


UNUSUAL = {
    "an action on buckets, of all resources": (["s3:GetBucketAcl"], "arn:*", "s3:GetBucketAcl", "*"),
    "all actions on a bucket whose name has a slash": (["s3:*"], "*", "s3:*", "arn:aws:s3:::user/x"),
}


@pytest.mark.parametrize(("actions", "resource", "asked", "about"), UNUSUAL.values(), ids=UNUSUAL)
def test_requests_that_nobody_makes_are_no_part_of_an_answer(actions, resource, asked, about):
    account = dict.fromkeys(NAMES, (allow(actions, resource), allow(["ec2:DescribeInstances"], "*"), None))

    check(account, Requests(actions=(asked,), resources=(about,)))
