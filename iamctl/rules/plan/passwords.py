"""Passwords that nobody uses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from iamctl.audit.controls import credentials
from iamctl.audit.outcome import failures
from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule
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
    for found in failures(credentials.passwords_are_used(review.audited)):
        user = review.scoped.desired.get(found.address) if found.address else None
        if user is None or user.address in console.made or not console.has_password(user.address):
            continue
        since = found.values["since"]
        if isinstance(since, datetime):
            ago = f"{counted((review.now - since).days, 'day')} ago, on {since:%Y-%m-%d}"
            message = (
                f"was last used {ago}" if "used" in found.values else f"was created {ago}, and has never been used"
            )
            yield Hit(user, f"the password {message}; remove console unless the user needs it")
