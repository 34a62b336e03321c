"""What the calls of an order do beyond being safe: which of them change who is an administrator."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class CallMarks:
    """Numbers of nodes."""

    flips: frozenset[int] = frozenset()
    """They make somebody an administrator, or no longer one."""

    @classmethod
    def joined(cls, parts: Iterable[CallMarks]) -> CallMarks:
        """Return the marks of several changes as one."""
        return cls(frozenset(number for part in parts for number in part.flips))

    def restricted(self, numbers: Collection[int]) -> CallMarks:
        """Return the marks that concern only the calls with these numbers."""
        return CallMarks(self.flips.intersection(numbers))
