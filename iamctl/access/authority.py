"""Who may do everything in one state of an account, with a proof."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_

from iamctl.access.people import Holding, Person
from iamctl.access.sides import Sides, facts_of
from iamctl.proof.engine import Side
from iamctl.proof.least_true import Condition
from iamctl.proof.lines import line
from iamctl.proof.numbering import bits_of
from iamctl.proof.requests import Allowed

_GIVING = (
    ("iam:addusertogroup", "group/anything"),
    ("iam:attachgrouppolicy", "group/anything"),
    ("iam:attachuserpolicy", "user/anything"),
    ("iam:createpolicyversion", "policy/anything"),
    ("iam:putgrouppolicy", "group/anything"),
    ("iam:putuserpolicy", "user/anything"),
)
"""The ways to give somebody access: whoever has everything else and none of them administers nothing."""


class Authority:
    """Tells who may do everything, a Deny of something else than IAM apart; equal holdings are asked about once."""

    def __init__(self, sides: Sides) -> None:
        self.sides = sides
        self._engine = sides.engine
        self._when = signed_in(sides.people.now)
        self._sides: dict[Holding, Side] = {}
        self._covering: dict[Side, tuple[bool, bool]] = {}

    def side(self, holding: Holding) -> Side:
        """Return the side of what somebody holds."""
        found = self._sides.get(holding)
        if found is None:
            found = self._sides[holding] = self.sides.of_holding(holding)
        return found

    def of(self, person: Person) -> Allowed:
        """Return whether somebody may do everything, and may change what others may do.

        ``ALWAYS`` is proved for whoever is signed in just now, with MFA and from anywhere.
        """
        side = self.side(person.holding)
        if not self._covers(side, person):
            return Allowed.NO
        requests, best = self.sides.requests, Allowed.NO
        for action, rest in _GIVING:
            best = max(best, requests.decide(side, action, self.sides.people.arn(rest), person.context).allowed)
            if best is Allowed.ALWAYS:
                break
        return best

    def is_administrator(self, person: Person) -> bool:
        """Return whether somebody certainly may do everything."""
        return self.of(person) is Allowed.ALWAYS

    def _covers(self, side: Side, person: Person) -> bool:
        """Return whether the Allows, as far as a boundary lets them, are proved to allow everything."""
        unread = self._engine.numbering.unread
        allows = Side(side.allow & ~unread, 0, tuple(one for one in side.ceilings if not one & unread))
        if allows not in self._covering:
            self._covering[allows] = self._proved(allows) if self._may_cover(allows) else (False, False)
        is_proved, asks_facts = self._covering[allows]
        if not asks_facts:
            return is_proved
        own = self.sides.of_holding(person.holding, facts_of(person))
        return self._proved(Side(own.allow & ~unread, 0, tuple(one for one in own.ceilings if not one & unread)))[0]

    def _proved(self, side: Side) -> tuple[bool, bool]:
        """Return whether a side allows everything, and whether that depends on the person."""
        gains = self._engine.gains(side, Side(self._engine.everything().allow), self._when)
        return not gains, any(gain.asks_facts for gain in gains)

    def _may_cover(self, side: Side) -> bool:
        """Return False where the Allows do not name every action."""
        return all(self._named(allows) == self._engine.universe.all for allows in (side.allow, *side.ceilings))

    def _named(self, numbers: int) -> int:
        universe, numbering = self._engine.universe, self._engine.numbering
        rarest = 1 << universe.all.bit_length() - 1  # the action to come that stands for every other one
        if not numbers & numbering.about(rarest):
            return 0
        return reduce(or_, (self._engine.statement(number).actions for number in bits_of(numbers)), 0)


def signed_in(now: datetime) -> Condition:
    """Return the condition that a request is made by somebody who has just signed in with MFA."""
    moment = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return frozenset(
        {
            line("Bool", "aws:MultiFactorAuthPresent", ["true"]),
            line("Bool", "aws:PrincipalIsAWSService", ["false"]),
            line("Bool", "aws:SecureTransport", ["true"]),
            line("Bool", "aws:ViaAWSService", ["false"]),
            line("DateEquals", "aws:CurrentTime", [moment]),
            line("DateEquals", "aws:TokenIssueTime", [moment]),
            line("Null", "aws:CalledVia", ["true"]),
            line("NumericEquals", "aws:EpochTime", [str(int(now.timestamp()))]),
            line("NumericEquals", "aws:MultiFactorAuthAge", ["0"]),
        }
    )
