"""What a plan changes of everybody's access, with a proof where it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce
from operator import or_

from iamctl.access.authority import Authority
from iamctl.access.found import Finder, Found
from iamctl.access.held import PolicySources
from iamctl.access.people import People
from iamctl.access.row import Row
from iamctl.access.sides import Sides, engine_of
from iamctl.access.together import AccessChanges, Delta, Status, together
from iamctl.access.trusted import Trusted
from iamctl.account.live import Live
from iamctl.kinds import Membership
from iamctl.model import Address, State
from iamctl.policy.actions import catalogue_date
from iamctl.proof.engine import Side
from iamctl.proof.statements import NO_FACTS, Facts


def access_changes(
    live: Live, whole: State, after: State, desired: State, now: datetime, only: frozenset[Address] | None = None
) -> AccessChanges:
    """Return what becomes of everybody's access when the account ``whole`` becomes ``after``; with ``only``, of theirs.

    ``desired`` has the ends of memberships.
    """
    was, will = (People(PolicySources(live, state), state, now) for state in (whole, after))
    engine = engine_of((was.sources, will.sources), now)
    return changes_between(Sides(engine, was, whole), Sides(engine, will, after), desired, only)


def changes_between(
    before: Sides, after: Sides, desired: State, only: frozenset[Address] | None = None
) -> AccessChanges:
    """Return what becomes of everybody's access between two states whose sides are of one engine; see ``access_changes``."""
    found = Deltas(before, after, desired)
    deltas = tuple(found.all(only))
    touched = {delta.person for delta in deltas}
    return AccessChanges(
        blocks=together(deltas),
        unchanged=sum(delta.is_unchanged for delta in deltas),
        unusual=sum(delta.unusual_gains + delta.unusual_losses for delta in deltas),
        undecided=tuple(delta.person for delta in deltas if not delta.is_decided),
        unknown=tuple(sorted({policy for person in touched for policy in found.unknown(person)})),
        since=before.people.now,
        catalogue=catalogue_date(),
    )


