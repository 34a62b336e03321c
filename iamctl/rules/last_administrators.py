"""The last administrators: an account that nobody can mend any more."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.wording import counted, some

ENOUGH = 2
"""So many administrators remain, that one may leave, or lose an MFA device, without locking everybody out."""


@rule(
    "IAM412",
    Severity.REFUSE,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/getting-started-emergency-iam-user.html",
)
def administrators_remain(review: Review) -> Iterator[Hit]:
    """Two users who may do everything and can sign in remain, or as many as there were before."""
    if not review.changes:
        return
    before, after = review.administrators
    if len(after.users) >= min(ENOUGH, len(before.users)):
        return
    left = some(after.users) if after.users else "nobody"
    were = f"{counted(len(before.users), 'administrator')} with a password or an active access key"
    parts = [f"of {were} ({some(before.users)}) this plan leaves {len(after.users)} ({left})"]
    if doubtful := sorted({*before.doubtful, *after.doubtful}):
        parts.append(f"whether {some(doubtful)} can sign in is not known here")
    if after.roles:
        verb = "is an administrator" if len(after.roles) == 1 else "are administrators"
        parts.append(f"{counted(len(after.roles), 'role')} {verb}, too, and a role does not count")
    yield Hit(None, f"{'; '.join(parts)}; make another one an administrator first, in a merge before this one")
