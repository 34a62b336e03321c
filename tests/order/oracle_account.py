"""A little account that runs IAM calls as IAM would and refuses what IAM refuses. Shares no code with iamctl."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

ACCOUNT_ID = "123456789012"
VERSIONS = 5
USER_INLINE = 2048


class RefusedError(Exception):
    """IAM would not take the call, or the call would do nothing."""


def arn_of(policy: str) -> str:
    return f"arn:aws:iam::{ACCOUNT_ID}:policy/{policy}"


def normal(document: Any) -> str:
    """One text for documents that differ in white space, order and repetition alone."""
    found = json.loads(document) if isinstance(document, str) else dict(document)
    statements = found["Statement"] if isinstance(found["Statement"], list) else [found["Statement"]]
    texts = sorted({json.dumps(statement, sort_keys=True) for statement in statements})
    return json.dumps({**found, "Statement": [json.loads(text) for text in texts]}, sort_keys=True)


@dataclass(frozen=True)
class Person:
    """A user or a role. ``uid`` stays when the name changes; ``login`` is None where nobody knows."""

    uid: str
    name: str
    path: str = "/"
    tags: frozenset[tuple[str, str]] = frozenset()
    boundary: str | None = None
    groups: frozenset[str] = frozenset()
    attached: frozenset[str] = frozenset()
    inline: frozenset[tuple[str, str]] = frozenset()
    login: bool | None = False
    keys: frozenset[tuple[str, bool]] = frozenset()
    devices: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Team:
    """A group; members name it by ``gid``."""

    gid: str
    name: str
    path: str = "/"
    attached: frozenset[str] = frozenset()
    inline: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Managed:
    """A managed policy; ``document`` is the one in force, ``last`` the number of the newest version."""

    name: str
    document: str
    versions: tuple[int, ...] = (1,)
    default: int = 1
    last: int = 1


@dataclass(frozen=True)
class Account:
    """What exists, by name or ARN. The policies of AWS are in ``aws``, and nothing changes them."""

    users: Mapping[str, Person] = field(default_factory=dict)
    groups: Mapping[str, Team] = field(default_factory=dict)
    policies: Mapping[str, Managed] = field(default_factory=dict)
    roles: Mapping[str, Person] = field(default_factory=dict)
    aws: Mapping[str, str] = field(default_factory=dict)
    groups_per_user: int = 10
    policies_per_group: int = 10

    def people(self) -> tuple[Person, ...]:
        return *self.users.values(), *self.roles.values()

    def document(self, arn: str) -> str:
        return self.policies[arn].document if arn in self.policies else self.aws[arn]

    def team(self, gid: str) -> Team:
        return next(team for team in self.groups.values() if team.gid == gid)

    def members(self, gid: str) -> list[Person]:
        return [user for user in self.users.values() if gid in user.groups]

    def holders(self, arn: str) -> list[Any]:
        """Whoever holds the policy or is bounded by it."""
        holders = [*self.people(), *self.groups.values()]
        return [one for one in holders if arn in one.attached or getattr(one, "boundary", None) == arn]

    def meaning(self) -> Any:
        """What two accounts share that look the same to a user: versions do not count."""
        policies = {arn: policy.document for arn, policy in self.policies.items()}
        return dict(self.users), dict(self.groups), policies, dict(self.roles)


def after_call(account: Account, operation: str, params: Mapping[str, Any]) -> Account:
    """Return the account once the call has run.

    Raises:
        RefusedError: IAM would not take it.
    """
    return _CALLS[operation](account, params)


def _need(condition: object, problem: str) -> None:
    if not condition:
        raise RefusedError(problem)


def _user(account: Account, params: Mapping[str, Any]) -> Person:
    _need(params["UserName"] in account.users, f"no user {params['UserName']}")
    return account.users[params["UserName"]]


def _group(account: Account, params: Mapping[str, Any]) -> Team:
    _need(params["GroupName"] in account.groups, f"no group {params['GroupName']}")
    return account.groups[params["GroupName"]]


def _policy(account: Account, params: Mapping[str, Any]) -> Managed:
    _need(params["PolicyArn"] in account.policies, f"no policy {params['PolicyArn']}")
    return account.policies[params["PolicyArn"]]


def _exists(account: Account, arn: str) -> None:
    _need(arn in account.policies or arn in account.aws, f"no policy {arn}")


def _with_user(account: Account, user: Person, **values: Any) -> Account:
    return replace(account, users={**account.users, user.name: replace(user, **values)})


def _with_group(account: Account, team: Team, **values: Any) -> Account:
    return replace(account, groups={**account.groups, team.name: replace(team, **values)})


def _with_policy(account: Account, arn: str, policy: Managed, **values: Any) -> Account:
    return replace(account, policies={**account.policies, arn: replace(policy, **values)})


def _without(items: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in items.items() if key != name}


def _tags(params: Mapping[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in params.get("Tags", ())}


def _create_user(account: Account, params: Mapping[str, Any]) -> Account:
    name, boundary = params["UserName"], params.get("PermissionsBoundary")
    _need(name not in account.users, f"user {name} exists")
    if boundary:
        _exists(account, boundary)
    tags = frozenset(_tags(params).items())
    user = Person(f"new-{name}", name, params.get("Path", "/"), tags, boundary)
    return _with_user(account, user)


def _update_user(account: Account, params: Mapping[str, Any]) -> Account:
    user = _user(account, params)
    name = params.get("NewUserName", user.name)
    _need(name == user.name or name not in account.users, f"user {name} exists")
    changed = replace(user, name=name, path=params.get("NewPath", user.path))
    _need(changed != user, "nothing changes")
    return replace(account, users={**_without(account.users, user.name), name: changed})


def _tag_user(account: Account, params: Mapping[str, Any]) -> Account:
    user = _user(account, params)
    return _with_user(account, user, tags=frozenset({**dict(user.tags), **_tags(params)}.items()))


def _untag_user(account: Account, params: Mapping[str, Any]) -> Account:
    user = _user(account, params)
    tags = frozenset(pair for pair in user.tags if pair[0] not in params["TagKeys"])
    return _with_user(account, user, tags=tags)


def _bound_user(account: Account, params: Mapping[str, Any]) -> Account:
    _exists(account, params["PermissionsBoundary"])
    return _with_user(account, _user(account, params), boundary=params["PermissionsBoundary"])


def _unbound_user(account: Account, params: Mapping[str, Any]) -> Account:
    user = _user(account, params)
    _need(user.boundary, "no boundary")
    return _with_user(account, user, boundary=None)


def _create_login(account: Account, params: Mapping[str, Any]) -> Account:
    user = _user(account, params)
    _need(user.login is False, "a password is there, or nobody knows")
    return _with_user(account, user, login=True)


def _delete_login(account: Account, params: Mapping[str, Any]) -> Account:
    user = _user(account, params)
    _need(user.login, "no password")
    return _with_user(account, user, login=False)


def _update_key(account: Account, params: Mapping[str, Any]) -> Account:
    user, key = _user(account, params), params["AccessKeyId"]
    _need((key, True) in user.keys, "no active key")
    return _with_user(account, user, keys=user.keys - {(key, True)} | {(key, False)})


def _delete_key(account: Account, params: Mapping[str, Any]) -> Account:
    user, key = _user(account, params), params["AccessKeyId"]
    _need((key, False) in user.keys, "no such key, or it is active")
    return _with_user(account, user, keys=user.keys - {(key, False)})


def _deactivate_device(account: Account, params: Mapping[str, Any]) -> Account:
    user = _user(account, params)
    _need(params["SerialNumber"] in user.devices, "no such device")
    return _with_user(account, user, devices=user.devices - {params["SerialNumber"]})


def _delete_device(account: Account, params: Mapping[str, Any]) -> Account:
    _need(all(params["SerialNumber"] not in user.devices for user in account.users.values()), "device is in use")
    return account


def _delete_user(account: Account, params: Mapping[str, Any]) -> Account:
    user = _user(account, params)
    held = user.groups or user.attached or user.inline or user.login or user.keys or user.devices
    _need(not held, f"user {user.name} still holds something")
    return replace(account, users=_without(account.users, user.name))


def _create_group(account: Account, params: Mapping[str, Any]) -> Account:
    name = params["GroupName"]
    _need(name not in account.groups, f"group {name} exists")
    return _with_group(account, Team(f"new-{name}", name, params.get("Path", "/")))


def _update_group(account: Account, params: Mapping[str, Any]) -> Account:
    team = _group(account, params)
    name = params.get("NewGroupName", team.name)
    _need(name == team.name or name not in account.groups, f"group {name} exists")
    changed = replace(team, name=name, path=params.get("NewPath", team.path))
    return replace(account, groups={**_without(account.groups, team.name), name: changed})


def _delete_group(account: Account, params: Mapping[str, Any]) -> Account:
    team = _group(account, params)
    _need(not (team.attached or team.inline or account.members(team.gid)), f"group {team.name} is in use")
    return replace(account, groups=_without(account.groups, team.name))


def _join(account: Account, params: Mapping[str, Any]) -> Account:
    user, team = _user(account, params), _group(account, params)
    _need(team.gid not in user.groups, "is a member")
    _need(len(user.groups) < account.groups_per_user, f"user {user.name} is in too many groups")
    return _with_user(account, user, groups=user.groups | {team.gid})


def _leave(account: Account, params: Mapping[str, Any]) -> Account:
    user, team = _user(account, params), _group(account, params)
    _need(team.gid in user.groups, "is no member")
    return _with_user(account, user, groups=user.groups - {team.gid})


def _attach(account: Account, params: Mapping[str, Any]) -> Account:
    team, arn = _group(account, params), params["PolicyArn"]
    _exists(account, arn)
    _need(arn not in team.attached, "is attached")
    _need(len(team.attached) < account.policies_per_group, f"group {team.name} holds too many policies")
    return _with_group(account, team, attached=team.attached | {arn})


def _detach(account: Account, params: Mapping[str, Any]) -> Account:
    team, arn = _group(account, params), params["PolicyArn"]
    _need(arn in team.attached, "is not attached")
    return _with_group(account, team, attached=team.attached - {arn})


def _put_inline(account: Account, params: Mapping[str, Any]) -> Account:
    team, name = _group(account, params), params["PolicyName"]
    inline = {**dict(team.inline), name: normal(params["PolicyDocument"])}
    return _with_group(account, team, inline=frozenset(inline.items()))


def _delete_inline(account: Account, params: Mapping[str, Any]) -> Account:
    team, name = _group(account, params), params["PolicyName"]
    _need(name in dict(team.inline), "no such inline policy")
    return _with_group(account, team, inline=frozenset(pair for pair in team.inline if pair[0] != name))


def _detach_user(account: Account, params: Mapping[str, Any]) -> Account:
    user, arn = _user(account, params), params["PolicyArn"]
    _need(arn in user.attached, "is not attached")
    return _with_user(account, user, attached=user.attached - {arn})


def _put_user_inline(account: Account, params: Mapping[str, Any]) -> Account:
    """Refuses an Allow: iamctl gives users no policies of their own, but for temporary ones that deny."""
    user, name = _user(account, params), params["PolicyName"]
    document = normal(params["PolicyDocument"])
    _need(all(one["Effect"] == "Deny" for one in json.loads(document)["Statement"]), "a policy on a user allows")
    inline = {**dict(user.inline), name: document}
    _need(sum(map(len, inline.values())) <= 2 * USER_INLINE, "the inline policies of a user are too long")
    return _with_user(account, user, inline=frozenset(inline.items()))


def _delete_user_inline(account: Account, params: Mapping[str, Any]) -> Account:
    user, name = _user(account, params), params["PolicyName"]
    _need(name in dict(user.inline), "no such inline policy")
    return _with_user(account, user, inline=frozenset(pair for pair in user.inline if pair[0] != name))


def _create_policy(account: Account, params: Mapping[str, Any]) -> Account:
    name = params["PolicyName"]
    _need(arn_of(name) not in account.policies, f"policy {name} exists")
    return _with_policy(account, arn_of(name), Managed(name, normal(params["PolicyDocument"])))


def _create_version(account: Account, params: Mapping[str, Any]) -> Account:
    policy = _policy(account, params)
    _need(params["SetAsDefault"], "the version takes no effect")
    _need(len(policy.versions) < VERSIONS, f"policy {policy.name} has too many versions")
    number = policy.last + 1
    values = {"versions": (*policy.versions, number), "default": number, "last": number}
    return _with_policy(account, params["PolicyArn"], policy, document=normal(params["PolicyDocument"]), **values)


def _delete_version(account: Account, params: Mapping[str, Any]) -> Account:
    policy, number = _policy(account, params), int(params["VersionId"][1:])
    _need(number in policy.versions and number != policy.default, "no such version, or it is in force")
    kept = tuple(version for version in policy.versions if version != number)
    return _with_policy(account, params["PolicyArn"], policy, versions=kept)


def _delete_policy(account: Account, params: Mapping[str, Any]) -> Account:
    policy, arn = _policy(account, params), params["PolicyArn"]
    _need(not account.holders(arn), f"policy {policy.name} is in use")
    _need(policy.versions == (policy.default,), f"policy {policy.name} has other versions")
    return replace(account, policies=_without(account.policies, arn))


_CALLS: Mapping[str, Callable[[Account, Mapping[str, Any]], Account]] = {
    "CreateUser": _create_user,
    "UpdateUser": _update_user,
    "TagUser": _tag_user,
    "UntagUser": _untag_user,
    "PutUserPermissionsBoundary": _bound_user,
    "DeleteUserPermissionsBoundary": _unbound_user,
    "CreateLoginProfile": _create_login,
    "DeleteLoginProfile": _delete_login,
    "UpdateAccessKey": _update_key,
    "DeleteAccessKey": _delete_key,
    "DeactivateMFADevice": _deactivate_device,
    "DeleteVirtualMFADevice": _delete_device,
    "DeleteUser": _delete_user,
    "CreateGroup": _create_group,
    "UpdateGroup": _update_group,
    "DeleteGroup": _delete_group,
    "AddUserToGroup": _join,
    "RemoveUserFromGroup": _leave,
    "AttachGroupPolicy": _attach,
    "DetachGroupPolicy": _detach,
    "PutGroupPolicy": _put_inline,
    "DeleteGroupPolicy": _delete_inline,
    "DetachUserPolicy": _detach_user,
    "PutUserPolicy": _put_user_inline,
    "DeleteUserPolicy": _delete_user_inline,
    "CreatePolicy": _create_policy,
    "CreatePolicyVersion": _create_version,
    "DeletePolicyVersion": _delete_version,
    "DeletePolicy": _delete_policy,
}
