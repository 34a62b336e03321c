"""Sees of plain values that they match their schema, without a compiled validator.

Loading and compiling the validators takes a fourteenth of ``validate`` of a small tree, in which nearly all values are
right. What is not certain here is left to them: another keyword, another character, a value that does not match.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_NOTES = frozenset({"description", "examples", "default", "title", "x-iamctl-message", "x-iamctl-rule"})
_MANY = 100
"""Of more entries than these, a validator sees sooner that they match."""
_TYPES: Mapping[str, type] = {
    "string": str,
    "object": dict,
    "array": list,
    "boolean": bool,
    "integer": int,
    "null": type(None),
}


def surely_matches(value: Any, schema: Any, formats: Mapping[str, Callable[[str], bool]]) -> bool:
    """Return True if a value matches a schema; False if it does not, or if only the validator can say."""
    if isinstance(schema, bool):
        return schema
    for keyword, wanted in schema.items():
        if keyword in _NOTES:
            continue
        if keyword == "format":
            if type(value) is str and not (wanted in formats and formats[wanted](value)):
                return False
        elif keyword in _BELOW:
            if keyword == "additionalProperties" and "properties" in schema:
                continue  # both are looked at together
            if not _BELOW[keyword](value, schema, lambda part, of: surely_matches(part, of, formats)):
                return False
        elif keyword not in _OWN or not _OWN[keyword](value, wanted):
            return False
    return True


Matches = Callable[[Any, Any], bool]


def _has_type(value: Any, wanted: Any) -> bool:
    names = (wanted,) if isinstance(wanted, str) else wanted
    return any(type(value) is _TYPES.get(name) for name in names)


def _has_pattern(value: Any, wanted: str) -> bool:
    """Return whether a text is one of those that all dialects of expressions read alike, and matches."""
    if type(value) is not str:
        return True
    return value.isascii() and value.isprintable() and re.search(wanted, value) is not None


def _is_one_of(value: Any, wanted: list[Any]) -> bool:
    return any(type(one) is type(value) and one == value for one in wanted if not isinstance(one, dict | list))


def _length(*types: type) -> Callable[[Any], int | None]:
    return lambda value: len(value) if type(value) in types else None


def _number(value: Any) -> int | None:
    return value if type(value) is int else None


def _at_least(measure: Callable[[Any], int | None]) -> Callable[[Any, int], bool]:
    return lambda value, least: (found := measure(value)) is None or found >= least


def _at_most(measure: Callable[[Any], int | None]) -> Callable[[Any, int], bool]:
    return lambda value, most: (found := measure(value)) is None or found <= most


def _has_required(value: Any, wanted: list[str]) -> bool:
    return type(value) is not dict or all(name in value for name in wanted)


def _is_unique(value: Any, wanted: bool) -> bool:  # noqa: FBT001 - called like the others
    if type(value) is not list or not wanted:
        return True
    return all(type(item) is str for item in value) and len(set(value)) == len(value)


def _properties(value: Any, schema: Mapping[str, Any], matches: Matches) -> bool:
    if type(value) is not dict:
        return True
    known, other = schema.get("properties", {}), schema.get("additionalProperties", True)
    return len(value) <= _MANY and all(matches(part, known.get(name, other)) for name, part in value.items())


def _property_names(value: Any, schema: Mapping[str, Any], matches: Matches) -> bool:
    return type(value) is not dict or all(matches(name, schema["propertyNames"]) for name in value)


def _items(value: Any, schema: Mapping[str, Any], matches: Matches) -> bool:
    return type(value) is not list or (len(value) <= _MANY and all(matches(item, schema["items"]) for item in value))


def _all_of(value: Any, schema: Mapping[str, Any], matches: Matches) -> bool:
    return all(matches(value, part) for part in schema["allOf"])


def _condition(value: Any, schema: Mapping[str, Any], matches: Matches) -> bool:
    """Return whether ``then`` holds, or ``if`` surely does not."""
    condition = schema.get("if", True)
    if type(value) is dict and isinstance(condition, Mapping):
        consts = ((name, part["const"]) for name, part in condition.get("properties", {}).items() if "const" in part)
        if not _has_required(value, condition.get("required", [])):
            return True
        if any(type(value.get(name)) is type(const) is str and value[name] != const for name, const in consts):
            return True
    return matches(value, schema.get("then", True))


_OWN: Mapping[str, Callable[[Any, Any], bool]] = {
    "type": _has_type,
    "pattern": _has_pattern,
    "enum": _is_one_of,
    "const": lambda value, wanted: _is_one_of(value, [wanted]),
    "minLength": _at_least(_length(str)),
    "maxLength": _at_most(_length(str)),
    "minItems": _at_least(_length(list)),
    "maxItems": _at_most(_length(list)),
    "minProperties": _at_least(_length(dict)),
    "maxProperties": _at_most(_length(dict)),
    "minimum": _at_least(_number),
    "maximum": _at_most(_number),
    "required": _has_required,
    "uniqueItems": _is_unique,
}
_BELOW: Mapping[str, Callable[[Any, Mapping[str, Any], Matches], bool]] = {
    "properties": _properties,
    "additionalProperties": _properties,
    "propertyNames": _property_names,
    "items": _items,
    "allOf": _all_of,
    "if": _condition,
    "then": _condition,
}
