"""Rotations of access keys that wait, and for what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from iamctl.kinds import AccessKey, User
from iamctl.kinds.access_key import deeds_for, keys_by_user
from iamctl.kinds.rotation import RotationRule, Wait, WaitReason
from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.wording import counted

_ROTATING = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html#Using_RotateAccessKey"

_WAITS: Mapping[WaitReason, str] = {
    WaitReason.KEYS_UNKNOWN: "the access keys are unknown; plan against the account, or use iamctl snapshot --credentials exact",
    WaitReason.USE_UNKNOWN: "it is unknown whether the access key {key} was used; plan against the account",
    WaitReason.SECRET_UNKNOWN: "it is unknown whether the secret {secret} exists and which key it holds; plan against the "
    "account, and allow secretsmanager:DescribeSecret on it",
    WaitReason.SECRET_MISSING: "the secret {secret} does not exist in this account and region; create it first",
    WaitReason.NEW_UNUSED: "the new access key {key} has never been used, so {other} stays active. Use {key} in its "
    "place, or list {key} under 'retire' if nobody has it",
    WaitReason.OLD_IN_USE: "the old access key {key} is still in use; iamctl deactivates it when it is unused for "
    "{overlap}, on {date} at the earliest. Use {other} in its place",
    WaitReason.OLD_USED_LAST: "the old access key {key} was used after the new one, {other}; iamctl deactivates it on "
    "{date}, or when {other} is used. Find out who still uses {key}",
    WaitReason.NO_ROOM: "IAM allows two access keys, and {other} is inactive and not deleted before {date}",
    WaitReason.DEACTIVATED: "another person deactivated the access key {key}, and the user has no other; activate it, or list "
    "it under 'retire' to get a new one",
}
_PASSING = frozenset({WaitReason.OLD_IN_USE, WaitReason.NO_ROOM})
"""What ends by itself."""


@rule("IAM127", Severity.WARN, source=_ROTATING, plural="rotations of access keys wait")
def waiting_rotations_are_explained(review: Review) -> Iterator[Hit]:
    """A rotation of access keys that waits is named, with the reason."""
    patience = timedelta(days=review.desired.settings.access_keys.delete_after_days)
    held = keys_by_user(review.scoped.whole)
    for user in review.scoped.desired.of_kind(User):
        if user.rotation is None:
            continue
        keys = held.get(user.address, [])
        wait = deeds_for(user, review.scoped.whole.get(user.address), keys, review.now, patience).waits
        if wait:
            is_passing = wait.reason in _PASSING or _is_young(wait, keys, user.rotation, review)
            told = f"the rotation of its access key waits: {_text(wait, user.rotation)}"
            yield Hit(user, told, Severity.INFO if is_passing else None, facts=(wait.reason.value, wait.key))


def _is_young(wait: Wait, keys: list[AccessKey], declared: RotationRule, review: Review) -> bool:
    """Return whether a new key was created so lately that nobody can be expected to use it."""
    created = next((key.created for key in keys if key.key_id == wait.key), None)
    is_unused = wait.reason is WaitReason.NEW_UNUSED
    return is_unused and created is not None and review.now - created < declared.overlap


def _text(wait: Wait, declared: RotationRule) -> str:
    return _WAITS[wait.reason].format(
        key=wait.key,
        other=wait.other,
        secret=declared.secret,
        overlap=counted(declared.overlap.days, "day"),
        date=f"{wait.until:%Y-%m-%d}" if wait.until else "",
    )
