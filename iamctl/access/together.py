"""What a plan changes of everybody's access: people with equal rows are one block, the worst first.

Rows are equal, too, that differ in nothing but the own name of each person, as those of a statement about
``${aws:username}`` do; a block of several such people has the variable in place of the name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from iamctl.access.row import Row, Source
from iamctl.access.rows import order
from iamctl.model import Address
from iamctl.text.late_dataclass import dataclass

_OWN_NAME = "${aws:username}"


class Status(StrEnum):
    """What a plan does to a person."""

    EXISTING = "existing"
    CREATED = "created"
    DELETED = "deleted"


@dataclass(frozen=True)
class Delta:
    """What one person gains and loses."""

    person: Address
    status: Status = Status.EXISTING
    becomes_administrator: bool | None = None
    """True: an administrator afterwards and not before; False: the reverse; None: the same on both sides."""
    gains: tuple[Row, ...] = ()
    losses: tuple[Row, ...] = ()
    restraints: tuple[Row, ...] = ()
    """What no Deny keeps away any longer, whoever allows it; it counts where a resource's own policy allows."""
    unusual_gains: int = 0
    """How many gains there are of unusual requests alone: undocumented types of resources, actions that AWS may add."""
    unusual_losses: int = 0
    is_decided: bool = True
    """False where the search gave up, so that what is shown may not be all."""
    unknown_gains: tuple[str, ...] = ()
    """Policies whose documents are not known, and which may give anything."""
    unknown_losses: tuple[str, ...] = ()

    @property
    def has_rows(self) -> bool:
        """Whether anything changes that a reader is shown."""
        is_about_all = self.status is Status.DELETED or self.becomes_administrator is not None
        is_unknown = bool(self.unknown_gains or self.unknown_losses)
        return is_about_all or is_unknown or bool(self.gains or self.losses or self.restraints)

    @property
    def loses_nothing(self) -> bool:
        """Whether it is proved that the person may do as much as before, and that no Deny goes."""
        lost = self.losses or self.restraints or self.unknown_losses or self.unusual_losses
        return (
            self.is_decided and self.status is Status.EXISTING and not lost and self.becomes_administrator is not False
        )

    @property
    def is_unchanged(self) -> bool:
        """Whether it is proved that the person may do neither more nor less."""
        return self.is_decided and not (self.has_rows or self.unusual_gains or self.unusual_losses)


@dataclass(frozen=True)
class Block:
    """People with equal rows."""

    people: tuple[Address, ...]
    status: Status
    becomes_administrator: bool | None
    gains: tuple[Row, ...]
    losses: tuple[Row, ...]
    restraints: tuple[Row, ...]
    unknown_gains: tuple[str, ...]
    unknown_losses: tuple[str, ...]

    @property
    def gains_something(self) -> bool:
        """Whether these people gain access."""
        return bool(self.gains or self.unknown_gains) or self.becomes_administrator is True

    @property
    def loses_something(self) -> bool:
        """Whether these people lose access."""
        return (
            bool(self.losses or self.unknown_losses)
            or self.status is Status.DELETED
            or self.becomes_administrator is False
        )


@dataclass(frozen=True)
class AccessChanges:
    """What a plan changes of everybody's access, and what of that is proved."""

    blocks: tuple[Block, ...]
    unchanged: int
    """How many people the plan touches of whom it is proved that they may do neither more nor less."""
    unusual: int
    """How many changes exist only for unusual requests."""
    undecided: tuple[Address, ...]
    """The people of whom the search gave up."""
    unknown: tuple[str, ...]
    """The policies of these people whose documents are not known: each counts as one that allows everything."""
    since: datetime
    """From when on requests are meant."""
    catalogue: str
    """The date of the list of actions."""

    @property
    def gaining(self) -> int:
        """How many people gain access."""
        return sum(len(block.people) for block in self.blocks if block.gains_something)

    @property
    def released(self) -> int:
        """How many people only lose Denies, which counts where a resource's own policy allows."""
        alone = (one for one in self.blocks if not one.gains_something and not one.loses_something)
        return sum(len(block.people) for block in alone)

    @property
    def losing(self) -> int:
        """How many people lose access."""
        return sum(len(block.people) for block in self.blocks if block.loses_something)


