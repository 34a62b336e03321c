"""What time alone brings about: now, and within the next days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from iamctl.comparison.scoped import Scoped
from iamctl.kinds import AccessKey, Membership, User
from iamctl.model import Address, Change, Reason
from iamctl.model.settings import Desired, Settings
from iamctl.model.upcoming import Event, Upcoming
from iamctl.model.why import APPLIED_WHEN_DUE
from iamctl.text.moment import end_of, start_of, written

FORECAST = timedelta(days=14)
"""How far ahead a plan lists what begins and ends."""


def due_changes(changes: Iterable[Change], in_base: Iterable[Change] | None = None) -> tuple[Change, ...]:
    """Return the changes that ``apply --due`` runs; given those of the base, only what is due there as well."""
    found = _due(changes)
    if in_base is None:
        return found
    before = {change.address: change for change in _due(in_base)}
    return tuple(
        change
        for change in found
        if (known := before.get(change.address)) and known.action == change.action and known.after == change.after
    )


def _due(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return what is due, and what is deleted with a user who is due to be deleted."""
    told = tuple(change for change in changes if change.why)
    own = {change.address for change in told if change.why and change.why.reason in APPLIED_WHEN_DUE}
    return tuple(
        change
        for change in told
        if change.address in own or (change.why and change.why.reason is Reason.DELETED_WITH and change.why.by in own)
    )


def upcoming(desired: Desired, scoped: Scoped, now: datetime) -> tuple[Upcoming, ...]:
    """Return what begins and ends within the next 14 days, by time and address."""
    found = (
        *_memberships(desired, scoped),
        *_users(scoped, desired.settings),
        *_keys(scoped, desired.settings),
        *(
            Upcoming(one.until, Event.ENDS, address, written(one.until), one.reason, one.origin)
            for address, one in scoped.excepted.items()
            if one.until
        ),
    )
    soon = (one for one in found if now < one.at <= now + FORECAST)
    return tuple(sorted(soon, key=lambda one: (one.at, one.address.rank)))


def _memberships(desired: Desired, scoped: Scoped) -> Iterator[Upcoming]:
    for one in scoped.desired.of_kind(Membership):
        if one.until:
            yield Upcoming(end_of(one.until), Event.ENDS, one.address, one.until, one.why or "", one.origin)
    for later in desired.upcoming:
        if isinstance(later, Membership) and later.begins:
            begins = start_of(later.begins)
            yield Upcoming(begins, Event.BEGINS, later.address, later.begins, later.why or "", later.origin)


def _users(scoped: Scoped, settings: Settings) -> Iterator[Upcoming]:
    for user in scoped.desired.of_kind(User):
        if not user.until:
            continue
        end = end_of(user.until)
        if not user.has_ended:
            yield Upcoming(end, Event.ENDS, user.address, user.until, origin=user.origin)
        elif user.address in scoped.whole:
            gone = end + timedelta(days=settings.leavers.delete_after_days)
            yield Upcoming(gone, Event.DELETED, user.address, _day_after(gone), origin=user.origin)


def _keys(scoped: Scoped, settings: Settings) -> Iterator[Upcoming]:
    patience = timedelta(days=settings.access_keys.delete_after_days)
    for key in scoped.desired.of_kind(AccessKey):
        owner = scoped.desired.get(Address.of("user", key.user))
        at = key.wait_ends(patience)
        if at:
            origin = owner.origin if owner else None
            yield Upcoming(at, Event.DELETED, key.address, _day_after(at - timedelta(microseconds=1)), origin=origin)


def _day_after(moment: datetime) -> str:
    """Return the first day that is whole after a moment; a run on it finds the thing due."""
    return f"{moment + timedelta(days=1):%Y-%m-%d}"
