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
    if statement.effect != "Allow" or isinstance(statement.opaque, str) or not _may_name_one(statement):
        return frozenset()
    if _is_unlimited(statement):
        return frozenset()
    return frozenset(
        power for power, actions in _ACTIONS.items() if _is_about(statement, power, ANY) and _fits(statement, power)
    )


def _may_name_one(statement: Atom) -> bool:
    """Return False where each pattern begins with another service, as most do."""
    if statement.opaque is not None or statement.negated_action:
        return True
    starts = (_WILDCARD.split(action, maxsplit=1)[0].lower() for action in statement.actions)
    return any(start.startswith(_SERVICES) or "iam:".startswith(start) or "sts:".startswith(start) for start in starts)


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