def together(deltas: Iterable[Delta]) -> tuple[Block, ...]:
    """Return blocks of people with equal rows: the worst row first, then the most people."""
    found: defaultdict[object, list[Delta]] = defaultdict(list)
    for delta in deltas:
        if delta.has_rows:
            found[_key(delta)].append(delta)
    return tuple(sorted(map(_block, _alike_but_for_names(found.values())), key=_order))


def _alike_but_for_names(found: Iterable[list[Delta]]) -> Iterator[list[Delta]]:
    """Yield the people with equal rows, of those who are alone also with rows that name each of them in the same place."""
    alone: defaultdict[object, list[tuple[Delta, Delta]]] = defaultdict(list)
    for alike in found:
        if len(alike) == 1:
            impersonal = _impersonal(alike[0])
            alone[_key(impersonal)].append((alike[0], impersonal))
        else:
            yield alike
    for pairs in alone.values():
        yield [impersonal if len(pairs) > 1 else itself for itself, impersonal in pairs]


def _impersonal(delta: Delta) -> Delta:
    """Return what somebody gains and loses with a variable in place of the own name."""
    if delta.person.kind != "user":
        return delta
    name = delta.person.name
    own = re.compile(rf"(?<![^/:]){re.escape(name)}(?![^/])")

    def without(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(own.sub(lambda _: _OWN_NAME, text) for text in texts))

    def row_without(row: Row) -> Row:
        if not any(name in text for texts in (row.resources, row.within, row.excepted) for text in texts):
            return row
        resources, within, excepted = without(row.resources), without(row.within), without(row.excepted)
        return replace(row, resources=resources, within=within, excepted=excepted)

    def rows_without(rows: tuple[Row, ...]) -> tuple[Row, ...]:
        return tuple(sorted(map(row_without, rows), key=order))

    return replace(
        delta,
        gains=rows_without(delta.gains),
        losses=rows_without(delta.losses),
        restraints=rows_without(delta.restraints),
    )


def _key(delta: Delta) -> tuple[object, ...]:
    about = (delta.status, delta.becomes_administrator, delta.unknown_gains, delta.unknown_losses)
    return (*about, delta.gains, delta.losses, delta.restraints)


def _block(alike: list[Delta]) -> Block:
    alike = sorted(alike, key=lambda delta: delta.person)
    first = alike[0]
    return Block(
        people=tuple(delta.person for delta in alike),
        status=first.status,
        becomes_administrator=first.becomes_administrator,
        gains=_labelled([delta.gains for delta in alike]),
        losses=_labelled([delta.losses for delta in alike]),
        restraints=_labelled([delta.restraints for delta in alike]),
        unknown_gains=first.unknown_gains,
        unknown_losses=first.unknown_losses,
    )


def _labelled(alike: list[tuple[Row, ...]]) -> tuple[Row, ...]:
    """Return equal rows once, each with the sources of all."""
    return tuple(
        replace(
            same[0],
            sources=_all(row.sources for row in same),
            restraints=_all(row.restraints for row in same),
        )
        for same in zip(*alike, strict=True)
    )


def _all(labels: Iterable[tuple[Source, ...]]) -> tuple[Source, ...]:
    return tuple(sorted({label for some in labels for label in some}))


def _order(block: Block) -> tuple[object, ...]:
    worst = [order(row) for row in (*block.gains[:1], *block.restraints[:1])]
    lost = [order(row) for row in block.losses[:1]]
    return (
        block.becomes_administrator is not True,
        not (worst or block.unknown_gains),
        not worst,
        block.status is Status.DELETED,
        min(worst, default=min(lost, default=())),
        -len(block.people),
        block.people,
    )
