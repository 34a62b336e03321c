"""What the resources of an action look like, as AWS documents them."""

from __future__ import annotations

from iamctl.policy.normalized import folded
from iamctl.policy.pattern import ANY
from iamctl.proof.known_actions import known_actions
from iamctl.proof.patterns import matches


def forms_of(action: str) -> tuple[str, ...] | None:
    """Return the ARN formats that an action acts on, none if it acts on no resource; None for an unknown action."""
    number = known_actions().number(folded(action))
    return None if number is None else known_actions().formats(number)


def spelled_action(action: str) -> str:
    """Return an action as AWS spells it; an unknown one as it is."""
    number = known_actions().number(folded(action))
    return action if number is None else known_actions().name(number)


def is_documented(action: str, resource: str) -> bool:
    """Return whether AWS documents that an action acts on such a resource; ``*`` and unknown actions always do."""
    number = known_actions().number(folded(action))
    if number is None or resource == ANY:
        return True
    return any(matches(pattern, resource) for pattern in known_actions().resources(number))
