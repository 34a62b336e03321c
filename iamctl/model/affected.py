"""Whose access a change of a policy, of what a group has, or of a boundary touches."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from iamctl.model.address import Address
from iamctl.text.late_dataclass import dataclass


class Way(StrEnum):
    """How a policy reaches a user or a role."""

    GROUP = "group"
    DIRECT = "direct"
    BOUNDARY = "boundary"


@dataclass(frozen=True)
class Through:
    """One way on which a change reaches people; ``group`` is empty unless the way is a group."""

    way: Way
    group: str = ""

    @property
    def rank(self) -> tuple[int, str]:
        """What ways are sorted by: groups by name, then what is attached directly, then boundaries."""
        return list(Way).index(self.way), self.group.lower()

    def to_json(self) -> dict[str, Any]:
        """Return the way, and the group or None."""
        return {"way": self.way.value, "group": self.group or None}


@dataclass(frozen=True)
class Affected:
    """The users and roles whose access one change touches, by name, and through what it reaches them."""

    users: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    through: tuple[Through, ...] = ()

    @property
    def people(self) -> tuple[Address, ...]:
        """The addresses of the users."""
        return tuple(Address.of("user", name) for name in self.users)

    def to_json(self) -> dict[str, Any]:
        """Return who is affected as ``iamctl-plan/1`` lists it."""
        return {
            "users": list(self.users),
            "roles": list(self.roles),
            "through": [through.to_json() for through in self.through],
        }
