"""How much one plan may remove."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.wording import some


@rule("IAM401", Severity.REFUSE, source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_remove.html")
def removals_stay_within_limits(review: Review) -> Iterator[Hit]:
    """A plan removes no more than the limits allow, and nothing of a kind that the manifests do not declare at all."""
    if review.approving.are_removals_approved:
        return
    ends = {membership.address for membership in review.desired.ended}
    for found in review.approving.excesses:
        addresses = [change.address for change in found.changes]
        lost = "an 'until' in the past" if any(address in ends for address in addresses) else "missing manifests"
        way_out = f"check for {lost}, or pass --allow-removals {found.limit}={len(addresses)}"
        yield Hit(None, f"{found.message}: {some(addresses)}; {way_out}")
