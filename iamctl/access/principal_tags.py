"""Whether conditions on the tags of a principal hold for a user, as far as that is certain."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from iamctl.policy import Atom

_PREFIX = "aws:principaltag/"
_IF_EXISTS = "IfExists"
_PLAIN = frozenset({"StringEquals", "StringEqualsIgnoreCase", "StringLike"})
_NEGATED = {"StringNotEquals": "StringEquals", "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase"} | {
    "StringNotLike": "StringLike"
}


def looks_at(statement: Atom, tags: frozenset[str]) -> bool:
    """Return whether a statement has a condition or a variable on one of the tags, whose keys are in lower case."""
    if any(key.lower().startswith(_PREFIX) and _tag(key) in tags for _, key, _ in statement.condition):
        return True
    texts = [*statement.resources, *(value for _, _, values in statement.condition for value in values)]
    return any("${" + _PREFIX + tag in text.lower() for text in texts for tag in tags)


def holds(statement: Atom, tags: Mapping[str, str]) -> bool | None:
    """Return whether all conditions on tags hold for a user with ``tags``; None where that depends on something else."""
    values = {key.lower(): value for key, value in tags.items()}
    answers = [
        _holds(operator, wanted, values.get(_tag(key)))
        for operator, key, wanted in statement.condition
        if key.lower().startswith(_PREFIX)
    ]
    if False in answers:
        return False
    has_variable = any("${" + _PREFIX in text.lower() for text in statement.resources)
    return None if None in answers or has_variable else True


def _holds(operator: str, wanted: frozenset[str], value: str | None) -> bool | None:
    """Return whether one condition holds for the value of a tag, which is None if the user lacks the tag.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    if any("${" in text for text in wanted):
        return None
    name = operator.removesuffix(_IF_EXISTS)
    if name == "Null":
        return (value is None) == (wanted == {"true"})
    if name not in _PLAIN and name not in _NEGATED:
        return None
    if value is None:
        return name in _NEGATED or operator.endswith(_IF_EXISTS)
    matches = any(_matches(_NEGATED.get(name, name), text, value) for text in wanted)
    return matches != (name in _NEGATED)


def _matches(operator: str, wanted: str, value: str) -> bool:
    if operator == "StringLike":
        return fnmatchcase(value, wanted.replace("[", "[[]"))
    if operator == "StringEqualsIgnoreCase":
        return wanted.lower() == value.lower()
    return wanted == value


def _tag(key: str) -> str:
    return key[len(_PREFIX) :].lower()
