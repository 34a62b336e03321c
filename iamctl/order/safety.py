"""Whether a person, at one moment of an apply, is provably within what they could do before or can do after.

The proof is about sets of statements. An Allow that is held counts unless one Deny that is held covers it as a whole.
It is within the old access if it was held before, the boundary is no wider than the old one, and every old Deny that
may meet it is held; likewise for the new access. Where the boundary is wider, each of its Allows is looked at alone. Access grows with Allows and boundaries and shrinks with Denies, so
what passes lets nobody do what neither the old nor the new access lets them do.
"""

from __future__ import annotations

from dataclasses import field

from iamctl.access.mfa_guard import is_guarding
from iamctl.access.statement_sets import StatementSets, bits
from iamctl.model.blocked import Blocked, DenyMissing, DeviceMissing, Gain, Unguarded
from iamctl.order.world import View
from iamctl.policy import Atom
from iamctl.text.late_dataclass import dataclass


@dataclass
class Safety:
    """Judges views; the answers are kept, since many people have the same rights."""

    sets: StatementSets
    _objections: dict[tuple[View, View, View], Blocked | None] = field(default_factory=dict)
    _kept: dict[tuple[int, int], int] = field(default_factory=dict)
    _guarding: dict[int, bool] = field(default_factory=dict)

    def objection(self, before: View, after: View, now: View) -> Blocked | None:
        """Return why ``now`` may be beyond both ``before`` and ``after``; None where it certainly is within one."""
        if before[1:] == now[1:] == after[1:] and not now[0] & ~(before[0] | after[0]):
            return None  # each Allow is one of a side, and what restrains it is the same on both
        if now in (before, after):
            return None
        key = (before, after, now)
        try:
            return self._objections[key]
        except KeyError:
            found = self._objections[key] = self._look(before, after, now)
            return found

    def certainly_safe(self, now: View, seen: View) -> bool:
        """Tell whether ``now`` differs from ``seen``, which is safe, by fewer Allows only, and so is safe, too."""
        return not now[0] & ~seen[0] and now[1:] == seen[1:]

    def loss(self, before: View, after: View, now: View) -> int:
        """Return how much of what a person keeps is missing now; 0 for none."""
        kept = before.allow & after.allow
        missing = (kept & ~now.allow).bit_count()
        if not kept:
            return 0
        denied = bool(now.deny & ~(before.deny | after.deny))
        bounded = not (self._within(now.bound, before.bound) or self._within(now.bound, after.bound))
        return missing + denied + bounded

    def is_effective(self, now: View, statement: int) -> bool:
        """Tell whether somebody has an Allow that no Deny covers and that a boundary may let through."""
        held = now.exists and statement & now.allow & ~self.sets.covered(now.deny)
        return bool(held) and (now.bound is None or bool(statement & self.sets.met(now.bound)))

    def proves(self, side: View, now: View, statement: int) -> bool:
        """Tell whether all that an Allow allows now is certainly within what it, or a wider one, allows on a side."""
        return bool(self._proven(side, now, statement) or self._proven_by_cover(side, now, statement))

    def is_within(self, side: View, now: View) -> bool:
        """Tell whether all that a view allows is certainly within what one side allows."""
        return not self._gained(side, side, now)

    def _look(self, before: View, after: View, now: View) -> Blocked | None:
        if gained := self._gained(before, after, now):
            return Gain(self._first(gained))
        if self._is_unguarded(now) and not (self._is_unguarded(before) or self._is_unguarded(after)):
            return Unguarded()
        if _lacks_device(now) and not (_lacks_device(before) or _lacks_device(after)):
            return DeviceMissing()
        stays = before.exists and after.exists and now.exists
        # a policy of a resource may allow without any of these Allows, and only the Denies hold it back
        if stays and (old := self._missing(before.deny, now.deny)) and (new := self._missing(after.deny, now.deny)):
            return DenyMissing(self._first(old & new or old))
        return None

    def _first(self, statements: int) -> Atom:
        return self.sets.atoms[next(bits(statements))]

    def _gained(self, before: View, after: View, now: View) -> int:
        """Return the Allows by which ``now`` may allow what neither side allows."""
        held = now.allow & ~self.sets.covered(now.deny)
        if held and now.exists:
            if before[1:3] == now[1:3] == after[1:3]:  # the same Denies and boundary: an Allow of a side proves itself
                either = before.allow | after.allow
                held &= ~either
                if held:
                    held &= ~self.sets.included(either, held)
            else:
                held = self._unproven(before, after, now, held)
            if held and now.bound is not None:
                held = self._unproven_through(now.bound, (before, after), now, held)
            return held
        return 0

    def _unproven(self, before: View, after: View, now: View, held: int) -> int:
        """Return those of ``held`` that no Allow of either side proves."""
        held &= ~self._proven(before, now, held)
        if held:
            held &= ~self._proven(after, now, held)
        for side in (before, after):
            if held:
                held &= ~self._proven_by_cover(side, now, held)
        return held

    def _proven(self, side: View, now: View, held: int) -> int:
        """Return those of ``held`` that a side holds, too, where they let nobody do more than that side does."""
        candidates = held & side.allow
        if not candidates or not self._within(side.bound, now.bound):
            return 0
        missing = self._missing(side.deny, now.deny)
        return candidates & ~self.sets.met(missing) if missing else candidates

    def _proven_by_cover(self, side: View, now: View, held: int) -> int:
        """Return those of ``held`` that a wider Allow of a side proves."""
        if not self._within(side.bound, now.bound):
            return 0
        candidates = held & ~self.sets.met(self._missing(side.deny, now.deny))
        return self.sets.included(side.allow, candidates) if candidates else 0

    def _unproven_through(self, bound: int, sides: tuple[View, View], now: View, held: int) -> int:
        """Return those of ``held`` with which some Allow of the boundary lets through more than a side does."""
        unproven = 0
        for number in bits(bound & ~self.sets.covered(now.deny)):
            met = held & self.sets.met(1 << number)
            for side in sides:
                if met:
                    met &= ~self._proven_with(number, side, now, met)
            unproven |= met
        return unproven

    def _proven_with(self, bounding: int, side: View, now: View, held: int) -> int:
        """Return those of ``held`` that, as far as one Allow of the boundary goes, are within a side."""
        proven = held  # what both let through is within whatever holds either of them
        if not self.sets.includes(side.allow, 1 << bounding):
            proven = self.sets.included(side.allow, proven)
        if side.bound is not None and not self.sets.includes(side.bound, 1 << bounding):
            proven = self.sets.included(side.bound, proven)
        for deny in bits(self._missing(side.deny, now.deny)):
            met = self.sets.met(1 << deny)
            if met >> bounding & 1:
                proven &= ~met
        return proven

    def _missing(self, wanted: int, held: int) -> int:
        """Return the Denies of ``wanted`` that no Deny of ``held`` covers."""
        if not wanted & ~held:
            return 0
        key = (wanted, held)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = wanted & ~self.sets.included(held, wanted)
        return found

    def _within(self, wide: int | None, narrow: int | None) -> bool:
        """Tell whether a boundary certainly lets through no more than another; None lets everything through."""
        if wide is None:
            return True
        return narrow is not None and self.sets.includes(wide, narrow)

    def _is_unguarded(self, view: View) -> bool:
        if not (view.exists and view.login):
            return False
        found = self._guarding.get(view.deny)
        if found is None:
            found = self._guarding[view.deny] = is_guarding(self.sets.atoms[number] for number in bits(view.deny))
        return not found


def _lacks_device(view: View) -> bool:
    """Tell whether somebody can sign in with a password alone: an MFA device goes after the password."""
    return view.exists and view.login and not view.device
