"""Whether somebody's policies allow one request, by IAM's evaluation logic: a Deny, then the boundary, then an Allow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from iamctl.access.conditions import holds
from iamctl.access.held import HeldPolicy
from iamctl.access.known_policies import document_of
from iamctl.access.per_document import PerDocument
from iamctl.access.truth import Context, Truth, any_of, filled, matches
from iamctl.policy import Document
from iamctl.policy.normalized import DEFAULT_VERSION, NormalizedStatement
from iamctl.policy.pattern import ANY, any_includes

_ARN_PARTS = 6


class Request(NamedTuple):
    """One action on one resource: its ARN, or ``*`` for an action that is about none."""

    action: str
    """In lower case."""
    resource: str
    context: Context
    """The values of condition keys, those of the principal included."""


@dataclass(frozen=True)
class Holding:
    """What decides the requests of one person."""

    policies: tuple[HeldPolicy, ...]
    boundary: HeldPolicy | None = None


@dataclass(frozen=True)
class Decision:
    """The answer to one request, and which policies give it."""

    allowed: Truth
    by: HeldPolicy | None = None
    """The first policy with an Allow that matches."""


class _Statements:
    """The statements of one document, found by the action that they are about."""

    def __init__(self, document: Document) -> None:
        found = document.normalized
        self.has_variables = found is not None and found.version != DEFAULT_VERSION
        self._statements = tuple(found.statements) if found else ()
        self._about: dict[str, tuple[NormalizedStatement, ...]] = {}
        self._allows: dict[str, tuple[NormalizedStatement, ...]] = {}

    def about(self, action: str) -> tuple[NormalizedStatement, ...]:
        """Return the statements that match an action, whatever their resource and condition."""
        known = self._about.get(action)
        if known is None:
            known = self._about[action] = tuple(one for one in self._statements if _is_about(one, action))
        return known

    def allows_about(self, action: str) -> tuple[NormalizedStatement, ...]:
        """Return the Allows among them."""
        known = self._allows.get(action)
        if known is None:
            known = self._allows[action] = tuple(one for one in self.about(action) if one.effect == "Allow")
        return known


def _is_about(statement: NormalizedStatement, action: str) -> bool:
    named = any_includes(statement.actions, action)
    return named != statement.negated_action and statement.principals is None


@dataclass
class Decider:
    """Decides requests; what depends on a document and an action alone is worked out once."""

    _statements: PerDocument[_Statements] = field(default_factory=lambda: PerDocument(_Statements))
    _named: dict[tuple[int, frozenset[str]], frozenset[str]] = field(default_factory=dict)

    def decide(self, request: Request, holding: Holding) -> Decision:
        """Return the answer for a person; a document that is not known may allow everything and denies nothing."""
        by, allowed = None, Truth.NO
        denied = any_of(self.verdict(request, held, "Deny") for held in self._all(holding))
        if denied is Truth.YES:
            return Decision(Truth.NO)
        for held in holding.policies:
            truth = self.verdict(request, held, "Allow")
            if truth > allowed:
                by, allowed = held, truth
                if truth is Truth.YES:
                    break
        if holding.boundary and allowed:
            allowed = min(allowed, self.verdict(request, holding.boundary, "Allow"))
        return Decision(min(allowed, ~denied), by if allowed else None)

    def named(self, held: HeldPolicy, actions: frozenset[str]) -> frozenset[str]:
        """Return those of several actions that some Allow of a policy is about, whatever the resource."""
        document = document_of(held)
        if document is None:
            return frozenset()
        key = (id(document), actions)
        found = self._named.get(key)
        if found is None:
            statements = self._statements(document)
            found = self._named[key] = frozenset(action for action in actions if statements.allows_about(action))
        return found

    def about(self, document: Document, actions: Iterable[str]) -> frozenset[NormalizedStatement]:
        """Return the statements of a document that are about any of several actions."""
        statements = self._statements(document)
        return frozenset(statement for action in actions for statement in statements.about(action))

    def patterns(self, action: str, holding: Holding, context: Context) -> Iterator[str]:
        """Yield what the Allows of an action are about, variables replaced; ``*`` for a NotResource."""
        for held in holding.policies:
            document = document_of(held)
            statements = self._statements(document) if document else None
            for statement in statements.allows_about(action) if statements else ():
                if statement.negated_resource:
                    yield ANY
                    continue
                for text in sorted(statement.resources or ()):
                    pattern = filled(text, context) if statements and statements.has_variables else text
                    if pattern is not None:
                        yield pattern

    def verdict(self, request: Request, held: HeldPolicy, effect: str) -> Truth:
        """Return whether a statement with that Effect matches a request."""
        document = document_of(held)
        if document is None:
            return Truth.MAYBE if effect == "Allow" else Truth.NO
        statements = self._statements(document)
        return any_of(
            _matches(statement, request, has_variables=statements.has_variables)
            for statement in statements.about(request.action)
            if statement.effect == effect
        )

    def _all(self, holding: Holding) -> Iterator[HeldPolicy]:
        yield from holding.policies
        if holding.boundary:
            yield holding.boundary


def _matches(statement: NormalizedStatement, request: Request, *, has_variables: bool) -> Truth:
    """Return whether a statement that is about the action matches the request."""
    truth = _names(statement.resources or frozenset(), request, has_variables=has_variables)
    if statement.negated_resource:
        truth = ~truth
    if truth is Truth.NO or not statement.condition:
        return truth
    return min(truth, holds(statement.condition, request.context, has_variables=has_variables))


def _names(patterns: Iterable[str], request: Request, *, has_variables: bool) -> Truth:
    """Return whether one of several patterns matches the resource.

    Wildcards may reach beyond colons, which is the widest of the readings of IAM's page; short ARNs are filled up.
    """
    found = Truth.NO
    for pattern in patterns:
        if pattern == ANY:
            return Truth.YES
        text = filled(pattern, request.context) if has_variables else pattern
        if text is not None:
            missing = _ARN_PARTS - 1 - text.count(":")
            found = max(found, matches(text + ":*" * max(0, missing), request.resource))
            if found is Truth.YES:
                break
    return found
