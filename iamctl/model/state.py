"""States, which hold resources by address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from operator import attrgetter
from typing import Any, TypeVar

from iamctl.model.address import Address, IamctlError
from iamctl.model.resource import Resource
from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once


class DuplicateResourceError(IamctlError):
    """Two resources share an address."""

    def __init__(self, second: Resource, first: Resource) -> None:
        place = f"{second.origin}: " if second.origin else ""
        before = f" at {first.origin}" if first.origin else ""
        super().__init__(f"{place}{second.address} is already declared{before}")


AnyResource = TypeVar("AnyResource", bound=Resource)


@dataclass(frozen=True)
class State:
    """Resources by address, desired or live."""

    resources: Mapping[Address, Resource]
    _kinds: dict[type[Resource], tuple[Any, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _types: dict[type[Resource], list[Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, resources: Iterable[Resource]) -> State:
        """Return the state that holds ``resources``.

        Raises:
            DuplicateResourceError: two of them share an address.
        """
        found: dict[Address, Resource] = {}
        for resource in resources:
            first = found.setdefault(resource.address, resource)
            if first is not resource:
                raise DuplicateResourceError(resource, first)
        return cls(found)

    @once
    def get(self) -> Callable[[Address], Resource | None]:
        """Return the resource at an address, or None: the method of the mapping itself."""
        return self.resources.get

    def __contains__(self, address: object) -> bool:
        return address in self.resources

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources.values())

    def __len__(self) -> int:
        return len(self.resources)

    def of_kind(self, kind: type[AnyResource]) -> tuple[AnyResource, ...]:
        """Return the resources of one kind, by address."""
        if kind not in self._kinds:  # two dozen rules ask
            types = self._types or self._by_type()
            found = (resource for own, of_type in types.items() if issubclass(own, kind) for resource in of_type)
            self._kinds[kind] = tuple(sorted(found, key=attrgetter("address")))
        return self._kinds[kind]

    def _by_type(self) -> dict[type[Resource], list[Any]]:
        found: dict[type[Resource], list[Any]] = {}
        for resource in self:
            found.setdefault(type(resource), []).append(resource)
        self._types.update(found)
        return self._types
