"""Steps to more access in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from iamctl.access.held import HeldPolicy
from iamctl.access.step import Step
from iamctl.access.ways import Gives, On
from iamctl.model import Address

_MOST = 12
"""Places told in a message; the others are counted, and all are among the facts of the finding."""
_MOST_ROLES = 3
_OWN = frozenset({On.SELF, On.SELF_ROLE})
_NEW = frozenset({On.NEW_USER, On.NEW_ROLE})


def told_ways(steps: Iterable[Step]) -> str:
    """Return steps as text: "policy/ops on group/ops allows iam:PutUserPolicy on the user itself".

    Of several policies each is named with its actions: "policy/a on group/a allows iam:PassRole on role/ci and
    policy/b on group/b allows ec2:RunInstances".
    """
    by_policy: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for step in steps:
        by, actions, place = _parts(step)
        by_policy[by].setdefault(place, []).append(actions)
    places = [
        (by, f"{' or '.join(actions)}{place}") for by, found in by_policy.items() for place, actions in found.items()
    ]
    told: defaultdict[str, list[str]] = defaultdict(list)
    for by, place in places[:_MOST]:
        told[by].append(place)
    more = [more_ways(len(places) - _MOST)] if len(places) > _MOST else []
    return "; ".join([*(f"{by} allows {'; '.join(found)}" for by, found in told.items()), *more])


def _parts(step: Step) -> tuple[str, str, str]:
    """Return who allows the last actions of a step, behind all that other policies allow; the actions; on what."""
    target = _target(step)
    found: dict[str, list[int]] = {}
    others = step.others or (step.by,) * (len(step.actions) - 1)
    for number, held in enumerate((step.by, *others)):
        found.setdefault(_words(held), []).append(number)
    told: list[tuple[str, str, str]] = []
    for by, numbers in found.items():
        on = target if any(step.way.needs[number][0] is not On.ANY for number in numbers) else ""
        limit = "" if told else _limit(step)
        told.append((by, " + ".join(step.actions[number] for number in numbers), f"{on}{limit}"))
    *before, (by, actions, place) = told
    return "".join(f"{one} allows {theirs}{on} and " for one, theirs, on in before) + by, actions, place


def _words(by: HeldPolicy | None) -> str:
    return str(by or "the trust policy of the role")


def more_ways(number: int) -> str:
    """Return how many ways a message counts and does not name."""
    return f"{number} more {'way' if number == 1 else 'ways'}"


def told_gain(step: Step, is_administrator: Callable[[Address], bool]) -> str:
    """Return a step that gives some more access as text: "sts:AssumeRole on role/logs gives the access of role/logs"."""
    return f"{_actions(step)}{_target(step)}{_limit(step)} {_gain(step, is_administrator)}"


def _target(step: Step) -> str:
    on = step.way.needs[0][0]
    if on in _OWN:
        return f" on {on.value}"
    if step.target is not None:
        return f" on {step.target}"
    return f" on {on.value}" if on in _NEW else ""


def _actions(step: Step) -> str:
    """Return the actions that a step takes together, as the public lists of such ways write them."""
    return " + ".join(step.actions)


def _limit(step: Step) -> str:
    if not step.is_proved:
        return " possibly"
    return "" if step.is_certain else " under a condition"


def _gain(step: Step, is_administrator: Callable[[Address], bool]) -> str:
    way = step.way
    match way.gives:
        case Gives.ACCESS_OF_TARGET if step.target is not None:
            return f"gives the access of {step.target}"
        case Gives.ACCESS_OF_TARGET if way.service:
            return f"needs a role with more access that {way.service} may use (none exists)"
        case Gives.ACCESS_OF_TARGET:
            return "needs a role with more access and a trust policy that allows it (none exists)"
        case Gives.NO_DENY:
            return "removes a Deny"
        case Gives.NO_BOUNDARY:
            return "removes the permissions boundary"
        case Gives.ACCOUNT:
            return "changes the account's password policy"
        case Gives.OTHER_VERSION:
            return "restores a version that allows more"
        case _ if step.target:
            return "removes its permissions boundary"
        case _ if step.through:
            return f"possibly gives the access of {_some(step.through, is_administrator)} (needs {way.missing})"
        case _ if way.service:
            return f"needs {way.missing}, and a role with more access that {way.service} may use (none exists)"
        case _:
            return f"needs {way.missing}"


def _some(roles: Sequence[Address], is_administrator: Callable[[Address], bool]) -> str:
    """Return the first of several roles, those of administrators before others."""
    rest = len(roles) - _MOST_ROLES
    worst_first = sorted(roles, key=lambda role: not is_administrator(role))[:_MOST_ROLES]
    named = " or ".join(f"administrator {role}" if is_administrator(role) else str(role) for role in worst_first)
    return f"{named} or {rest} more" if rest > 0 else named


def needs_more(step: Step) -> bool:
    """Tell whether a step leads nowhere without something that the account does not show."""
    return step.target is None and step.way.gives in (Gives.IF_THERE_IS, Gives.ACCESS_OF_TARGET)


def facts_of(step: Step) -> tuple[str, ...]:
    """Return what tells a step from others, in a finding."""
    others = (held for held in step.others if held is not step.by)
    return (*_named(step.by), *step.key, *(fact for held in others for fact in _named(held)))


def _named(held: HeldPolicy | None) -> tuple[str, str]:
    return (str(held.holder), held.policy) if held else ("", "")
