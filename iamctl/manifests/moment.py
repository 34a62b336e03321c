"""What the manifests declare at a moment: what has ended and what begins later is apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from iamctl.kinds import LoginProfile, Membership, User
from iamctl.model import Address, Resource
from iamctl.text.late_dataclass import dataclass
from iamctl.text.moment import end_of, start_of


@dataclass(frozen=True)
class Timed:
    """The declared resources, by what is wanted of them at a moment."""

    desired: tuple[Resource, ...]
    ended: tuple[Resource, ...]
    upcoming: tuple[Resource, ...]


def at_the_moment(resources: Iterable[Resource], now: datetime, delete_after_days: int) -> Timed:
    """Return which resources are wanted at the moment ``now``.

    A user whose ``until`` has passed loses password, keys and memberships, and ``delete_after_days`` later is not wanted.
    """
    found = tuple(resources)
    gone_users = {user.address: user for user in found if isinstance(user, User) and _is_past(user.until, now)}
    wait = timedelta(days=delete_after_days)
    desired: list[Resource] = []
    ended: list[Resource] = []
    upcoming: list[Resource] = []
    for resource in found:
        owner = _owner(resource, gone_users) if gone_users else None
        if owner and isinstance(resource, User):
            is_over = _is_past(resource.until, now, wait)
            without_keys = replace(resource, access_keys=0, api_keys=0, rotation=None, has_ended=True)
            (ended if is_over else desired).append(without_keys)
        elif owner and isinstance(resource, Membership):
            is_over = _is_past(resource.until, now)
            ended.append(resource if is_over else replace(resource, until=owner.until))
        elif (owner and isinstance(resource, LoginProfile)) or (
            isinstance(resource, Membership) and _is_past(resource.until, now)
        ):
            ended.append(resource)
        elif isinstance(resource, Membership) and resource.begins and now < start_of(resource.begins):
            upcoming.append(resource)
        else:
            desired.append(resource)
    return Timed(tuple(desired), tuple(ended), tuple(upcoming))


def _owner(resource: Resource, gone_users: Mapping[Address, User]) -> User | None:
    return next((gone_users[one] for one in _people(resource) if one in gone_users), None)


def _people(resource: Resource) -> Iterator[Address]:
    if isinstance(resource, User):
        yield resource.address
    elif isinstance(resource, (Membership, LoginProfile)):
        yield Address.of(User.kind, resource.user)


def _is_past(until: str | None, now: datetime, wait: timedelta = timedelta()) -> bool:
    return until is not None and end_of(until) < now - wait
