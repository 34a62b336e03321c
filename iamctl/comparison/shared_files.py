"""Which differences only an edit by hand can adopt, because their manifest is also the manifest of another account."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from iamctl.kinds import Membership
from iamctl.model import Address, Change, Origin, State


def shared_places(changes: Iterable[Change], declared: State, shared: Collection[str]) -> Mapping[Address, str]:
    """Return the file to edit by hand, by address, of each change whose place is in one of the ``shared`` files.

    A membership has a place in each file that lists members of its group; one that is not shared is enough.
    """
    members = _files_of_members(declared) if shared else {}
    return {change.address: path for change in changes if (path := _place(change, declared, shared, members))}


def _place(
    change: Change, declared: State, shared: Collection[str], members: Mapping[Address, list[str]]
) -> str | None:
    one = change.resource
    if change.after is None and isinstance(one, Membership) and one.owner and (paths := members.get(one.owner)):
        return paths[0] if all(path in shared for path in paths) else None
    return next((place.path for place in _origins(change, declared) if place and place.path in shared), None)


def _origins(change: Change, declared: State) -> Iterator[Origin | None]:
    """Yield the places that an edit would change: of the document, of the entry, and for what is new of its owner."""
    after = change.after
    if after is None:
        owner = change.resource.owner
        after = declared.get(owner) if owner else None
    elif change.before is not None and "document" in change.fields:
        place_of = after.document.place_of if hasattr(after, "document") else None
        yield place_of(()) if place_of else None
    yield after.origin if after else None


def _files_of_members(declared: State) -> Mapping[Address, list[str]]:
    found: dict[Address, set[str]] = {}
    for one in declared.of_kind(Membership):
        if one.origin and one.owner:
            found.setdefault(one.owner, set()).add(one.origin.path)
    return {group: sorted(paths) for group, paths in found.items()}
