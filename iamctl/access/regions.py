"""The Regions of requests: whoever makes one chooses the Region, except for services that have only one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_

from iamctl.proof.engine import Engine, Side
from iamctl.proof.numbering import bits_of

KEY = "aws:requestedregion"
_OTHERS = ("eu-west-1", "us-west-2")
"""Regions that a Deny of others leaves open."""
_PASS_ROLE = "iam:passrole"  # noqa: S105
"""AWS checks it as part of a request to the service that gets the role."""


class Regions:
    """Finds the Regions that the policies of a side tell apart."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[int, tuple[str, ...]] = {}
        self._seen, self._asking = 0, 0
        """So many statements, and those of them that ask for the Region, as bits."""

    def choices(self, action: str, side: Side) -> tuple[str, ...]:
        """Return the Regions worth trying for an action; none where no policy asks for the Region."""
        name = action.lower()
        if name.startswith("iam:") and name != _PASS_ROLE:
            return ()
        return self.of(side)

    def of(self, side: Side) -> tuple[str, ...]:
        """Return the Regions that policies tell apart, whatever the action."""
        asking = reduce(or_, side.ceilings, side.allow | side.deny) & self._bits()
        found = self._known.get(asking)
        if found is None:
            named = sorted(set(self._named(asking)))
            found = self._known[asking] = (*named, *_OTHERS) if named else ()
        return found

    def _bits(self) -> int:
        statements = self._engine.numbering.statements
        for number in range(self._seen, len(statements)):
            if any(line.key == KEY for line in statements[number].condition):
                self._asking |= 1 << number
        self._seen = len(statements)
        return self._asking

    def _named(self, asking: int) -> Iterator[str]:
        """Yield the Regions that conditions name, a text for each pattern."""
        for number in bits_of(asking):
            for line in self._engine.statement(number).condition:
                if line.key == KEY:
                    yield from (value.replace("*", "anywhere").replace("?", "x") for value in line.values)
