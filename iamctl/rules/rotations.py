"""Rotations of access keys that cannot work as declared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from iamctl.kinds import User
from iamctl.kinds.rotation import RotationRule
from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.wording import counted, some

_QUOTAS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"


@rule("IAM126", Severity.ERROR, stage="manifests", source=_QUOTAS)
def rotations_can_work(review: Review) -> Iterator[Hit]:
    """A rotation replaces one key, has room for the new one when it is due, and delivers it."""
    settings = review.desired.settings
    patience = timedelta(days=settings.access_keys.delete_after_days)
    by_secret: defaultdict[str, list[User]] = defaultdict(list)
    for user in review.desired.state.of_kind(User):
        declared = user.rotation
        if declared is None:
            continue
        if declared.secret:
            by_secret[declared.secret].append(user)
        elif settings.secrets is None or settings.secrets.deliver != "age":
            message = (
                "'deliver: age' needs recipients; set 'secrets: {deliver: age, recipients: [age1…]}' in iamctl.yaml"
            )
            yield Hit(user, f"access_keys.rotate: {message}", facts=("recipients",))
        if user.access_keys != 1:
            message = f"count is {user.access_keys}; rotate needs count 1, because IAM allows two keys and inactive keys count"
            yield Hit(user, f"access_keys.rotate: {message}", facts=("count",))
        yield from _durations(user, declared, patience)
    for secret, users in sorted(by_secret.items()):
        if len(users) > 1:
            names = some(user.name for user in users)
            message = f"the secret {secret} would receive the keys of {names}; use one secret for each user"
            yield Hit(users[-1], f"access_keys.rotate: {message}", facts=("secret", secret))


def _durations(user: User, declared: RotationRule, patience: timedelta) -> Iterator[Hit]:
    least = declared.overlap + patience
    if declared.every <= least:
        parts = f"overlap ({declared.overlap.days}) plus access_keys.delete_after_days ({patience.days})"
        message = f"every ({counted(declared.every.days, 'day')}) must be longer than {parts}"
        way_out = "else the next rotation is due while IAM still has two keys"
        yield Hit(user, f"access_keys.rotate: {message}, {way_out}", facts=("every",))
