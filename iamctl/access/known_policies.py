"""What AWS's own policies do, by name: a snapshot seldom has their documents.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iamctl.policy import Document

if TYPE_CHECKING:
    from iamctl.access.held import HeldPolicy, PolicySources

ADMINISTRATOR = "aws:AdministratorAccess"
_DENYING = ("aws:AWSDenyAll", "aws:AWSCompromisedKeyQuarantine")


def _document(effect: str, *actions: str) -> Document:
    statement = {"Effect": effect, "Action": list(actions), "Resource": "*"}
    return Document.from_data({"Version": "2012-10-17", "Statement": [statement]})


_DOCUMENTS = {
    ADMINISTRATOR: _document("Allow", "*"),
    "aws:AWSDenyAll": _document("Deny", "*"),
    "aws:IAMFullAccess": _document("Allow", "iam:*"),
}
"""Documents that have not changed in years, as far as they are about the account itself."""


def known_documents() -> tuple[Document, ...]:
    """Return the documents that are known by the names of their policies."""
    return tuple(_DOCUMENTS.values())


def known_document(policy: str) -> Document | None:
    """Return the document of a policy that is known by its name, such as ``aws:AdministratorAccess``."""
    return _DOCUMENTS.get(policy)


def document_of(held: HeldPolicy) -> Document | None:
    """Return the document of a policy, where it was read or is known by the policy's name."""
    return held.document or known_document(held.policy)


def is_known_to_deny(policy: str) -> bool:
    """Return whether a policy of AWS, such as ``aws:AWSDenyAll``, denies something by its name."""
    return policy.startswith(_DENYING)


def all_documents(sources: PolicySources) -> Iterator[Document]:
    """Yield all known documents of a state, boundaries included, some of them repeatedly."""
    yield from known_documents()
    yield from sources.documents.values()
    yield from (document for held in sources.direct() if (document := document_of(held)))
    for role in sources.roles:
        yield from (document for held in sources.of_role(role) if (document := document_of(held)))


def named_actions(sources: PolicySources) -> frozenset[str]:
    """Return the actions, and patterns of actions, that the policies of a state name, in lower case."""
    found: set[str] = set()
    for document in all_documents(sources):
        for statement in document.normalized.statements if document.normalized else ():
            found |= statement.actions
    return frozenset(found)
