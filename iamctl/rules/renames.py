"""Renames: `renamed_from` against what is live."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.model import Address, Resource, Severity
from iamctl.rules import Hit, Review, rule

RENAMING = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_rename.html"


@rule("IAM210", Severity.ERROR, stage="manifests", source=RENAMING)
def old_names_are_free(review: Review) -> Iterator[Hit]:
    """An old name belongs to one rename and is not declared or removed beside it."""
    first: dict[Address, Resource] = {}
    for resource, old in _renamed(review):
        other = first.setdefault(old, resource)
        if other is not resource:
            yield Hit(resource, f"{other.address} is renamed from {old.name!r} already; one of the two is wrong")
        elif old != resource.address and old in review.desired.state:
            yield Hit(resource, f"it is renamed from {old.name!r}, which is declared too; remove one of the two")
        elif old in review.desired.removed:
            yield Hit(resource, f"it is renamed from {old.name!r}, which is under removed too; remove that line")


@rule("IAM210", Severity.REFUSE, source=RENAMING)
def renames_fit_the_account(review: Review) -> Iterator[Hit]:
    """Of a rename the old name is live and the new one is not, or the other way round once it is done."""
    live = review.live.state
    for resource, old in _renamed(review):
        if old == resource.address:
            message = "IAM tells names apart without case, so there is nothing to rename; remove renamed_from"
            yield Hit(resource, message, Severity.WARN)
        elif old in live and resource.address in live:
            message = f"both {old} and {resource.address} are live, so nothing can be renamed"
            yield Hit(resource, f"{message}; remove renamed_from, and put the old name under removed if it should go")
        elif resource.address in live:
            yield Hit(resource, f"the rename from {old.name!r} is done; renamed_from can go", Severity.INFO)
        elif old not in live:
            message = f"there is no {old} to rename, so {resource.address} is created anew"
            yield Hit(resource, f"{message}; correct renamed_from or remove it", Severity.WARN)


def _renamed(review: Review) -> Iterator[tuple[Resource, Address]]:
    for resource in review.desired.state:
        old_name: str | None = getattr(resource, "renamed_from", None)
        if old_name is not None:
            yield resource, Address.of(resource.kind, old_name)
