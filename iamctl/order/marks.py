"""What the calls of an order do to people, beyond being safe: what others of them have to wait for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from iamctl.order.world import View


@dataclass(frozen=True)
class CallMarks:
    """Numbers of nodes."""

    flips: frozenset[int] = frozenset()
    """They make somebody an administrator, or no longer one."""
    narrowing: frozenset[int] = frozenset()
    """They take something from somebody."""
    widening: frozenset[int] = frozenset()
    """They give something to somebody."""

    @classmethod
    def joined(cls, parts: Iterable[CallMarks]) -> CallMarks:
        """Return the marks of several changes as one."""
        found = tuple(parts)
        return cls(
            frozenset(number for part in found for number in part.flips),
            frozenset(number for part in found for number in part.narrowing),
            frozenset(number for part in found for number in part.widening),
        )

    def restricted(self, numbers: Collection[int]) -> CallMarks:
        """Return the marks that concern only the calls with these numbers."""
        return CallMarks(
            self.flips.intersection(numbers),
            self.narrowing.intersection(numbers),
            self.widening.intersection(numbers),
        )

    def turned(self) -> CallMarks:
        """Return the marks of the same nodes in an order that runs the other way."""
        return CallMarks(self.flips, self.widening, self.narrowing)


def narrows(before: View, after: View) -> bool:
    """Tell whether a person can do less, or is held back more."""
    less = before.allow & ~after.allow or after.deny & ~before.deny
    bounded = after.bound is not None and after.bound != before.bound
    return bool(less) or bounded or (before.login and not after.login)


def relied_on(order: Iterable[int], touches: Mapping[int, set[str]], marks: CallMarks) -> dict[int, int]:
    """Return for each call that gives something the last call before it that takes something from the same people.

    What it gives may be within what they have before or after only because of what that call took, so that IAM must
    show the one everywhere before the other is sent.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency
    """
    last: dict[str, tuple[int, int]] = {}
    found: dict[int, int] = {}
    for place, number in enumerate(order):
        if number in marks.widening:
            taken = max((last[person] for person in touches[number] if person in last), default=None)
            if taken:
                found[number] = taken[1]
        if number in marks.narrowing:
            last.update(dict.fromkeys(touches[number], (place, number)))
    return found
