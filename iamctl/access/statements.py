"""What one statement, or one document, is about: the questions that guards, administrators and rules share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from iamctl.policy import Atom, Document
from iamctl.policy.normalized import NormalizedPolicy, NormalizedStatement, normalize_statement
from iamctl.policy.pattern import ANY
from iamctl.proof.aws_facts import is_about_principal

AnyStatement = NormalizedStatement | Atom

MFA_KEY = "aws:multifactorauthpresent"
VIA_SERVICE_KEY = "aws:viaawsservice"
"""Calls that a service makes with the user's rights say that they are without MFA, whatever the user did.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
"""
_EVERY_ACTION = frozenset({ANY, "*:*"})


def names_every_action(statement: AnyStatement) -> bool:
    """Return whether one pattern of a statement, of its Action or its NotAction, matches every action."""
    return bool(statement.actions & _EVERY_ACTION)


def is_about_every_resource(statement: AnyStatement) -> bool:
    """Return whether a statement names every resource, and is no NotResource."""
    return not statement.negated_resource and ANY in (statement.resources or ())


def has_deny(document: Document) -> bool:
    """Return whether a document denies anything; a malformed one may."""
    if document.normalized is None:
        return True
    return any(statement.effect == "Deny" for statement in document.normalized.statements)


def each_statement(document: Document) -> Iterator[tuple[NormalizedPolicy, str]]:
    """Yield a policy of each statement of a well-formed document, with the statement's Sid or its number."""
    if document.normalized is None:
        return
    for position, block in enumerate(_blocks(document), 1):
        statement = normalize_statement(block)
        yield (
            NormalizedPolicy(document.normalized.version, frozenset({statement}), frozenset(), ""),
            str(block.get("Sid") or position),
        )


def condition_keys(document: Document) -> Iterator[str]:
    """Yield the condition keys of a well-formed document as it spells them."""
    for block in _blocks(document) if document.normalized else ():
        for keys in (block.get("Condition") or {}).values():
            yield from keys


def asked_in_conditions(document: Document) -> frozenset[str]:
    """Return the condition keys about the principal that a well-formed document names, in lower case."""
    statements = document.normalized.statements if document.normalized else ()
    keys = (key.lower() for statement in statements for _, key, _ in statement.condition)
    return frozenset(key for key in keys if is_about_principal(key))


def _blocks(document: Document) -> list[dict[str, Any]]:
    blocks = document.data["Statement"]
    return blocks if isinstance(blocks, list) else [blocks]
