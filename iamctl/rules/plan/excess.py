"""Which removals of a plan exceed a limit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from iamctl.kinds import KINDS, AccessKey, UserInlinePolicy, UserPolicy, removal_limits
from iamctl.model import Change, Resource
from iamctl.rules import Review
from iamctl.rules.plan.keys_in_use import is_replaced
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class Excess:
    """One limit that a plan exceeds, with all removals that count under it."""

    limit: str
    changes: tuple[Change, ...]
    message: str


def excesses(review: Review) -> Iterator[Excess]:
    """Yield the limits that the plan exceeds, by name."""
    removed: dict[str, list[Change]] = defaultdict(list)
    ended = review.desired.known_ends  # a date that was there before this change is no accident
    for change in review.changes:
        resource = change.before
        if resource is None or resource.limit is None or not resource.takes(change.after):
            continue
        if is_replaced(change):
            continue
        if isinstance(resource, AccessKey) and resource.inactive_since and not resource.is_active:
            continue  # it counted when iamctl made it inactive
        if resource.address not in ended and not _goes_along(resource, review) and not _is_matched(resource, review):
            removed[resource.limit.name].append(change)
    for limit, changes in sorted(removed.items()):
        if message := _excess(limit, len(changes), review):
            yield Excess(limit, tuple(changes), message)


def _excess(limit: str, number: int, review: Review) -> str | None:
    """Return how so many removals exceed a limit, or None."""
    kinds = tuple(kind for kind in KINDS if kind.limit and kind.limit.name == limit)
    live = _live(kinds, review)
    of_live = f"this plan removes {number} of {live} {limit.replace('_', ' ')}"
    permitted = review.allowed_removals.get(limit)
    if permitted is not None:
        return f"{of_live}, but --allow-removals permits {permitted}" if number > permitted else None
    if any(kind.limit and kind.limit.is_declared for kind in kinds) and not _is_declared(kinds, review):
        return f"{of_live}, but the manifests declare none"
    bound = review.desired.settings.limits.get(limit, removal_limits()[limit])
    allowed = bound.allowed(live)
    told = str(bound) if bound.share is None else f"{allowed} ({bound})"
    return f"{of_live}, but the limit is {told}" if number > allowed else None


def _goes_along(resource: Resource, review: Review) -> bool:
    """Return whether it is removed only because its user or group is deleted."""
    people = (reference for reference in resource.references if reference.kind != "policy")
    return any(reference in review.gone for reference in people)


def _is_matched(resource: Resource, review: Review) -> bool:
    """Return whether it is a policy that provably takes nothing away, since the same plan grants as much."""
    if resource.address in review.moves.merged:
        return True
    return isinstance(resource, (UserPolicy, UserInlinePolicy)) and resource.owner in review.moves.lossless


def _live(kinds: tuple[type[Resource], ...], review: Review) -> int:
    """Return how many live resources of these kinds there are, without those that are ignored."""
    ignored = review.scoped.ignored
    return sum(
        isinstance(resource, kinds) and (resource.owner or resource.address) not in ignored
        for resource in review.scoped.whole
    )


def _is_declared(kinds: tuple[type[Resource], ...], review: Review) -> bool:
    return any(isinstance(resource, kinds) for resource in (*review.desired.state, *review.desired.ended))
