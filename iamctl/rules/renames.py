"""Renames: `renamed_from` against what is live."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.model import Address, Severity
from iamctl.rules import Hit, Review, rule


@rule(
    "IAM210",
    Severity.REFUSE,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_rename.html",
)
def renames_fit_the_account(review: Review) -> Iterator[Hit]:
    """Of a rename the old name is live and the new one is not, or the other way round once it is done.

    The loader sees to it that an old name is neither declared nor removed beside it, nor used twice.
    """
    live = review.live.state
    for resource in review.desired.state:
        old_name: str | None = getattr(resource, "renamed_from", None)
        if old_name is None:
            continue
        old = Address.of(resource.kind, old_name)
        if old in live and resource.address in live:
            message = f"both {old} and {resource.address} are live, so nothing can be renamed"
            yield Hit(resource, f"{message}; remove renamed_from, and put the old name under removed if it should go")
        elif resource.address in live:
            yield Hit(resource, f"the rename from {old.name!r} is done; renamed_from can go", Severity.INFO)
        elif old not in live:
            message = f"there is no {old} to rename, so {resource.address} is created anew"
            yield Hit(resource, f"{message}; correct renamed_from or remove it", Severity.WARN)
