"""Who is in which group and has which policy before and after a plan: after minus before, never from names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from datetime import datetime
from functools import cached_property

from iamctl.access.held import HeldPolicy, PolicySources
from iamctl.access.known_policies import document_of
from iamctl.access.people import People
from iamctl.access.sides import Sides, engine_of
from iamctl.account.live import Live
from iamctl.kinds import Group, Membership, User
from iamctl.model import Address, Change, State
from iamctl.report.page import Edge, PageCredentials, PageGroup, PageKey, PagePerson, PagePolicy, PageServices, Sign
from iamctl.report.page_grants import grants_of
from iamctl.report.page_services import Limited, services_of
from iamctl.report.words import terms_of_membership
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class Both:
    """An account before and after a plan."""

    live: Live
    before: State
    after: State
    desired: State
    """It has the ends of memberships."""
    now: datetime
    status: Mapping[Address, str]
    """How the manifests manage users and groups; without those that they declare."""
    notes: Mapping[Address, tuple[str, ...]]
    """What rules found about users."""
    ways: Mapping[Address, tuple[str, ...]] = field(default_factory=dict)
    """Who is an administrator after the plan, or can become one, and how."""


def signed(was: Iterable[int], will: Iterable[int]) -> tuple[Edge, ...]:
    """Return an edge for each target of both sides: added if it is only in ``will``, removed if only in ``was``."""
    old, new = set(was), set(will)
    return tuple(Edge(target, _sign(target in old, target in new)) for target in sorted(old | new))


def _sign(was: bool, will: bool) -> Sign:  # noqa: FBT001 - the two sides of one thing
    return Sign.KEPT if was and will else Sign.ADDED if will else Sign.REMOVED


class Edges:
    """The people, groups and policies of a page."""

    def __init__(self, both: Both) -> None:
        self._both = both
        self._was, self._will = PolicySources(both.live, both.before), PolicySources(both.live, both.after)
        self._groups = _numbered(both, Group)
        self._names = tuple(self._groups)
        self._people = _numbered(both, User)
        self._policies: dict[str, int] = {}
        self._held: list[tuple[HeldPolicy | None, HeldPolicy | None]] = []
        self._terms = {
            (Address.of("user", one.user), Address.of("group", one.group)): terms
            for one in both.desired.of_kind(Membership)
            if (terms := terms_of_membership(Change(None, one)))
        }
        self._sizes = tuple(
            Counter(Address.of("group", one.group) for one in state.of_kind(Membership))
            for state in (both.before, both.after)
        )
        self.groups = tuple(map(self._group, self._groups))
        """By name, without regard to case."""
        self.people = tuple(map(self._person, self._people))
        """By name, without regard to case."""

    def policies(self) -> tuple[PagePolicy, ...]:
        """Return the policies that anybody has before or after, with what they allow."""
        grants = grants_of([will or was for was, will in self._held], self._sides[1])
        return tuple(_policy(was, will, lines) for (was, will), lines in zip(self._held, grants, strict=True))

    def services(self) -> PageServices:
        """Return which services each person may use before and after."""
        sides = zip(self._sides, (self._was, self._will), strict=True)
        before, after = (Limited(side, sources, self._position) for side, sources in sides)
        return services_of(tuple(self._people), self._held, before, after)

    @cached_property
    def _sides(self) -> tuple[Sides, Sides]:
        """The statements that reach everybody before and after, of one engine."""
        both, engine = self._both, engine_of((self._was, self._will), self._both.now)
        was, will = (
            Sides(engine, People(sources, state, both.now), state)
            for sources, state in ((self._was, both.before), (self._will, both.after))
        )
        return was, will

    def _position(self, held: HeldPolicy) -> int:
        return self._policies[held.key]

    def _group(self, group: Address) -> PageGroup:
        was, will = self._numbers(self._was.held_by(group), 0), self._numbers(self._will.held_by(group), 1)
        before, after = group in self._both.before, group in self._both.after
        return PageGroup(
            name=self._name(group),
            sign=_sign(before, after),
            status=self._both.status.get(group, ""),
            members=(self._sizes[0][group], self._sizes[1][group]),
            policies=signed(was, will),
            joining=signed((), will),
            leaving=signed(was, ()),
        )

    def _person(self, person: Address) -> PagePerson:
        old, new = self._both.before.get(person), self._both.after.get(person)
        user = new if isinstance(new, User) else old
        assert isinstance(user, User)
        groups = tuple(
            replace(one, terms=self._terms.get((person, self._names[one.target]), ""))
            for one in signed(self._positions(self._was, person), self._positions(self._will, person))
        )
        own = signed(
            self._numbers(self._was.held_by(person), 0),
            self._numbers(self._will.held_by(person), 1),
        )
        bounds = signed(self._bounds(old, self._was, 0), self._bounds(new, self._will, 1))
        sign = _sign(old is not None, new is not None)
        live = old if isinstance(old, User) else user
        is_other = bool(old and new and (old.to_json() != new.to_json()))
        return PagePerson(
            name=user.name,
            sign=sign,
            status=self._both.status.get(person, ""),
            path=user.path,
            tags=user.tags,
            groups=groups,
            policies=own,
            boundary=bounds,
            credentials=_credentials(live),
            is_changed=is_other or sign is not Sign.KEPT or any(one.sign for one in (*groups, *own, *bounds)),
            notes=self._both.notes.get(person, ()),
            ways=self._both.ways.get(person, ()),
        )

    def _positions(self, sources: PolicySources, person: Address) -> Iterator[int]:
        return (self._groups[group] for group in sources.groups(person) if group in self._groups)

    def _bounds(self, user: object, sources: PolicySources, side: int) -> Iterable[int]:
        held = sources.boundary(user) if isinstance(user, User) else None
        return self._numbers([held], side) if held else ()

    def _numbers(self, held: Iterable[HeldPolicy], side: int) -> list[int]:
        """Return the positions of policies, and keep the document that each has on this side."""
        found = []
        for one in held:
            number = self._policies.setdefault(one.key, len(self._policies))
            if number == len(self._held):
                self._held.append((None, None))
            was, will = self._held[number]
            self._held[number] = (one, will) if side == 0 else (was, one)
            found.append(number)
        return found

    def _name(self, address: Address) -> str:
        resource = self._both.after.get(address) or self._both.before.get(address)
        assert resource is not None
        return resource.address.name


def _numbered(both: Both, kind: type[Group | User]) -> dict[Address, int]:
    """Return the positions of the users or groups of both sides, by name."""
    found = {
        address
        for state in (both.before, both.after)
        for address, one in state.resources.items()
        if isinstance(one, kind)
    }  # a live resource that is renamed is under its new address
    return {address: number for number, address in enumerate(sorted(found, key=lambda address: address.rank))}


def _policy(was: HeldPolicy | None, will: HeldPolicy | None, lines: tuple[str, ...]) -> PagePolicy:
    held = will or was
    assert held is not None
    is_changed = was is not None and will is not None and was.document != will.document
    document = document_of(held)
    is_known = document is not None and document.normalized is not None
    return PagePolicy(_policy_name(held), is_changed, is_known, lines)


def _policy_name(held: HeldPolicy) -> str:
    """Return what a picture calls a policy: an inline one by its last part, a customer-managed one without its kind."""
    if "-inline-policy/" in held.policy:
        return f"{held.policy.rpartition('/')[2]} (inline)"
    return held.policy.removeprefix("policy/")


def _credentials(user: User) -> PageCredentials:
    held = user.credentials
    keys = held.access_keys
    return PageCredentials(
        has_password=held.has_password,
        password_since=held.password_since,
        password_used=held.password_used,
        is_password_use_known=held.is_password_use_known,
        has_mfa=held.has_mfa,
        keys=None
        if keys is None
        else tuple(
            PageKey(key.is_active, key.created, key.last_use.at if key.last_use else None, key.is_use_known)
            for key in keys
        ),
    )
