"""Dates in manifests."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.kinds import Membership
from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule
from iamctl.text.moment import end_of, start_of


@rule("IAM440", Severity.ERROR, stage="manifests", source="https://www.rfc-editor.org/rfc/rfc3339")
def memberships_begin_before_they_end(review: Review) -> Iterator[Hit]:
    """A membership begins before it ends."""
    desired = review.desired
    for resource in (*desired.state, *desired.ended, *desired.upcoming):
        if not (isinstance(resource, Membership) and resource.begins and resource.until):
            continue
        if start_of(resource.begins) > end_of(resource.until):
            message = f"the membership begins ({resource.begins}) after its end ({resource.until})"
            yield Hit(resource, f"{message}; correct 'from' or 'until'")
