"""Who may assume a role, by its trust policy."""

from __future__ import annotations

from collections.abc import Callable

from iamctl.access.context import Context
from iamctl.access.people import Person
from iamctl.access.truth import Truth, all_of, any_of
from iamctl.policy import Document
from iamctl.policy.normalized import Condition, NormalizedStatement
from iamctl.policy.pattern import ANY, any_includes
from iamctl.proof.lines import holds, line
from iamctl.proof.statements import filled

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
            truth = _holds(statement.condition, person.context) if person else Truth.YES
            found[statement.effect] = any_of((found[statement.effect], truth))
    return all_of((found["Allow"], ~found["Deny"]))


def _principals(statement: NormalizedStatement, kind: str) -> frozenset[str]:
    return frozenset(name for known, names in statement.principals or () if known == kind for name in names)


def _holds(condition: Condition, context: Context) -> Truth:
    """Return whether all lines of a condition hold; a key whose value is not known makes its line MAYBE."""
    found = Truth.YES
    for operator, key, values in condition:
        if not key:
            continue
        is_literal = not ("Like" in operator or "Arn" in operator)
        texts = (filled(value, context, has_variables=True, is_literal=is_literal) for value in values)
        actual = context.get(key)
        one = line(operator, key, (text for text in texts if text is not None))
        truth = None if actual is None else holds(one, actual)
        found = min(found, Truth.MAYBE if truth is None else Truth.YES if truth else Truth.NO)
    return found
