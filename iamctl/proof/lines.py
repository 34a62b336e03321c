"""One line of a condition, and whether it holds for the values of its key, operator by operator as IAM documents it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from iamctl.policy.condition_grammar import split_operator
from iamctl.proof.encoding import has_symbol
from iamctl.text.late_pattern import late_pattern

_NOT = "Not"
_ALL = "ForAllValues:"
_NULL = "Null"
_TRUTHS = ("true", "false")
_ARN_COLONS = 5
_IGNORE_CASE = "StringEqualsIgnoreCase"
_WILD = late_pattern(r"\$\{([*?$])\}|(.)", re.DOTALL)
_DATE = late_pattern(
    r"(\d{4})(?:-(\d\d?))?(?:-(\d\d?))?(?:[Tt](\d\d?)(?::(\d\d?))?(?::(\d\d?)(?:\.(\d{1,6})\d*)?)?([Zz]|[+-]\d\d:?\d\d)?)?"
)


class Family(Enum):
    """What kind of value an operator compares; lines of one key with different families are not compared exactly."""

    TEXT = "text"
    ORDERED = "ordered"
    """Numbers, and dates as seconds since 1970."""
    ADDRESS = "address"
    PRESENCE = "presence"


class Line(NamedTuple):
    """One operator, key and list of values of a Condition. All lines of a condition must hold.

    ``key`` is in lower case, tag keys included. Values of StringLike and the ARN operators have ``*`` and ``?`` as
    wildcards and ``${*}`` for the literal; others have none.
    """

    key: str
    operator: str
    """The plain operator, for example ``StringNotLike``."""
    values: tuple[str, ...]
    prefix: str = ""
    if_exists: bool = False

    @property
    def is_negated(self) -> bool:
        """Whether the operator holds for values that match nothing."""
        return _NOT in self.operator

    @property
    def plain(self) -> str:
        """The operator without ``Not``."""
        return self.operator.replace(_NOT, "")

    @property
    def full_operator(self) -> str:
        """The operator as a policy spells it."""
        return f"{self.prefix}{self.operator}{'IfExists' if self.if_exists else ''}"


def line(operator: str, key: str, values: Iterable[str]) -> Line:
    """Return a line from the operator as a policy spells it."""
    prefix, plain, if_exists = split_operator(operator)
    return Line(key.lower(), plain, tuple(sorted(set(values))), prefix, if_exists)


def holds(one: Line, values: tuple[str, ...]) -> bool | None:
    """Return whether a line holds for the values of its key, none where the request lacks it.

    None if IAM does not document it. An empty text counts as no value for ``ForAllValues`` and ``ForAnyValue``.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    """
    if is_opaque(one):
        return None
    if one.operator == _NULL:
        return any((value == "true") == (not values) for value in map(str.lower, one.values))
    if one.prefix:
        values = tuple(filter(None, values))
    if not values:
        return one.if_exists or one.prefix == _ALL or (not one.prefix and one.is_negated)
    found = [matched(one, value) for value in values]
    if None in found:
        return None
    if not one.prefix:
        return any(found) != one.is_negated
    results = (match != one.is_negated for match in found)
    return all(results) if one.prefix == _ALL else any(results)


def matched(one: Line, value: str) -> bool | None:
    """Return whether one value of the request matches any value of the line, before negation; None if not known."""
    return _matcher(one)(value)


@lru_cache(maxsize=1 << 14)
def family(one: Line) -> Family | None:
    """Return what the operator compares; None for one that IAM does not document."""
    plain = one.plain
    if plain == _NULL:
        return Family.PRESENCE
    if plain.startswith(("Numeric", "Date")):
        return Family.ORDERED
    if plain == "IpAddress":
        return Family.ADDRESS
    is_text = plain in ("StringEquals", "StringLike", "ArnEquals", "ArnLike", "Bool", _IGNORE_CASE)
    return Family.TEXT if is_text else None


@lru_cache(maxsize=1 << 14)
def is_opaque(one: Line) -> bool:
    """Return whether it is not known when a line holds: undocumented, malformed, or with an unknown variable."""
    kind = family(one)
    if kind is None or any(map(has_symbol, one.values)):
        return True
    if kind is Family.PRESENCE:
        return bool(one.prefix) or one.if_exists or any(value.lower() not in _TRUTHS for value in one.values)
    if kind is Family.ORDERED:
        return any(amount(one, value) is None for value in one.values)
    if kind is Family.ADDRESS:
        return any(network(value) is None for value in one.values)
    if one.plain == "Bool":
        return any(value.lower() not in _TRUTHS for value in one.values)
    if one.plain.startswith("Arn"):
        return any(value != "*" and value.count(":") < _ARN_COLONS for value in one.values)
    return False


def amount(one: Line, text: str) -> Decimal | None:
    """Return a number, or a date as seconds since 1970; None for a malformed one."""
    return _number(text) if one.plain.startswith("Numeric") else _seconds(text)


def network(text: str) -> IPv4Network | IPv6Network | None:
    """Return a range of addresses; None for a malformed one."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=1 << 14)
