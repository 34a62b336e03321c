"""Which Denies no longer hold somebody back: those that are gone while what they denied is allowed now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from iamctl.access.held import HeldPolicy
from iamctl.access.known_policies import document_of
from iamctl.access.mfa_guard import is_guard
from iamctl.access.per_document import PerDocument
from iamctl.access.sides import Sides
from iamctl.access.statements import each_statement
from iamctl.model import Address
from iamctl.policy import Document
from iamctl.policy.differences import Element, statement_texts
from iamctl.policy.normalized import NormalizedStatement
from iamctl.policy.pattern import ANY
from iamctl.proof.engine import Side
from iamctl.proof.numbering import bits_of
from iamctl.proof.statements import NO_FACTS, Facts
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class LostDeny:
    """What a policy no longer denies to somebody; only what is allowed now."""

    by: HeldPolicy
    """The policy that denied it before; the first one where several did."""
    denied: tuple[str, ...]
    """What it denied, such as ``iam:*`` or ``s3:* on arn:aws:s3:::logs/*``; what has wildcards first."""


class LostDenies:
    """Compares Denies before and after a plan; people with the same policies are looked at once.

    A policy whose document is unknown may allow everything. MFA guards are left out, since they have findings of their
    own.
    """

    def __init__(self, before: Sides, after: Sides) -> None:
        self._before, self._after = before, after
        self._engine = before.engine
        self._each = PerDocument(lambda document: tuple(each_statement(document)))
        self._known: dict[tuple[int, str, Side], tuple[bool, bool]] = {}

    def of(self, person: Address) -> tuple[LostDeny, ...]:
        """Return what somebody is no longer denied, by policy."""
        found = list(self._by_policy(person))
        if any(asks_facts for _, asks_facts in found):
            found = list(self._by_policy(person, self._before.facts(person), self._after.facts(person)))
        return tuple(lost for lost, _ in found)

    def _by_policy(
        self, person: Address, was: Facts = NO_FACTS, will: Facts = NO_FACTS
    ) -> Iterator[tuple[LostDeny, bool]]:
        """Yield what is no longer denied, each with whether it depends on who the person is."""
        new = self._after.of(person, will)
        lost = self._before.of(person, was).deny & ~new.deny & ~self._engine.numbering.unread
        for held in self._before.policies(person, lost, was):
            document, parts, asks_facts = document_of(held), list[NormalizedStatement](), False
            for alone, _ in self._each(document) if document else ():
                (statement,) = alone.statements
                denies = self._engine.statements(alone, was).deny & lost
                lost &= ~denies
                if denies and not is_guard(statement):
                    found = [(part, self._found(denies, part, new)) for part in _parts(statement)]
                    parts += [part for part, (is_allowed, _) in found if is_allowed]
                    asks_facts = asks_facts or any(asks for _, (is_allowed, asks) in found if is_allowed)
            if parts and document:
                yield LostDeny(held, _told(document, parts)), asks_facts

    def _found(self, denies: int, part: NormalizedStatement, new: Side) -> tuple[bool, bool]:
        key = denies, repr(sorted(part.actions)), new
        if key not in self._known:
            (number,) = bits_of(denies)
            universe, actions = self._engine.universe, 0
            for pattern in part.actions:
                actions |= universe.bits(pattern)
            actions = universe.all & ~actions if part.negated_action else actions
            denied = replace(self._engine.statement(number), effect="Allow", actions=actions)
            wanted = self._engine.numbering.statement(denied).allow
            gain = self._engine.first(Side(), Side(new.allow, new.deny, (*new.ceilings, wanted)))
            self._known[key] = gain is not None and gain.usual, gain is not None and gain.asks_facts
        return self._known[key]


def _parts(statement: NormalizedStatement) -> Iterator[NormalizedStatement]:
    """Yield a statement for each pattern of its actions; a NotAction stays whole."""
    if statement.negated_action:
        yield statement
        return
    for action in sorted(statement.actions):
        yield statement._replace(actions=frozenset({action}))


def _told(document: Document, statements: Iterable[NormalizedStatement]) -> tuple[str, ...]:
    """Return Denies in words, with the actions as the author of the policy spells them."""
    texts = statement_texts(document)
    parts = (part for text in texts or () for part in text.of(Element.ACTION, Element.NOT_ACTION))
    spelling = {part.text.lower(): part.text for part in parts}
    found = {_text(statement, spelling) for statement in statements}
    return tuple(sorted(found, key=lambda text: (ANY not in text.partition(" ")[0], text.lower())))


def _text(statement: NormalizedStatement, spelling: Mapping[str, str]) -> str:
    actions = ", ".join(sorted(spelling.get(action, action) for action in statement.actions))
    what = f"everything except {actions}" if statement.negated_action else actions
    resources = ", ".join(sorted(statement.resources or ()))
    where = f" on everything except {resources}" if statement.negated_resource else f" on {resources}"
    return f"{what}{'' if resources == ANY else where}{' under a condition' if statement.condition else ''}"
