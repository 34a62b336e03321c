"""Who may do everything while the calls of a plan run, so that there are never too few of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from iamctl.access.administrators import gives_everything, takes_iam
from iamctl.access.statement_sets import StatementSets, bits
from iamctl.order.world import World
from iamctl.text.late_dataclass import dataclass

ADMINISTRATORS = "administrators"
"""The place where calls wait until there is another administrator."""


@dataclass
class AdministratorFloor:
    """The administrators among the people that a plan touches, and how few of them there may be on the way."""

    sets: StatementSets
    watched: frozenset[str] = frozenset()
    """Those who are one before or after."""
    least: int = 0
    _giving: dict[int, bool] = field(default_factory=dict)
    _taking: dict[int, bool] = field(default_factory=dict)

    def among(self, people: Iterable[str], world: World) -> frozenset[str]:
        """Return those of ``people`` who are administrators with a password or an active key."""
        return frozenset(person for person in people if self.is_one(person, world))

    def is_one(self, person: str, world: World) -> bool:
        """Tell whether a user counts as an administrator who can sign in."""
        if not person.startswith("user/"):
            return False
        view = world.view(person)
        can_sign = view.login or world.active_keys.get(person) or person in world.between
        if not view.exists or not can_sign:
            return False
        bounded = view.bound is not None and not self._gives(view.bound)
        return not bounded and self._gives(view.allow) and not self._takes(view.deny)

    def _gives(self, statements: int) -> bool:
        found = self._giving.get(statements)
        if found is None:
            found = any(gives_everything(self.sets.atoms[number]) for number in bits(statements))
            self._giving[statements] = found
        return found

    def _takes(self, statements: int) -> bool:
        found = self._taking.get(statements)
        if found is None:
            found = any(takes_iam(self.sets.atoms[number]) for number in bits(statements))
            self._taking[statements] = found
        return found
