"""The last administrators, without whom nobody can repair the account."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.wording import counted, some

ENOUGH = 2
"""With this many administrators left, one can leave or lose an MFA device without locking everyone out."""


@rule(
    "IAM412",
    Severity.REFUSE,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/getting-started-emergency-iam-user.html",
)
def administrators_remain(review: Review) -> Iterator[Hit]:
    """At least two administrators who can sign in remain, or as many as before."""
    if not review.changes:
        return
    before, after = review.administrators
    if len(after.users) >= min(ENOUGH, len(before.users)):
        return
    left = f"{len(after.users)} after ({some(after.users)})" if after.users else "none after"
    signed_in = f"{len(before.users)} before this plan ({some(before.users)}), {left}"
    parts = [f"administrators with a password or an active access key: {signed_in}"]
    if doubtful := sorted({*before.doubtful, *after.doubtful}):
        parts.append(f"It is unknown whether {some(doubtful)} can sign in")
    if after.roles:
        verb = "is also an administrator" if len(after.roles) == 1 else "are also administrators"
        parts.append(f"{counted(len(after.roles), 'role')} {verb}, but roles do not count")
    yield Hit(None, f"{'. '.join(parts)}. Promote another administrator in an earlier merge")
