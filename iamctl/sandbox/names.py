"""Names that must be unique; IAM does not tell names apart by case."""

from __future__ import annotations

from collections.abc import Iterable

from moto.iam.exceptions import EntityAlreadyExists


def refuse_taken(word: str, name: str, taken: Iterable[str]) -> None:
    """Raise when ``name`` is one of ``taken``, in whatever case.

    Raises:
        EntityAlreadyExists: it is.
    """
    if name.lower() in map(str.lower, taken):
        raise EntityAlreadyExists(f"{word} with name {name} already exists.")
