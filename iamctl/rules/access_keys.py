"""Access keys that are old, that nobody uses, and that somebody uses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from iamctl.kinds import AccessKey, User
from iamctl.kinds.credentials import HeldKey
from iamctl.model import Address, Resource, Severity
from iamctl.rules import Hit, Review, rule

_MANAGING = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html"

UNUSED = timedelta(days=45)
"""As long as CIS AWS Foundations and Security Hub (IAM.22) permit."""

RECENT = timedelta(days=30)
"""A key that was used within this time may well be in use."""


@rule("IAM121", Severity.WARN, source=f"{_MANAGING}#Using_RotateAccessKey")
def access_keys_are_young(review: Review) -> Iterator[Hit]:
    """Active access keys are not older than ``access_keys.max_age_days``."""
    longest = review.desired.settings.access_keys.max_age_days
    for subject, made, _ in _active_keys(review):
        if made and review.now - made > timedelta(days=longest):
            age = (review.now - made).days
            yield Hit(subject, f"the access key is {age} days old, more than {longest}; let its owner rotate it")


@rule(
    "IAM122",
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html",
)
def access_keys_are_used(review: Review) -> Iterator[Hit]:
    """Active access keys have been used within 45 days."""
    for subject, _, used in _active_keys(review):
        if used is None:
            yield Hit(subject, "no use of the access key is known; lower access_keys of its user unless it is needed")
        elif review.now - used > UNUSED:
            idle = (review.now - used).days
            message = f"the access key has not been used for {idle} days, since {used:%Y-%m-%d}"
            yield Hit(subject, f"{message}; lower access_keys of its user unless it is needed")


@rule("IAM123", Severity.REFUSE, source=f"{_MANAGING}#Using_RotateAccessKey")
def access_keys_in_use_stay_active(review: Review) -> Iterator[Hit]:
    """No plan makes an access key inactive that was used within 30 days, unless ``--allow-removals`` says so."""
    if "access_keys" in review.allowed_removals:
        return
    for change in review.changes:
        key = change.before
        if not isinstance(key, AccessKey) or not key.takes(change.after):
            continue
        if Address.of("user", key.user) in review.gone or not key.is_active or key.last_use is None:
            continue
        if review.now - key.last_use.at <= RECENT:
            told = f"the access key was used on {key.last_use.at:%Y-%m-%d} and would be made inactive"
            number = sum(isinstance(one.before, AccessKey) and one.before.takes(one.after) for one in review.changes)
            way_out = f"raise access_keys of {key.user!r}, or allow it with --allow-removals access_keys={number}"
            yield Hit(key, f"{told}; {way_out}")


def _active_keys(review: Review) -> Iterator[tuple[Resource, datetime | None, datetime | None]]:
    """Yield the active keys of declared users that stay so: of what, when it was made, when it was used."""
    for user in review.scoped.desired.of_kind(User):
        live = review.scoped.whole.get(user.address)
        for key in live.credentials.access_keys or () if isinstance(live, User) else ():
            if key.is_active:
                yield from _staying(key, user, review)


def _staying(key: HeldKey, user: User, review: Review) -> Iterator[tuple[Resource, datetime | None, datetime | None]]:
    used = key.last_use.at if key.last_use else None
    if key.id is None:
        yield user, key.created, used
        return
    after = review.after.get(Address.of("access-key", user.name, key.id))
    if isinstance(after, AccessKey) and after.is_active:
        yield after, key.created, used
