"""Which statements reach everybody in one state of an account, and from where: the sides that the engine compares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property

from iamctl.access.held import HeldPolicy, PolicySources
from iamctl.access.known_policies import all_documents, document_of, named_actions
from iamctl.access.people import HOME_REGIONS, Holding, People, Person
from iamctl.access.row import Source
from iamctl.access.statements import condition_keys, each_statement
from iamctl.account.live import Role
from iamctl.kinds import User
from iamctl.model import Address, State
from iamctl.policy import Document
from iamctl.policy.normalized import folded
from iamctl.proof.engine import Engine, Side
from iamctl.proof.numbering import Numbers
from iamctl.proof.places import Home
from iamctl.proof.requests import Requests
from iamctl.proof.statements import NO_FACTS, Facts, asks_about_principal
from iamctl.proof.universe import Universe

_PRINCIPAL = ("aws:username", "aws:userid", "aws:principaltype", "aws:principalarn", "aws:principalaccount")
_TAG = "aws:principaltag/"


def engine_of(sources: Iterable[PolicySources], now: datetime, patterns: Iterable[str] = ()) -> Engine:
    """Return the engine for all documents of some states; ``patterns`` are further actions that are asked about."""
    states = tuple(sources)
    found = {folded(pattern) for pattern in patterns}.union(*map(named_actions, states))
    return Engine(Universe(sorted(found)), now, home_of(states[0]))


def home_of(sources: PolicySources) -> Home:
    """Return the account that examples of requests are about."""
    return Home(sources.partition, HOME_REGIONS.get(sources.partition, "us-east-1"), sources.account_id)


class Sides:
    """The sides of the users and roles of one state. Those of one engine may be compared with each other."""

    def __init__(self, engine: Engine, people: People, state: State) -> None:
        self.engine = engine
        self.people = people
        self._sources = people.sources
        self._users = {address: user for address, user in state.resources.items() if isinstance(user, User)}
        self._roles = {Address.of("role", role.name): role for role in people.sources.roles}
        self._numbers: dict[HeldPolicy, Numbers] = {}
        self._of_holders: dict[Address, Numbers] = {}
        self._of: dict[Address, Side] = {}
        self._sources_of: dict[tuple[Address, int], tuple[Source, ...]] = {}
        self.unread = 0
        """The statements that stand for documents that nobody has read, as bits."""
        self._asking: dict[int, bool] = {}
        self._labels: dict[tuple[int, Facts], tuple[tuple[Numbers, str], ...]] = {}

    @cached_property
    def everybody(self) -> tuple[Address, ...]:
        """The addresses of the users and roles, sorted."""
        return tuple(sorted((*self._users, *self._roles)))

    def __contains__(self, person: object) -> bool:
        return person in self._users or person in self._roles

    def of(self, person: Address, facts: Facts = NO_FACTS) -> Side:
        """Return what reaches a user or a role, with what is known of the person put in; nothing if there is none.

        Without facts, people with the same policies have the same side.
        """
        if facts is not NO_FACTS:
            return self._side(person, facts) if person in self else Side()
        found = self._of.get(person)
        if found is None:
            found = self._of[person] = self._side(person, facts) if person in self else Side()
        return found

    def _side(self, person: Address, facts: Facts) -> Side:
        found = Numbers()
        if facts is NO_FACTS and person in self._users:
            for holder in (*self._sources.groups(person), person):
                found |= self.of_holder(holder)
        else:
            for held in self._held(person):
                found |= self.numbers(held, facts)
        boundary = self.boundary(person)
        if boundary is None:
            return Side(found.allow, found.deny)
        bound = self.numbers(boundary, facts)
        return Side(found.allow, found.deny | bound.deny, (bound.allow,))

    def of_holder(self, holder: Address) -> Numbers:
        """Return the statements of the policies that a group holds, or a user directly."""
        found = self._of_holders.get(holder)
        if found is None:
            found = Numbers()
            for held in self._sources.held_by(holder):
                found |= self.numbers(held)
            self._of_holders[holder] = found
        return found

    def numbers(self, held: HeldPolicy, facts: Facts = NO_FACTS) -> Numbers:
        """Return the statements of a policy; of one that nobody has read, one that allows everything."""
        if facts is not NO_FACTS:
            return self._numbered(held, facts)
        found = self._numbers.get(held)
        if found is None:
            found = self._numbers[held] = self._numbered(held, facts)
        return found

    def _numbered(self, held: HeldPolicy, facts: Facts) -> Numbers:
        document = document_of(held)
        if document is None or document.normalized is None:
            found = self.engine.unread(held.key if document is None else document.text)
            self.unread |= found.allow | found.deny
            return found
        return self.engine.statements(document.normalized, facts)

    def of_holding(self, holding: Holding, facts: Facts = NO_FACTS) -> Side:
        """Return what some policies and a boundary are for whoever has them."""
        found = Numbers()
        for held in holding.policies:
            found |= self.numbers(held, facts)
        if holding.boundary is None:
            return Side(found.allow, found.deny)
        bound = self.numbers(holding.boundary, facts)
        return Side(found.allow, found.deny | bound.deny, (bound.allow,))

    @cached_property
    def requests(self) -> Requests:
        """What decides requests about one resource."""
        return Requests(self.engine, self.people.now)

    def facts(self, person: Address) -> Facts:
        """Return what is known of a person."""
        known = self.principal(person)
        return NO_FACTS if known is None else facts_of(known)

    def asked_facts(self, person: Address) -> Facts:
        """Return what is known of a person if one of their policies asks for it; equal people then have equal sides."""
        return self.facts(person) if self.asks_about(person) else NO_FACTS

    def principal(self, person: Address) -> Person | None:
        """Return a user or a role as a principal of requests; None if there is none."""
        if user := self._users.get(person):
            return self.people.user(user)
        return self._principals_of_roles.get(person)

    @cached_property
    def _principals_of_roles(self) -> dict[Address, Person]:
        return {role.address: role for role in self.people.roles()}

    def asks_about(self, person: Address) -> bool:
        """Tell whether a policy of a person decides differently for different people."""
        return any(map(self._asks, self.documents(person)))

    def documents(self, person: Address) -> Iterator[Document]:
        """Yield the known documents that decide the requests of a person, the boundary included."""
        yield from (document for held in self._all(person) if (document := document_of(held)))

    def holdings(self, person: Address) -> tuple[object, ...]:
        """Return what tells whether anything is different about a person: policies, documents, name, path and tags."""
        user = self._users.get(person)
        return (tuple(map(_told, self._all(person))), user and (user.name, user.path, user.tags))

    def holdings_of(self, holder: Address) -> tuple[object, ...]:
        """Return what tells whether anything is different about the policies of a group, or those of a user alone."""
        return tuple(map(_told, self._sources.held_by(holder)))

    def holders_of(self, person: Address) -> tuple[Address, ...] | None:
        """Return whose policies reach a user; None for others, and for a user with a boundary."""
        user = self._users.get(person)
        if user is None or user.permissions_boundary:
            return None
        return (*self._sources.groups(person), person)

    def has_facts_of(self, other: Sides, person: Address) -> bool:
        """Tell whether a person has the same name, path and tags on another side; roles always do."""
        one, two = self._users.get(person), other._users.get(person)
        if one is two or one is None or two is None:
            return True
        return (one.name, one.path, one.tags, one.user_id) == (two.name, two.path, two.tags, two.user_id)

    def condition_keys(self) -> Iterator[str]:
        """Yield the condition keys of all documents as these spell them."""
        for document in {id(document): document for document in all_documents(self._sources)}.values():
            yield from condition_keys(document)

    def _asks(self, document: Document) -> bool:
        known = self._asking.get(id(document))
        if known is None:
            normalized = document.normalized
            known = self._asking[id(document)] = normalized is not None and asks_about_principal(normalized)
        return known

    def unknown(self, person: Address) -> tuple[str, ...]:
        """Return the policies of a person whose documents are not known."""
        found = ((held, document_of(held)) for held in self._all(person))
        return tuple(held.policy for held, document in found if document is None or document.normalized is None)

    def sources(
        self, person: Address, bits: int, facts: Facts = NO_FACTS, *, with_boundary: bool = True
    ) -> tuple[Source, ...]:
        """Return where the statements among ``bits`` come from that reach a person.

        A boundary allows nothing by itself, so it is no source of what somebody may do.
        """
        if not bits:
            return ()
        if facts is NO_FACTS and person in self._users:
            holders = (*self._sources.groups(person), person)
            found = [source for holder in holders for source in self._of_one(holder, bits)]
        else:
            found = list(self._labels_of(self._held(person), bits, facts))
        boundary = self.boundary(person) if with_boundary else None
        return (*found, *(self._labels_of((boundary,), bits, facts) if boundary else ()))

    def _of_one(self, holder: Address, bits: int) -> tuple[Source, ...]:
        """Return where the statements among ``bits`` come from that a group holds, or a user directly."""
        numbers = self.of_holder(holder)
        bits &= numbers.allow | numbers.deny
        if not bits:
            return ()
        found = self._sources_of.get((holder, bits))
        if found is None:
            found = tuple(self._labels_of(self._sources.held_by(holder), bits, NO_FACTS))
            self._sources_of[holder, bits] = found
        return found

    def _labels_of(self, policies: Iterable[HeldPolicy], bits: int, facts: Facts) -> Iterator[Source]:
        for held in policies:
            of_policy = self.numbers(held, facts)
            if (of_policy.allow | of_policy.deny) & bits:
                for numbers, label in self._labelled(held, facts):
                    if (numbers.allow | numbers.deny) & bits:
                        yield held.source(label)

    def policies(self, person: Address, bits: int, facts: Facts = NO_FACTS) -> tuple[HeldPolicy, ...]:
        """Return the policies of a person, with the boundary, that contain statements among ``bits``."""
        if not bits:
            return ()
        found = ((held, self.numbers(held, facts)) for held in self._near(person, bits, facts))
        return tuple(held for held, numbers in found if (numbers.allow | numbers.deny) & bits)

    def holders(self, person: Address, bits: int, facts: Facts = NO_FACTS) -> frozenset[Address]:
        """Return the groups, or the person, that hold the statements among ``bits``."""
        return frozenset(
            held.holder
            for held in self._near(person, bits, facts, with_boundary=False)
            for numbers in (self.numbers(held, facts),)
            if (numbers.allow | numbers.deny) & bits
        )

    def _near(self, person: Address, bits: int, facts: Facts, *, with_boundary: bool = True) -> Iterator[HeldPolicy]:
        """Yield the policies of a person; without facts, those alone of holders that hold statements among ``bits``."""
        if facts is not NO_FACTS or person not in self._users:
            yield from self._all(person) if with_boundary else self._held(person)
            return
        for holder in (*self._sources.groups(person), person):
            numbers = self.of_holder(holder)
            if (numbers.allow | numbers.deny) & bits:
                yield from self._sources.held_by(holder)
        if with_boundary and (boundary := self.boundary(person)):
            yield boundary

    def boundary(self, person: Address) -> HeldPolicy | None:
        """Return the policy that bounds a user or a role; None if none does."""
        if user := self._users.get(person):
            return self._sources.boundary(user)
        role = self._roles.get(person)
        return self._sources.boundary_of_role(role) if role else None

    def _held(self, person: Address) -> Iterable[HeldPolicy]:
        role: Role | None = self._roles.get(person)
        if person.kind == "group":
            return self._sources.held_by(person)
        return self._sources.of_role(role) if role else self._sources.reaching(person)

    def _all(self, person: Address) -> Iterator[HeldPolicy]:
        if person not in self and person.kind != "group":
            return
        yield from self._held(person)
        if boundary := self.boundary(person):
            yield boundary

    def _labelled(self, held: HeldPolicy, facts: Facts) -> tuple[tuple[Numbers, str], ...]:
        """Return each statement of a policy with its Sid, or its number in the document."""
        document = document_of(held)
        if document is None or document.normalized is None:
            return ((self.numbers(held, facts), ""),)
        key = id(document), facts
        found = self._labels.get(key)
        if found is None:
            alone = each_statement(document)
            found = tuple((self.engine.statements(one, facts), label) for one, label in alone)
            self._labels[key] = found
        return found


def _told(held: HeldPolicy) -> tuple[object, ...]:
    return held.key, held.holder, id(document_of(held))


def facts_of(person: Person) -> Facts:
    """Return what is known of a principal, without how a request is made."""
    values = {key: found for key, found in person.context.values.items() if key in _PRINCIPAL or key.startswith(_TAG)}
    return Facts(values, knows_tags=_TAG in person.context.complete)
