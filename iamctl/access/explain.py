"""Why one request of a user or a role is allowed or not: each statement about its action, and what decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from iamctl.access.context import Context
from iamctl.access.grants import Spelling, example_of
from iamctl.access.held import HeldPolicy
from iamctl.access.known_policies import document_of
from iamctl.access.people import People, Person
from iamctl.access.row import Example, Source, When
from iamctl.access.statements import MFA_KEY, condition_keys, each_statement
from iamctl.access.trust import names_directly, trusts
from iamctl.access.truth import Truth, all_of, any_of
from iamctl.account.live import Role
from iamctl.kinds import User
from iamctl.model import Address
from iamctl.policy.normalized import NormalizedPolicy, NormalizedStatement, folded
from iamctl.proof.aws_facts import ALWAYS_ALLOWED, ALWAYS_PRESENT, REFUSED
from iamctl.proof.decide import Reach, Request, condition_of, explain
from iamctl.text.late_dataclass import dataclass

MFA_AGE = "aws:multifactorauthage"
_ASSUME = "sts:assumerole"
_REGION = "aws:requestedregion"
_USUALLY_SENT = frozenset({"aws:sourceip"})
"""Keys that nearly every request contains: unlike others, they are unknown where the question does not state them."""
_TAGS_OF_RESOURCE = (":resourcetag/", ":existingobjecttag/")

Values = Mapping[str, tuple[str, ...]]
"""Condition keys in lower case with their values; no value: the request lacks the key."""


class Decision(StrEnum):
    """What becomes of a request."""

    ALLOWED = "allowed"
    DENIED = "denied"
    """A Deny applies."""
    NOT_ALLOWED = "not-allowed"
    """No Allow applies."""
    OUTSIDE_BOUNDARY = "outside-boundary"
    """An Allow applies, but none of the boundary does."""
    NOT_TRUSTED = "not-trusted"
    """The trust policy of the role that is to be assumed does not allow it."""
    UNKNOWN = "unknown"
    """It depends on a document or on a value that is not known."""


class Part(StrEnum):
    """What a statement is part of."""

    POLICY = "policy"
    BOUNDARY = "boundary"
    AWS = "aws"
    """What AWS refuses to everybody."""


@dataclass(frozen=True)
class Asked:
    """One line of a condition, and what the request says of its key."""

    when: When
    values: tuple[str, ...]
    """None: the request lacks the key, or has it with a value that is not known."""
    is_known: bool
    holds: bool | None
    """None where that is not known."""


@dataclass(frozen=True)
class Explained:
    """What one statement says about a request."""

    part: Part
    source: Source
    effect: str
    reach: Reach
    resources: tuple[str, ...]
    is_not_resource: bool
    asked: tuple[Asked, ...]
    """The lines of its condition; none where it is about other resources."""


@dataclass(frozen=True)
class Verdict:
    """What a request comes to, and what the statements about its action say."""

    decision: Decision
    lacking: tuple[Decision, ...]
    """Everything that certainly keeps it from being allowed; the first one is the decision."""
    statements: tuple[Explained, ...]


@dataclass(frozen=True)
class Explanation:
    """Why a request is allowed or not."""

    person: Address
    request: Example
    verdict: Verdict
    without_mfa: Verdict | None
    """What it comes to without MFA, for a user with an access key; None where the question states MFA itself."""
    unread: tuple[Source, ...]
    """The policies of the person whose documents are not known."""
    trust: tuple[Address, Truth] | None
    """The role of the account that is to be assumed, and whether its trust policy allows it; None for other requests."""


def explanation(people: People, person: Person, action: str, resource: str, when: Values) -> Explanation:
    """Return why a request is allowed or not: one that is signed in with MFA, except for what ``when`` states."""
    question = _Question(people, person, action, resource)
    context = {**_context(people, person, resource), **when}
    without = None
    if not {MFA_KEY, MFA_AGE} & when.keys():
        absent = () if person.address.kind == User.kind else ("false",)
        without = question.verdict({**context, MFA_KEY: absent, MFA_AGE: ()})
    return Explanation(
        person.address,
        example_of(question.shown(context, when), question.spelled),
        question.verdict(context),
        without,
        tuple(held.source("") for held in question.unread),
        question.trust(context),
    )


def _context(people: People, person: Person, resource: str) -> Values:
    """Return what is known of a request: when it is made, by whom, and what it is about."""
    found = dict(person.context.values)
    region = [*resource.split(":"), "", "", "", ""][3]
    if region:
        found[_REGION] = (region,)
    for target in people.targets.by_address.values():
        if target.arn == resource:
            found |= target.context.values
    return found


class _Question:
    """One action on one resource, by one person."""

    def __init__(self, people: People, person: Person, action: str, resource: str) -> None:
        self._people, self._person = people, person
        self._action, self._resource = action, resource
        self._policies = people.held_by(person.address)
        self._boundary = people.boundary_of(person.address)
        self._held = (*self._policies, self._boundary) if self._boundary else self._policies
        documents = (document for held in self._held if (document := document_of(held)))
        self.spelled = Spelling(key for document in documents for key in condition_keys(document))
        self._role = self._assumed() if folded(action) == _ASSUME else None
        targets = (target for target in people.targets.by_address.values() if target.arn == resource)
        self._knows_tags = any(target.context.complete for target in targets)

    def request(self, context: Values) -> Request:
        """Return the request in one context."""
        return Request(self._action, self._resource, {key: values for key, values in context.items() if values})

    def shown(self, context: Values, stated: Values) -> Request:
        """Return the request for readers: with the keys, too, that the question states to be absent."""
        request = self.request(context)
        absent: Values = {key: values for key, values in stated.items() if not values}
        return replace(request, context={**request.context, **absent})

    @property
    def unread(self) -> tuple[HeldPolicy, ...]:
        """The policies whose documents are not known."""
        return tuple(filter(_is_unread, self._held))

    def verdict(self, context: Values) -> Verdict:
        """Return what the request comes to in one context."""
        found = tuple(self._statements(self.request(context), context))
        truths = self._truths(found, context)
        lacking = tuple(decision for decision, truth in truths.items() if truth is Truth.NO)
        is_certain = all_of(truths.values()) is Truth.YES
        decision = lacking[0] if lacking else Decision.ALLOWED if is_certain else Decision.UNKNOWN
        return Verdict(decision, lacking, tuple(sorted(found, key=_order)))

    def trust(self, context: Values) -> tuple[Address, Truth] | None:
        """Return the role that is to be assumed, and whether its trust policy lets the person."""
        if self._role is None:
            return None
        asking = self._asking(context)
        account = self._people.sources.account_id
        return Address.of("role", self._role.name), trusts(self._role.trust, asking, account)

    def _asking(self, context: Values) -> Person:
        return replace(self._person, context=Context(context, ("",)))

    def _assumed(self) -> Role | None:
        arns = ((role, self._people.arn(f"role{role.path}{role.name}")) for role in self._people.sources.roles)
        return next((role for role, arn in arns if arn == self._resource), None)

    def _statements(self, request: Request, context: Values) -> Iterator[Explained]:
        for held in self._held:
            part = Part.BOUNDARY if held is self._boundary else Part.POLICY
            document = document_of(held)
            for one, label in each_statement(document) if document else ():
                yield from self._explained(request, context, one, part, held.source(label))
        refused = self._explained(request, context, REFUSED, Part.AWS, Source("AWS", "", ""))
        yield from (one for one in refused if one.reach is Reach.APPLIES)

    def _truths(self, found: Sequence[Explained], context: Values) -> Mapping[Decision, Truth]:
        """Return whether each requirement is met, by the decision that stands if it is not."""
        if folded(self._action) == ALWAYS_ALLOWED:
            return {}
        denied = max(_any(one for one in found if one.effect == "Deny"), Truth.MAYBE if self.unread else Truth.NO)
        is_named = self._role is not None and names_directly(self._role.trust, self._asking(context))
        is_user = self._person.address.kind == User.kind
        return {
            Decision.DENIED: ~denied,
            Decision.NOT_ALLOWED: Truth.YES if is_named else self._allowed(found),
            Decision.OUTSIDE_BOUNDARY: Truth.YES if is_named and is_user else self._bounded(found),
            Decision.NOT_TRUSTED: self._trusted(context),
        }

    def _allowed(self, found: Sequence[Explained]) -> Truth:
        unread = Truth.MAYBE if any(map(_is_unread, self._policies)) else Truth.NO
        return max(unread, _any(one for one in found if one.effect == "Allow" and one.part is Part.POLICY))

    def _bounded(self, found: Sequence[Explained]) -> Truth:
        if self._boundary is None:
            return Truth.YES
        if _is_unread(self._boundary):
            return Truth.MAYBE
        return _any(one for one in found if one.effect == "Allow" and one.part is Part.BOUNDARY)

    def _trusted(self, context: Values) -> Truth:
        trust = self.trust(context)
        return Truth.YES if trust is None else trust[1]

    def _explained(
        self, request: Request, context: Values, document: NormalizedPolicy, part: Part, source: Source
    ) -> Iterator[Explained]:
        """Yield what the statements of a document say that are about the action."""
        for one in explain(request, document):
            statement, reach, asked = one.statement, one.reach, tuple[Asked, ...]()
            if reach is not Reach.OTHER_RESOURCE:
                asked = tuple(self._asked(document, statement, request, context))
                truths = {line.holds for line in asked}
                reach = Reach.CONDITION if False in truths else Reach.UNKNOWN if None in truths else Reach.APPLIES
            resources = tuple(sorted(statement.resources or ()))
            yield Explained(part, source, statement.effect, reach, resources, statement.negated_resource, asked)

    def _asked(
        self, document: NormalizedPolicy, statement: NormalizedStatement, request: Request, context: Values
    ) -> Iterator[Asked]:
        for one, truth in condition_of(request, statement, document.version):
            is_known = one.key in context or not self._is_open(one.key)
            when = When(self.spelled(one.key), one.full_operator, one.values)
            yield Asked(when, request.context.get(one.key, ()), is_known, truth if is_known else None)

    def _is_open(self, key: str) -> bool:
        """Return whether a key that the question does not state may have any value."""
        is_about_tags = any(part in key for part in _TAGS_OF_RESOURCE)
        return key in ALWAYS_PRESENT or key in _USUALLY_SENT or (is_about_tags and not self._knows_tags)


def _is_unread(held: HeldPolicy) -> bool:
    document = document_of(held)
    return document is None or document.normalized is None


_TRUTHS = {Reach.APPLIES: Truth.YES, Reach.UNKNOWN: Truth.MAYBE}


def _any(found: Iterable[Explained]) -> Truth:
    return any_of(_TRUTHS.get(one.reach, Truth.NO) for one in found)


def _order(one: Explained) -> tuple[object, ...]:
    """Return what statements are sorted by: those that decide first."""
    reaches = (Reach.APPLIES, Reach.UNKNOWN, Reach.CONDITION, Reach.OTHER_RESOURCE)
    return reaches.index(one.reach), one.effect != "Deny", one.part is Part.BOUNDARY, one.source
