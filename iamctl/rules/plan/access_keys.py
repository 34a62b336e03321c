"""Access keys that are too old, unused, or still in use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from iamctl.audit.controls import credentials
from iamctl.audit.outcome import Failing, Outcome, failures
from iamctl.kinds import AccessKey, User
from iamctl.kinds.access_key import new_key_address
from iamctl.model import Address, Change, Resource, Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.plan.keys_in_use import recently_used, replacement
from iamctl.rules.wording import counted, some

_MANAGING = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html"

FORGOTTEN = timedelta(days=365)
"""After this time, nobody is likely to need an inactive key again."""


@rule(
    "IAM121",
    Severity.WARN,
    source=f"{_MANAGING}#Using_RotateAccessKey",
    plural="access keys are older than access_keys.max_age_days",
)
def access_keys_are_young(review: Review) -> Iterator[Hit]:
    """Active access keys are no older than ``access_keys.max_age_days``."""
    longest = review.desired.settings.access_keys.max_age_days
    for subject, found in _staying(review, credentials.old_keys(review.audited, longest)):
        made = found.values["created"]
        if isinstance(made, datetime):
            age = counted((review.now - made).days, "day")
            told = f"the access key is {age} old; the limit is {counted(longest, 'day')}"
            yield Hit(subject, f"{told}. {_way_out(review, subject)}")


def _way_out(review: Review, subject: Resource) -> str:
    """Return what to do about an old key; iamctl itself replaces one that rotates."""
    user = review.scoped.desired.get(Address.of(User.kind, subject.address.parts[0]))
    if not isinstance(user, User) or user.rotation is None:
        return "Ask its owner to rotate it"
    if new_key_address(user.name) in review.scoped.desired:
        return "This plan creates the key that replaces it"
    return "Its rotation waits (IAM127), or 'every' is longer than this limit"


@rule(
    "IAM122",
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html",
    plural="active access keys have not been used for 45 days",
)
def access_keys_are_used(review: Review) -> Iterator[Hit]:
    """Active access keys have been used or created within 45 days."""
    way_out = "lower access_keys of its user unless the key is needed"
    for subject, found in _staying(review, credentials.access_keys_are_used(review.audited)):
        since = found.values.get("since")
        if not isinstance(since, datetime):
            yield Hit(subject, f"the access key has no recorded use; {way_out}")
        else:
            ago = f"{counted((review.now - since).days, 'day')} ago, on {since:%Y-%m-%d}"
            message = (
                f"was last used {ago}" if "used" in found.values else f"was created {ago}, and has never been used"
            )
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
    """No plan deactivates a key used within 30 days, unless a newer one was used since, or it is listed or permitted.

    The manifest lists a key under ``retire``; ``--allow-removals`` permits a number of them, and an approval these.
    """
    taken = [change for change in review.changes if change.before and _is_taken(change)]
    for _, key in recently_used(review):
        assert key.last_use is not None
        told = f"the access key was used on {key.last_use.at:%Y-%m-%d} and would be deactivated"
        if newer := replacement(key, review):
            used = f"the newer key {newer.key_id} was used after it, on {newer.last_used:%Y-%m-%d}"
            yield Hit(key, f"{told}; {used}, and stays active", Severity.WARN)
        elif "access_keys" not in review.allowed_removals and not review.approving.are_removals_approved:
            name = f"list it under 'retire' in access_keys of {key.user!r}"
            yield Hit(key, f"{told}; {name}, raise the count there, or pass --allow-removals access_keys={len(taken)}")


def _is_taken(change: Change) -> bool:
    return isinstance(change.before, AccessKey) and change.before.takes(change.after)


@rule("IAM129", Severity.WARN, source=f"{_MANAGING}#Using_RotateAccessKey")
def retired_keys_exist(review: Review) -> Iterator[Hit]:
    """Every key under ``retire`` is a key of its user; a plan never deactivates another key in its place."""
    known, deactivated = defaultdict(set), defaultdict(list)
    for key in review.scoped.whole.of_kind(AccessKey):
        known[Address.of("user", key.user)].add(key.key_id)
    for change in review.changes:
        before, after = change.before, change.after
        if (
            isinstance(before, AccessKey)
            and isinstance(after, AccessKey)
            and before.takes(after)
            and not after.is_retired
        ):
            deactivated[Address.of("user", before.user)].append(before.key_id)
    for user in review.scoped.desired.of_kind(User):
        live = review.scoped.whole.get(user.address)
        if not user.retired_keys or not isinstance(live, User) or not _has_known_ids(live):
            continue
        unknown = [key for key in user.retired_keys if key not in known[user.address]]
        instead = deactivated[user.address]
        if unknown and instead:
            message = f"the user has no access key {some(unknown)}, and this plan would deactivate {some(instead)}"
            yield Hit(user, f"{message} instead; correct the id under 'retire'", Severity.REFUSE)
        elif unknown:
            message = f"the user has no access key {some(unknown)}; if it was retired, delete the line"
            yield Hit(user, f"{message} under 'retire', else correct the id")


def _has_known_ids(user: User) -> bool:
    keys = user.credentials.access_keys
    return keys is not None and all(key.id is not None for key in keys)


def _staying(review: Review, outcomes: Iterable[Outcome]) -> Iterator[tuple[Resource, Failing]]:
    """Yield what fails of keys of declared users that stay active, with the subject: the key, or its user."""
    for found in failures(outcomes):
        if found.address is None:
            continue
        user = review.scoped.desired.get(Address.of("user", found.address.parts[0]))
        subject = user if found.address.kind == User.kind else review.after.get(found.address)
        if isinstance(user, User) and subject and (not isinstance(subject, AccessKey) or subject.is_active):
            yield subject, found
