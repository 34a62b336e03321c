"""What differs between two policy documents, statement by statement, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any

from iamctl.policy.document import Document
from iamctl.policy.normalized import NormalizedStatement, folded, folded_key, normalize_statement, scalar_text
from iamctl.policy.parse import minified
from iamctl.text.late_dataclass import dataclass

_MOST_OF_THE_PARTS = 0.5
"""Statements are one that changed when more than this share of the parts of the shorter one are in the other."""


class Element(StrEnum):
    """An element of a statement, as AWS spells it."""

    EFFECT = "Effect"
    PRINCIPAL = "Principal"
    NOT_PRINCIPAL = "NotPrincipal"
    ACTION = "Action"
    NOT_ACTION = "NotAction"
    RESOURCE = "Resource"
    NOT_RESOURCE = "NotResource"
    CONDITION = "Condition"


@dataclass(frozen=True)
class Part:
    """One entry of an element, as its author wrote it; equal to another with the same meaning (``key``).

    ``values`` and ``operator`` belong to a condition, whose ``text`` is the condition key ("" for an operator without
    one). The ``text`` of a principal is JSON.
    """

    element: Element
    text: str
    key: tuple[object, ...]
    operator: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class StatementText:
    """A statement as its author wrote it; ``position`` counts from 1 in its document."""

    sid: str
    effect: str
    position: int
    parts: tuple[Part, ...]

    @cached_property
    def by_key(self) -> Mapping[tuple[object, ...], Part]:
        """The parts by what tells whether two of them are the same."""
        return {part.key: part for part in self.parts}

    def of(self, *elements: Element) -> tuple[Part, ...]:
        """Return the parts of these elements, in the author's order."""
        return tuple(part for part in self.parts if part.element in elements)


@dataclass(frozen=True)
class VersionChanged:
    """The document's Version differs."""

    before: str
    after: str


@dataclass(frozen=True)
class StatementAdded:
    """A statement that only the document afterwards has."""

    statement: StatementText


@dataclass(frozen=True)
class StatementRemoved:
    """A statement that only the document before has."""

    statement: StatementText


@dataclass(frozen=True)
class StatementChanged:
    """Two statements that agree in most of their parts, and the parts that only one of them has."""

    before: StatementText
    after: StatementText
    removed: tuple[Part, ...]
    added: tuple[Part, ...]


@dataclass(frozen=True)
class Unreadable:
    """At least one side is malformed, so that no more than the difference of the texts is known."""

    before: bool
    after: bool


Difference = VersionChanged | StatementAdded | StatementRemoved | StatementChanged | Unreadable


def differences(before: Document, after: Document) -> tuple[Difference, ...]:
    """Return what differs by meaning, nothing for equal documents: version, changed, removed, added statements.

    Statements pair when most of their parts agree, whatever their Sid; one of the same Sid is preferred. The texts are
    those of the documents; renderers escape them.
    """
    if before == after:
        return ()
    if before.normalized is None or after.normalized is None:
        return (Unreadable(before.normalized is None, after.normalized is None),)
    found: list[Difference] = []
    if before.normalized.version != after.normalized.version:
        found.append(VersionChanged(before.normalized.version, after.normalized.version))
    gone, come = _lacking(before, after.normalized.statements), _lacking(after, before.normalized.statements)
    pairs = _pairs(gone, come)
    found.extend(_changed(one, pairs[one]) if one in pairs else StatementRemoved(one) for one in gone)
    changed = set(pairs.values())
    found += [StatementAdded(one) for one in come if one not in changed]
    return tuple(found)


def statement_texts(document: Document) -> tuple[StatementText, ...] | None:
    """Return the statements of a document in its order, each meaning once; None for a malformed document."""
    if document.normalized is None:
        return None
    return tuple(_lacking(document, frozenset()))


def statement_text(block: Mapping[str, Any], position: int = 1) -> StatementText:
    """Return one statement of a document that is not malformed."""
    return StatementText(str(block.get("Sid", "")), str(block["Effect"]), position, tuple(_parts(block)))


def _lacking(document: Document, other: frozenset[NormalizedStatement]) -> list[StatementText]:
    """Return the statements of ``document`` that ``other`` lacks, in the author's order, each once."""
    blocks = {
        normalize_statement(block): (place, block)
        for place, block in reversed(list(enumerate(_listed(document.data["Statement"]), 1)))
    }
    return [statement_text(block, place) for what, (place, block) in reversed(blocks.items()) if what not in other]


def _pairs(gone: list[StatementText], come: list[StatementText]) -> dict[StatementText, StatementText]:
    """Return which statement became which, the most alike first."""
    likenesses = [
        (*_likeness(left, right), -index, -other_index, left, right)
        for index, left in enumerate(gone)
        for other_index, right in enumerate(come)
        if _is_alike(left, right)
    ]
    pairs: dict[StatementText, StatementText] = {}
    taken = set[StatementText]()
    for *_, left, right in sorted(likenesses, key=lambda likeness: likeness[:4], reverse=True):
        if left not in pairs and right not in taken:
            pairs[left] = right
            taken.add(right)
    return pairs


def _is_alike(left: StatementText, right: StatementText) -> bool:
    """Tell whether most parts of the shorter statement are in the other one, and not the Effect alone."""
    common = left.by_key.keys() & right.by_key.keys()
    shorter = min(len(left.by_key), len(right.by_key))
    return any(key[0] != Element.EFFECT for key in common) and len(common) > _MOST_OF_THE_PARTS * shorter


def _likeness(left: StatementText, right: StatementText) -> tuple[bool, float]:
    common = left.by_key.keys() & right.by_key.keys()
    return bool(left.sid) and left.sid == right.sid, len(common) / len(left.by_key.keys() | right.by_key.keys())


def _changed(before: StatementText, after: StatementText) -> StatementChanged:
    return StatementChanged(
        before,
        after,
        tuple(part for key, part in before.by_key.items() if key not in after.by_key),
        tuple(part for key, part in after.by_key.items() if key not in before.by_key),
    )


def _parts(block: Mapping[str, Any]) -> Iterator[Part]:
    yield Part(Element.EFFECT, str(block["Effect"]), (Element.EFFECT, block["Effect"]))
    for element in (Element.PRINCIPAL, Element.NOT_PRINCIPAL):
        if element in block:
            yield Part(element, minified(block[element]), (element, normalize_statement(block).principals))
    for element in (Element.ACTION, Element.NOT_ACTION, Element.RESOURCE, Element.NOT_RESOURCE):
        for item in _listed(block.get(element, [])):
            yield Part(element, item, (element, folded(item) if element.endswith("Action") else item))
    for operator, keys in block.get("Condition", {}).items():
        if not keys:
            yield Part(Element.CONDITION, "", (Element.CONDITION, operator), operator)
        for key, wanted in keys.items():
            values = tuple(map(scalar_text, _listed(wanted)))
            identity = (Element.CONDITION, operator, folded_key(key), frozenset(values))
            yield Part(Element.CONDITION, key, identity, operator, values)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
