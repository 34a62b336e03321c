"""The content of a YAML file before a schema types it: text, mappings and lists, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from iamctl.model import Origin
from iamctl.text.late_dataclass import dataclass


@dataclass(slots=True)
class ScalarNode:
    """A text; ``plain`` if it is neither quoted nor a block. Line and column count from 1."""

    text: str
    plain: bool
    line: int
    column: int

    @property
    def is_nothing(self) -> bool:
        """Whether the value is empty, as after ``carol:``."""
        return self.plain and not self.text


@dataclass(slots=True)
class SequenceNode:
    """A list."""

    line: int
    column: int
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class MappingNode:
    """Keys and values in the order of the file; the first of duplicate keys."""

    line: int
    column: int
    pairs: dict[str, tuple[ScalarNode, Node]] = field(default_factory=dict)

    def get(self, key: str) -> Node | None:
        """Return the value of a key, or None."""
        pair = self.pairs.get(key)
        return pair[1] if pair else None


Node = ScalarNode | SequenceNode | MappingNode
Path = tuple[str | int, ...]


def place_of(node: Node, path: str) -> Origin:
    """Return file, line and column of a node; ``path`` is that of the file."""
    return Origin(path, node.line, node.column)


class Places(Mapping[Path, Origin]):
    """The place of every part of an entry, computed only on demand.

    The place of a text is its own, that of a list or mapping is its key's; ``()`` is the key of the entry.
    """

    __slots__ = ("_key", "_node", "_path")

    def __init__(self, path: str, key: ScalarNode, node: Node) -> None:
        self._path = path
        self._key = key
        self._node = node

    def __getitem__(self, path: Path) -> Origin:
        node, place = self._node, self._key
        for step in path:
            below = _below(node, step)
            if below is None:
                raise KeyError(path)
            place, node = below
        if path and isinstance(node, ScalarNode) and not node.is_nothing:
            place = node
        return place_of(place, self._path)

    def get(self, path: Path, default: Any = None) -> Any:
        """Return the place of the part at ``path``, or ``default``."""
        if not path:
            return Origin(self._path, self._key.line, self._key.column)
        if len(path) == 1 and self._node.__class__ is SequenceNode:
            item = _item(self._node, path[0])
            return default if item is None else Origin(self._path, item.line, item.column)
        try:
            return self[path]
        except KeyError:
            return default

    def __contains__(self, path: object) -> bool:
        return isinstance(path, tuple) and self.get(path) is not None

    def key(self, path: Path) -> Origin:
        """Return the place of the key at ``path``, or of the nearest enclosing key."""
        node, place = self._node, self._key
        for step in path:
            below = _below(node, step)
            if below is None:
                break
            place, node = below
        return place_of(place, self._path)

    def __iter__(self) -> Iterator[Path]:
        yield from _paths(self._node, ())

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _below(node: Node, step: str | int) -> tuple[ScalarNode, Node] | None:
    if isinstance(node, MappingNode) and isinstance(step, str):
        return node.pairs.get(step)
    item = _item(node, step)
    return None if item is None else (ScalarNode("", True, item.line, item.column), item)


def _item(node: Node, step: str | int) -> Node | None:
    if isinstance(node, SequenceNode) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None


def _paths(node: Node, path: Path) -> Iterator[Path]:
    yield path
    if isinstance(node, MappingNode):
        for name, (_, below) in node.pairs.items():
            yield from _paths(below, (*path, name))
    elif isinstance(node, SequenceNode):
        for index, below in enumerate(node.items):
            yield from _paths(below, (*path, index))
