"""The actions of the catalogue by number, with their levels, services and resources as bits; made once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
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
        self._services = sorted(services, key=lambda service: f"{service.prefix}:")
        self._starts: list[int] = []
        """The number of the first action of each service."""
        self._positions: list[list[int]] = []
        """The places of each service's actions in its details, by number."""
        self._resources: dict[int, tuple[Pattern, ...]] = {}
        self.folded: list[str] = []
        letters: list[str] = []
        for service in self._services:
            names = folded(" ".join(service.actions)).split(" ")  # the catalogue is ASCII
            positions = sorted(range(len(names)), key=names.__getitem__)
            self._starts.append(len(self.folded))
            self._positions.append(positions)
            self.folded += [f"{service.prefix}:{names[position]}" for position in positions]
            letters += map(service.levels.__getitem__, positions)
        self.number_of = dict(zip(self.folded, range(len(self.folded)), strict=True))
        self.levels: Mapping[Level, int] = _places_of("".join(reversed(letters)))
        """The actions of each access level."""

    def _details(self, number: int) -> tuple[ServiceDetails, int]:
        """Return the service of an action, and its place there."""
        place = bisect_right(self._starts, number) - 1
        return self._services[place], self._positions[place][number - self._starts[place]]

    @cached_property
    def spelled(self) -> Sequence[str]:
        """The names of the actions in AWS's spelling, by number."""
        return [
            f"{service.prefix}:{service.actions[position]}"
            for service, positions in zip(self._services, self._positions, strict=True)
            for position in positions
        ]

    def formats(self, number: int) -> tuple[str, ...]:
        """Return the ARN formats of an action."""
        service, position = self._details(number)
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
        ends = [*self._starts[1:], len(self.folded)]
        found = zip(self._services, self._starts, ends, strict=True)
        return {service.prefix: (1 << end) - (1 << start) for service, start, end in found}

    @cached_property
    def kinds(self) -> Mapping[tuple[Pattern, ...], int]:
        """The actions that act on the same resources."""
        same: dict[tuple[str, str], list[int]] = {}
        for service, start, positions in zip(self._services, self._starts, self._positions, strict=True):
            for number, position in enumerate(positions, start):
                same.setdefault((service.prefix, service.types[position]), []).append(number)
        found: dict[tuple[Pattern, ...], int] = {}
        for numbers_of_one in same.values():  # a service has few kinds of resources, and many actions
            resources = self.resources(numbers_of_one[0])
            found[resources] = found.get(resources, 0) | sum(1 << number for number in numbers_of_one)
        return found


@cache
def known_actions() -> KnownActions:
    """Return the actions of the catalogue that ships with iamctl."""
    return KnownActions(details())


def _places_of(letters: str) -> Mapping[Level, int]:
    """Return the places of each level in the letters of all actions, of which the last has the number 0."""
    none = dict.fromkeys(map(ord, letters), "0")
    return {level: int(letters.translate(none | {ord(level.value): "1"}) or "0", 2) for level in Level}
