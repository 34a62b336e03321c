"""Which differences of an account a merged change explains that no apply has carried out yet."""

from __future__ import annotations

from collections.abc import Iterable

from iamctl.kinds import AccessKey, ApiKey, MfaDevice, SigninSession, UserInlinePolicy, UserPolicy
from iamctl.model import Address, Change
from iamctl.model.settings import Desired

_OF_THEIR_USER = frozenset(
    {kind.kind for kind in (AccessKey, ApiKey, MfaDevice, SigninSession, UserInlinePolicy, UserPolicy)}
)
"""What manifests do not declare one by one: the user does, with a number, a date or nothing."""


def merged_only(changes: Iterable[Change], applied: Desired, differing: frozenset[Address]) -> tuple[Change, ...]:
    """Return the changes whose live side is just what the applied manifests declare.

    ``applied`` are the manifests that were applied last, ``differing`` the addresses at which the account differs from
    them. What is live and was not managed then is explained by nothing: whoever made it did so by hand.
    """
    return tuple(change for change in changes if _is_merged_only(change, applied, differing))


def addresses_of(changes: Iterable[Change]) -> frozenset[Address]:
    """Return the addresses before and after changes."""
    return frozenset(one.address for change in changes for one in (change.before, change.after) if one)


def _is_merged_only(change: Change, applied: Desired, differing: frozenset[Address]) -> bool:
    live = change.before
    if live is None:
        return change.address not in differing and change.address not in applied.state
    if live.address in differing:
        return False
    is_of_user = live.kind in _OF_THEIR_USER and live.owner is not None and live.owner in applied.state
    return live.address in applied.state or is_of_user