class Deltas:
    """Compares the sides of each person before and after a plan; equal pairs of sides once."""

    def __init__(self, before: Sides, after: Sides, state: State) -> None:
        self.before, self.after = before, after
        self._engine = before.engine
        self._finder = Finder(before, after)
        self._trusted = Trusted(after.people)
        self._ends = {(one.group.lower(), one.user.lower()): one.until for one in state.of_kind(Membership)}
        self._memo: dict[tuple[Side, Side], Found] = {}
        self._same_holders: dict[Address, bool] = {}
        self._authorities = Authority(before), Authority(after)

    def all(self, only: frozenset[Address] | None = None) -> Iterator[Delta]:
        """Yield what becomes of each user and role that the plan touches, by address; with ``only``, of these."""
        for person in sorted({*self.before.everybody, *self.after.everybody}):
            if (only is None or person in only) and not self._is_same(person) and (delta := self.of(person)):
                yield delta

    def _is_same(self, person: Address) -> bool:
        """Return True only for somebody of whom nothing is different: most people, whose sides nobody needs."""
        known = self._same_holders
        holders = self.before.holders_of(person)
        if holders is None or holders != self.after.holders_of(person):
            return False
        if not self.after.has_facts_of(self.before, person):
            return False
        for holder in holders:
            if holder not in known:
                known[holder] = self.before.holdings_of(holder) == self.after.holdings_of(holder)
            if not known[holder]:
                return False
        return True

    def of(self, person: Address) -> Delta | None:
        """Return what a person gains and loses; None if nothing about them changes."""
        if person not in self.after:
            return Delta(person, Status.DELETED)
        status = Status.EXISTING if person in self.before else Status.CREATED
        old, new = self.before.of(person), self.after.of(person)
        has_new_facts = status is Status.EXISTING and self._has_new_facts(person)
        if old == new and not has_new_facts:
            is_touched = self.before.holdings(person) != self.after.holdings(person)
            return Delta(person, status) if is_touched else None
        facts = NO_FACTS, NO_FACTS
        gained, lost = self._found(old, new), self._found(new, old)
        if has_new_facts or gained.asks_facts or lost.asks_facts:
            facts = self.before.facts(person), self.after.facts(person)
            old, new = self.before.of(person, facts[0]), self.after.of(person, facts[1])
            gained, lost = self._found(old, new), self._found(new, old)
        restraints = self._restraints(old, new, gained.rows)
        return Delta(
            person,
            status,
            self._becomes_administrator(person, gained, lost),
            tuple(self._own(row, person, facts, is_gain=True) for row in gained.rows),
            tuple(self._own(row, person, facts, is_gain=False) for row in lost.rows),
            tuple(self._own(row, person, facts, is_gain=True) for row in restraints.rows),
            gained.unusual + restraints.unusual,
            lost.unusual,
            gained.is_decided and lost.is_decided and restraints.is_decided,
            *self._unknown(person),
        )

    def unknown(self, person: Address) -> tuple[str, ...]:
        """Return the policies of a person, on one side or the other, whose documents are not known."""
        return (*self.before.unknown(person), *self.after.unknown(person))

    def _unknown(self, person: Address) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the policies without a known document that a person gains, and those that they lose."""
        was, will = self.before.unknown(person), self.after.unknown(person)
        return tuple(sorted(set(will) - set(was))), tuple(sorted(set(was) - set(will)))

    def _has_new_facts(self, person: Address) -> bool:
        """Tell whether a policy asks for a name, path or tag of a person that is another one afterwards."""
        if self.after.has_facts_of(self.before, person):
            return False
        return self.before.asks_about(person) or self.after.asks_about(person)

    def _becomes_administrator(self, person: Address, gained: Found, lost: Found) -> bool | None:
        """Return whether somebody is an administrator afterwards and not before, False for the reverse."""
        if not gained.rows and not lost.rows:
            return None
        sides = zip(self._authorities, (self.before, self.after), strict=True)
        was, will = (
            principal is not None and authority.is_administrator(principal)
            for authority, side in sides
            for principal in (side.principal(person),)
        )
        return will if was != will else None

    def _restraints(self, old: Side, new: Side, gained: Sequence[Row]) -> Found:
        """Return what no Deny keeps away any longer, without the Denies of which the gains tell already."""
        lost = old.deny & ~new.deny & ~self.before.unread
        lost &= ~reduce(or_, (row.held_back_by for row in gained if row.up_to), 0)
        if not lost:
            return Found()
        found = self._found(Side(allow=new.deny), Side(allow=new.deny | lost))
        own = [replace(row, held_back_by=row.allowed_by, allowed_by=0) for row in found.rows]
        return replace(found, rows=tuple(row for row in own if not self._is_told(row, gained)))

    def _is_told(self, row: Row, gained: Sequence[Row]) -> bool:
        """Tell whether gains name every action of a row as no longer denied by the same statements."""
        told = [one for one in gained if one.held_back_by & row.held_back_by]
        return bool(told) and not self._actions(row) & ~reduce(or_, map(self._actions, told))

    def _actions(self, row: Row) -> int:
        return reduce(or_, map(self._engine.universe.matching, row.actions), 0)

    def _found(self, old: Side, new: Side) -> Found:
        key = old, new
        if key not in self._memo:
            self._memo[key] = self._finder.found(self._engine.gains(old, new))
        return self._memo[key]

    def _own(self, row: Row, person: Address, facts: tuple[Facts, Facts], *, is_gain: bool) -> Row:
        """Return a row with where it comes from for one person, until when, and which roles trust them."""
        old, new = (self.before, facts[0]), (self.after, facts[1])
        (side, known), (other, others) = (new, old) if is_gain else (old, new)
        return replace(
            row,
            sources=side.sources(person, row.allowed_by, known, with_boundary=False),
            restraints=other.sources(person, row.held_back_by, others),
            until=self._until(person, row.allowed_by, known) if is_gain else "",
            trusted=self._trusted.roles(row, self.after.principal(person)) if is_gain else (),
        )

    def _until(self, person: Address, bits: int, facts: Facts) -> str:
        """Return when the last membership ends that brings something; empty where something else brings it as well."""
        holders = self.after.holders(person, bits, facts)
        ends = [self._ends.get((holder.name.lower(), person.name.lower())) for holder in holders]
        return max((end for end in ends if end), default="") if all(ends) else ""
