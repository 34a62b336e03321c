"""The actions, resources and condition keys of a question, as a command line spells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from iamctl.access.forms import forms_of, spelled_action
from iamctl.access.request_sets import operator_of
from iamctl.model.assertion import Expected
from iamctl.model.failures import UsageError
from iamctl.policy import action_error
from iamctl.policy.actions import catalogue_date, is_known, suggestion
from iamctl.policy.normalized import folded
from iamctl.policy.pattern import ANY
from iamctl.policy.resource_pattern import resource_error
from iamctl.text.counted import listed

ABSENT = "absent"
_MOST_FORMS = 3
_WILDCARDS = "*?"


def is_resource(word: str) -> bool:
    """Return whether a word of the command line is a resource and no action."""
    return word == ANY or word.lower().startswith("arn:")


def known_action(action: str, named: Iterable[str]) -> str:
    """Return an action, or a pattern of actions; ``named`` are actions of policies, which need not be known to AWS.

    Raises:
        UsageError: it is malformed, or neither AWS nor a policy has it.
    """
    if error := action_error(action):
        raise UsageError(error)
    if is_known(action) or folded(action) in named:
        return spelled_action(action)
    guess = suggestion(action)
    hint = f"; did you mean {guess!r}?" if guess else ""
    raise UsageError(f"{action!r} is not in the action catalogue of {catalogue_date()}, nor in a policy here{hint}")


def one_action(action: str, named: Iterable[str]) -> str:
    """Return the action of one request.

    Raises:
        UsageError: it is a pattern, malformed or unknown.
    """
    found = known_action(action, named)
    if any(wildcard in found for wildcard in _WILDCARDS):
        raise UsageError(f"{action!r} is a pattern, but one request has one action; 'access who-can' accepts patterns")
    return found


def resource_pattern(resource: str) -> str:
    """Return a resource or a pattern of resources.

    Raises:
        UsageError: it is malformed.
    """
    if error := resource_error(resource):
        raise UsageError(error)
    return resource


def one_resource(action: str, resource: str | None) -> str:
    """Return the resource of one request; without one, ``*`` if the action acts on none.

    Raises:
        UsageError: it is malformed or a pattern, or the action needs one.
    """
    if resource is None:
        forms = forms_of(action)
        if forms:
            raise UsageError(f"{action} acts on a resource; give its ARN, in the form {listed(forms, _MOST_FORMS)}")
        return ANY
    found = resource_pattern(resource)
    if found != ANY and any(wildcard in found for wildcard in _WILDCARDS):
        message = f"{resource!r} is a pattern, but one request has one resource; 'access who-can' accepts patterns"
        raise UsageError(message)
    return found


def stated_keys(texts: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Return what ``--when`` states: condition keys in lower case with their values, none for a key that is absent.

    Raises:
        UsageError: a text is not of the form ``KEY=VALUE``, or a key is absent and has a value.
    """
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or ":" not in key.strip(":"):
            raise UsageError(f"--when {text!r} is not of the form KEY=VALUE, for example aws:SourceIp=203.0.113.7")
        values = () if value == ABSENT else (value,)
        before = found.get(key.lower())
        if before is not None and not (before and values):
            raise UsageError(f"--when {text!r}: {key} is absent and has a value; state only one of them")
        found[key.lower()] = (*(before or ()), *values)
    return found


def expected_keys(texts: Sequence[str]) -> tuple[Expected, ...]:
    """Return what ``--when`` states, for a set of requests.

    Raises:
        UsageError: as for ``stated_keys``, or a key cannot have the value.
    """
    spelled = {text.partition("=")[0].lower(): text.partition("=")[0] for text in texts}
    found = tuple(Expected(spelled[key], values) for key, values in stated_keys(texts).items())
    for one in found:
        if one.values and operator_of(one) is None:
            raise UsageError(f"--when: {one.key} cannot be {listed(one.values)}")
    return found
