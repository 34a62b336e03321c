"""Who may assume a role, by its trust policy."""

from __future__ import annotations

from collections.abc import Callable

from iamctl.access.conditions import holds
from iamctl.access.people import Person
from iamctl.access.truth import Truth, all_of, any_of
from iamctl.policy import Document
from iamctl.policy.normalized import NormalizedStatement
from iamctl.policy.pattern import ANY, any_includes

_ASSUME = "sts:assumerole"


def trusts(document: Document | None, person: Person, account_id: str) -> Truth:
    """Return whether a trust policy lets somebody of its own account assume the role.

    A trust policy that is not known may trust everybody.
    """
    names = frozenset({person.arn, account_id, ANY})
    return _decided(document, person, lambda statement: bool(names & _principals(statement, "AWS")))


def names_directly(document: Document | None, person: Person) -> bool:
    """Return whether a trust policy names somebody, who then needs no Allow of their own.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
    """
    if document is None:
        return False
    return _decided(document, person, lambda statement: person.arn in _principals(statement, "AWS")) is not Truth.NO


def serves(document: Document | None, service: str) -> Truth:
    """Return whether a trust policy lets a service, such as ``lambda.amazonaws.com``, use the role."""
    return _decided(document, None, lambda statement: service in _principals(statement, "Service"))


def _decided(
    document: Document | None, person: Person | None, is_meant: Callable[[NormalizedStatement], bool]
) -> Truth:
    if document is None or document.normalized is None:
        return Truth.MAYBE
    found = {"Allow": Truth.NO, "Deny": Truth.NO}
    for statement in document.normalized.statements:
        named = any_includes(statement.actions, _ASSUME) != statement.negated_action
        if named and is_meant(statement) != statement.negated_principal:
            truth = holds(statement.condition, person.context) if person else Truth.YES
            found[statement.effect] = any_of((found[statement.effect], truth))
    return all_of((found["Allow"], ~found["Deny"]))


def _principals(statement: NormalizedStatement, kind: str) -> frozenset[str]:
    return frozenset(name for known, names in statement.principals or () if known == kind for name in names)
