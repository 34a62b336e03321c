"""A policy document as a value that is equal by meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cached_property
from typing import Any

from iamctl.policy.normalized import MeaninglessError, NormalizedPolicy, exact, normalize
from iamctl.policy.parse import DocumentError, Path, minified, parse
from iamctl.text.late_dataclass import dataclass
from iamctl.text.origin import Origin


@dataclass(frozen=True)
class KnownPlaces:
    """Where the values of a document stand, each by its path, for a process that does not have the file."""

    places: Mapping[Path, Origin]
    """A value is left out that has the place of what it is in."""

    def __call__(self, path: Path) -> Origin | None:
        """Return the place of the value at a path, or of the nearest one around it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path)


def _known_places(data: Any, place_of: Callable[[Path], Origin | None]) -> KnownPlaces:
    found: dict[Path, Origin] = {}
    waiting: list[tuple[Any, Path, Origin | None]] = [(data, (), None)]
    while waiting:
        value, path, around = waiting.pop()
        place = place_of(path)
        if place is not None and place != around:
            found[path] = place
        if isinstance(value, Mapping):
            waiting += [(below, (*path, key), place) for key, below in value.items()]
        elif isinstance(value, list | tuple):
            waiting += [(below, (*path, number), place) for number, below in enumerate(value)]
    return KnownPlaces(found)


@dataclass(frozen=True, eq=False)
class Document:
    """A policy document, equal to another when both decide every request the same way.

    ``data`` is the parsed document, never to be changed, or None where the text is not JSON; ``error`` then says why.
    Sid and Id are no part of equality. A malformed document equals only itself, text by text.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """

    data: Any
    source: str | None = None
    error: DocumentError | None = None
    place_of: Callable[[Path], Origin | None] | None = field(default=None, repr=False)
    """Where the value at a path stands in the file that declares the document; None for a live one."""

    @classmethod
    def from_text(cls, text: str) -> Document:
        """Return the document of a JSON text; a text that is not JSON is kept, with ``error``."""
        try:
            return cls(parse(text), text)
        except DocumentError as error:
            return cls(None, text, error)

    @classmethod
    def from_data(cls, data: Any) -> Document:
        """Return the document of decoded JSON, or of YAML in which every scalar is text."""
        return cls(data)

    @cached_property
    def text(self) -> str:
        """The document as AWS gets it: without white space around values, everything in the author's order."""
        if self.error is not None:
            return self.source or ""
        return minified(self.data)

    @property
    def size(self) -> int:
        """The characters that count against IAM's quotas, which leave white space out.

        Blanks inside a text are counted, so the true size is never larger.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
        """
        return len(self.text)

    @cached_property
    def normalized(self) -> NormalizedPolicy | None:
        """The meaning; None for a malformed document: not JSON, a repeated key, unknown elements, values of a wrong type."""
        if self.error is not None:
            return None
        try:
            return normalize(self.data)
        except MeaninglessError:
            return None

    def identical(self, other: Document) -> bool:
        """Return whether the documents are equal and so are Id and the Sid of every statement."""
        if self.normalized is None or other.normalized is None:
            return self == other
        return self.normalized == other.normalized

    def differs_in_sid_only(self, other: Document) -> bool:
        """Return whether the documents decide the same but carry other Sids or another Id."""
        if self.error is None and other.error is None and self.text == other.text:
            return False  # told without their meaning, which nobody else may ask for
        return self == other and not self.identical(other)

    @cached_property
    def _key(self) -> Any:
        if self.normalized is not None:
            return self.normalized.version, self.normalized.statements
        return ("not JSON", self.source) if self.error is not None else exact(self.data)

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: no file, and nothing that it can work out itself."""
        place_of = self.place_of and _known_places(self.data, self.place_of)
        return {"data": self.data, "source": self.source, "error": self.error, "place_of": place_of}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Document):
            return NotImplemented
        if self is other or (self.source is not None and self.source == other.source):
            return True
        if self.error is None and other.error is None and self.text == other.text:
            return True
        return bool(self._key == other._key)

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(self._key)
