"""The users and roles of an account as principals of requests, and what else of it a request can be about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from operator import itemgetter

from iamctl.access.context import Context
from iamctl.access.held import HeldPolicy, PolicySources
from iamctl.access.known_policies import ADMINISTRATOR, document_of
from iamctl.account.live import Role
from iamctl.kinds import Group, Policy, User
from iamctl.model import Address, State
from iamctl.policy.pattern import ANY, ONE
from iamctl.text.late_dataclass import dataclass

_PRINCIPAL_TAG, _RESOURCE_TAGS = "aws:principaltag/", ("aws:resourcetag/", "iam:resourcetag/")
HOME_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""The Region of requests to IAM, by partition. https://docs.aws.amazon.com/general/latest/gr/iam-service.html"""


@dataclass(frozen=True)
class Target:
    """A user, group, role or policy of the account that a request can be about."""

    address: Address
    arn: str
    context: Context
    """What condition keys say of it: its tags and its boundary."""


@dataclass(frozen=True)
class Holding:
    """What decides the requests of one person."""

    policies: tuple[HeldPolicy, ...]
    boundary: HeldPolicy | None = None


@dataclass(frozen=True, eq=False)
class Person:
    """A user or a role with all that decides its requests."""

    address: Address
    arn: str
    context: Context
    """What condition keys say of it, signed in with MFA just now."""
    holding: Holding
    """Without policies whose document is not known."""
    groups: tuple[Address, ...] = ()

    def holds(self, *more: HeldPolicy, bounded: bool = True) -> Person:
        """Return the person with further policies, or without the boundary."""
        boundary = self.holding.boundary if bounded else None
        return replace(self, holding=Holding((*self.holding.policies, *more), boundary))

    def without(self, dropped: Iterable[HeldPolicy]) -> Person:
        """Return the person without some policies."""
        gone = {id(held) for held in dropped}
        left = tuple(held for held in self.holding.policies if id(held) not in gone)
        return replace(self, holding=Holding(left, self.holding.boundary))


