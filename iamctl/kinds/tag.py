"""Tags: how IAM writes them, and what turns one set into another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from iamctl.model import Address
from iamctl.model.access_change import AccessChange, PrincipalFactChange, ResourceFactChange

if TYPE_CHECKING:
    from iamctl.model.snapshot import Tag

MAX_TAGS = 50
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

TAG_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "description": "Tags, all of them: a tag that is not named here is taken away.",
    "examples": [{"team": "payments", "email": "alice@example.com"}],
}


def tags_from_aws(tags: Iterable[Tag]) -> dict[str, str]:
    """Return AWS's list of ``{"Key", "Value"}`` as a mapping; keys of AWS's own (``aws:``) stay in it."""
    return {tag["Key"]: tag["Value"] for tag in tags}


def tags_to_aws(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags as IAM's API expects them: a list of ``Key`` and ``Value``, sorted by key."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def written_tags(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """Return the tags of ``after`` that ``before`` lacks or has with another value."""
    return {key: value for key, value in after.items() if before.get(key) != value}


def dropped_keys(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return the keys of ``before`` that ``after`` lacks, sorted."""
    return sorted(before.keys() - after.keys())


def tag_change(resource: str, before: Mapping[str, str], after: Mapping[str, str | None]) -> ResourceFactChange:
    """Return what a call does that gives a resource the tags of ``after``; None takes one away."""
    old = {key.lower(): value for key, value in before.items()}
    new = {key.lower(): value for key, value in after.items()}
    return ResourceFactChange(resource, tuple((key, old.get(key)) for key in sorted(new)), tuple(sorted(new.items())))


def note_effects(user: str, key: str, before: str | None, after: str | None) -> tuple[AccessChange, ...]:
    """Return what a call does that writes one of iamctl's own tags of a user; None for no tag."""
    held = {key: before} if before else {}
    return (
        PrincipalFactChange(user, frozenset({f"aws:principaltag/{key}".lower()})),
        tag_change(str(Address.of("user", user)), held, {key: after}),
    )


def fit_together(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Tell whether a resource can hold the tags of both sides at once, so that no tag has to be taken away first."""
    return len(before.keys() | after.keys()) <= MAX_TAGS


def in_live_spelling(tags: Mapping[str, str], live: Mapping[str, str]) -> Mapping[str, str]:
    """Return ``tags`` with the keys spelled as in ``live``: IAM compares keys of users and roles without case.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
    """
    if tags.keys() == live.keys():
        return tags
    spelling = {key.lower(): key for key in live}
    return {spelling.get(key.lower(), key): value for key, value in tags.items()}
