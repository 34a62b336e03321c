"""Passwords that nobody uses."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.kinds import User
from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.plan.access_keys import UNUSED
from iamctl.rules.plan.console_users import ConsoleUsers
from iamctl.rules.wording import counted


@rule(
    "IAM124",
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html",
    plural="passwords have not been used for 45 days",
)
def passwords_are_used(review: Review) -> Iterator[Hit]:
    """Passwords have been used or created within 45 days."""
    console = ConsoleUsers(review)
    for user in console.managed:
        live = review.scoped.whole.get(user.address)
        if not isinstance(live, User) or user.address in console.made or not console.has_password(user.address):
            continue
        held = live.credentials
        if not held.is_password_use_known and held.password_used is None:
            continue
        since = max((moment for moment in (held.password_since, held.password_used) if moment), default=None)
        if since is None or review.now - since <= UNUSED:
            continue
        ago = f"{counted((review.now - since).days, 'day')} ago, on {since:%Y-%m-%d}"
        message = f"was last used {ago}" if held.password_used else f"was created {ago}, and has never been used"
        yield Hit(user, f"the password {message}; remove console unless the user needs it")
