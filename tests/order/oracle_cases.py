"""Worlds from the words of a case table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oracle_account import Account, Managed, Person, Team, arn_of, normal
from oracle_plans import World
from oracle_worlds import GUARD

from iamctl.model import Call


def world_of(case: Mapping[str, Any]) -> World:
    """Return the world of a case: ``both`` with what ``before`` and ``after`` add."""
    both = case["both"]
    return World(*(_account(_merged(both, case.get(side, {}))) for side in ("before", "after")))


def written(call: Call) -> str:
    """Return a call as a case writes it: its operation and the names that it names."""
    names = ("GroupName", "UserName", "PolicyArn", "PolicyName")
    return " ".join((call.operation, *(call.params[name].rsplit("/", 1)[-1] for name in names if name in call.params)))


def _merged(one: Any, other: Any) -> Any:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return other
    return {**one, **{key: _merged(one[key], value) if key in one else value for key, value in other.items()}}


def _account(told: Mapping[str, Any]) -> Account:
    policies = {
        arn_of(name): Managed(name, _document(statements)) for name, statements in told.get("policies", {}).items()
    }
    groups = {
        name: Team(f"gid-{name}", name, "/", _arns(group), _inline(group)) for name, group in told["groups"].items()
    }
    users = {}
    for name, user in told["users"].items():
        joined = frozenset(
            f"gid-{group}" for group, value in told["groups"].items() if name in value.get("members", ())
        )
        users[name] = Person(
            f"uid-{name}",
            name,
            groups=joined,
            attached=_arns(user),
            inline=_inline(user),
            boundary=arn_of(user["boundary"]) if "boundary" in user else None,
            login=user.get("password", False),
            keys=frozenset({(user["key"], True)}) if "key" in user else frozenset(),
            devices=frozenset({f"arn:aws:iam::123456789012:mfa/{user['device']}"}) if "device" in user else frozenset(),
        )
    quota = told.get("quota", 10)
    return Account(users, groups, policies, groups_per_user=quota, policies_per_group=quota)


def _arns(holder: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(map(arn_of, holder.get("policies", ())))


def _inline(holder: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    return frozenset((name, _document(statements)) for name, statements in holder.get("inline", {}).items())


def _document(statements: Sequence[str]) -> str:
    if statements == ["guard"]:
        return GUARD
    found = []
    for statement in statements:
        effect, action = statement.split()
        action = action if action == "*" else f"s3:{action}"
        found.append({"Effect": effect.capitalize(), "Action": action, "Resource": "*"})
    return normal({"Version": "2012-10-17", "Statement": found})
