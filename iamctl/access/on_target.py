"""What a statement decides of requests about one user or policy, whose tags a plan changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from iamctl.access.rebound import knows, rebind
from iamctl.access.truth import Truth, all_of
from iamctl.policy import Atom, overlaps

_PREFIXES = ("aws:resourcetag/", "iam:resourcetag/")
Tags = tuple[tuple[str, str | None], ...]


class Target(NamedTuple):
    """A user or a policy that requests are about."""

    name: str
    """Its address as text, in lower case."""
    arns: frozenset[str]
    """All that it may be called while a plan runs; with wildcards where that is not known."""


def looks_at_tags(statement: Atom) -> bool:
    """Tell whether a statement's decision may depend on the tags of what a request is about."""
    if statement.opaque is not None:
        return "resourcetag/" in str(statement.opaque).lower()
    texts = [*statement.resources, *(key for _, key, _ in statement.condition)]
    texts += [value for _, _, values in statement.condition for value in values]
    return any(prefix in text.lower() for text in texts for prefix in _PREFIXES)


def tags_known(statement: Atom, tags: Iterable[str]) -> tuple[str, ...]:
    """Return those of ``tags``, keys in lower case, at which a statement looks."""
    return tuple(tag for tag in tags if any(knows(statement, prefix + tag) for prefix in _PREFIXES))


def on_target(statement: Atom, target: Target, tags: Tags) -> Atom | None:
    """Return what a statement decides of requests about one target alone, whose tags at which it looks are ``tags``.

    None where it certainly matches none of them. Where that is not certain, the statement as another one, which equals
    only itself.
    """
    if statement.opaque is None and not overlaps(statement, Atom("", frozenset({"iam:*"}), target.arns)):
        return None
    values = dict(tags)
    asked = frozenset(one for one in statement.condition if _tag(one[1]) in values)
    left = replace(statement, condition=statement.condition.difference(asked))
    matches = all_of(_holds(one, values, statement) for one in asked)
    if matches is Truth.NO:
        return None
    if matches is Truth.YES and asked and not tags_known(left, values):
        return left
    facts = tuple(
        (prefix + tag, value) for tag, value in tags for prefix in _PREFIXES if knows(statement, prefix + tag)
    )
    return rebind("", statement, facts)


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
