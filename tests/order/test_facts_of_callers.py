"""A changed tag of a user counts if a statement that they may have on the way looks at it, and else it does not."""

from oracle_account import Account, Managed, Person, Team, arn_of, normal
from oracle_cases import written
from oracle_plans import World, planned

from iamctl.order.search import Search
from iamctl.policy import Document, atoms_of

PLAIN = {"Effect": "Allow", "Action": "s3:a", "Resource": "*"}
BY_TAG = PLAIN | {"Action": "iam:CreateAccessKey", "Condition": {"StringEquals": {"iam:ResourceTag/team": "red"}}}
LOOKING = PLAIN | {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}


def account(team, *, p=PLAIN, q=PLAIN, group="g"):
    """Return an account with a user in one of two groups: ``p`` is the policy of the first, ``q`` of the second.

    Another user may make keys for users by their tags.
    """
    policies = {
        arn_of(name): Managed(name, normal({"Version": "2012-10-17", "Statement": one}))
        for name, one in (("p", p), ("q", q), ("r", BY_TAG))
    }
    groups = {name: Team(name, name, "/", frozenset({arn_of(held)})) for name, held in (("g", "p"), ("h", "q"))}
    user = Person("uid-u", "u", tags=frozenset({("team", team)}), groups=frozenset({group}))
    other = Person("uid-w", "w", attached=frozenset({arn_of("r")}))
    return Account({"u": user, "w": other}, groups, policies)


def needs(before, after):
    plan = planned(World(before, after))
    return {written(call): {written(plan.calls[need]) for need in call.needs} for call in plan.calls}


def test_a_document_that_a_user_has_neither_before_nor_after_the_plan_counts(monkeypatch):
    answers, knows = [], Search._knows
    monkeypatch.setattr(
        Search, "_knows", lambda search, key: answers.append((key, knows(search, key))) or answers[-1][1]
    )
    needs(account("blue"), account("red", p=LOOKING, group="h"))

    assert set(answers) == {("aws:principaltag/team", True)}


def test_documents_that_a_user_never_has_are_not_read(monkeypatch):
    read = []
    monkeypatch.setattr(
        "iamctl.access.statement_sets.atoms_of",
        lambda document, most: read.append(document) or atoms_of(document, most),
    )
    other = PLAIN | {"Action": "s3:b"}
    found = needs(account("blue", q=other), account("red", q=other))

    assert found == {"TagUser u": set()}
    assert Document.from_data({"Version": "2012-10-17", "Statement": other}) not in read
    assert read
