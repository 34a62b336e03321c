"""The population of an access review: every user, and every membership, with what a reviewer needs to decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime

from iamctl.access.administrators import Administrators
from iamctl.access.services import UsableServices
from iamctl.account.live import Live
from iamctl.kinds import Membership, User
from iamctl.kinds.credentials import HeldKey
from iamctl.model import Account, Address, State
from iamctl.model.settings import Settings
from iamctl.text.late_dataclass import dataclass

_OWNER_TAGS = ("owner", "email")


@dataclass(frozen=True)
class UserRow:
    """A user with their ways in and the groups that they are in."""

    user: User
    owner: str
    groups: tuple[str, ...]
    is_administrator: bool
    ways_up: int
    """The ways to become an administrator that are known."""
    services: UsableServices
    declared: User | None
    """What the manifests say; None for an undeclared user."""

    @property
    def address(self) -> Address:
        """The address of the user."""
        return self.user.address

    @property
    def keys(self) -> tuple[HeldKey, ...] | None:
        """The active access keys; None where they are not known."""
        held = self.user.credentials.access_keys
        return None if held is None else tuple(key for key in held if key.is_active)


@dataclass(frozen=True)
class MembershipRow:
    """A live membership with its terms in the manifests."""

    membership: Membership
    owner: str
    services: UsableServices
    """What the policies of the group alone allow."""
    declared: Membership | None

    @property
    def address(self) -> Address:
        """The address of the membership."""
        return self.membership.address


@dataclass(frozen=True)
class Population:
    """All that is to be reviewed in one account, and what tells how it was found."""

    account: Account
    at: datetime
    users: tuple[UserRow, ...]
    memberships: tuple[MembershipRow, ...]
    taken_at: datetime | None = None
    credentials_as_of: datetime | None = None
    caller: str = ""
    about: Mapping[str, str] = field(default_factory=dict)
    """Further facts, such as the commit of the manifests."""


def population(
    account: Account,
    live: Live,
    settings: Settings,
    declared: State,
    *,
    now: datetime,
    administrators: Administrators,
    ways: Mapping[Address, int],
    services: Callable[[Address], UsableServices],
    taken_at: datetime | None,
) -> Population:
    """Return every live user and membership; what is declared beside it has its terms."""
    privileged = {*administrators.users, *administrators.idle}
    found = sorted(live.state.of_kind(User), key=lambda user: user.address)
    owners = {user.address: _owner(user, settings) for user in found}
    memberships = sorted(live.state.of_kind(Membership), key=lambda one: one.address)
    groups: defaultdict[Address, list[str]] = defaultdict(list)
    for one in memberships:
        groups[Address.of("user", one.user)].append(one.group)
    users = (
        UserRow(
            user,
            owners[user.address],
            tuple(groups[user.address]),
            is_administrator=user.address in privileged,
            ways_up=ways.get(user.address, 0),
            services=services(user.address),
            declared=_declared_user(declared, user.address),
        )
        for user in found
    )
    rows = (
        MembershipRow(
            one,
            owners.get(Address.of("user", one.user), ""),
            services(Address.of("group", one.group)),
            _declared_membership(declared, one.address),
        )
        for one in memberships
    )
    return Population(account, now, tuple(users), tuple(rows), taken_at, live.credentials_as_of, live.caller_arn or "")


def _owner(user: User, settings: Settings) -> str:
    tags = {key.lower(): value for key, value in user.tags.items()}
    wanted = (key.lower() for key in (*settings.audit.owner_tags, *_OWNER_TAGS))
    return next((tags[key] for key in wanted if tags.get(key)), "")


def _declared_user(declared: State, address: Address) -> User | None:
    found = declared.get(address)
    return found if isinstance(found, User) else None


def _declared_membership(declared: State, address: Address) -> Membership | None:
    found = declared.get(address)
    return found if isinstance(found, Membership) else None
