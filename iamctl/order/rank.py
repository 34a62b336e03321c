"""When a call is best tried; hints only, a mistake in them cannot let anybody gain access."""

from __future__ import annotations

from collections.abc import Callable

from iamctl.access.statement_sets import Grants
from iamctl.model import Phase
from iamctl.model.access_change import (
    AccessChange,
    AttachmentChange,
    BoundaryChange,
    DeviceChange,
    DocumentChange,
    ExistenceChange,
    KeyChange,
    LoginChange,
    MembershipChange,
    PrincipalFactChange,
    ResourceFactChange,
)
from iamctl.order.graph import Node
from iamctl.order.world import policy_key
from iamctl.text.late_dataclass import dataclass

CREATE = (0, 0)
NO_LOGIN = (10, 10)
NO_KEY = (11, 11)
REPLACE = (13, 13)
RESTRAIN = (12, 12)
REVOKE = (60, 12)
GRANT = (30, 50)
GRANT_BOTH = (25, 40)
SWAP = (35, 38)
REVOKE_BOTH = (65, 45)
RELEASE = (70, 70)
LOGIN = (80, 80)
TIDY = (90, 90)
DELETE = (95, 95)
"""Lower comes first. The first number makes before it breaks, so that nobody who keeps access loses it on the way; the
second narrows before it widens, which finds an order more often."""

_BY_PHASE = {
    Phase.CREATE: CREATE,
    Phase.LOCK: NO_KEY,
    Phase.REVOKE: REVOKE,
    Phase.CHANGE: SWAP,
    Phase.GRANT: GRANT,
    Phase.TIDY: TIDY,
    Phase.DELETE: DELETE,
}


@dataclass(frozen=True)
class Content:
    """What the documents and groups of a plan hold on either side, to tell what a call adds and takes."""

    document: Callable[[str], Grants]
    """The statements of a policy, before and after together."""
    holder: Callable[[str], Grants]
    """The statements of a group's policies, before and after together."""
    written: Callable[[DocumentChange], tuple[Grants, Grants]]
    """The statements of a document before and after."""
    is_unseen: Callable[[AccessChange], bool]
    """Whether no statement looks at what changes."""


def ranks(node: Node, content: Content) -> tuple[int, int]:
    """Return the ranks of a node: for making before breaking, and for narrowing first."""
    phase, effects = node.step.phase, node.effects
    if len(effects) == 1 and isinstance(effects[0], MembershipChange | AttachmentChange):  # most calls are one of these
        return DELETE if phase is Phase.DELETE else _rank(effects[0], content)
    if all(map(content.is_unseen, effects)):
        return _BY_PHASE[phase]
    found = [_rank(change, content) for change in effects]
    if phase is Phase.DELETE:
        return DELETE
    return found[0] if len(found) == 1 else max(found, key=lambda rank: rank[1] if rank != CREATE else -1)


def _rank(change: AccessChange, content: Content) -> tuple[int, int]:
    match change:
        case MembershipChange(group_key=group, after=after):
            return _held(content.holder(group), after=after)
        case AttachmentChange(policy=policy, after=after):
            return _held(content.document(policy_key(policy)), after=after)
        case DocumentChange():
            return _written(change, content)
        case ExistenceChange(after=after):
            return CREATE if after else DELETE
        case LoginChange(after=after, again=again):
            if again:
                return REPLACE  # the old password is not to open what comes next
            return LOGIN if after else NO_LOGIN
        case KeyChange(after=after):
            return LOGIN if after else NO_KEY
        case DeviceChange():
            return DELETE
        case BoundaryChange(before=before, after=after_policy):
            if before is None:
                return RESTRAIN
            return SWAP if after_policy else RELEASE
        case PrincipalFactChange() | ResourceFactChange():
            return SWAP


def _held(grants: Grants, *, after: bool) -> tuple[int, int]:
    if after:
        if grants.deny:
            return GRANT_BOTH if grants.allow else RESTRAIN
        return GRANT
    if grants.deny:
        return REVOKE_BOTH if grants.allow else RELEASE
    return REVOKE


def _written(change: DocumentChange, content: Content) -> tuple[int, int]:
    if change.before is None or change.after is None:
        return CREATE
    before, after = content.written(change)
    widens = bool(after.allow & ~before.allow or before.deny & ~after.deny)
    narrows = bool(before.allow & ~after.allow or after.deny & ~before.deny)
    if widens and narrows:
        return SWAP
    if narrows:
        return RESTRAIN if before.allow == after.allow else REVOKE
    return GRANT if before.deny == after.deny else RELEASE
