"""Steps to more access in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from iamctl.access.held import HeldPolicy
from iamctl.access.steps import Step
from iamctl.access.ways import Gives, On

_MOST = 4
"""Places told in a message; the others are counted, and all are among the facts of the finding."""
_OWN = frozenset({On.SELF, On.SELF_ROLE})
_UNNAMED = frozenset({On.NEW_USER, On.NEW_ROLE, On.ASSUMED, On.PASSED})


def told_ways(steps: Iterable[Step]) -> str:
    """Return steps as text: "policy/ops on group/ops allows iam:PutUserPolicy on the user itself"."""
    found = list(steps)
    by_place: defaultdict[str, list[str]] = defaultdict(list)
    for step in found:
        by_place[f"{_target(step)}{_limit(step)}"].append(" with ".join(step.actions))
    told = [f"{' or '.join(actions)}{place}" for place, actions in by_place.items()]
    rest = len(told) - _MOST
    more = [f"{rest} more {'way' if rest == 1 else 'ways'}"] if rest > 0 else []
    return f"{found[0].by or 'the trust policy of the role'} allows {'; '.join((*told[:_MOST], *more))}"


def told_gain(step: Step) -> str:
    """Return a step that may lead to some more access as text, with what it leads to or needs."""
    return f"{' with '.join(step.actions)}{_target(step)}{_limit(step)} ({_gain(step)})"


def _target(step: Step) -> str:
    on = step.way.needs[0][0]
    if on in _OWN:
        return f" on {on.value}"
    if step.target is not None:
        return f" on {step.target}"
    return f" on {on.value}" if on in _UNNAMED else ""


def _limit(step: Step) -> str:
    return "" if step.is_certain else " under a condition"


def _gain(step: Step) -> str:
    way = step.way
    match way.gives:
        case Gives.ACCESS_OF_TARGET if step.target is not None:
            return f"gives what {step.target} may do"
        case Gives.ACCESS_OF_TARGET if way.service:
            return f"needs a role that {way.service} may use; the account has none that may do more"
        case Gives.ACCESS_OF_TARGET:
            return "needs a role that trusts it; the account has none that may do more"
        case Gives.NO_DENY:
            return "takes away Denies that hold it back"
        case Gives.NO_BOUNDARY:
            return "lifts its permissions boundary"
        case Gives.ACCOUNT:
            return "changes the password policy of the account"
        case _:
            return f"needs {way.missing}"


def needs_more(step: Step) -> bool:
    """Tell whether a step leads nowhere without something that the account does not show."""
    gives = step.way.gives
    return gives is Gives.IF_THERE_IS or (gives is Gives.ACCESS_OF_TARGET and step.target is None)


def facts_of(step: Step) -> tuple[str, ...]:
    """Return what tells a step from others, in a finding."""
    by: HeldPolicy | None = step.by
    return (str(by.holder) if by else "", by.policy if by else "", *step.key)
