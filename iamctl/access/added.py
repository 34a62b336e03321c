"""Which policies let a user do more after a plan than before it."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.access.held import HeldPolicy, PolicySources
from iamctl.access.principal_tags import holds, looks_at
from iamctl.access.statement_sets import Grants, StatementSets, bits
from iamctl.kinds import User
from iamctl.model import Address, Resource
from iamctl.policy import covers

_MOST_WORK = 200_000
"""Pairs of statements that are compared in one plan; beyond it only an equal statement covers another."""


class AddedAllows:
    """Compares what reaches users before and after, statement by statement; people with the same are looked at once."""

    def __init__(self, before: PolicySources, after: PolicySources) -> None:
        self._before = before
        self._after = after
        self._sets = StatementSets()
        self._known: dict[tuple[int, int], bool] = {}
        self._work = 0

    def of(self, user: User, was: Resource | None) -> tuple[str, ...]:
        """Return the policies with an Allow that none of before covers, and a boundary that goes or holds less back.

        A document that is not known grants everything, the same before as after.
        """
        return (*self._of_policies(user.address), *self._of_tags(user, was), *self._of_boundary(user, was))

    def _of_policies(self, user: Address) -> Iterator[str]:
        before = 0
        for held in self._before.reaching(user):
            before |= self._allows(held)
        for held in self._after.reaching(user):
            if self._is_more(self._allows(held), before):
                yield str(held)

    def _of_tags(self, user: User, was: Resource | None) -> Iterator[str]:
        """Yield the policies with an Allow that the user's tags before the plan did not certainly meet, and may now."""
        if not isinstance(was, User) or was.tags == user.tags:
            return
        keys = {key for key in {*was.tags, *user.tags} if was.tags.get(key) != user.tags.get(key)}
        changed = frozenset(key.lower() for key in keys)
        before = 0
        for held in self._before.reaching(user.address):
            before |= self._allows(held)
        atoms = self._sets.atoms
        moved = [number for number in bits(before) if looks_at(atoms[number], changed)]
        gained = {number for number in moved if holds(atoms[number], user.tags) is not False}
        gained -= {number for number in gained if holds(atoms[number], was.tags) is True}
        steady = before & ~sum(1 << number for number in moved)
        for held in self._after.reaching(user.address):
            mine = self._allows(held)
            if any(mine >> number & 1 and not self._is_covered(number, steady) for number in gained):
                yield f"{held} (by tags)"

    def _of_boundary(self, user: User, was: Resource | None) -> Iterator[str]:
        before = self._before.boundary(was) if isinstance(was, User) else None
        if before is None:
            return
        after = self._after.boundary(user)
        if after is None:
            yield f"what {before} kept back"
        elif self._is_more(self._allows(after), self._allows(before)):
            yield f"what {after} lets through"
        elif self._is_more(self._denies(before), self._denies(after)):
            yield f"what {before} denied"

    def _is_more(self, after: int, before: int) -> bool:
        """Tell whether ``after`` has a statement that none of ``before`` certainly covers."""
        key = (after, before)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = any(not self._is_covered(atom, before) for atom in bits(after & ~before))
        return found

    def _is_covered(self, atom: int, before: int) -> bool:
        self._work += before.bit_count()
        if self._work > _MOST_WORK:
            return False
        atoms = self._sets.atoms
        return any(covers(atoms[wide], atoms[atom]) for wide in bits(before))

    def _allows(self, held: HeldPolicy) -> int:
        return self._grants(held).allow

    def _denies(self, held: HeldPolicy) -> int:
        return self._grants(held).deny

    def _grants(self, held: HeldPolicy) -> Grants:
        return self._sets.unknown(held.policy) if held.document is None else self._sets.of(held.document)
