"""What a statement decides of requests about one user, group or policy, whose tags or ARN a plan changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from iamctl.access.rebound import Rebound, knows, plain, rebind
from iamctl.access.truth import Truth, all_of
from iamctl.model.access_change import ARN
from iamctl.policy import Atom, covers, overlaps
from iamctl.policy.pattern import ANY

_OWN_NAME = "/${aws:username}"
"""What ends so is about the caller alone, since no two users have one name."""
_PREFIXES = ("aws:resourcetag/", "iam:resourcetag/")
Tags = tuple[tuple[str, str | None], ...]
"""Values by the keys of tags in lower case; under ``ARN`` stands the end of the ARN that the target has then."""


class Target(NamedTuple):
    """A user, a group or a policy that requests are about."""

    name: str
    """Its address as text, in lower case."""
    arns: frozenset[str]
    """All that it may be called while a plan runs; with wildcards where that is not known."""
    prefix: str = ""
    """What stands in its ARNs before their end."""


def looks_at_tags(statement: Atom) -> bool:
    """Tell whether a statement's decision may depend on the tags of what a request is about."""
    if statement.opaque is not None:
        return "resourcetag/" in str(statement.opaque).lower()
    texts = [*statement.resources, *(key for _, key, _ in statement.condition)]
    texts += [value for _, _, values in statement.condition for value in values]
    return any(prefix in text.lower() for text in texts for prefix in _PREFIXES)


def tags_known(statement: Atom, tags: Iterable[str]) -> tuple[str, ...]:
    """Return those of ``tags``, keys in lower case, at which a statement looks; of an ARN this is a guess."""
    return tuple(
        tag
        for tag in tags
        if (looks_at_arns(statement) if tag == ARN else any(knows(statement, prefix + tag) for prefix in _PREFIXES))
    )


def looks_at_arns(statement: Atom) -> bool:
    """Tell whether a statement may decide by what the user or group is called that a request to IAM is about."""
    stated = _about_others(plain(statement))
    if stated is None or stated.opaque is not None:
        return stated is not None
    return (stated.negated_resource or ANY not in stated.resources) and _is_about(stated, {ANY})


def tells_apart(statement: Atom, one: str, other: str) -> bool:
    """Tell whether a statement may be about requests to IAM on one of two ARNs of others and not on the other one."""
    stated = _about_others(statement)
    if stated is None or stated.opaque is not None:
        return stated is not None
    return looks_at_arns(stated) and _is_about(stated, {one}) != _is_about(stated, {other})


def _about_others(statement: Atom) -> Atom | None:
    """Return what a statement says of others than the caller, whom it may name by their own name; None for nothing."""
    others = frozenset(text for text in statement.resources if not text.lower().endswith(_OWN_NAME))
    if statement.opaque is not None or others == statement.resources:
        return statement
    if others:
        return replace(statement, resources=others)
    return (
        replace(statement, resources=frozenset({ANY}), negated_resource=False) if statement.negated_resource else None
    )


def _is_about(statement: Atom, arns: Iterable[str]) -> bool:
    return overlaps(statement, Atom("", frozenset({"iam:*"}), frozenset(arns)))


def _is_certainly_about(statement: Atom, arn: str) -> bool:
    bare = replace(statement, condition=frozenset())
    return covers(bare, replace(bare, resources=frozenset({arn}), negated_resource=False))


def on_target(statement: Atom, target: Target, tags: Tags) -> Atom | None:
    """Return what a statement decides of requests about one target alone, of which it sees ``tags``.

    None where it certainly matches none of them. Where that is not certain, the statement as another one, which equals
    only itself.
    """
    values = dict(tags)
    facts: list[tuple[str, str | None]] = []
    arn, stated = values.pop(ARN, None), plain(statement)
    if arn is not None:
        others = _about_others(stated)
        if others is None:
            return None
        stated = others
    if stated.opaque is None and not _is_about(stated, target.arns if arn is None else {target.prefix + arn}):
        return None
    if arn is not None and (stated.opaque is not None or any("${" in text for text in stated.resources)):
        facts.append((ARN, arn))
    elif arn is not None and _is_certainly_about(stated, target.prefix + arn):
        statement = _under_any_name(statement, stated, target)
    asked = frozenset(one for one in statement.condition if _tag(one[1]) in values)
    left = replace(statement, condition=statement.condition.difference(asked))
    matches = all_of(_holds(one, values, statement) for one in asked)
    if matches is Truth.NO:
        return None
    if matches is Truth.YES and asked and not facts and not tags_known(left, values):
        return left
    facts += [
        (prefix + tag, value) for tag, value in values.items() for prefix in _PREFIXES if knows(statement, prefix + tag)
    ]
    return rebind("", statement, tuple(facts)) if facts else statement


def _under_any_name(statement: Atom, stated: Atom, target: Target) -> Atom:
    """Return a statement about the target whatever it is called: under another name others are about the same requests."""
    found = replace(stated, resources=frozenset({target.name}), negated_resource=False)
    if isinstance(statement.opaque, Rebound):
        return rebind(statement.opaque.person, found, statement.opaque.facts)
    return found


def _tag(key: str) -> str | None:
    """Return which tag of a resource a condition key is about, None for another key."""
    key = key.lower()
    return next((key.removeprefix(prefix) for prefix in _PREFIXES if key.startswith(prefix)), None)


def _holds(one: tuple[str, str, frozenset[str]], values: Mapping[str, str | None], statement: Atom) -> Truth:
    operator, key, wanted = one
    if statement.variables and any("${" in text for text in wanted):
        return Truth.MAYBE
    value = values[_tag(key) or ""]
    from iamctl.proof.lines import holds, line  # a plan without such a condition loads no proof

    found = holds(line(operator, key, wanted), () if value is None else (value,))
    return Truth.MAYBE if found is None else Truth.YES if found else Truth.NO
