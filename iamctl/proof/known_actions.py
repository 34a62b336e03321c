"""The actions of the catalogue by number, with their levels, services and resources as bits; made once."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from itertools import accumulate

from iamctl.policy.actions.details import Level, ServiceDetails, details
from iamctl.policy.normalized import folded
from iamctl.proof.encoding import Pattern, encode_format, encode_literal

_LAST = "\U0010ffff"
NO_RESOURCE: tuple[Pattern, ...] = (encode_literal("*"),)
"""What the request of an action without resources has for its resource."""


def numbers(bits: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set, the lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


class KnownActions:
    """The catalogue's actions by number: their places in the order of the catalogue, whose names are in lower case here.

    The names of a service are read when something asks about the service.
    """

    def __init__(self, services: tuple[ServiceDetails, ...]) -> None:
        self._services = services
        self._place_of = {service.prefix: place for place, service in enumerate(services)}
        ends = [*accumulate(len(service.levels) for service in services)]
        self._starts = [0, *ends[:-1]]
        """The number of the first action of each service."""
        self._names: dict[int, Sequence[str]] = {}
        self._numbers: dict[str, int] = {}
        """Those that were asked for; a plan asks for the same ones many times."""
        self._resources: dict[int, tuple[Pattern, ...]] = {}
        self._kinds: dict[int, Sequence[tuple[tuple[Pattern, ...], int]]] = {}
        self.count = ends[-1]
        """How many actions there are."""
        self.levels: Mapping[Level, int] = _places_of("".join(service.levels for service in services)[::-1])
        """The actions of each access level."""

    def number(self, name: str) -> int | None:
        """Return the number of an action in lower case; None for one that the catalogue lacks."""
        known = self._numbers.get(name)
        if known is not None:
            return known
        place = self._place_of.get(name.partition(":")[0])
        if place is None:
            return None
        names = self._names_of(place)
        found = bisect_left(names, name)
        if found == len(names) or names[found] != name:
            return None
        self._numbers[name] = self._starts[place] + found
        return self._numbers[name]

    def matching(self, start: str, expression: re.Pattern[str] | None) -> int:
        """Return the actions whose names begin with ``start`` and match ``expression``, if there is one."""
        prefix, colon, _ = start.partition(":")
        if not colon:
            whole = expression is None and not start
            return (1 << self.count) - 1 if whole else places_in(self.folded, start, expression)
        place = self._place_of.get(prefix)
        if place is None:
            return 0
        return places_in(self._names_of(place), start, expression) << self._starts[place]

    @cached_property
    def folded(self) -> Sequence[str]:
        """The names of all actions in lower case, by number; they are sorted."""
        return [name for place in range(len(self._services)) for name in self._names_of(place)]

    def name(self, number: int) -> str:
        """Return the name of an action in AWS's spelling."""
        service, position = self._details(number)
        return f"{service.prefix}:{service.actions[position]}"

    def prefix(self, number: int) -> str:
        """Return the prefix of an action's service."""
        return self._details(number)[0].prefix

    def _names_of(self, place: int) -> Sequence[str]:
        found = self._names.get(place)
        if found is None:
            service = self._services[place]
            names = folded(" ".join(service.actions)).split()
            found = self._names[place] = [f"{service.prefix}:{name}" for name in names]
        return found

    def _details(self, number: int) -> tuple[ServiceDetails, int]:
        """Return the service of an action, and its place there."""
        place = bisect_right(self._starts, number) - 1
        return self._services[place], number - self._starts[place]

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
        ends = [*self._starts[1:], self.count]
        found = zip(self._services, self._starts, ends, strict=True)
        return {service.prefix: (1 << end) - (1 << start) for service, start, end in found}

    @cached_property
    def kinds(self) -> Mapping[tuple[Pattern, ...], int]:
        """The actions that act on the same resources."""
        found: dict[tuple[Pattern, ...], int] = {}
        for place in range(len(self._services)):
            for resources, same in self._kinds_of(place):
                found[resources] = found.get(resources, 0) | same
        return found

    def by_resources(self, bits: int) -> Mapping[tuple[Pattern, ...], int]:
        """Return some actions by the resources that they act on, in the order of their numbers."""
        found: dict[tuple[Pattern, ...], int] = {}
        while bits:
            lowest = (bits & -bits).bit_length() - 1
            place = bisect_right(self._starts, lowest) - 1
            for resources, of_kind in self._kinds_of(place):
                if same := of_kind & bits:
                    found[resources] = found.get(resources, 0) | same
                    bits ^= same
        return dict(sorted(found.items(), key=lambda item: item[1] & -item[1]))

    def _kinds_of(self, place: int) -> Sequence[tuple[tuple[Pattern, ...], int]]:
        """Return the actions of a service by their resources: it has few kinds of these, and many actions."""
        found = self._kinds.get(place)
        if found is None:
            start, same = self._starts[place], dict[str, int]()
            for position, types in enumerate(self._services[place].types):
                same[types] = same.get(types, 0) | 1 << position
            kinds = ((start + (bits & -bits).bit_length() - 1, bits << start) for bits in same.values())
            found = self._kinds[place] = [(self.resources(number), bits) for number, bits in kinds]
        return found


@cache
def known_actions() -> KnownActions:
    """Return the actions of the catalogue that ships with iamctl."""
    return KnownActions(details())


def _places_of(letters: str) -> Mapping[Level, int]:
    """Return the places of each level in the letters of all actions, of which the last has the number 0."""
    found: dict[Level, int] = {}
    for level in Level:
        digits = bytearray(b"0" * 256)
        digits[ord(level.value)] = ord("1")
        found[level] = int(letters.encode("ascii").translate(digits) or b"0", 2)
    return found


def places_in(names: Sequence[str], start: str, expression: re.Pattern[str] | None) -> int:
    """Return the places of names that begin with ``start`` and match ``expression``, as bits; the names are sorted."""
    low, high = bisect_left(names, start), bisect_left(names, start + _LAST)
    if expression is None:
        return (1 << high) - (1 << low)
    matching = "".join("1" if expression.fullmatch(name) else "0" for name in reversed(names[low:high]))
    return int(matching or "0", 2) << low
