"""Statements by which somebody comes to the access of a group, a user, a role or a policy that they may change or use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import Enum

from iamctl.access.administrators import gives_everything
from iamctl.access.rebound import plain
from iamctl.policy import Atom, covers, overlaps
from iamctl.policy.pattern import ANY


class Power(Enum):
    """What a right to change or use something is worth."""

    JOIN = "what the group allows"
    ACT = "what the user or role may do"
    ATTACH = "what the policy allows"
    WRITE_GROUP = "anything, for a member of the group"
    WRITE_POLICY = "anything, for whom the policy reaches"


_ACTIONS: Mapping[Power, tuple[str, ...]] = {
    Power.JOIN: ("iam:addusertogroup",),
    Power.ACT: (
        "iam:createaccesskey",
        "iam:createloginprofile",
        "iam:updateloginprofile",
        "sts:assumerole",
        "iam:updateassumerolepolicy",
    ),
    Power.ATTACH: ("iam:attachuserpolicy", "iam:attachgrouppolicy", "iam:attachrolepolicy"),
    Power.WRITE_GROUP: ("iam:attachgrouppolicy", "iam:putgrouppolicy"),
    Power.WRITE_POLICY: ("iam:createpolicyversion", "iam:setdefaultpolicyversion"),
}
_SERVICES = ("iam:", "sts:")
"""The services of all these actions."""
_WILDCARD = re.compile(r"[*?]")
_POLICY_ARN = "iam:policyarn"
_USER_NAME = "${aws:username}"
_EVERYWHERE = frozenset({ANY})
_ANY_POLICY = Atom("Allow", frozenset({"iam:putuserpolicy"}), _EVERYWHERE)


def powers(statement: Atom) -> frozenset[Power]:
    """Return what an Allow may be good for; nothing for one by which its holder may write any policy anyway."""
    statement = plain(statement)
    if statement.effect != "Allow" or isinstance(statement.opaque, str):
        return frozenset()
    near = _of_services(statement)
    if near is None or _is_unlimited(statement):
        return frozenset()
    return frozenset(power for power in Power if _is_about(near, power, ANY) and _fits(near, power))


def _of_services(statement: Atom) -> Atom | None:
    """Return a statement with the patterns alone that may name one of the actions, None without any; most name other services.

    A NotAction stays as it is.
    """
    if statement.opaque is not None or statement.negated_action:
        return statement
    near = frozenset(filter(_may_name_one, statement.actions))
    return replace(statement, actions=near) if near else None


def _may_name_one(pattern: str) -> bool:
    """Return False for a pattern that begins with another service."""
    start = _WILDCARD.split(pattern, maxsplit=1)[0].lower()
    return start.startswith(_SERVICES) or any(service.startswith(start) for service in _SERVICES)


def is_power_over(statement: Atom, power: Power, person: str, arns: Iterable[str]) -> bool:
    """Tell whether an Allow that a person holds may be about something that is called one of ``arns``.

    A right to attach is about the policies that its condition names.
    """
    statement = plain(statement)
    if statement.opaque is not None:
        return True
    if power is Power.ATTACH:
        statement = replace(statement, resources=frozenset(_policies(statement)), negated_resource=False)
    name = person.partition("/")[2] if person.startswith("user/") else ANY
    filled = frozenset(_filled(text, name) for text in statement.resources)
    about = replace(statement, resources=filled, variables="")
    return any(_is_about(about, power, arn) for arn in arns)


def _is_about(statement: Atom, power: Power, resource: str) -> bool:
    return overlaps(statement, Atom("", frozenset(_ACTIONS[power]), frozenset({resource})))


def _fits(statement: Atom, power: Power) -> bool:
    """Tell whether a right to attach is limited to some policies; without that it is the right to attach any."""
    return power is not Power.ATTACH or any(True for _ in _policies(statement))


def _policies(statement: Atom) -> Iterator[str]:
    for operator, key, values in statement.condition:
        if key.lower() == _POLICY_ARN and "Not" not in operator:
            yield from values


def _is_unlimited(statement: Atom) -> bool:
    return gives_everything(statement) or covers(statement, _ANY_POLICY)


def _filled(text: str, name: str) -> str:
    found = text
    while (place := found.lower().find(_USER_NAME)) >= 0:
        found = found[:place] + name + found[place + len(_USER_NAME) :]
    return found
