"""Which facts of a snapshot go into the restore file: those named here and no others, so that no secret does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Shape = Mapping[str, Any]
"""The names of the facts that are kept, each with those inside it, or None where it is kept as it is."""


def names(*keys: str) -> dict[str, None]:
    """Return the shape that keeps the facts with these names as they are."""
    return dict.fromkeys(keys)


ATTACHED = names("PolicyName", "PolicyArn")
INLINE = names("PolicyName", "PolicyDocument")
TAGS = names("Key", "Value")


def kept(facts: Any, shape: Shape | None) -> Any:
    """Return the facts that ``shape`` names; facts that are not known are left out."""
    if shape is None or facts is None:
        return facts
    if isinstance(facts, Mapping):
        return {name: kept(facts[name], inside) for name, inside in shape.items() if name in facts}
    return [kept(fact, shape) for fact in facts]


def named(details: Iterable[Mapping[str, Any]], key: str, wanted: frozenset[str]) -> Iterator[Mapping[str, Any]]:
    """Yield the details whose name under ``key`` is ``wanted``, which is in lower case, by name."""
    yield from sorted((detail for detail in details if detail[key].lower() in wanted), key=lambda one: str(one[key]))
