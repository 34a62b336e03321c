"""The document between two others: nobody can do more under it than under each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from iamctl.policy.atom import Atom, atoms_of, covers
from iamctl.policy.document import Document

_NO_STATEMENT = {"Effect": "Deny", "Action": "sts:GetCallerIdentity", "Resource": "*"}
"""IAM wants a statement in every document. This one decides nothing: the action needs no permission.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""


def middle(before: Document, after: Document) -> Document | None:
    """Return a document with the Denies of both and only Allows that both have.

    None where no document says that for certain: one of them is malformed, or they replace variables differently.
    """
    if before.normalized is None or after.normalized is None:
        return None
    sides = (before, after)
    is_mixed = before.normalized.version != after.normalized.version
    if is_mixed and any("${" in side.text for side in sides):
        return None
    blocks: list[dict[str, Any]] = []
    for side, other in (sides, sides[::-1]):
        allowed = [atom for atom in atoms_of(other) if atom.effect == "Allow"]
        blocks += (block for block in _common(statements(side), allowed, after) if block not in blocks)
    version = after.normalized.version
    return Document.from_data({"Version": version, "Statement": blocks or [_NO_STATEMENT]})


def statements(document: Document) -> Iterator[dict[str, Any]]:
    """Yield the statements of a well-formed document without their names, which must not occur twice."""
    found = document.data["Statement"] if document.normalized else []
    for block in found if isinstance(found, list) else [found]:
        yield {element: value for element, value in block.items() if element != "Sid"}


def denies(document: Document) -> Iterator[dict[str, Any]]:
    """Yield the Deny statements of a document."""
    return (block for block in statements(document) if block["Effect"] == "Deny")


def _common(blocks: Iterable[Mapping[str, Any]], allowed: Iterable[Atom], wanted: Document) -> Iterator[dict[str, Any]]:
    """Yield the Denies, and the Allows as far as other Allows cover them."""
    for block in blocks:
        if block["Effect"] == "Deny" or _is_within(block, allowed, wanted):
            yield dict(block)
        elif isinstance(block.get("Action"), list):
            left = [one for one in block["Action"] if _is_within({**block, "Action": one}, allowed, wanted)]
            if left:
                yield {**block, "Action": left}


def _is_within(block: Mapping[str, Any], allowed: Iterable[Atom], wanted: Document) -> bool:
    version = wanted.normalized.version if wanted.normalized else ""
    atoms = atoms_of(Document.from_data({"Version": version, "Statement": [dict(block)]}))
    return all(any(covers(wide, atom) for wide in allowed) for atom in atoms)
