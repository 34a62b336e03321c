"""From what a YAML file says to values: variables are filled in, and text becomes what its place in the schema wants."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from iamctl.manifests.node import MappingNode, Node, Path, ScalarNode
from iamctl.text.late_pattern import late_pattern
from iamctl.text.nearest import meant

_BRACES = late_pattern(r"\{\{\{\{|\{\{\s*([A-Za-z0-9_.-]+)\s*\}\}|\{\{")
"""``{{ name }}``: replaced by text, once, and nothing else is evaluated."""

Fill = Callable[[ScalarNode], str]

_INTEGER = late_pattern(r"-?(0|[1-9][0-9]{0,17})")
_BOOLEANS = {"true": True, "false": False}
_NULLS = frozenset({"", "~", "null"})
_NO_SCHEMA: Mapping[str, Any] = {}


class Variables:
    """The variables of one account, by name."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def fill(self, text: str, report: Callable[[str], None]) -> str:
        """Return ``text`` with its variables replaced; ``report`` gets a message for each one that cannot be."""

        def replaced(match: re.Match[str]) -> str:
            name = match[1]
            if match[0] == "{{{{":
                return "{{"
            if name is None:
                report("'{{' does not begin a variable; write '{{ name }}', or '{{{{' for two braces")
            elif name not in self._values:
                report(f"unknown variable {name!r}{meant(name, self._values)}")
            else:
                return self._values[name]
            return match[0]

        return _BRACES.sub(replaced, text) if "{{" in text else text

    def fill_data(self, data: Any, report: Callable[[str, Path], None], path: Path = ()) -> Any:
        """Return decoded JSON with the variables in its texts replaced, keys left alone."""
        if isinstance(data, str):
            return self.fill(data, lambda message: report(message, path)) if "{{" in data else data
        if isinstance(data, dict):
            return {key: self.fill_data(value, report, (*path, key)) for key, value in data.items()}
        if isinstance(data, list):
            return [self.fill_data(value, report, (*path, index)) for index, value in enumerate(data)]
        return data


def typed(node: Node, schema: Mapping[str, Any], fill: Fill) -> Any:
    """Return the value of ``node`` as ``schema`` types it; ``fill`` replaces the variables of a text.

    Only a scalar without quotes becomes anything but text, and only where the schema names that type.
    """
    if isinstance(node, ScalarNode):
        text, wanted = node.text, schema.get("type")
        if wanted is not None and wanted != "string" and node.plain:
            return _scalar(node, wanted, fill)
        return fill(node) if "{{" in text else text
    if isinstance(node, MappingNode):
        known = schema.get("properties", _NO_SCHEMA)
        others = schema.get("additionalProperties")
        other = others if isinstance(others, dict) else _NO_SCHEMA
        return {name: typed(value, known.get(name, other), fill) for name, (_, value) in node.pairs.items()}
    below = schema.get("items", _NO_SCHEMA)
    return [typed(item, below, fill) for item in node.items]


def _scalar(node: ScalarNode, wanted: Any, fill: Fill) -> Any:
    """Return the value of a scalar without quotes where the schema names other types than text."""
    text = node.text
    types = (wanted,) if isinstance(wanted, str) else wanted
    if "null" in types and text in _NULLS:
        return None
    if "boolean" in types and text in _BOOLEANS:
        return _BOOLEANS[text]
    if "integer" in types and _INTEGER.fullmatch(text):
        return int(text)
    return fill(node) if "{{" in text else text
