"""The kinds of resources that iamctl knows, in the order in which plans show them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from iamctl.model import Resource


class Kinds(Sequence[type[Resource]]):
    """A sequence of kinds that can be extended for a while."""

    def __init__(self, *kinds: type[Resource]) -> None:
        self._kinds = kinds

    def __getitem__(self, index: Any) -> Any:
        """Return the kind at a place, or the kinds of a slice."""
        return self._kinds[index]

    def __len__(self) -> int:
        """Return how many kinds there are."""
        return len(self._kinds)

    def __iter__(self) -> Iterator[type[Resource]]:
        """Return the kinds one by one."""
        return iter(self._kinds)

    @property
    def known(self) -> tuple[type[Resource], ...]:
        """The kinds at the moment; the same object until others are included."""
        return self._kinds

    @contextmanager
    def including(self, *more: type[Resource]) -> Iterator[None]:
        """Know ``more`` kinds, too, until the block ends."""
        before = self._kinds
        self._kinds = (*before, *more)
        try:
            yield
        finally:
            self._kinds = before
