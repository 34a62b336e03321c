"""Where the parts of a policy document stand in the file that declares it; values, so that a task can carry them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from iamctl.manifests.node import Path
from iamctl.model import Entry, Origin
from iamctl.policy import positions
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class SamePlace:
    """All parts stand at one place, such as the line that names a document of iamctl."""

    place: Origin | None

    def __call__(self, path: Path) -> Origin | None:
        """Return the place."""
        return self.place


@dataclass(frozen=True)
class InEntry:
    """The parts stand in an entry of a manifest, below ``path``."""

    entry: Entry
    path: Path

    def __call__(self, path: Path) -> Origin | None:
        """Return the place of the part at a path of the document."""
        return self.entry.origin(*self.path, *path)


@dataclass(frozen=True)
class InJson:
    """The parts stand in a JSON file."""

    file: str
    text: str

    @cached_property
    def _places(self) -> Mapping[Path, tuple[int, int]]:
        return positions(self.text)

    def __call__(self, path: Path) -> Origin:
        """Return the place of the part at a path of the document, or of what is around it."""
        while path not in self._places:
            path = path[:-1]
        return Origin(self.file, *self._places[path])


@dataclass(frozen=True)
class InYaml:
    """The parts stand in a YAML file that is the document; ``entry`` has the places of its nodes."""

    file: str
    entry: Entry

    def __call__(self, path: Path) -> Origin:
        """Return the place of the part at a path of the document."""
        return self.entry.origin(*path) or Origin(self.file, 1, 1)
