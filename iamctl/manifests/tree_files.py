"""The files of a manifest tree, each opened when something asks for it, and at most once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from weakref import WeakValueDictionary

from iamctl.kinds import sections
from iamctl.manifests.bounds import Budget, TooMuchError
from iamctl.manifests.characters import error
from iamctl.manifests.events import Loaded, load_yaml
from iamctl.manifests.folder import APPROVALS_FILE, SETTINGS_FILE, FileError, read_file
from iamctl.manifests.manifest import Manifest
from iamctl.manifests.schema import APPROVE, ASSERTIONS, REMOVED
from iamctl.manifests.secret import find_secrets
from iamctl.model import ManifestError
from iamctl.text.late_dataclass import dataclass


@dataclass
class TreeFiles:
    """The YAML files of a tree by path."""

    root: Path
    replaced: Mapping[str, bytes]
    """Manifests as they would be after an edit, by path."""
    budget: Budget
    """What may still be read."""
    _read: dict[str, Manifest] = field(default_factory=dict)
    _released: dict[str, bytes] = field(default_factory=dict)
    _too_much: ManifestError | None = None

    def manifest(self, path: str) -> Manifest:
        """Return a file of the tree.

        Raises:
            ManifestError: with this file, or with one before it, the tree is too large.
        """
        found = self._read.get(path)
        if found is None:
            data = self._released.pop(path, None)
            found = self._read[path] = self._opened(path) if data is None else _parsed(path, data)
        return found

    def release(self, path: str) -> None:
        """Keep only the bytes of a file that was read; it is parsed again, and not read again, if something asks for it."""
        found = self._read.get(path)
        if found and found.loaded.root:
            del self._read[path]
            self._released[path] = found.data

    def _opened(self, path: str) -> Manifest:
        if self._too_much:
            raise self._too_much
        try:
            is_edited = path in self.replaced and path not in {SETTINGS_FILE, APPROVALS_FILE}
            data = self.replaced[path] if is_edited else read_file(self.root, path)
        except FileError as problem:
            return Manifest(path, b"", Loaded(None, (error(str(problem), path),)))
        manifest = _parsed(path, data)
        try:
            self.budget.spend(len(data), manifest.loaded.nodes)
        except TooMuchError as problem:
            self._too_much = ManifestError([error(str(problem), path)])
            raise self._too_much from problem
        return manifest


_in_memory: WeakValueDictionary[tuple[str, bytes, str], Manifest] = WeakValueDictionary()
"""What trees hold at the moment: nearly all files of ``--base`` have the same bytes, and are parsed once for both."""


def _parsed(path: str, data: bytes) -> Manifest:
    wanted = _wanted(path)
    found = _in_memory.get((path, data, wanted))
    if found is None:
        loaded = load_yaml(path, data, wanted=wanted)
        found = _in_memory[path, data, wanted] = Manifest(path, data, loaded, find_secrets(path, data, loaded.root))
    return found


def _wanted(path: str) -> str:
    """Return what belongs at the top level of a file."""
    if path == SETTINGS_FILE:
        return "version and accounts"
    return APPROVE if path == APPROVALS_FILE else f"{', '.join((*sections(), REMOVED))} or {ASSERTIONS}"