def _matcher(one: Line) -> Callable[[str], bool | None]:
    plain = one.plain
    if plain == "StringEquals":
        return frozenset(one.values).__contains__
    if plain in ("Bool", _IGNORE_CASE):
        folded = frozenset(map(str.lower, one.values))
        return lambda value: value.lower() in folded
    if plain == "IpAddress":
        networks = [found for value in one.values if (found := network(value)) is not None]
        return lambda value: _in_networks(value, networks)
    if family(one) is Family.ORDERED:
        return _comparison(one)
    build = expression if plain == "StringLike" else _arn
    expressions = [re.compile(build(value), re.DOTALL) for value in one.values]
    return lambda value: any(expression.fullmatch(value) for expression in expressions)


def _comparison(one: Line) -> Callable[[str], bool | None]:
    compare = _ORDERS[one.plain.removeprefix("Numeric").removeprefix("Date")]
    bounds = [found for value in one.values if (found := amount(one, value)) is not None]

    def test(value: str) -> bool | None:
        actual = amount(one, value)
        return None if actual is None else any(compare(actual, bound) for bound in bounds)

    return test


_ORDERS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "Equals": Decimal.__eq__,
    "LessThan": Decimal.__lt__,
    "LessThanEquals": Decimal.__le__,
    "GreaterThan": Decimal.__gt__,
    "GreaterThanEquals": Decimal.__ge__,
}


def _in_networks(value: str, networks: Iterable[IPv4Network | IPv6Network]) -> bool | None:
    try:
        address: IPv4Address | IPv6Address = ip_address(value)
    except ValueError:
        return None
    return any(address in network for network in networks)


def expression(text: str, star: str = ".*", one: str = ".") -> str:
    """Return the regular expression of a text with ``*`` and ``?``, where ``${*}`` is a literal."""
    wild = {"*": star, "?": one}
    return "".join(re.escape(escaped) or wild.get(plain) or re.escape(plain) for escaped, plain in _WILD.findall(text))


def _arn(text: str) -> str:
    """Return an expression that compares six parts one by one: no wildcard of the first five reaches over a colon.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    """
    if text == "*":
        return ".*"
    parts = text.split(":", _ARN_COLONS)
    return ":".join([*(expression(part, "[^:]*", "[^:]") for part in parts[:-1]), expression(parts[-1])])


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _seconds(text: str) -> Decimal | None:
    if text.isascii() and text.isdecimal():
        return Decimal(text)
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    *numbers, fraction, zone = found.groups()
    year, month, day, hour, minute, second = (int(part) if part else None for part in numbers)
    zone_text = (zone or "Z").upper().replace("Z", "+0000").replace(":", "")
    try:
        start = datetime(year or 1, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=UTC)
    except ValueError:
        return None
    offset = (1 if zone_text[0] == "+" else -1) * (int(zone_text[1:3]) * 3600 + int(zone_text[3:]) * 60)
    return Decimal(int(start.timestamp()) - offset) + Decimal(f"0.{fraction or 0}")
