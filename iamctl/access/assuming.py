"""Who may assume the roles of an account: their trust policies must allow it, and mostly a policy of the person, too."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from iamctl.access.people import Person
from iamctl.access.sides import Sides
from iamctl.access.trust import names_directly, trusts
from iamctl.access.truth import Truth
from iamctl.account.live import Role
from iamctl.kinds import User
from iamctl.model import Address
from iamctl.policy.pattern import resource_includes
from iamctl.proof.engine import Side

ASSUME = "sts:AssumeRole"


class Assuming:
    """The users and roles of one state as those who assume its roles."""

    def __init__(self, sides: Sides) -> None:
        self._sides, self._engine = sides, sides.engine
        self._account = sides.people.sources.account_id
        self._roles = {Address.of("role", role.name): role for role in sides.people.sources.roles}
        self._memo: dict[Side, bool] = {}

    def who(self, role: Address) -> tuple[tuple[Address, Truth], ...]:
        """Return the users and roles that may assume a role; MAYBE where that depends on what is not known."""
        found = ((person, self.may(person, role)) for person in self._principals if person.address != role)
        return tuple((person.address, truth) for person, truth in found if truth is not Truth.NO)

    def may(self, person: Person, role: Address) -> Truth:
        """Return whether somebody may assume a role."""
        trusted = trusts(self._roles[role].trust, person, self._account)
        if trusted is Truth.NO:
            return trusted
        if self.names(person, role):
            return trusted
        return trusted if self._is_allowed(person, role) else Truth.NO

    def trust(self, person: Person, role: Address) -> Truth:
        """Return whether the trust policy of a role lets somebody assume it."""
        return trusts(self._roles[role].trust, person, self._account)

    def names(self, person: Person, role: Address) -> bool:
        """Return whether a trust policy names somebody, who needs no Allow then, and no policy of them denies it.

        The boundary of a role must allow it all the same.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
        """
        if not names_directly(self._roles[role].trust, person):
            return False
        side = self._side(person)
        ceilings = () if person.address.kind == User.kind else side.ceilings
        left = Side(self._request(role), side.deny & ~self._sides.unread, ceilings)
        return self._engine.first(Side(), left) is not None

    def matching(self, pattern: str) -> tuple[Address, ...]:
        """Return the roles whose ARNs a pattern matches."""
        return tuple(role for role in self._roles if resource_includes(pattern, self._arn(role)))

    def is_exactly(self, pattern: str, role: Address) -> bool:
        """Return whether a pattern is the ARN of a role."""
        return pattern == self._arn(role)

    def _is_allowed(self, person: Person, role: Address) -> bool:
        side = self._side(person)
        asked = Side(side.allow, side.deny, (*side.ceilings, self._request(role)))
        if asked not in self._memo:
            self._memo[asked] = self._engine.first(Side(), asked) is not None
        return self._memo[asked]

    def _request(self, role: Address) -> int:
        return self._engine.everything(self._engine.universe.bits(ASSUME), (self._arn(role),)).allow

    def _side(self, person: Person) -> Side:
        side = self._sides.of(person.address, self._sides.asked_facts(person.address))
        return self._engine.limited(side, self._engine.universe.bits(ASSUME))

    def _arn(self, role: Address) -> str:
        found: Role = self._roles[role]
        return self._sides.people.arn(f"role{found.path}{found.name}")

    @cached_property
    def _principals(self) -> tuple[Person, ...]:
        return tuple(self._each())

    def _each(self) -> Iterator[Person]:
        for address in self._sides.everybody:
            if person := self._sides.principal(address):
                yield person
