"""Addresses: what a resource is called."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once


class IamctlError(Exception):
    """Something that a user can mend; the command ends with ``exit_code``."""

    exit_code = 1


_EXACT_NAMES: set[str] = set()
"""Kinds whose last name part keeps its case; each class of resources adds its own when it is defined."""


def keep_case_of_names(kind: str) -> None:
    """Let addresses of ``kind`` keep the case of their last name part when they are compared."""
    _EXACT_NAMES.add(kind)


@dataclass(frozen=True, eq=False)
class Address:
    """The identity of a resource: ``kind`` and name parts, compared without regard to case, as IAM compares names.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """

    kind: str
    parts: tuple[str, ...]

    @staticmethod
    def of(kind: str, *parts: str) -> Address:
        """Return the address of a kind and its parts, such as ``Address.of("membership", "dev", "alice")``."""
        return _address(kind, parts)

    @once
    def key(self) -> tuple[str, ...]:
        """The folded form that decides equality and order."""
        folded = (self.kind, *(part.lower() for part in self.parts))
        return (*folded[:-1], self.parts[-1]) if self.kind in _EXACT_NAMES else folded

    @once
    def rank(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What addresses are sorted by; thousands of them sort faster with it as the key."""
        return self.key, self.parts

    @property
    def name(self) -> str:
        """The last part: the name of the thing itself, without its owner."""
        return self.parts[-1]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Address) and self.key == other.key

    def __lt__(self, other: Address) -> bool:
        return self.rank < other.rank

    @once
    def _hash(self) -> int:
        return hash(self.key)

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[Callable[[str, tuple[str, ...]], Address], tuple[str, tuple[str, ...]]]:
        """Return how another process makes it: without its hash, which each process salts anew."""
        return _address, (self.kind, self.parts)

    def __str__(self) -> str:
        return "/".join((self.kind, *self.parts))


@lru_cache(maxsize=2**17)
def _address(kind: str, parts: tuple[str, ...]) -> Address:
    """Return one object for one spelling: folding names and comparing them is most of the work of a large plan."""
    made = object.__new__(Address)  # as Address(kind, parts), whose frozen fields take longer than all the rest
    made.__dict__.update(kind=kind, parts=parts)
    return made
