"""The Regions of requests: whoever makes one chooses the Region, except for services that have only one."""

from __future__ import annotations

from collections.abc import Iterator

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
        self._known: dict[Side, tuple[str, ...]] = {}

    def choices(self, action: str, side: Side) -> tuple[str, ...]:
        """Return the Regions worth trying for an action; none where no policy asks for the Region."""
        name = action.lower()
        if name.startswith("iam:") and name != _PASS_ROLE:
            return ()
        found = self._known.get(side)
        if found is None:
            named = sorted(set(self._named(side)))
            found = self._known[side] = (*named, *_OTHERS) if named else ()
        return found

    def _named(self, side: Side) -> Iterator[str]:
        """Yield the Regions that conditions name, a text for each pattern."""
        for part in (side.allow, side.deny, *side.ceilings):
            for number in bits_of(part):
                for line in self._engine.statement(number).condition:
                    if line.key == KEY:
                        yield from (value.replace("*", "anywhere").replace("?", "x") for value in line.values)
