"""Who cannot sign in or send requests any more, although somebody did so lately."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from iamctl.kinds import AccessKey, LoginProfile, User
from iamctl.kinds.new_access_key import NewAccessKey
from iamctl.model import Address, Change, Reason, Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.plan.keys_in_use import RECENT

_MEANT = frozenset({Reason.USER_ENDED, Reason.KEY_REPLACED, Reason.KEY_INTERRUPTED})
"""Why a way in goes that nobody misses: the user has ended, or another key is in use."""


@rule(
    "IAM462",
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys-update.html",
    first=True,
)
def lost_last_ways_in_are_named(review: Review) -> Iterator[Hit]:
    """Users who stay and lose their last password or access key are named, if it was used lately."""
    lost: defaultdict[Address, set[str]] = defaultdict(set)
    for change in review.changes:
        if way := _way_in_use(change, review):
            lost[Address.of(User.kind, change.address.parts[0])].add(way)
    if not lost:
        return
    kept = set(_ways_kept(review))
    for user, ways in sorted(lost.items()):
        if user in review.gone or user in kept:
            continue
        told = " and ".join(sorted(ways, reverse=True))
        what = f"{told}, used within {RECENT.days} days, and {{}} no other password or active access key"
        subject = review.scoped.desired.get(user) or user
        yield Hit(
            subject,
            f"loses the {what.format('keeps')}",
            facts=("last-way-in", *sorted(ways)),
            many=f"lose the {what.format('keep')}",
        )


def _way_in_use(change: Change, review: Review) -> str:
    """Return what a change takes that was used lately, or nothing."""
    before = change.before
    if change.why is not None and change.why.reason in _MEANT:
        return ""
    match before:
        case LoginProfile() if change.after is None:
            used, way = before.last_used, "password"
        case AccessKey() if before.is_active and before.takes(change.after):
            used, way = before.last_use.at if before.last_use else None, "access key"
        case _:
            return ""
    return way if used and review.now - used <= RECENT else ""


def _ways_kept(review: Review) -> Iterator[Address]:
    """Yield the users who have a password or an active access key after the plan."""
    for password in review.after.of_kind(LoginProfile):
        yield Address.of(User.kind, password.user)
    for key in review.after.of_kind(AccessKey):
        if key.is_active:
            yield Address.of(User.kind, key.user)
    for new in review.after.of_kind(NewAccessKey):
        yield Address.of(User.kind, new.user)
