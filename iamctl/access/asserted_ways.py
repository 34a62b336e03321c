"""Judges whether ways lead somebody to more access than an assertion permits."""

from __future__ import annotations

from functools import cached_property

from iamctl.access.asserted import Principals
from iamctl.access.authority import Authority
from iamctl.access.escalation import Escalations
from iamctl.access.held import HeldPolicy
from iamctl.access.known_policies import document_of
from iamctl.access.sides import Sides
from iamctl.access.verdicts import Counterexample, Doubt, Undecided
from iamctl.kinds import Group, User
from iamctl.model import Address, State
from iamctl.model.assertion import ADMINISTRATOR, NoWayTo


class AssertedWays:
    """The ways of the people in one state of an account."""

    def __init__(self, sides: Sides, state: State, *, knows_roles: bool) -> None:
        self._people = sides.people
        self._sides = sides
        self._state = state
        self._knows_roles = knows_roles

    def judged(self, about: NoWayTo, person: Address, principals: Principals) -> Undecided | Counterexample | None:
        """Return the steps by which somebody comes to a target, or why that is not known; None if no way is known."""
        targets = frozenset(
            address for target in about.targets if target != ADMINISTRATOR for address in principals.named(target)
        )
        reached = targets & {person, *principals.groups_of(person)}
        if reached or self._escalations.is_full(person):
            return Counterexample(person, is_there=True, target=min(reached, default=None))
        found = self._escalations.ways_to(person, targets)
        if certain := tuple(step for step in found if step.is_proved):
            return Counterexample(person, steps=certain)
        if found:
            return Undecided(person, Doubt.CONDITION)
        if unknown := self._unknown(person):
            return Undecided(person, Doubt.DOCUMENT, unknown)
        if not self._knows_roles and self._escalations.needs_a_role(person):
            return Undecided(person, Doubt.ROLES)
        return None

    def _unknown(self, person: Address) -> tuple[str, ...]:
        """Return the policies without a known document of a person, and of those to whom the person can come."""
        if own := self._unread.get(person):
            return own
        reached = self._escalations.ways_to(person, frozenset(self._unread)) if self._unread else ()
        held = {policy for step in reached if step.target for policy in self._unread.get(step.target, ())}
        return tuple(sorted(held)) or (("further policies",) if reached else ())

    @cached_property
    def _escalations(self) -> Escalations:
        return Escalations(self._people, Authority(self._sides))

    @cached_property
    def _unread(self) -> dict[Address, tuple[str, ...]]:
        """The policies without a known document, by the user, group or role that holds them."""
        sources = self._people.sources
        held: dict[Address, tuple[HeldPolicy, ...]] = {}
        for address, resource in self._state.resources.items():
            if isinstance(resource, Group):
                held[address] = sources.held_by(address)
            elif isinstance(resource, User):
                held[address] = tuple(sources.reaching(address))
        held |= {Address.of("role", role.name): tuple(sources.of_role(role)) for role in sources.roles}
        found = {
            holder: tuple(sorted({one.policy for one in policies if document_of(one) is None}))
            for holder, policies in held.items()
        }
        return {holder: policies for holder, policies in found.items() if policies}
