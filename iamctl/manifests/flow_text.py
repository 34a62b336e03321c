"""How an edit writes values: as one line in braces and brackets, or as lines below a key."""

from __future__ import annotations

import json
from collections.abc import Iterator

from iamctl.manifests.characters import hidden_character
from iamctl.manifests.spans import Leaf, Raw
from iamctl.manifests.yaml_text import scalar

MOST_OF_A_FLOW_LINE = 100
"""So many characters of a value in braces are still easy to read on one line."""


def flow_text(value: Raw, *, is_json: bool = False, is_inside: bool = False) -> str:
    """Return a value on one line; ``is_inside``: within braces or brackets, where commas and colons need quotes."""
    if isinstance(value, Leaf):
        return leaf_text(value, is_json=is_json, is_inside=is_inside)
    if isinstance(value, list):
        return f"[{', '.join(flow_text(item, is_json=is_json, is_inside=True) for item in value)}]"
    pairs = (f"{key_text(key, is_json=is_json)}: {_inside(below, is_json=is_json)}" for key, below in value.items())
    return f"{{{', '.join(pairs)}}}"


def _inside(value: Raw, *, is_json: bool) -> str:
    return flow_text(value, is_json=is_json, is_inside=True)


def key_text(key: str, *, is_json: bool = False) -> str:
    """Return a key, in quotes where it needs them in braces or before a colon."""
    return leaf_text(Leaf(key), is_json=is_json, is_inside=True)


def leaf_text(leaf: Leaf, *, is_json: bool = False, is_inside: bool = False) -> str:
    """Return a scalar as the loader reads it back."""
    if leaf.is_typed:
        return leaf.text or "null"
    if is_json:
        text = json.dumps(leaf.text, ensure_ascii=False)
        return json.dumps(leaf.text) if hidden_character(text) else text
    told = scalar(leaf.text)
    if is_inside and not told.startswith('"') and any(mark in told for mark in ",:"):
        return f'"{told}"'
    return told


def block_lines(value: Raw, indent: int) -> Iterator[str]:
    """Yield the lines of a mapping or a list below its key, ``indent`` spaces from the left."""
    before = " " * indent
    if isinstance(value, dict) and value:
        for key, below in value.items():
            yield from _entry(f"{before}{key_text(key)}:", below, indent)
    elif isinstance(value, list) and value:
        for item in value:
            yield from item_lines(item, indent)
    else:
        yield f"{before}{flow_text(value)}"


def _entry(start: str, value: Raw, indent: int) -> Iterator[str]:
    if isinstance(value, Leaf) or not value:
        yield start if value == Leaf("", is_typed=True) else f"{start} {flow_text(value)}"
    else:
        yield start
        yield from block_lines(value, indent + 2)


def entry_lines(key: str, value: Raw, indent: int) -> Iterator[str]:
    """Yield the lines of one entry of a mapping."""
    yield from _entry(f"{' ' * indent}{key_text(key)}:", value, indent)


def item_lines(item: Raw, indent: int) -> Iterator[str]:
    """Yield the lines of one item of a list."""
    if isinstance(item, dict) and item:
        first, *rest = block_lines(item, indent + 2)
        yield f"{' ' * indent}- {first.lstrip(' ')}"
        yield from rest
    else:
        yield f"{' ' * indent}- {flow_text(item)}"