class People:
    """Who and what there is in one state of an account."""

    def __init__(self, sources: PolicySources, state: State, now: datetime) -> None:
        self.sources = sources
        self._state = state
        self.now = now
        self._principals: dict[tuple[str, ...], tuple[User, Person]] = {}
        self._prefix = f"arn:{sources.partition}:iam::{sources.account_id}:"

    def arn(self, rest: str) -> str:
        """Return the ARN of something of IAM in this account, such as ``user/alice``."""
        return self._prefix + rest

    @cached_property
    def base(self) -> Context:
        """What every request says: it was made now, with MFA, by the principal itself, to IAM."""
        seconds = str(int(self.now.timestamp()))
        moment = self.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        values = {
            "aws:multifactorauthpresent": "true",
            "aws:multifactorauthage": "0",
            "aws:securetransport": "true",
            "aws:viaawsservice": "false",
            "aws:principalisawsservice": "false",
            "aws:currenttime": moment,
            "aws:tokenissuetime": moment,
            "aws:epochtime": seconds,
            "aws:principalaccount": self.sources.account_id,
            "aws:requestedregion": HOME_REGIONS.get(self.sources.partition, ""),
        }
        return Context({key: (value,) for key, value in values.items() if value} | {"aws:calledvia": ()})

    @cached_property
    def everything(self) -> HeldPolicy:
        """An Allow of everything, as somebody who may write policies can give it."""
        return HeldPolicy(Address.of("user", "anybody"), ADMINISTRATOR, ADMINISTRATOR, "user", None)

    def users(self, wanted: Callable[[HeldPolicy], bool] | None = None) -> Iterator[Person]:
        """Yield the users, only those with a ``wanted`` policy where it is given: most need not be looked at."""
        if wanted is None:
            yield from (self.user(user, address) for address, user in self._users)
            return
        holders = {holder for holder, held in self.sources.holders() if any(map(wanted, held))}
        for address, user in self._users if holders else ():
            if address in holders or not holders.isdisjoint(self.sources.groups(address)):
                yield self.user(user, address)

    def held_by_users(self) -> Iterator[HeldPolicy]:
        """Yield the policies of the users, those of a group once, in the order of the users."""
        holders = (holder for address, _ in self._users for holder in (*self.sources.groups(address), address))
        for holder in dict.fromkeys(holders):
            yield from self.sources.held_by(holder)

    @cached_property
    def _users(self) -> list[tuple[Address, User]]:
        found = [(address, user) for address, user in self._state.resources.items() if isinstance(user, User)]
        return sorted(found, key=itemgetter(0))

    def user(self, user: User, address: Address | None = None) -> Person:
        """Return a user as a principal; ``address`` is the new one of a user whom a plan renames."""
        address = address or user.address
        known = self._principals.get(address.parts)
        if known is None or known[0] is not user:
            known = self._principals[address.parts] = user, self._principal(user, address)
        return known[1]

    def _principal(self, user: User, address: Address) -> Person:
        arn = self._arn_of(user)
        facts = {"aws:username": (user.name,), "aws:principaltype": ("User",), "aws:principalarn": (arn,)}
        if user.user_id:
            facts["aws:userid"] = (user.user_id,)
        reaching, boundary = self.sources.reaching(address), self.sources.boundary(user)
        context = self.base.joined(_tagged(facts, user.tags, (_PRINCIPAL_TAG,)))
        return Person(address, arn, context, _holding(reaching, boundary), self.sources.groups(address))

    def roles(self) -> Iterator[Person]:
        """Yield the roles."""
        for role in self.sources.roles:
            arn = self._arn_of_role(role)
            facts = {"aws:principaltype": ("AssumedRole",), "aws:principalarn": (arn,), "aws:username": ()}
            held = _holding(self.sources.of_role(role), self.sources.boundary_of_role(role))
            context = self.base.joined(_tagged(facts, role.tags, (_PRINCIPAL_TAG,)))
            yield Person(Address.of("role", role.name), arn, context, held)

    def person(self, address: Address) -> Person | None:
        """Return a user or a role as a principal; None if there is none."""
        user = self._state.get(address)
        if isinstance(user, User):
            return self.user(user)
        return next((role for role in self.roles() if role.address == address), None)

    def held_by(self, person: Address) -> tuple[HeldPolicy, ...]:
        """Return all policies that reach a user or a role, without the boundary."""
        role = self._role(person)
        return tuple(self.sources.of_role(role) if role else self.sources.reaching(person))

    def boundary_of(self, person: Address) -> HeldPolicy | None:
        """Return the permissions boundary of a user or a role."""
        role, user = self._role(person), self._state.get(person)
        if role:
            return self.sources.boundary_of_role(role)
        return self.sources.boundary(user) if isinstance(user, User) else None

    def _role(self, address: Address) -> Role | None:
        return next((role for role in self.sources.roles if Address.of("role", role.name) == address), None)

    @cached_property
    def targets(self) -> Targets:
        """All that a request can be about."""
        return Targets(self._targets())

    def _targets(self) -> Iterator[Target]:
        for address, resource in self._state.resources.items():
            if isinstance(resource, User):
                bound = resource.permissions_boundary
                facts = {"iam:permissionsboundary": (bound,) if bound else ()}
                yield Target(address, self._arn_of(resource), _tagged(facts, resource.tags, _RESOURCE_TAGS))
            elif isinstance(resource, Group):
                arn = self.arn(f"group{resource.path}{resource.name}")
                yield Target(address, arn, _tagged({}, {}, _RESOURCE_TAGS))
            elif isinstance(resource, Policy):
                tags = resource.tags
                yield Target(
                    resource.address, resource.arn, Context() if tags is None else _tagged({}, tags, _RESOURCE_TAGS)
                )
        for role in self.sources.roles:
            facts = {"iam:permissionsboundary": (role.boundary,) if role.boundary else ()}
            context = _tagged(facts, role.tags, _RESOURCE_TAGS)
            yield Target(Address.of("role", role.name), self._arn_of_role(role), context)

    def _arn_of(self, user: User) -> str:
        return self.arn(f"user{user.path}{user.name}")

    def _arn_of_role(self, role: Role) -> str:
        return self.arn(f"role{role.path}{role.name}")


class Targets:
    """What requests can be about, found by the pattern of a resource."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self.by_address = {target.address: target for target in targets}
        self._by_name: dict[tuple[str, str], Target] = {}
        self._of_kind: dict[str, list[Target]] = {}
        for target in self.by_address.values():
            self._by_name[target.address.kind, target.arn.rpartition("/")[2]] = target
            self._of_kind.setdefault(target.address.kind, []).append(target)

    def near(self, kind: str, pattern: str) -> Iterable[Target]:
        """Return those of a kind that a pattern, variables replaced, may match; one alone where it ends with a name."""
        name = pattern.rpartition("/")[2]
        if name == pattern or ANY in name or ONE in name or not name.isascii():
            return self._of_kind.get(kind, ())
        found = self._by_name.get((kind, name))
        return (found,) if found else ()


def _tagged(facts: Mapping[str, tuple[str, ...]], tags: Mapping[str, str], prefixes: tuple[str, ...]) -> Context:
    named = {f"{prefix}{key.lower()}": (value,) for prefix in prefixes for key, value in tags.items()}
    return Context({**facts, **named}, prefixes)


def _holding(policies: Iterable[HeldPolicy], boundary: HeldPolicy | None) -> Holding:
    return Holding(tuple(held for held in policies if document_of(held)), boundary)
