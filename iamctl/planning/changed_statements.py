"""Which changed statement of a policy document brings what a finding is about."""

from __future__ import annotations

from enum import IntEnum

from iamctl.model import Origin
from iamctl.policy import Document
from iamctl.policy.normalized import NormalizedStatement, normalize_statement
from iamctl.policy.pattern import ANY, any_includes
from iamctl.text.late_dataclass import dataclass

_Path = tuple[str | int, ...]

_OF_DENIES = frozenset({"guard", "deny", "no-device", "key", "unknown"})
"""How facts begin of who loses a Deny or comes under one."""


class Fit(IntEnum):
    """How well a changed statement explains a finding."""

    REMOVED = 0
    OTHER = 1
    EFFECT = 2
    WIDEST = 3
    ACTION = 4


@dataclass(frozen=True)
class ChangedStatement:
    """A place in a document that a plan changes."""

    fit: Fit
    place: Origin


def changed_statement(before: Document | None, after: Document, facts: tuple[str, ...]) -> ChangedStatement | None:
    """Return the new statement that fits the facts of a finding best; without one, where a statement was removed.

    None for a document without a place.
    """
    if after.place_of is None:
        return None
    known = before.normalized.statements if before and before.normalized else frozenset()
    blocks = _blocks(after)
    fresh = [(path, one) for path, one in blocks if one not in known]
    best, path = max(
        ((_fit(one, facts), path) for path, one in fresh),
        key=lambda pair: pair[0],
        default=(Fit.REMOVED, _removed(before, blocks)),
    )
    place = after.place_of(path)
    return ChangedStatement(best, place) if place else None


def _blocks(document: Document) -> list[tuple[_Path, NormalizedStatement]]:
    if document.normalized is None:
        return []
    blocks = document.data["Statement"]
    if isinstance(blocks, list):
        return [(("Statement", number), normalize_statement(block)) for number, block in enumerate(blocks)]
    return [(("Statement",), normalize_statement(blocks))]


def _fit(statement: NormalizedStatement, facts: tuple[str, ...]) -> Fit:
    wanted = "Deny" if facts[:1] and facts[0] in _OF_DENIES else "Allow"
    if statement.effect != wanted:
        return Fit.OTHER
    if wanted == "Allow" and any(_allows(statement, fact.lower()) for fact in facts if _is_action(fact)):
        return Fit.ACTION
    return Fit.WIDEST if statement.negated_action or ANY in statement.actions else Fit.EFFECT


def _is_action(fact: str) -> bool:
    """Return whether a fact is an action: every other one with a colon is an ARN or ``aws:Name``."""
    service, colon, name = fact.partition(":")
    return bool(colon and name) and service not in {"arn", "aws"}


def _allows(statement: NormalizedStatement, action: str) -> bool:
    return any_includes(statement.actions, action) is not statement.negated_action


def _removed(before: Document | None, left: list[tuple[_Path, NormalizedStatement]]) -> _Path:
    """Return the path of what now follows the first removed statement, or of the last one."""
    kept = {one for _, one in left}
    was = _blocks(before) if before else []
    number = next((number for number, (_, one) in enumerate(was) if one not in kept), 0)
    return left[min(number, len(left) - 1)][0] if left else ()
