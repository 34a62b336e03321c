"""The files of a manifest tree while they are edited: what they shall say, and the texts that say it."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import field
from typing import Any

from iamctl.manifests.characters import decode
from iamctl.manifests.flow_text import flow_text
from iamctl.manifests.spans import Leaf, Raw, Span
from iamctl.manifests.splice import SpliceError, read_spans, splice
from iamctl.model import Origin
from iamctl.text.late_dataclass import dataclass

Path = tuple[str | int, ...]


class NotEditableError(Exception):
    """What is to be adopted has no place that may be edited; the message says why and what to do."""


@dataclass
class EditedFile:
    """One file: its text, what it says, and what it shall say."""

    text: str
    root: Span | None
    wanted: Any
    mark: str = ""
    """The byte order mark, if the file begins with one."""
    is_json: bool = False
    steps: list[str] = field(default_factory=list)
    """What is changed, in words for somebody who has to do it by hand."""

    @property
    def is_changed(self) -> bool:
        """Whether the file shall say something else."""
        return self.root is not None and _without_gone(self.wanted) != self.root.raw

    def edited(self) -> str:
        """Return the edited text.

        Raises:
            SpliceError: it cannot be edited so that only what differs changes.
        """
        wanted = _without_gone(self.wanted)
        if self.is_json and (indent := _json_indent(self.text)) is not None:
            return json.dumps(_json_data(wanted), indent=indent or None, ensure_ascii=False) + "\n"
        return self.mark + splice(self.text, wanted, is_json=self.is_json)

    def index_of(self, steps: Path, origin: Origin) -> int:
        """Return the index of the item that stands at a place of the text, in the list at ``steps``.

        Raises:
            NotEditableError: there is no such item.
        """
        span = self.root
        for step in steps:
            names = [key.raw.text for key in span.keys if isinstance(key.raw, Leaf)] if span else []
            span = span.values[names.index(step)] if span and step in names else None
        for index, value in enumerate(span.values if span else ()):
            begin = self.text.rfind("\n", 0, value.start) + 1
            line = self.text.count("\n", 0, value.start) + 1
            if (line, value.start - begin + 1) == (origin.line, origin.column):
                return index
        raise NotEditableError(f"nothing to delete was found at {origin}")


class EditedTree:
    """The manifests and documents that may be edited, by path."""

    def __init__(self, manifests: Mapping[str, bytes], shared: Iterable[str]) -> None:
        self._shared = frozenset(shared)
        self.files: dict[str, EditedFile] = {}
        self.new: dict[str, str] = {}
        """Texts of files that do not exist yet."""
        for path, data in manifests.items():
            self._add(path, data, is_json=False)

    def _add(self, path: str, data: bytes, *, is_json: bool) -> EditedFile:
        text = decode(path, data)[0] or ""
        root = read_spans(text, is_json=is_json)
        if root is None:
            raise NotEditableError(f"{path} cannot be edited; change it by hand")
        mark = "\ufeff" if data.startswith(b"\xef\xbb\xbf") else ""
        self.files[path] = EditedFile(text, root, deepcopy(root.raw), mark, is_json)
        return self.files[path]

    def document(self, path: str, data: bytes) -> EditedFile:
        """Return the file of a policy document."""
        self._check(path)
        return self.files.get(path) or self._add(path, data, is_json=not path.endswith((".yaml", ".yml")))

    def find(self, section: str, name: str) -> tuple[str, str] | None:
        """Return file and key of an entry, whose name is compared without regard to case.

        Of several, the first in a file that nothing else uses.
        """
        found = list(self.find_all(section, name))
        return next((pair for pair in found if pair[0] not in self._shared), found[0] if found else None)

    def find_all(self, section: str, name: str) -> Any:
        """Yield file and key of each entry of that name."""
        for path, file in self.files.items():
            entries = file.wanted.get(section) if isinstance(file.wanted, dict) else None
            for key in entries if isinstance(entries, dict) else ():
                if key.lower() == name.lower():
                    yield path, key

    def place_of(self, section: str) -> str:
        """Return the file into which a new entry of a section goes: the one with most of them.

        Raises:
            NotEditableError: no file has the section that belongs to this account alone.
        """
        counts = {
            path: len(entries)
            for path, file in self.files.items()
            if path not in self._shared
            and isinstance(file.wanted, dict)
            and isinstance(entries := file.wanted.get(section), dict)
        }
        if not counts:
            raise NotEditableError(f"no file of this account alone has the section {section!r}; add '{section}: {{}}'")
        return max(counts, key=lambda path: counts[path])

    def get(self, path: str, *steps: str | int) -> Raw | None:
        """Return what the file shall say at a place; None where nothing is."""
        value: Any = self.files[path].wanted
        for step in steps:
            if isinstance(value, dict) and isinstance(step, str):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        found: Raw | None = value
        return found

    def set(self, path: str, steps: Path, value: Raw) -> None:
        """Put a value at a place; mappings on the way are added."""
        self._check(path)
        container: Any = self.files[path].wanted
        for step in steps[:-1]:
            below = container.get(step)
            if not isinstance(below, dict):  # nothing, as after "alice:"
                below = container[step] = {}
            container = below
        container[steps[-1]] = value
        self.files[path].steps.append(f"{_words(steps)}: {flow_text(value)}")

    def set_root(self, path: str, value: Raw, words: str) -> None:
        """Put a value in place of all that a file says."""
        self._check(path)
        self.files[path].wanted = value
        self.files[path].steps.append(f"{words}: {flow_text(value)}")

    def append(self, path: str, steps: Path, value: Raw) -> None:
        """Add an item to the list at a place, which is added where there is none."""
        items = self.get(path, *steps)
        if not isinstance(items, list):
            self.set(path, steps, [value])
            return
        self._check(path)
        items.append(value)
        self.files[path].steps.append(f"add {flow_text(value)} to {_words(steps)}")

    def delete(self, path: str, *steps: str) -> None:
        """Delete the entry at a place, if there is one."""
        container: Any = self.get(path, *steps[:-1])
        if isinstance(container, dict) and steps[-1] in container:
            self._check(path)
            del container[steps[-1]]
            self.files[path].steps.append(f"delete {_words(steps)}")

    def delete_item(self, origin: Origin, steps: Path) -> None:
        """Delete the item that stands at a place of the files as they were read, from the list at ``steps``."""
        self._check(origin.path)
        items: Any = self.get(origin.path, *steps)
        index = self.files[origin.path].index_of(steps, origin)
        self.files[origin.path].steps.append(f"delete {flow_text(items[index])} from {_words(steps)}")
        items[index] = _GONE

    def create(self, path: str, text: str) -> None:
        """Add a file."""
        if path in self.new or path in self.files:
            raise NotEditableError(f"{path} exists already")
        self.new[path] = text

    def _check(self, path: str) -> None:
        if path in self._shared:
            raise NotEditableError(f"{path} is also used by another account or entry; edit it by hand")

    def texts(self) -> tuple[dict[str, bytes], dict[str, list[str]]]:
        """Return the bytes of the files that change, and for files that cannot be edited what is to be done by hand."""
        found, by_hand = {path: text.encode("utf-8") for path, text in self.new.items()}, {}
        for path, file in self.files.items():
            if file.is_changed:
                try:
                    found[path] = file.edited().encode("utf-8")
                except SpliceError:
                    by_hand[path] = file.steps
        return found, by_hand


_GONE = Leaf("", is_typed=True)
"""Stands for a deleted item, so that the items after it keep their index; told from an equal leaf by identity."""


def _without_gone(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_gone(below) for key, below in value.items()}
    return [_without_gone(item) for item in value if item is not _GONE] if isinstance(value, list) else value


def beside(path: str, file: str) -> str:
    """Return the path of a file that another one names."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), file))


def _words(steps: Path) -> str:
    return ".".join(map(str, steps))


def _json_indent(text: str) -> int | None:
    """Return the indentation of a JSON text that is written as ``json.dumps`` does it; None for all others."""
    data = json.loads(text)
    for indent in (2, 4, 0):
        if json.dumps(data, indent=indent or None, ensure_ascii=False) == text.rstrip("\n"):
            return indent
    return None


def _json_data(value: Raw) -> Any:
    if isinstance(value, Leaf):
        return json.loads(value.text) if value.is_typed else value.text
    if isinstance(value, dict):
        return {key: _json_data(below) for key, below in value.items()}
    return [_json_data(item) for item in value]
