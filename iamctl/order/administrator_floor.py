"""Who may do everything while the calls of a plan run, so that there are never too few of them."""

from __future__ import annotations

from collections.abc import Iterable

from iamctl.access.administrators import gives_everything, takes_iam
from iamctl.access.statement_sets import StatementSets
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
    _giving: int = 0
    """The statements that give everything, among the first ``_judged`` of all."""
    _taking: int = 0
    """The statements that take from an administrator what makes one, among the same."""
    _judged: int = 0

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
        self._judge()
        is_bounded = view.bound is not None and not view.bound & self._giving
        return not is_bounded and bool(view.allow & self._giving) and not view.deny & self._taking

    def _judge(self) -> None:
        """Judge the statements that came since the last time, each of them once."""
        for number in range(self._judged, len(self.sets.atoms)):
            if gives_everything(self.sets.atoms[number]):
                self._giving |= 1 << number
            if takes_iam(self.sets.atoms[number]):
                self._taking |= 1 << number
        self._judged = len(self.sets.atoms)
