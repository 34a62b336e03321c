"""Access keys that are too old, unused, or still in use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from iamctl.kinds import AccessKey, User
from iamctl.kinds.credentials import HeldKey
from iamctl.model import Address, Resource, Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.wording import counted

_MANAGING = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html"

UNUSED = timedelta(days=45)
"""As long as CIS AWS Foundations and Security Hub (IAM.22) permit."""

FORGOTTEN = timedelta(days=365)
"""After this time, nobody is likely to need an inactive key again."""

RECENT = timedelta(days=30)
"""A key used within this period may still be in use."""


@rule(
    "IAM121",
    Severity.WARN,
    source=f"{_MANAGING}#Using_RotateAccessKey",
    plural="access keys are older than access_keys.max_age_days",
)
def access_keys_are_young(review: Review) -> Iterator[Hit]:
    """Active access keys are no older than ``access_keys.max_age_days``."""
    longest = review.desired.settings.access_keys.max_age_days
    for subject, made, _ in _active_keys(review):
        if made and review.now - made > timedelta(days=longest):
            age = counted((review.now - made).days, "day")
            yield Hit(
                subject,
                f"the access key is {age} old; the limit is {counted(longest, 'day')}. Ask its owner to rotate it",
            )


@rule(
    "IAM122",
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html",
    plural="active access keys have not been used for 45 days",
)
def access_keys_are_used(review: Review) -> Iterator[Hit]:
    """Active access keys have been used or created within 45 days."""
    way_out = "lower access_keys of its user unless the key is needed"
    for subject, made, used in _active_keys(review):
        since = max((moment for moment in (made, used) if moment), default=None)
        if since is None:
            yield Hit(subject, f"the access key has no recorded use; {way_out}")
        elif review.now - since > UNUSED:
            ago = f"{counted((review.now - since).days, 'day')} ago, on {since:%Y-%m-%d}"
            message = f"was last used {ago}" if used else f"was created {ago}, and has never been used"
            yield Hit(subject, f"the access key {message}; {way_out}")


@rule(
    "IAM125",
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html",
    plural="inactive access keys have not been used for a year",
)
def inactive_keys_are_deleted(review: Review) -> Iterator[Hit]:
    """No inactive access key has been unused for more than a year."""
    for key in review.after.of_kind(AccessKey):
        owner = Address.of("user", key.user)
        if key.is_active or key.inactive_since or owner not in review.scoped.desired:
            continue
        since = max((moment for moment in (key.created, key.last_used) if moment), default=None)
        if since and review.now - since > FORGOTTEN:
            ago = f"{counted((review.now - since).days, 'day')} ago, on {since:%Y-%m-%d}"
            last = f"last used {ago}" if key.last_used == since else f"created {ago}, and has no recorded use"
            message = (
                f"the access key is inactive and was {last}; delete it, since anyone who may activate it can use it"
            )
            yield Hit(key, message)


@rule("IAM123", Severity.REFUSE, source=f"{_MANAGING}#Using_RotateAccessKey")
def access_keys_in_use_stay_active(review: Review) -> Iterator[Hit]:
    """No plan deactivates an access key used within the last 30 days, unless ``--allow-removals`` permits it."""
    if "access_keys" in review.allowed_removals:
        return
    for change in review.changes:
        key = change.before
        if not isinstance(key, AccessKey) or not key.takes(change.after):
            continue
        if Address.of("user", key.user) in review.gone or not key.is_active or key.last_use is None:
            continue
        if review.now - key.last_use.at <= RECENT:
            told = f"the access key was used on {key.last_use.at:%Y-%m-%d} and would be deactivated"
            number = sum(isinstance(one.before, AccessKey) and one.before.takes(one.after) for one in review.changes)
            way_out = f"raise access_keys of {key.user!r}, or pass --allow-removals access_keys={number}"
            yield Hit(key, f"{told}; {way_out}")


def _active_keys(review: Review) -> Iterator[tuple[Resource, datetime | None, datetime | None]]:
    """Yield the active keys of declared users that stay active: the subject, when it was created, when it was last used."""
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
