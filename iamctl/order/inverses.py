"""What takes effects back, and what they add: the ways in which a world runs them other than forwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from iamctl.model.access_change import (
    AccessChange,
    AttachmentChange,
    BoundaryChange,
    DocumentChange,
    MembershipChange,
    PrincipalFactChange,
    ResourceFactChange,
)


def inverses(effects: Sequence[AccessChange]) -> tuple[AccessChange, ...]:
    """Return the effects that undo ``effects``, in the order in which they do."""
    return tuple(_inverse(change) for change in reversed(effects))


def _inverse(change: AccessChange) -> AccessChange:
    """Return the effect that undoes ``change``."""
    match change:
        case DocumentChange():
            return replace(change, before=change.after, after=change.before)
        case ResourceFactChange():
            return replace(change, before=change.after, after=change.before)
        case BoundaryChange():
            return replace(change, before=change.after, after=change.before)
        case PrincipalFactChange():
            return replace(change, count=-change.count)
        case _:
            return replace(change, after=not change.after)


def additions(effects: Iterable[AccessChange]) -> Iterator[AccessChange]:
    """Yield what the effects add: afterwards a world holds all that can be held at any moment, whatever ran.

    Documents are then the larger ones of both moments, and boundaries bound whom they bound at either.
    """
    for change in effects:
        match change:
            case MembershipChange() | AttachmentChange() if change.after:
                yield change
            case BoundaryChange(after=str()):
                yield replace(change, before=None)
            case DocumentChange():
                written = [document for document in (change.before, change.after) if document]
                yield replace(change, before=None, after=max(written, key=lambda document: document.size))
            case _:
                pass
