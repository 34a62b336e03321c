"""Assertions: what must never, or always, be possible in an account, as manifests state it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Literal

from iamctl.model.address import Address
from iamctl.policy import Document
from iamctl.text.late_dataclass import dataclass
from iamctl.text.origin import Origin

ADMINISTRATOR = "administrator"
"""The target of ``no_way_to`` that is no address: somebody who may do everything."""

EVERY = ("*",)
"""Every action, or every resource."""


class Level(StrEnum):
    """The access levels of AWS's service authorization reference."""

    PERMISSIONS = "permissions"
    WRITE = "write"
    TAGGING = "tagging"
    READ = "read"
    LIST = "list"


@dataclass(frozen=True)
class Expected:
    """The values of one condition key that a set of requests has."""

    key: str
    values: tuple[str, ...]
    """Values, in which ``*`` and ``?`` stand for any text."""
    absent: bool = False
    """Whether requests without the key are in the set, too."""


@dataclass(frozen=True)
class Requests:
    """A set of requests: those of some actions, on some resources, with some values of condition keys."""

    actions: tuple[str, ...] = EVERY
    but_actions: tuple[str, ...] = ()
    access: tuple[Level, ...] = ()
    """The access levels of the actions; empty for all."""
    resources: tuple[str, ...] = EVERY
    when: tuple[Expected, ...] = ()


@dataclass(frozen=True)
class Forbid:
    """No request of the set is allowed."""

    requests: Requests


@dataclass(frozen=True)
class Require:
    """Every request of the set is allowed."""

    requests: Requests


@dataclass(frozen=True)
class Within:
    """No request is allowed that a reference does not allow; with ``when``, none with these values."""

    file: str
    reference: Document
    when: tuple[Expected, ...] = ()


@dataclass(frozen=True)
class NoWayTo:
    """No known way leads to more access: to an administrator, or to principals or groups by address pattern."""

    targets: tuple[str, ...]


@dataclass(frozen=True)
class Exempt:
    """Principals that an assertion leaves out, by address pattern."""

    pattern: str
    until: datetime | None = None
    reason: str = ""

    def holds(self, now: datetime) -> bool:
        """Return whether the exception is in force; it ends after ``until``."""
        return self.until is None or now <= self.until


@dataclass(frozen=True)
class Assertion:
    """One assertion about users, or about the principals whom it names."""

    name: str
    about: Forbid | Require | Within | NoWayTo
    who: tuple[str, ...] = ()
    """Address patterns of users, roles, and groups for their members; empty for every user of the account."""
    exempt: tuple[Exempt, ...] = ()
    severity: Literal["refuse", "warn"] = "refuse"
    existing: Literal["warn", "refuse"] = "warn"
    """What happens where the assertion was refuted before a plan as well."""
    strict: bool = False
    """Whether unusual requests refute it, too."""
    reason: str = ""
    places: Mapping[tuple[str | int, ...], Origin] = field(default_factory=dict, compare=False, repr=False)

    @property
    def address(self) -> Address:
        """The address of the assertion."""
        return Address.of("assertion", self.name)

    @property
    def origin(self) -> Origin | None:
        """Where a manifest states it."""
        return self.places.get(())

    def place(self, *path: str | int) -> Origin | None:
        """Return the place of one of its parts, or of the nearest part around it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path)

    def patterns(self) -> tuple[tuple[str, tuple[str | int, ...]], ...]:
        """Return every address pattern with the path of its place; without ``administrator``."""
        found: list[tuple[str, tuple[str | int, ...]]] = []
        found += ((pattern, ("who", index)) for index, pattern in enumerate(self.who))
        found += ((one.pattern, ("except", index)) for index, one in enumerate(self.exempt))
        if isinstance(self.about, NoWayTo):
            targets = enumerate(self.about.targets)
            found += ((target, ("no_way_to", index)) for index, target in targets if target != ADMINISTRATOR)
        return tuple(found)


def is_pattern(text: str) -> bool:
    """Return whether an address has wildcards, so that it may name nothing."""
    return any(sign in text for sign in "*?[")


def names(pattern: str, address: Address) -> bool:
    """Return whether an address pattern names an address; case does not count."""
    return fnmatchcase(str(address).lower(), pattern.lower())


def address_of(text: str) -> Address:
    """Return the address that a text without wildcards names."""
    kind, _, name = text.partition("/")
    return Address.of(kind, name)
