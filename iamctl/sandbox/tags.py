"""Tags of users, which IAM compares without case, and of policies, which it compares with case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from moto.iam.exceptions import InvalidInput, LimitExceededException, ValidationError

MAX_TAGS = 50
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html"""

Fold = Callable[[str], str]


def tagged(held: Mapping[str, str], tags: Iterable[Mapping[str, str]], fold: Fold) -> dict[str, str]:
    """Return ``held`` with ``tags`` set; keys that ``fold`` makes equal are one tag.

    Raises:
        InvalidInput: a key is duplicate.
        ValidationError: a key begins with ``aws:``.
        LimitExceededException: there would be more than 50.
    """
    result = dict(held)
    seen: set[str] = set()
    for tag in tags:
        key = tag["Key"]
        if fold(key) in seen:
            raise InvalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
        if key.lower().startswith("aws:"):
            raise ValidationError("Tag keys beginning with aws: are reserved and cannot be used.")
        seen.add(fold(key))
        result = {other: value for other, value in result.items() if fold(other) != fold(key)}
        result[key] = tag.get("Value", "")
    if len(result) > max(MAX_TAGS, len(held)):
        raise LimitExceededException(f"The number of tags has reached the maximum limit of {MAX_TAGS}.")
    return result


def untagged(held: Mapping[str, str], keys: Iterable[str], fold: Fold) -> dict[str, str]:
    """Return ``held`` without ``keys``."""
    gone = {fold(key) for key in keys}
    return {key: value for key, value in held.items() if fold(key) not in gone}
