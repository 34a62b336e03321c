"""The requests' contexts worth looking at: finitely many values of each key, one for each way that the lines can hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from itertools import chain, combinations, count, pairwise, product
from typing import NamedTuple

from iamctl.proof.aws_facts import ALWAYS_PRESENT, USUAL, VALUES
from iamctl.proof.cells import cells
from iamctl.proof.encoding import Pattern, Reading, encode_literal, encode_resource, encode_text, has_wildcard
from iamctl.proof.lines import Family, Line, amount, family, holds, matched, network

MOST_TEXTS = 256
MOST_MEMBERS = 10
"""Kinds of values in one set: 1,024 sets."""
MOST_LETTERS = 6
"""Letters of a word whose 64 spellings in upper and lower case are all tried."""

_ANY_CASE = ("Bool", "StringEqualsIgnoreCase")

Values = tuple[str, ...]
"""The values of one key in one request, none where it is absent."""


class Option(NamedTuple):
    """Values of one key, and which of the lines hold for them."""

    values: Values
    true: frozenset[Line]


@lru_cache(maxsize=1 << 13)
def options(key: str, lines: tuple[Line, ...], first: Decimal | None = None) -> tuple[Option, ...] | None:
    """Return one option for each combination of truth that lines of a key can have; usual values come first.

    The lines are not opaque; ``first`` is the earliest time that the key can have. None if the options cannot be listed:
    the key is compared in ways that are too different, or there are too many values.
    """
    found = candidates(key, lines, first)
    if found is None:
        return None
    seen: dict[frozenset[Line], Values] = {}
    for values in found:
        truths = [(one, holds(one, values)) for one in lines]
        if any(truth is None for _, truth in truths):
            return None
        seen.setdefault(frozenset(one for one, truth in truths if truth), values)
    return tuple(Option(values, true) for true, values in seen.items())


def candidates(key: str, lines: Sequence[Line], first: Decimal | None) -> tuple[Values, ...] | None:
    """Return values of one key such that lines, none of them opaque, hold in every combination in which they can.

    ``first`` is the earliest time that the key can have.
    """
    single = _single_values(key, lines, first)
    if single is None:
        return None
    absent: list[Values] = [] if key in ALWAYS_PRESENT else [()]
    if any(one.prefix for one in lines) and key not in VALUES:
        members = _distinct(single, lines)
        if not all(one.prefix or family(one) is Family.PRESENCE for one in lines):
            members.append("")
        if len(members) > MOST_MEMBERS:
            return None
        sets: Iterable[Values] = chain.from_iterable(combinations(members, size) for size in range(1, len(members) + 1))
        found = [*sets, ("",), *absent]
    else:
        found = [*((value,) for value in single), *absent]
    usual = USUAL.get(key)
    if usual is None or (usual and first is not None):
        return tuple(found)
    if usual == () or _fits_family(lines):
        found.insert(0, usual)
    return tuple(dict.fromkeys(found))


def _fits_family(lines: Iterable[Line]) -> bool:
    return all(family(one) is not Family.ORDERED for one in lines)


def _single_values(key: str, lines: Sequence[Line], first: Decimal | None) -> list[str] | None:
    if key in VALUES:
        return list(VALUES[key])
    families = {family(one) for one in lines} - {Family.PRESENCE}
    if first is not None and families - {Family.ORDERED}:
        return None
    if len(families) > 1:
        return None
    if families == {Family.ORDERED} or first is not None:
        return _moments(lines, first)
    if families == {Family.ADDRESS}:
        return _addresses(lines)
    return _texts(lines) if families else ["x"]


def _distinct(values: Iterable[str], lines: Sequence[Line]) -> list[str]:
    """Return the first value of each combination of lines that match it, without the empty one: in a set it is none."""
    found: dict[tuple[bool | None, ...], str] = {}
    for value in filter(None, values):
        found.setdefault(tuple(matched(one, value) for one in lines if family(one) is not Family.PRESENCE), value)
    return list(found.values())


def _moments(lines: Sequence[Line], first: Decimal | None) -> list[str]:
    points = {point for one in lines for value in one.values if (point := _amount(one, value)) is not None}
    if first is not None:
        points.add(first)
    ordered = sorted(points)
    found = [ordered[-1] + 1, *ordered, ordered[0] - 1] if ordered else [Decimal(0)]
    found += [_between(low, high) for low, high in pairwise(ordered)]
    is_date = all(one.operator.startswith("Date") for one in lines if family(one) is not Family.PRESENCE)
    return [_spelled(value, is_date=is_date) for value in found if first is None or value >= first]


def _amount(one: Line, value: str) -> Decimal | None:
    return None if family(one) is Family.PRESENCE else amount(one, value)


def _between(low: Decimal, high: Decimal) -> Decimal:
    whole = low.to_integral_value(rounding="ROUND_FLOOR") + 1
    return whole if whole < high else (low + high) / 2


def _spelled(value: Decimal, *, is_date: bool) -> str:
    if is_date and value == value.to_integral_value() and 0 <= value < 10**11:
        return datetime.fromtimestamp(int(value), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return format(value.normalize(), "f")


def _addresses(lines: Sequence[Line]) -> list[str]:
    """Return the first address of each range between the ends of the networks, of both versions."""
    cuts: set[tuple[int, int]] = {(4, 0), (6, 0)}
    for one in lines:
        for found in (network(value) for value in one.values if family(one) is Family.ADDRESS):
            if found is not None:
                start, end = int(found.network_address), int(found.broadcast_address) + 1
                cuts.add((found.version, start))
                if end < 1 << found.max_prefixlen:
                    cuts.add((found.version, end))
    return [str(IPv4Address(number) if version == 4 else IPv6Address(number)) for version, number in sorted(cuts)]


def _texts(lines: Sequence[Line]) -> list[str] | None:
    lines = [one for one in lines if family(one) is Family.TEXT]
    exact = [one for one in lines if one.plain not in _ANY_CASE]
    words = {value.lower() for one in lines if one.plain in _ANY_CASE for value in one.values}
    if any(one.plain == "Bool" for one in lines):
        words.update(("true", "false"))
    patterns = {_encoded(one, value) for one in exact for value in one.values}
    if not any(has_wildcard(pattern) for pattern in patterns):
        spellings = (_other_spelling(word, patterns) for word in sorted(words))
        return [_another(patterns | words), *sorted(filter(None, patterns)), *spellings, ""]
    if any(len(word) > MOST_LETTERS for word in words):
        return None
    found = cells(["", *sorted(patterns), *sorted(words)], MOST_TEXTS)
    if found is None:
        return None
    every = ("".join(letters) for word in sorted(words) for letters in product(*map(_cases, word)))
    return [*sorted(filter(None, found), key=len), *every, ""]


def _encoded(one: Line, value: str) -> Pattern:
    if one.plain == "StringEquals":
        return encode_literal(value)
    return encode_text(value) if one.plain == "StringLike" else encode_resource(value, Reading.PARTS)


def _cases(letter: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((letter.lower(), letter.upper())))


def _other_spelling(word: str, literals: AbstractSet[str]) -> str:
    """Return a spelling that is none of the literals, so that only lines that ignore the case match it."""
    spellings = ("".join(letters) for letters in product(*map(_cases, word)))
    return next((spelling for spelling in spellings if spelling not in literals), word)


def _another(texts: AbstractSet[str]) -> str:
    return next(text for text in chain("xyz", (f"x{number}" for number in count())) if text.lower() not in texts)
