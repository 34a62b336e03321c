"""Addresses: what a resource is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn


class IamctlError(Exception):
    """Something that a user can mend; the command ends with ``exit_code``."""

    exit_code = 1


_EXACT_NAMES: set[str] = set()
"""Kinds whose last name part keeps its case; each class of resources adds its own when it is defined."""


def keep_case_of_names(kind: str) -> None:
    """Let addresses of ``kind`` keep the case of their last name part when they are compared."""
    _EXACT_NAMES.add(kind)


_APART, _NUL = "\0\0", "\0\1"
"""What joins the parts of a folded address, and what a NUL in a part becomes; no two lists of parts give one text."""

if TYPE_CHECKING:
    _Folded = object  # no address passes for a text
else:
    _Folded = str


class Address(_Folded):
    """The identity of a resource: ``kind`` and name parts, compared without regard to case, as IAM compares names.

    It is a text of its folded parts, so that Python compares, hashes and sorts it without calling a method of ours:
    a plan of 5,000 users looks up a million addresses. ``str`` and f-strings show it as it was spelled.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """

    __slots__ = ("kind", "name", "parts")

    kind: str
    parts: tuple[str, ...]
    name: str
    """The last part: the name of the thing itself, without its owner."""

    def __new__(cls, kind: str, parts: tuple[str, ...]) -> Address:  # noqa: PYI034 - no class is below it
        """Return the address of a kind and its parts."""
        return cls.of(kind, *parts)

    if TYPE_CHECKING:

        @staticmethod
        def of(kind: str, *parts: str) -> Address:
            """Return the address of a kind and its parts, such as ``Address.of("membership", "dev", "alice")``."""

        def __lt__(self, other: Address) -> bool: ...

    else:

        @staticmethod
        @lru_cache(maxsize=2**17)
        def of(kind: str, *parts: str) -> Address:
            """Return the address of a kind and its parts, one object for one spelling as long as it is kept."""
            text = f"{kind}{_APART}{_APART.join(parts).lower()}"  # a NUL is no letter, so parts fold as they do alone
            if kind in _EXACT_NAMES or text.count("\0") > len(_APART) * len(parts):
                text = _APART.join(part.replace("\0", _NUL) for part in _folded(kind, parts))
            made = str.__new__(Address, text)
            _set_kind(made, kind)
            _set_parts(made, parts)
            _set_name(made, parts[-1])
            return made

    @property
    def key(self) -> tuple[str, ...]:
        """The folded form that decides equality and order."""
        return _folded(self.kind, self.parts)

    @property
    def rank(self) -> tuple[Address, tuple[str, ...]]:
        """What sorts addresses that may be equal but for their spelling; others sort faster as they are."""
        return self, self.parts

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __reduce__(self) -> tuple[Callable[..., Address], tuple[str, ...]]:
        """Return how another process makes it: with one object for one spelling there, too."""
        return Address.of, (self.kind, *self.parts)

    def __str__(self) -> str:
        return "/".join((self.kind, *self.parts))

    def __format__(self, how: str) -> str:
        return format(str(self), how)

    def __repr__(self) -> str:
        return f"Address(kind={self.kind!r}, parts={self.parts!r})"


_set_kind, _set_parts, _set_name = (vars(Address)[name].__set__ for name in ("kind", "parts", "name"))
"""What sets the slots of an address once, past its own ``__setattr__``."""


def _folded(kind: str, parts: tuple[str, ...]) -> tuple[str, ...]:
    folded = (kind, *map(str.lower, parts))
    return (*folded[:-1], parts[-1]) if kind in _EXACT_NAMES else folded
