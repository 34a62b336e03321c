"""Users who exist already when a manifest declares them for the first time."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.comparison.adopted import adopted_users
from iamctl.kinds import User
from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.plan.attached import attached_to, joined, unknown_facts


@rule(
    "IAM437",
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_manage.html",
    first=True,
)
def adopted_users_are_named(review: Review) -> Iterator[Hit]:
    """A user who is new to the manifests and exists already is named, with everything attached to the user."""
    has_base = review.desired.base is not None and review.desired.base.desired is not None
    until_now = "no manifest declared this user until now" if has_base else "is in no declared group until now"
    for user in adopted_users(review.desired, review.scoped, review.changes):
        live = review.scoped.whole.get(user.address)
        if not isinstance(live, User):
            continue
        found = tuple(attached_to(live, review.scoped.whole, review.now))
        told = f"already exists and {until_now}; attached: {joined(found) or 'nothing'}"
        if unknown := unknown_facts(live.credentials):
            told += f"; unknown: {', '.join(unknown)}"
        yield Hit(user, told, facts=("adopted", live.user_id or "", *(one.id for one in found), *unknown))
