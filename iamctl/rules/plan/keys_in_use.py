"""Which access keys a plan deactivates although somebody may still use them."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.kinds import AccessKey
from iamctl.kinds.rotation import RECENT
from iamctl.model import Address, Change, Reason
from iamctl.rules import Review

__all__ = ["RECENT", "is_replaced", "keys_in_use", "recently_used", "replacement"]


def recently_used(review: Review) -> Iterator[tuple[Change, AccessKey]]:
    """Yield the deactivations of keys that were used lately, but for those that the manifest lists or whose user goes."""
    for change in review.changes:
        key = change.before
        if not isinstance(key, AccessKey) or not key.takes(change.after) or is_replaced(change):
            continue
        if not key.is_active or key.last_use is None or review.now - key.last_use.at > RECENT:
            continue
        after = review.scoped.desired.get(key.address)
        if Address.of("user", key.user) in review.gone or (isinstance(after, AccessKey) and after.is_retired):
            continue
        yield change, key


def is_replaced(change: Change) -> bool:
    """Return whether a rotation takes a key that nobody needs: a newer one is in use, or nobody ever had its secret."""
    return change.why is not None and change.why.reason in {Reason.KEY_REPLACED, Reason.KEY_INTERRUPTED}


def keys_in_use(review: Review) -> Iterator[Change]:
    """Yield the deactivations that need permission: no newer key was used since, and no flag permits it."""
    if "access_keys" not in review.allowed_removals:
        yield from (change for change, key in recently_used(review) if replacement(key, review) is None)


def replacement(key: AccessKey, review: Review) -> AccessKey | None:
    """Return a newer key of the user that was used after the last use of ``key`` and stays active, or None."""
    for other in review.after.of_kind(AccessKey):
        is_of_user = Address.of("user", other.user) == Address.of("user", key.user)
        if not is_of_user or not other.is_active or not (key.created and other.created and other.last_used):
            continue
        if other.created > key.created and other.last_used > key.unused_since:
            return other
    return None
