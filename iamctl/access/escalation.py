"""Who can come to more access than they have, and by which ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import islice

from iamctl.access.authority import Authority
from iamctl.access.held import HeldPolicy
from iamctl.access.known_policies import document_of
from iamctl.access.people import Holding, People, Person, Target
from iamctl.access.statements import has_deny
from iamctl.access.step import Step
from iamctl.access.steps import Steps
from iamctl.access.ways import Gives, On, Way
from iamctl.model import Address

_MOST_ROUNDS = 20
_BOUNDARY = "iam:permissionsboundary"
_MOST_TARGETS = 3
"""So many targets of one way are named."""
_FREE = (Gives.ANY_POLICY, Gives.ANY_POLICY_ELSEWHERE)
_LIFTING = (Gives.NO_BOUNDARY, Gives.NO_DENY)
_OTHER_VERSION = (Gives.OTHER_VERSION,)
_OUT = (Gives.ANY_POLICY_ELSEWHERE, Gives.NO_BOUNDARY)
_REACHING = (Gives.ACCESS_OF_TARGET,)
_OTHER = (Gives.IF_THERE_IS, Gives.ACCOUNT)


class Escalations:
    """The ways of the people in one state of an account."""

    def __init__(self, people: People, authority: Authority) -> None:
        self._people = people
        self._authority = authority
        self._steps = Steps(people, authority)
        self._adds: dict[Address, bool] = {}
        self._known_to_reach: dict[frozenset[Address], frozenset[Address]] = {}

    def people(self) -> tuple[Address, ...]:
        """Return the users and roles who can come to more access, by name."""
        return tuple(sorted(self._relevant))

    def is_full(self, person: Address) -> bool:
        """Tell whether somebody may do everything, certainly or perhaps."""
        return person in self._full

    def ways(self, person: Address) -> tuple[Step, ...]:
        """Return the ways by which somebody who is no administrator can become one."""
        found = self._relevant.get(person)
        if found is None or person not in self._powerful:
            return ()
        steps = (*self._own(found), *self._through(found, self._powerful))
        return tuple(_shortest({step.key: step for step in steps}.values()))

    def ways_to(self, person: Address, targets: frozenset[Address]) -> tuple[Step, ...]:
        """Return the first steps by which somebody comes to one of several users, groups and roles, or to everything.

        Empty also for an administrator, who needs no step.
        """
        found = self._relevant.get(person)
        if found is None:
            return ()
        steps = (*self._own(found), *self._towards(found, self._reaching_any(targets)))
        return tuple(_shortest({step.key: step for step in steps}.values()))

    def needs_a_role(self, person: Address) -> bool:
        """Tell whether somebody could take a step on a role if the account had one that fits."""
        found = self._relevant.get(person)
        if found is None:
            return False
        ways = (way for way in self._steps.open(found, _REACHING) if way.needs[0][0] in (On.ASSUMED, On.PASSED))
        return any(self._steps.without_target(way, found) for way in ways)

    def lesser(self, person: Address) -> tuple[Step, ...]:
        """Return the ways by which somebody comes to some more access, or would, if something is there."""
        found = self._relevant.get(person)
        if found is None or person in self._powerful:
            return ()
        return tuple({step.key: step for step in self._lesser(found)}.values())

    def is_privileged(self, group: Address, member: Address) -> bool:
        """Tell whether the policies of a group alone make a member an administrator, or let the member become one."""
        person = self._everybody.get(member)
        if person is None:
            return False
        held = tuple(policy for policy in self._people.sources.held_by(group) if document_of(policy))
        alone = replace(person, holding=Holding(held))
        return self._is_strong(alone) or any(self._through(alone, self._powerful))

    @cached_property
    def _everybody(self) -> dict[Address, Person]:
        return {person.address: person for person in (*self._people.users(), *self._people.roles())}

    @cached_property
    def _able(self) -> dict[Address, Person]:
        """Those who may do anything that some way needs, as whoever may do everything."""
        self._steps.number(self._people.held_by_users())
        roles = (role for role in self._people.roles() if self._steps.may_add(role.holding.policies))
        found = (*self._people.users(self._steps.may_open), *roles, *self._steps.named())
        return {person.address: person for person in found}

    @cached_property
    def _full(self) -> frozenset[Address]:
        return frozenset(address for address, person in self._able.items() if self._authority.of(person))

    @cached_property
    def _relevant(self) -> dict[Address, Person]:
        return {address: person for address, person in self._able.items() if address not in self._full}

    @cached_property
    def _powerful(self) -> frozenset[Address]:
        """Those who are administrators or can become one, in however many steps."""
        found = set(self._full)
        left = dict(self._relevant)
        for address, person in tuple(left.items()):
            if any(self._own(person)):
                found.add(address)
                del left[address]
        left = {address: person for address, person in left.items() if self._reaches_others(person)}
        for _ in range(_MOST_ROUNDS):
            fresh = [address for address, person in left.items() if any(self._through(person, found))]
            found.update(fresh)
            for address in fresh:
                del left[address]
            if not fresh:
                break
        return frozenset(found)

    def _reaches_others(self, person: Person) -> bool:
        return any(self._steps.has_targets(way, person) for way in self._steps.open(person, _REACHING))

    def _own(self, person: Person) -> Iterator[Step]:
        """Yield the ways that need nobody else."""
        yield from self._free(person)
        for way in self._steps.open(person, _LIFTING):
            for step in self._steps.of(way, person, _any_target):
                if self._is_strong(self._lifted(person, step)):
                    yield step
        for way in self._steps.open(person, _OTHER_VERSION):
            for step in self._steps.of(way, person, _any_target):
                if any(map(self._is_strong, self._steps.with_other_versions(person, step))):
                    yield step

    def _free(self, person: Person) -> Iterator[Step]:
        """Yield the ways to write a policy that gives everything."""
        can_use_it = None
        for way in self._steps.open(person, _FREE):
            for step in self._steps.of(way, person, _any_target):
                if way.gives is Gives.ANY_POLICY:
                    can_use_it = self._has_use(person) if can_use_it is None else can_use_it
                    if not can_use_it:
                        break
                yield step

    def _has_use(self, person: Person) -> bool:
        """Tell whether a policy that gives everything gives a way out of the boundary and the Denies, if any."""
        with_all = person.holds(self._people.everything)
        if self._authority.of(with_all):
            return True
        out = self._steps.open(with_all, _OUT)
        return any(step for way in out for step in self._steps.of(way, with_all, _any_target))

    def _is_strong(self, person: Person | None) -> bool:
        """Tell whether somebody, as changed by a way, has everything or can write it."""
        if person is None:
            return False
        return bool(self._authority.of(person)) or any(self._free(person))

    def _lifted(self, person: Person, step: Step) -> Person | None:
        """Return somebody without what a step takes away; None where that is nothing."""
        if step.way.gives is Gives.NO_BOUNDARY:
            return person.holds(bounded=False) if person.holding.boundary else None
        dropped = removable(person, step)
        return person.without(dropped) if dropped else None

    def _through(self, person: Person, powerful: Iterable[Address]) -> Iterator[Step]:
        """Yield the ways that lead to somebody who has everything or can come to it."""
        strong = powerful if isinstance(powerful, (set, frozenset)) else frozenset(powerful)
        for way in self._steps.open(person, _REACHING):
            if way.needs[0][0] is On.GROUP:
                yield from self._steps.of(way, person, lambda target: self._gives_all(target, person))
            else:
                yield from self._steps.of(way, person, lambda target: target.address in strong)

    def _reaching_any(self, targets: frozenset[Address]) -> frozenset[Address]:
        """Return the targets, and the users and roles who can come to one of them, in however many steps."""
        known = self._known_to_reach.get(targets)
        if known is not None:
            return known
        found = {*targets, *self._powerful}
        left = {address: person for address, person in self._relevant.items() if address not in found}
        for _ in range(_MOST_ROUNDS):
            fresh = [address for address, person in left.items() if any(self._towards(person, frozenset(found)))]
            found.update(fresh)
            for address in fresh:
                del left[address]
            if not fresh:
                break
        self._known_to_reach[targets] = frozenset(found)
        return self._known_to_reach[targets]

    def _towards(self, person: Person, found: frozenset[Address]) -> Iterator[Step]:
        """Yield the steps to one of ``found``, or into a group whose members can take one."""

        def leads(group: Target) -> bool:
            if group.address in found or self._gives_all(group, person):
                return True
            return any(self._acting_as(self._joined(person, group), found))

        yield from self._acting_as(person, found)
        for way in self._steps.open(person, _REACHING):
            if way.needs[0][0] is On.GROUP:
                yield from self._steps.of(way, person, leads)

    def _acting_as(self, person: Person, found: frozenset[Address]) -> Iterator[Step]:
        for way in self._steps.open(person, _REACHING):
            if way.needs[0][0] is not On.GROUP:
                yield from self._steps.of(way, person, lambda target: target.address in found)

    def _gives_all(self, group: Target, person: Person) -> bool:
        """Tell whether somebody would have everything, or could write it, as a member of a further group."""
        adds = self._adds.get(group.address)
        if adds is None:
            held = self._people.sources.held_by(group.address)
            adds = self._adds[group.address] = self._steps.may_add(held)
        return adds and self._is_strong(self._joined(person, group))

    def _joined(self, person: Person, group: Target) -> Person:
        """Return somebody as a member of a further group."""
        held = self._people.sources.held_by(group.address)
        return person.holds(*(policy for policy in held if document_of(policy)))

    def _lesser(self, person: Person) -> Iterator[Step]:
        for way in self._steps.open(person, _REACHING):
            yield from self._reaching(way, person)
        for way in self._steps.open(person, _LIFTING):
            for step in self._steps.of(way, person, _any_target):
                if self._lifted(person, step):
                    yield step
        for way in self._steps.open(person, _OTHER_VERSION):
            for step in self._steps.of(way, person, _any_target):
                if any(self._steps.gains(person, other) for other in self._steps.with_other_versions(person, step)):
                    yield step
        for way in self._steps.open(person, _OTHER):
            yield from self._if_there_is(way, person)

    def _reaching(self, way: Way, person: Person) -> Iterator[Step]:
        """Yield the steps to somebody with some access; for a role that is not there, the step that would lead to it."""
        on = way.needs[0][0]
        found = []
        for step in islice(self._steps.of(way, person, lambda target: self._has_more(target, person)), _MOST_TARGETS):
            found.append(step)
            yield step
        if not found and on in (On.ASSUMED, On.PASSED) and (missing := self._steps.without_target(way, person)):
            yield missing

    def _if_there_is(self, way: Way, person: Person) -> Iterator[Step]:
        on = way.needs[0][0]
        is_bounded = on is On.ROLE

        def fits(target: Target) -> bool:
            return bool(target.context.get(_BOUNDARY)) if is_bounded else self._has_more(target, person)

        step = next(self._steps.of(way, person, fits), None)
        if step is None and on is On.ROLE:
            step = self._steps.without_target(way, person)
        if step:
            yield step

    def _has_more(self, target: Target, person: Person) -> bool:
        """Tell whether a target holds a policy that somebody does not."""
        held = {held.key for held in person.holding.policies}
        if target.address.kind == "group":
            return any(policy.key not in held for policy in self._people.sources.held_by(target.address))
        found = self._everybody.get(target.address)
        return found is not None and any(policy.key not in held for policy in found.holding.policies)


def _shortest(steps: Iterable[Step]) -> Iterator[Step]:
    """Yield steps without those that need more than another one on the same target, few for each way."""
    found = sorted(steps, key=lambda step: len(step.actions))
    alone = {(step.actions[0], step.target) for step in found if len(step.actions) == 1}
    seen: Counter[int] = Counter()
    for step in found:
        seen[id(step.way)] += 1
        is_more = len(step.actions) > 1 and any((action, step.target) in alone for action in step.actions)
        if not is_more and seen[id(step.way)] <= _MOST_TARGETS:
            yield step


def removable(person: Person, step: Step) -> tuple[HeldPolicy, ...]:
    """Return the policies that hold somebody back and that a step takes away."""
    name = step.actions[0].partition(":")[2]
    found = [held for held in person.holding.policies if held.holder == step.target]
    if name != "RemoveUserFromGroup":
        is_inline = name.startswith("Delete")
        found = [held for held in found if ("-inline-policy/" in held.policy) == is_inline and _denies(held)]
    return tuple(found) if any(map(_denies, found)) else ()


def _denies(held: HeldPolicy) -> bool:
    document = document_of(held)
    return document is not None and has_deny(document)


def _any_target(_: Target) -> bool:
    return True
