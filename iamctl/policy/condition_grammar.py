"""IAM's grammar of condition blocks: operators, keys and values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from iamctl.policy.parse import JsonNumber, Path
from iamctl.text.late_pattern import late_pattern
from iamctl.text.nearest import nearest

OPERATORS = (
    *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    *("StringLike", "StringNotLike"),
    *("NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals"),
    *("NumericGreaterThan", "NumericGreaterThanEquals"),
    *("DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals"),
    *("DateGreaterThan", "DateGreaterThanEquals"),
    *("Bool", "BinaryEquals", "IpAddress", "NotIpAddress"),
    *("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Null"),
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""

SET_PREFIXES = ("ForAllValues:", "ForAnyValue:")
IF_EXISTS = "IfExists"
_ALL_OPERATORS = tuple(
    f"{prefix}{plain}{suffix}" for prefix in ("", *SET_PREFIXES) for plain in OPERATORS for suffix in ("", IF_EXISTS)
)

_MAX_EPOCH = 2**63 - 1
_DATE = late_pattern(
    r"""(?P<year>-?[0-9]+) (-(?P<month>[0-9]+))? (-(?P<day>[0-9]+))?
    (t ((?P<hour>[0-9]+)?) (:(?P<minute>[0-9]+))?
       (:(?P<second>[0-9]+) (\.[0-9]{1,9})? (z | [+-](?P<zone_hour>[0-9]{2}) (:?(?P<zone_minute>[0-9]{2}))?)?)?
       z?
    )?""",
    re.VERBOSE,
)
_RANGES = {
    "year": (-292_275_054, 292_278_993),
    "month": (1, 12),
    "day": (1, 31),
    "hour": (0, 23),
    "minute": (0, 59),
    "second": (0, 59),
    "zone_hour": (0, 23),
    "zone_minute": (0, 59),
}


def split_operator(operator: str) -> tuple[str, str, bool]:
    """Return the set prefix, the plain operator and whether ``IfExists`` stands behind it."""
    prefix = next((prefix for prefix in SET_PREFIXES if operator.startswith(prefix)), "")
    plain = operator[len(prefix) :]
    return prefix, plain.removesuffix(IF_EXISTS), plain.endswith(IF_EXISTS)


def condition_errors(path: Path, block: Any) -> Iterator[tuple[Path, str]]:
    """Yield path and message of what IAM refuses in a condition block."""
    if not isinstance(block, dict):
        yield path, 'Condition must be an object, for example {"StringEquals": {"aws:PrincipalTag/team": "ops"}}'
        return
    for operator, keys in block.items():
        if not isinstance(keys, dict):
            yield (*path, operator), f"{operator!r} must be an object of condition keys and their values"
            continue
        plain = split_operator(str(operator))[1]
        if plain not in OPERATORS and keys:
            yield (*path, operator), f"{operator!r} is not a condition operator; {_suggestion(str(operator))}"
        for key, values in keys.items():
            yield from _value_errors((*path, operator, key), values, is_date=plain.startswith("Date"))


def _suggestion(operator: str) -> str:
    """Return the way out for an unknown operator, with its prefix and suffix set right too."""
    near = nearest(operator, _ALL_OPERATORS)
    return f"did you mean {near!r}?" if near else "see the IAM User Guide on condition operators"


def _value_errors(path: Path, values: Any, *, is_date: bool) -> Iterator[tuple[Path, str]]:
    items = enumerate(values) if isinstance(values, list) else [(None, values)]
    for index, value in items:
        place = path if index is None else (*path, index)
        if not isinstance(value, (str, bool, int, float)):
            yield place, "a condition value must be a string, a number, true, false, or a list of these"
        elif is_date and not _is_date(value):
            yield (
                place,
                f"{str(value)!r} is neither a date (for example 2026-12-31T00:00:00Z) nor a number of seconds since 1970",
            )


def _is_date(value: str | float) -> bool:
    if isinstance(value, (bool, float)):
        return False
    text = str(value).lower()
    if "${" in text:
        return True
    if isinstance(value, JsonNumber) or not ("t" in text or "-" in text):
        return text.isascii() and text.isdecimal() and len(text) <= 19 and int(text) <= _MAX_EPOCH
    date = _DATE.fullmatch(text)
    if date is None:
        return False
    return all(_RANGES[name][0] <= int(part) <= _RANGES[name][1] for name, part in date.groupdict().items() if part)
