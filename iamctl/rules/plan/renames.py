"""``renamed_from``, compared with the account."""

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
    """A rename's old name exists and its new name does not (or the reverse, once applied).

    The loader ensures that an old name is not also declared, removed or used twice.
    """
    live = review.live.state
    for resource in review.desired.state:
        old_name: str | None = getattr(resource, "renamed_from", None)
        if old_name is None:
            continue
        old = Address.of(resource.kind, old_name)
        if old in live and resource.address in live:
            message = f"both {old} and {resource.address} exist, so nothing can be renamed"
            yield Hit(resource, f"{message}; remove renamed_from, and list the old name under removed to delete it")
        elif resource.address in live:
            yield Hit(resource, f"the rename from {old.name!r} is done; delete renamed_from", Severity.INFO)
        elif old not in live:
            message = f"{old} does not exist, so {resource.address} will be created instead of renamed"
            yield Hit(resource, f"{message}; correct or delete renamed_from", Severity.WARN)
