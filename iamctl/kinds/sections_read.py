"""A snapshot that remembers which of its sections were read, so that what these say is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Value = TypeVar("Value")


class SectionsRead(dict[str, Any]):
    """A copy of a snapshot, with the same sections; ``read`` has each that was asked for, None for one that lacks."""

    def __init__(self, snapshot: Mapping[str, Any]) -> None:
        super().__init__(snapshot)
        self.read: dict[str, Any] = {}
        self._once: dict[Callable[..., Any], tuple[Any, dict[str, Any]]] = {}

    def __getitem__(self, name: str) -> Any:
        self.read[name] = super().get(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.read[str(name)] = super().get(str(name))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a section, or ``default`` for one that lacks."""
        self.read[name] = super().get(name)
        return super().get(name, default)

    def once(self, work_out: Callable[[Any], Value]) -> Value:
        """Return what a function makes of the snapshot, made at the first call; what it reads counts at each."""
        if work_out not in self._once:
            before, self.read = self.read, {}
            self._once[work_out] = work_out(self), self.read
            self.read = before
        value, read = self._once[work_out]
        self.read |= read
        return value  # type: ignore[no-any-return]


def are_same(read: Mapping[str, Any], snapshot: Mapping[str, Any]) -> bool:
    """Return whether a snapshot has the very sections that were read from another one."""
    return all(snapshot.get(name) is section for name, section in read.items())
