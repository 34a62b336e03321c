"""In small worlds ``explain`` says of every request what listing all requests says."""

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from proof.worlds import ACTIONS, CONTEXTS, RESOURCES
from questions.worlds import accounts, allow, held_by, people_of, requests_of

from iamctl.access.explain import Decision, explanation
from iamctl.model import Address
from iamctl.proof.decide import Reach, Request, decide

PAT = Address.of("user", "pat")


def check(account, data):
    people, _ = people_of(account)
    requests = requests_of(account, "pat")
    for action in ACTIONS:
        resource = data.draw(st.sampled_from(RESOURCES))
        place = data.draw(st.integers(0, len(CONTEXTS) - 1))

        found = explanation(people, people.person(PAT), action, resource, CONTEXTS[place]).verdict

        assert (found.decision is Decision.ALLOWED) == ((action, resource, place) in requests)
        assert (found.decision is Decision.ALLOWED) == decide(
            Request(action, resource, CONTEXTS[place]), held_by(account, "pat")
        )
        assert found.decision is (found.lacking or (Decision.ALLOWED,))[0]
        applying = {(one.effect, one.part.value) for one in found.statements if one.reach is Reach.APPLIES}
        assert (Decision.DENIED in found.lacking) == any(effect == "Deny" for effect, _ in applying)
        assert (Decision.NOT_ALLOWED in found.lacking) == (("Allow", "policy") not in applying)


def test_nobody_can_ask_for_a_bucket_whose_name_has_a_slash():
    everything = allow(["*"], "*")
    account = {"pat": (everything, everything, None)}
    people, _ = people_of(account)
    resource = "arn:aws:s3:::user/x"

    found = explanation(people, people.person(PAT), "s3:GetBucketAcl", resource, {}).verdict

    assert found.decision is Decision.DENIED
    assert ("s3:GetBucketAcl", resource, 0) not in requests_of(account, "pat")
    assert ("s3:GetObject", resource, 0) in requests_of(account, "pat")


@settings(max_examples=examples(30))
@given(accounts(), st.data())
def test_the_decision_is_that_of_the_listed_requests(account, data):
    check(account, data)


@pytest.mark.exhaustive
@settings(max_examples=examples(300))
@given(accounts(), st.data())
def test_the_decision_is_that_of_the_listed_requests_in_many_worlds(account, data):
    check(account, data)
