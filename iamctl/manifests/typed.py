"""Text becomes what its place in the schema wants: true or false, a number, nothing, or text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from iamctl.manifests.node import MappingNode, Node, ScalarNode

Fill = Callable[[ScalarNode], str]

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_BOOLEANS = {"true": True, "false": False}
_NULLS = frozenset({"", "~", "null"})
_NO_SCHEMA: Mapping[str, Any] = {}


def typed(node: Node, schema: Mapping[str, Any], fill: Fill) -> Any:
    """Return the value of ``node`` as ``schema`` types it; ``fill`` replaces the variables of a text.

    Only a scalar without quotes becomes anything but text, and only where the schema names that type.
    """
    if isinstance(node, ScalarNode):
        return _scalar(node, schema.get("type"), fill)
    if isinstance(node, MappingNode):
        known = schema.get("properties", _NO_SCHEMA)
        others = schema.get("additionalProperties")
        other = others if isinstance(others, dict) else _NO_SCHEMA
        return {name: typed(value, known.get(name, other), fill) for name, (_, value) in node.pairs.items()}
    below = schema.get("items", _NO_SCHEMA)
    return [typed(item, below, fill) for item in node.items]


def _scalar(node: ScalarNode, wanted: Any, fill: Fill) -> Any:
    text = node.text
    if wanted is not None and wanted != "string" and node.plain:
        types = (wanted,) if isinstance(wanted, str) else wanted
        if "null" in types and text in _NULLS:
            return None
        if "boolean" in types and text in _BOOLEANS:
            return _BOOLEANS[text]
        if "integer" in types and _INTEGER.fullmatch(text):
            return int(text)
    return fill(node) if "{{" in text else text
