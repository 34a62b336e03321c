"""The facts that rows of access consist of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import IntEnum, StrEnum
from typing import Protocol

from iamctl.access.truth import Truth
from iamctl.text.late_dataclass import dataclass


class Kind(StrEnum):
    """Why a request is allowed on one side alone."""

    NEW = "new"
    NO_LONGER_DENIED = "no-longer-denied"
    NO_LONGER_BOUNDED = "no-longer-bounded"


class Level(StrEnum):
    """AWS's access levels, the most dangerous first."""

    PERMISSIONS = "permissions"
    WRITE = "write"
    TAGGING = "tagging"
    READ = "read"
    LIST = "list"


class Rank(IntEnum):
    """How dangerous a row is; the worst is the lowest."""

    EVERYTHING = 0
    ESCALATING = 1
    """An action that changes who may do what, or that acts as somebody else."""
    PERMISSIONS = 2
    WRITE = 3
    TAGGING = 4
    READ = 5
    LIST = 6


RISKY = frozenset({Rank.EVERYTHING, Rank.ESCALATING, Rank.PERMISSIONS})
"""The ranks of rows that a report never cuts, and shows with a request."""


@dataclass(frozen=True, order=True)
class When:
    """One line of a condition."""

    key: str
    """As AWS spells it, where that is known."""
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, order=True)
class Source:
    """A statement with the policy that contains it and the one who holds that."""

    policy: str
    holder: str
    statement: str


@dataclass(frozen=True)
class Example:
    """One request that is allowed on one side and not on the other."""

    action: str
    resource: str
    context: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Condition keys with their values; no value: the request lacks the key."""


class Actions(Protocol):
    """The numbered actions of all policies; see ``iamctl.proof.universe``."""

    @property
    def known(self) -> int:
        """The bits of the actions that the catalogue has."""
        ...

    @property
    def powerful(self) -> int:
        """The bits of the actions that change who may do what, or that act as somebody else."""
        ...

    def names(self, bits: int) -> tuple[str, ...]:
        """Return the actions as AWS spells them."""
        ...

    def of_services(self, bits: int) -> Mapping[str, int]:
        """Return the bits of each service."""
        ...

    def of_level(self, level: Level) -> int:
        """Return the bits of the actions of a level."""
        ...


@dataclass(frozen=True)
class Grant:
    """What one statement brings: actions on resources under a condition, all of it allowed on one side alone."""

    actions: int
    resources: tuple[str, ...]
    within: tuple[str, ...] = ()
    """Patterns that the resources must match as well."""
    excepted: tuple[str, ...] = ()
    """What of the resources is no part of it."""
    when: tuple[When, ...] = ()
    is_partial: bool = False
    """Whether some of these requests were allowed before, or are still denied, by conditions of other statements."""
    apart: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What then sets the meant requests apart, but for what every plain one says that is signed in with MFA."""
    kind: Kind = Kind.NEW
    is_exact: bool = True
    """Whether the example is certainly such a request; otherwise the grant is possible."""
    allowed_by: int = 0
    """The numbers of the statements that allow it, as bits."""
    held_back_by: int = 0
    """The numbers of the statements that allow it no longer, or deny it, on the other side, as bits."""
    up_to: int = 0
    """More actions than ``actions`` may be meant: at most so many; 0 where ``actions`` are all."""
    is_all: bool = False
    """Whether its statement allows every action on every resource."""
    example: Example = field(default=Example("", ""), compare=False)


@dataclass(frozen=True)
class Row:
    """Actions of one service and level, or of many services, on resources under a condition."""

    kind: Kind
    rank: Rank
    levels: tuple[tuple[Level, int], ...]
    """How many actions there are of each level, the worst level first."""
    services: tuple[str, ...]
    actions: tuple[str, ...]
    """As AWS spells them; all known actions of a service as ``s3:*``, all of all services as ``*``."""
    names: tuple[str, ...]
    """The first of them by name, one by one, the powerful ones before others."""
    powerful: tuple[str, ...]
    """Those of them that change who may do what."""
    count: int
    is_all_of_level: bool
    """Whether it is every known action of its services and levels."""
    resources: tuple[str, ...]
    within: tuple[str, ...]
    excepted: tuple[str, ...]
    when: tuple[When, ...]
    is_partial: bool
    apart: tuple[tuple[str, tuple[str, ...]], ...]
    is_exact: bool
    up_to: int = 0
    until: str = ""
    """When the memberships end that bring it; empty where one of them does not."""
    trusted: tuple[tuple[str, Truth], ...] = ()
    """The roles that it allows to assume, each with whether its trust policy lets the person."""
    allowed_by: int = field(default=0, compare=False)
    held_back_by: int = field(default=0, compare=False)
    example: Example = field(default=Example("", ""), compare=False)
    sources: tuple[Source, ...] = field(default=(), compare=False)
    """Who gets it from where: labels differ from person to person, so they are no part of equality."""
    restraints: tuple[Source, ...] = field(default=(), compare=False)
    """What holds it back on the other side."""

    @property
    def is_whole(self) -> bool:
        """Whether all requests of these actions, resources and conditions are meant."""
        return not (self.excepted or self.is_partial)
