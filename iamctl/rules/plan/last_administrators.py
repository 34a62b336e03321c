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
    """At least two managed administrators who can sign in remain, or as many as before."""
    if not review.changes:
        return
    before, after = review.administrators
    lost = {*before.users} - {*after.users}
    had = [user for user in before.users if user in review.scoped.managed or user in lost]
    remain = [user for user in after.users if user in review.scoped.managed]
    if len(remain) >= min(ENOUGH, len(had)):
        return
    left = f"{len(remain)} after ({some(remain)})" if remain else "none after"
    signed_in = f"{len(had)} before this plan ({some(had)}), {left}"
    parts = [f"administrators with a password or an active access key: {signed_in}"]
    if others := [user for user in after.users if user not in review.scoped.managed]:
        parts.append(f"Users whom the manifests do not manage do not count: {some(others)}")
    if doubtful := sorted({*had, *remain} & {*before.doubtful, *after.doubtful}):
        parts.append(f"It is unknown whether {some(doubtful)} can sign in")
    if after.roles:
        verb = "is also an administrator" if len(after.roles) == 1 else "are also administrators"
        parts.append(f"{counted(len(after.roles), 'role')} {verb}, but roles do not count")
    yield Hit(None, f"{'. '.join(parts)}. Promote another administrator in an earlier merge")
