"""Which declared users exist already although no manifest declared them until now."""

from __future__ import annotations

from collections.abc import Iterable

from iamctl.comparison.scoped import Scoped
from iamctl.kinds import Membership, User
from iamctl.model import Address, Change, State
from iamctl.model.settings import Desired


def adopted_users(desired: Desired, scoped: Scoped, changes: Iterable[Change]) -> tuple[User, ...]:
    """Return the declared users who exist already and are new to the manifests, as declared and by address.

    With the manifests of ``--base``, these are the users that they did not declare. Without them, these are the users
    whom the plan touches and who belong to no declared group yet.
    """
    if desired.base is not None and desired.base.desired is not None:
        before = desired.base.desired.state
        users = (user for user in scoped.desired.of_kind(User) if user.address in scoped.whole)
        return tuple(user for user in users if not _is_declared(user, before))
    touched = touched_addresses(changes)
    found = (scoped.desired.get(address) for address in sorted(touched) if address in scoped.whole)
    named = {user.address: user for user in found if isinstance(user, User)}
    if not named:
        return ()
    at_home = {
        membership.subject
        for membership in scoped.whole.of_kind(Membership)
        if membership.subject in named and membership.owner in scoped.desired
    }
    return tuple(user for address, user in named.items() if address not in at_home)


def touched_addresses(changes: Iterable[Change]) -> frozenset[Address]:
    """Return the addresses of what changes, and of all that it refers to, such as the user of a membership."""
    return frozenset(reference for change in changes for reference in (change.address, *change.resource.references))


def _is_declared(user: User, before: State) -> bool:
    return user.address in before or (user.renamed_from is not None and Address.of("user", user.renamed_from) in before)
