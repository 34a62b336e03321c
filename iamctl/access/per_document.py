"""Answers that depend on a document alone, worked out once for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from iamctl.policy import Document

Answer = TypeVar("Answer")


class PerDocument(Generic[Answer]):
    """A function of documents that remembers its answers.

    By identity, since equal documents may differ in their Sids, and comparing costs more than looking.
    """

    def __init__(self, work: Callable[[Document], Answer]) -> None:
        self._work = work
        self._known: dict[int, tuple[Document, Answer]] = {}

    def __call__(self, document: Document) -> Answer:
        """Return the answer for a document."""
        found = self._known.get(id(document))
        if found is None:  # the document is kept, so that no other one gets its id
            found = self._known[id(document)] = (document, self._work(document))
        return found[1]
