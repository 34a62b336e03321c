"""Tags of users, policies and whatever else has some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from iamctl.kinds.access_key import AccessKey
from iamctl.kinds.policy import Policy
from iamctl.kinds.user import User
from iamctl.model import Address, Resource, Severity
from iamctl.model.settings import OWN_TAG_PREFIX, Settings
from iamctl.policy.names import MAX_TAGS, tag_errors
from iamctl.rules import Hit, Review, rule

TAGS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html"


@rule("IAM207", Severity.ERROR, stage="manifests", source=TAGS)
def declared_tags(review: Review) -> Iterator[Hit]:
    """Tags meet IAM's requirements, and their keys belong to the manifests."""
    known: dict[tuple[bool, tuple[tuple[str, str], ...]], tuple[str, ...]] = {}
    foreign = cache(lambda key: _foreign(key, review.desired.settings))
    for resource in review.desired.state:
        tags = _tags(resource)
        if not tags:
            continue
        ignores_case = not isinstance(resource, Policy)
        same = (ignores_case, tuple(tags.items()))
        if same not in known:
            known[same] = (
                *tag_errors(tags),
                *filter(None, map(foreign, tags)),
                *(_keys_that_differ_by_case(tags) if ignores_case else ()),
            )
        yield from (Hit(resource, error) for error in known[same])


@rule("IAM207", Severity.REFUSE, source=TAGS)
def tags_with_those_of_others(review: Review) -> Iterator[Hit]:
    """No plan gives a user or a policy more than 50 tags, counting those of other tools."""
    for change in review.changes:
        resource = change.after
        if change.before is None or not (tags := _tags(resource)):
            continue
        held = _tags(review.live.state.get(change.before.address))
        owns = review.desired.settings.owns_tag
        others = sum(not owns(key) and not key.lower().startswith("aws:") for key in held)
        if len(tags) + others > max(MAX_TAGS, len(held)):
            message = f"there would be {len(tags) + others} tags, {others} of them from other tools"
            yield Hit(resource, f"{message}; IAM allows at most {MAX_TAGS}. Declare fewer")
    yield from _notes_on_keys(review)


def _tags(resource: Resource | None) -> Mapping[str, str]:
    found: Mapping[str, str] = getattr(resource, "tags", None) or {}
    return found


def _notes_on_keys(review: Review) -> Iterator[Hit]:
    """Yield the users without room for the tag that records since when a key is inactive."""
    for change in review.changes:
        key = change.after
        if isinstance(key, AccessKey) and isinstance(change.before, AccessKey):
            live = review.live.state.get(Address.of("user", key.user))
            is_noted = key.inactive_since and not change.before.inactive_since
            if is_noted and isinstance(live, User) and len(live.tags) >= MAX_TAGS:
                told = f"the user already has {len(live.tags)} tags, and deactivating the key adds one with the date"
                yield Hit(key, f"{told}; IAM allows at most {MAX_TAGS}. Remove one first")


def _foreign(key: str, settings: Settings) -> str | None:
    if key.lower().startswith(OWN_TAG_PREFIX):
        return f"the tag key {key!r} begins with '{OWN_TAG_PREFIX}', which is reserved for iamctl; choose another key"
    if not key.lower().startswith("aws:") and not settings.owns_tag(key):
        return f"the tag {key!r} belongs to another tool according to ignore_tags; remove it here or there"
    return None


def _keys_that_differ_by_case(tags: Mapping[str, str]) -> Iterator[str]:
    first: dict[str, str] = {}
    if len({*map(str.lower, tags)}) == len(tags):
        return
    for key in tags:
        other = first.setdefault(key.lower(), key)
        if other != key:
            yield f"the tag keys {other!r} and {key!r} differ only by case, which IAM ignores for users; keep one"
