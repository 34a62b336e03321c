"""The actions of the catalogue by number, with their levels, services and resources as bits; made once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, cached_property

from iamctl.policy.actions.details import Level, ServiceDetails, details
from iamctl.policy.normalized import folded
from iamctl.proof.encoding import Pattern, encode_format, encode_literal

NO_RESOURCE: tuple[Pattern, ...] = (encode_literal("*"),)
"""What the request of an action without resources has for its resource."""


def numbers(bits: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set, the lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


class KnownActions:
    """The catalogue's actions. The number of one is its place in ``folded``, which is sorted."""

    def __init__(self, services: tuple[ServiceDetails, ...]) -> None:
        entries = sorted(
            (folded(f"{service.prefix}:{action}"), f"{service.prefix}:{action}", service, position)
            for service in services
            for position, action in enumerate(service.actions)
        )
        self._entries = entries
        self._resources: dict[int, tuple[Pattern, ...]] = {}
        self.folded = [name for name, *_ in entries]
        self.number_of = {name: number for number, name in enumerate(self.folded)}
        letters = "".join(service.levels[position] for _, _, service, position in reversed(entries))
        self.levels: Mapping[Level, int] = {level: _places_of(level.value, letters) for level in Level}
        """The actions of each access level."""

    def spelled(self, number: int) -> str:
        """Return the name of an action in AWS's spelling."""
        return self._entries[number][1]

    def formats(self, number: int) -> tuple[str, ...]:
        """Return the ARN formats of an action."""
        _, _, service, position = self._entries[number]
        return service.formats_of(position)

    def resources(self, number: int) -> tuple[Pattern, ...]:
        """Return patterns for the resources of an action's usual requests."""
        found = self._resources.get(number)
        if found is None:
            found = self._resources[number] = tuple(map(encode_format, self.formats(number))) or NO_RESOURCE
        return found

    @cached_property
    def services(self) -> Mapping[str, int]:
        """The actions of each service."""
        found: dict[str, int] = {}
        for number, (_, _, service, _) in enumerate(self._entries):
            found[service.prefix] = found.get(service.prefix, 0) | 1 << number
        return found

    @cached_property
    def kinds(self) -> Mapping[tuple[Pattern, ...], int]:
        """The actions that act on the same resources."""
        found: dict[tuple[Pattern, ...], int] = {}
        for number in range(len(self._entries)):
            resources = self.resources(number)
            found[resources] = found.get(resources, 0) | 1 << number
        return found


@cache
def known_actions() -> KnownActions:
    """Return the actions of the catalogue that ships with iamctl."""
    return KnownActions(details())


def _places_of(letter: str, letters: str) -> int:
    return int("".join("1" if each == letter else "0" for each in letters) or "0", 2)
