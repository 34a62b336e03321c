"""Why things change, where a manifest, the owner or time decides it."""

from __future__ import annotations

from datetime import datetime, timedelta

from iamctl.comparison.scope import ended_users
from iamctl.comparison.scoped import Scoped
from iamctl.kinds import AccessKey, ApiKey, LoginProfile, Membership, NewAccessKey, SigninSession, User
from iamctl.kinds.access_key import deeds_for, keys_by_user
from iamctl.model import Address, Reason, Why
from iamctl.model.settings import Desired
from iamctl.text.moment import start_of, written

BEGAN_LATELY = timedelta(days=14)
"""A membership that is missing this long after its ``from`` was removed by a person, or no schedule runs."""


def reasons(desired: Desired, scoped: Scoped, now: datetime) -> dict[Address, Why]:
    """Return the reasons that the two sides of a change do not show, by address."""
    found: dict[Address, Why] = {}
    kept = scoped.desired.resources
    for address, resource in scoped.live.resources.items():
        if address in kept:
            continue
        gone = next((reference for reference in resource.references if reference in scoped.going), None)
        if gone is not None:
            found[address] = Why(Reason.DELETED_WITH, gone)
        elif resource.kind == "membership" and (user := Address.of("user", address.name)) not in scoped.desired:
            found[address] = Why(Reason.USER_UNDECLARED, user)
    for address, origin in desired.removed.items():
        found[address] = Why(Reason.REMOVED, origin=origin)
    for resource in desired.ended:
        if isinstance(resource, Membership) and resource.address in scoped.live:
            date, note = resource.until or "", resource.why or ""
            found[resource.address] = Why(Reason.EXPIRED, date=date, origin=resource.origin, note=note)
    found |= _of_keys(desired, scoped, now)
    found |= _of_ended_users(desired, scoped)
    found |= _of_beginnings(desired, scoped, now)
    found |= _of_exceptions(desired, scoped, now)
    return found


def _of_keys(desired: Desired, scoped: Scoped, now: datetime) -> dict[Address, Why]:
    """Return why the keys of a rotation are deactivated, deleted or noted."""
    patience = timedelta(days=desired.settings.access_keys.delete_after_days)
    found: dict[Address, Why] = {}
    for owner, keys in keys_by_user(scoped.whole).items():
        user = scoped.desired.get(owner)
        if not isinstance(user, User) or not (user.rotation or keys[0].begun):
            continue
        deeds = deeds_for(user, scoped.whole.get(owner), keys, now, patience)
        newer = Address.of(AccessKey.kind, user.name, deeds.replaced_by) if deeds.replaced_by else None
        for key, reason in {**deeds.noted, **deeds.deactivated, **deeds.deleted}.items():
            by = newer if reason is Reason.KEY_REPLACED else None
            found[Address.of(AccessKey.kind, user.name, key)] = Why(reason, by)
    return found | {new.address: new.why for new in scoped.desired.of_kind(NewAccessKey) if new.is_created}


def _of_ended_users(desired: Desired, scoped: Scoped) -> dict[Address, Why]:
    """Return why users who have ended are deleted, or lose their password and their active keys."""
    found: dict[Address, Why] = {}
    for address, user in ended_users(desired, scoped.whole).items():
        if address in scoped.going:
            found[address] = Why(Reason.USER_ENDED, address, date=user.until or "", origin=user.origin)
    locked = {user.address: user for user in scoped.desired.of_kind(User) if user.has_ended}
    for resource in scoped.live if locked else ():
        owner = locked.get(resource.owner) if resource.owner else None
        is_way_in = isinstance(resource, (LoginProfile, ApiKey, SigninSession)) or (
            isinstance(resource, AccessKey) and resource.is_active
        )
        if owner and is_way_in:
            found[resource.address] = Why(Reason.USER_ENDED, owner.address, date=owner.until or "", origin=owner.origin)
    return found


def _of_beginnings(desired: Desired, scoped: Scoped, now: datetime) -> dict[Address, Why]:
    """Return which memberships begin, and which live ones begin only later."""
    found: dict[Address, Why] = {}
    for membership in scoped.desired.of_kind(Membership):
        began = start_of(membership.begins) if membership.begins else None
        if began and membership.address not in scoped.whole and now - began <= BEGAN_LATELY:
            date, note = membership.begins or "", membership.why or ""
            found[membership.address] = Why(Reason.BEGUN, date=date, origin=membership.origin, note=note)
    for resource in desired.upcoming:
        if isinstance(resource, Membership) and resource.address in scoped.live:
            date, note = resource.begins or "", resource.why or ""
            found[resource.address] = Why(Reason.NOT_YET, date=date, origin=resource.origin, note=note)
    return found


def _of_exceptions(desired: Desired, scoped: Scoped, now: datetime) -> dict[Address, Why]:
    """Return which direct policies lose the exception that kept them."""
    found: dict[Address, Why] = {}
    for exception in desired.settings.exceptions:
        resource = scoped.live.get(exception.address)
        if exception.until is None or exception.holds(now) or resource is None or resource.owner in scoped.going:
            continue
        found[exception.address] = Why(Reason.EXCEPTION_ENDED, date=written(exception.until), origin=exception.origin)
    return found
