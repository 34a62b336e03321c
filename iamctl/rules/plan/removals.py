"""How much one plan may remove."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from iamctl.kinds import KINDS, AccessKey, UserInlinePolicy, UserPolicy, removal_limits
from iamctl.model import Address, Resource, Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.wording import some


@rule("IAM401", Severity.REFUSE, source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_remove.html")
def removals_stay_within_limits(review: Review) -> Iterator[Hit]:
    """A plan removes no more than the limits allow, and nothing of a kind that the manifests do not declare at all."""
    removed: dict[str, list[Address]] = defaultdict(list)
    ended = review.desired.known_ends  # a date that was there before this change is no accident
    for change in review.changes:
        resource = change.before
        if resource is None or resource.limit is None or not resource.takes(change.after):
            continue
        if isinstance(resource, AccessKey) and resource.inactive_since and not resource.is_active:
            continue  # it counted when iamctl made it inactive
        if resource.address not in ended and not _goes_along(resource, review) and not _is_matched(resource, review):
            removed[resource.limit.name].append(resource.address)
    for limit, addresses in sorted(removed.items()):
        if message := _excess(limit, addresses, review):
            ends = {membership.address for membership in review.desired.ended}
            lost = "an 'until' in the past" if any(address in ends for address in addresses) else "missing manifests"
            way_out = f"check for {lost}, or pass --allow-removals {limit}={len(addresses)}"
            yield Hit(None, f"{message}: {some(addresses)}; {way_out}")


def _excess(limit: str, addresses: list[Address], review: Review) -> str | None:
    """Return how the removals exceed a limit, or None."""
    kinds = tuple(kind for kind in KINDS if kind.limit and kind.limit.name == limit)
    number, live = len(addresses), _live(kinds, review)
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
    """Return whether it is a policy on a user who provably loses nothing, since the same plan grants as much."""
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
