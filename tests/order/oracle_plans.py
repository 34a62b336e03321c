"""Plans between two little accounts: what iamctl is told of them, and the order that it finds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from oracle_account import ACCOUNT_ID, Account, Managed, Person

from iamctl.account.live import Live, Role
from iamctl.comparison.diff import diff
from iamctl.kinds import (
    AccessKey,
    Group,
    GroupInlinePolicy,
    GroupPolicy,
    LoginProfile,
    Membership,
    MfaDevice,
    Policy,
    User,
    UserInlinePolicy,
    UserPolicy,
)
from iamctl.kinds.credentials import Credentials, HeldKey
from iamctl.kinds.policy import Version
from iamctl.model import Address, Call, Change, Resource, State
from iamctl.order import Ordered, order
from iamctl.order.holdings import holdings
from iamctl.policy import Document


@dataclass(frozen=True)
class World:
    """An account as it is and as it shall be. People who stay keep their ``uid``, also when renamed."""

    before: Account
    after: Account
    unread: frozenset[str] = frozenset()
    """Policies of AWS whose documents iamctl does not know."""


@dataclass(frozen=True)
class Planned:
    world: World
    changes: tuple[Change, ...]
    ordered: Ordered

    @property
    def calls(self) -> tuple[Call, ...]:
        return self.ordered.calls

    @property
    def is_refused(self) -> bool:
        return bool(self.ordered.impossible)


def planned(world: World, *, transition: bool = False) -> Planned:
    """Return the order that iamctl finds from the account as it is to what it shall be.

    With ``transition`` it may put temporary policies on users.
    """
    live = State(dict(_live_resources(world)))
    changes = diff(live, State.of(_resources(world.after, _names(world.after))))
    account = Live(
        ACCOUNT_ID,
        "aws",
        live,
        roles=tuple(_role(role) for role in world.before.roles.values()),
        aws_documents={arn: document(text) for arn, text in world.before.aws.items() if arn not in world.unread},
    )
    quotas = {
        "groups_per_user": world.before.groups_per_user,
        "policies_per_group": world.before.policies_per_group,
    }
    names = {f"user/{name.lower()}": name for name in _names(world.before).values() if name in world.before.users}
    names |= {f"user/{name.lower()}": name for name in world.after.users}
    users = names if transition else {}
    return Planned(world, changes, order(changes, replace(holdings(account, live), **quotas), users))


@lru_cache(maxsize=100_000)
def document(text: str) -> Document:
    return Document.from_data(json.loads(text))


def _names(account: Account) -> Mapping[str, str]:
    """Return the names by uid and gid."""
    return {
        **{user.uid: user.name for user in account.users.values()},
        **{team.gid: team.name for team in account.groups.values()},
    }


def _live_resources(world: World) -> Iterator[tuple[Address, Resource]]:
    """Yield the live resources under the addresses that they have once all is renamed, as scoping does."""
    names = {**_names(world.before), **_names(world.after)}
    for resource in _resources(world.before, names):
        identity = getattr(resource, "user_id", None) or getattr(resource, "group_id", None)
        yield (Address.of(resource.kind, names[identity]) if identity else resource.address), resource


def _resources(account: Account, names: Mapping[str, str]) -> Iterator[Resource]:
    for user in account.users.values():
        yield from _user_resources(user, names)
    for team in account.groups.values():
        name = names[team.gid]
        yield Group(name=team.name, path=team.path, group_id=team.gid)
        for arn in team.attached:
            yield GroupPolicy(group=name, policy_arn=arn)
        for inline, text in team.inline:
            yield GroupInlinePolicy(group=name, name=inline, document=document(text))
    for arn, policy in account.policies.items():
        versions = _versions(policy)
        yield Policy(name=policy.name, document=document(policy.document), arn=arn, versions=versions)


def _user_resources(user: Person, names: Mapping[str, str]) -> Iterator[Resource]:
    name = names[user.uid]
    credentials = Credentials(
        has_password=user.login,
        access_keys=tuple(HeldKey(is_active, name) for name, is_active in sorted(user.keys)),
        has_mfa=bool(user.devices),
        ssh_keys=(),
        certificates=(),
        service_credentials=(),
        mfa_devices=tuple(sorted(user.devices)),
    )
    yield User(
        name=user.name,
        path=user.path,
        tags=dict(user.tags),
        permissions_boundary=user.boundary,
        user_id=user.uid,
        credentials=credentials,
    )
    if user.login:
        yield LoginProfile(user=name)
    for key, is_active in user.keys:
        yield AccessKey(user=name, key_id=key, is_active=is_active)
    for serial in user.devices:
        yield MfaDevice(user=name, serial=serial)
    for gid in user.groups:
        yield Membership(group=names[gid], user=name)
    for arn in user.attached:
        yield UserPolicy(user=name, policy_arn=arn)
    for inline, text in user.inline:
        yield UserInlinePolicy(user=name, name=inline, document=document(text))


def _versions(policy: Managed) -> tuple[Version, ...]:
    return tuple(Version(f"v{number}", number == policy.default) for number in policy.versions)


def _role(role: Person) -> Role:
    inline = {name: document(text) for name, text in role.inline}
    return Role(role.name, tuple(sorted(role.attached)), inline, role.boundary)
