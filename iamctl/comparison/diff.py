"""The changes between two states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from iamctl.model import Address, Change, Reason, Resource, State, Why
from iamctl.policy import Document


def diff(live: State, desired: State, reasons: Mapping[Address, Why] | None = None) -> tuple[Change, ...]:
    """Return the changes that turn ``live`` into ``desired``, by address.

    Resources equal on both sides yield nothing, so ``diff(state, state) == ()`` for every state. ``reasons``
    are known beforehand and go before what the two sides show.
    """
    told = reasons or {}
    was, will = live.resources, desired.resources
    differing = {address for address, before in was.items() if before != will.get(address)} | (will.keys() - was.keys())
    found = []
    for address in sorted(differing):
        before, after = live.get(address), desired.get(address)
        fields = changed_fields(before, after) if before and after else ()
        found.append(Change(before, after, told.get(address) or why(before, after), fields))
    return tuple(found)


def cosmetic(live: State, desired: State) -> tuple[Address, ...]:
    """Return the addresses of documents that differ in Sid or Id alone, which no call writes."""
    found = []
    for address, resource in desired.resources.items():
        after = getattr(resource, "document", None)
        if isinstance(after, Document):
            before = getattr(live.get(address), "document", None)
            if isinstance(before, Document) and before.differs_in_sid_only(after):
                found.append(address)
    return tuple(sorted(found))


def changed_fields(before: Resource, after: Resource) -> tuple[str, ...]:
    """Return the fields that differ, such as ``path`` or ``tags.team``; a document counts as one field."""
    one, other = before.to_json(), after.to_json()
    documents = {name for name in one.keys() | other.keys() if name == "document"}
    changed = {name for name in documents if getattr(before, name) != getattr(after, name)}
    changed.update(_paths(_without(one, documents), _without(other, documents)))
    return tuple(sorted(changed))


def _without(fields: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def _paths(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    for name in one.keys() | other.keys():
        before, after = one.get(name), other.get(name)
        if before == after and (name in one) == (name in other):
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from (f"{name}.{path}" for path in _paths(before, after))
        elif isinstance(before, list) and isinstance(after, list):
            yield from (f"{name}.{path}" for path in _places(before, after))
        else:
            yield name


def _places(one: list[Any], other: list[Any]) -> Iterator[str]:
    """Yield where two lists differ. Few do, and DeepDiff takes longer to load than most plans take to be compared."""
    from deepdiff import DeepDiff

    for items in DeepDiff(one, other, view="tree").values():
        yield from (".".join(map(str, item.path(output_format="list"))) for item in items)


def why(before: Resource | None, after: Resource | None) -> Why:
    """Return why a live resource becomes the desired one, as far as the two sides show it."""
    if before is None:
        return Why(Reason.DECLARED)
    if cause := before.cause(after):
        return cause
    if after is None:
        return Why(Reason.UNDECLARED)
    if before.address != after.address:
        return Why(Reason.RENAMED, before.address)
    return Why(Reason.DIFFERS)
