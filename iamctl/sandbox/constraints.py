"""The lengths, characters and values that IAM's own service model asks of parameters; clients check only the least length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from moto.iam.exceptions import ValidationError

SEPARATORS = "\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""The characters of Unicode's category Z, which Python's patterns cannot name."""


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern of the service model as Python reads it: word characters are ASCII, categories are Unicode's."""
    if "\\p{L}" in pattern:
        return re.compile(pattern.replace("\\p{L}", "\\w").replace("\\p{N}", "").replace("\\p{Z}", SEPARATORS))
    return re.compile(pattern, re.ASCII)


def complaints(shape: Any, value: Any, name: str) -> Iterator[str]:
    """Yield what the service model finds wrong with ``value``, in IAM's words."""
    rules = shape.metadata
    if shape.type_name == "structure":
        for key, member in shape.members.items():
            if value.get(key) is not None:
                yield from complaints(member, value[key], f"{name}.{key}" if name else lower_first(key))
    elif shape.type_name == "list":
        if len(value) > rules.get("max", len(value)):
            yield length(name, "less", rules["max"])
        for index, item in enumerate(value, 1):
            yield from complaints(shape.member, item, f"{name}.{index}.member")
    elif shape.type_name == "integer":
        if value > rules.get("max", value):
            yield f"Value '{value}' at '{name}' failed to satisfy constraint: Member must have value less than or equal to {rules['max']}"
        if value < rules.get("min", value):
            yield f"Value '{value}' at '{name}' failed to satisfy constraint: Member must have value greater than or equal to {rules['min']}"
    elif shape.type_name == "string":
        yield from text_complaints(rules, value, name)


def text_complaints(rules: dict[str, Any], value: str, name: str) -> Iterator[str]:
    """Yield what the model's limits on length, characters and values find wrong with a text, in IAM's words."""
    if len(value) > rules.get("max", len(value)):
        yield length(name, "less", rules["max"])
    if len(value) < rules.get("min", 0):
        yield length(name, "greater", rules["min"])
    if "pattern" in rules and not compiled(rules["pattern"]).fullmatch(value):
        yield f"Value at '{name}' failed to satisfy constraint: Member must satisfy regular expression pattern: {rules['pattern']}"
    if "enum" in rules and value not in rules["enum"]:
        values = ", ".join(rules["enum"])
        yield f"Value '{value}' at '{name}' failed to satisfy constraint: Member must satisfy enum value set: [{values}]"


def length(name: str, word: str, limit: int) -> str:
    """Return IAM's words for a value that is too long (``word`` is "less") or too short ("greater")."""
    return f"Value at '{name}' failed to satisfy constraint: Member must have length {word} than or equal to {limit}"


def lower_first(name: str) -> str:
    """Return the name with its first letter in lower case, as IAM names parameters in messages."""
    return name[:1].lower() + name[1:]


def refuse_what_breaks(operation: Any, params: dict[str, Any]) -> None:
    """Raise when a parameter breaks a rule of the service model.

    Raises:
        ValidationError: as IAM answers, with every rule that is broken.
    """
    if operation.input_shape is None:
        return
    found = list(complaints(operation.input_shape, params, ""))
    if found:
        plural = "s" if len(found) > 1 else ""
        raise ValidationError(f"{len(found)} validation error{plural} detected: {'; '.join(found)}")
