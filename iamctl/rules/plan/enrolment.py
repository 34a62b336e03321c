"""Console users without an MFA device."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from iamctl.kinds import User
from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.plan.console_users import ConsoleUsers
from iamctl.rules.wording import counted, some


@rule(
    "IAM112",
    Severity.WARN,
    source="https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-5",
    plural="users have a password and no MFA device",
)
def console_users_enrol_a_device(review: Review) -> Iterator[Hit]:
    """Users with a password enrol an MFA device within ``mfa.enrol_within_days``."""
    days = review.desired.settings.mfa.enrol_within_days
    console = ConsoleUsers(review)
    untold = []
    for user in console.managed:
        live = review.scoped.whole.get(user.address)
        if not isinstance(live, User):
            continue
        held = live.credentials
        if console.has_password(user.address) is False or held.has_mfa:
            continue
        if held.has_password is None or held.has_mfa is None:
            untold.append(user.name)
        elif held.has_password and (told := _overdue(live, review, timedelta(days=days))):
            yield Hit(user, f"{told}; ask the user to enrol one, or remove console from the user")
    if untold:
        users = counted(len(untold), "user")
        message = f"MFA devices were not checked for {users}, whose passwords or devices are unknown: {some(untold)}"
        yield Hit(None, message, Severity.INFO)


def _overdue(user: User, review: Review, within: timedelta) -> str | None:
    since = user.credentials.password_since
    if since is None:
        return "the user has a password but no MFA device; the date of the password is unknown"
    if review.now - since <= within:
        return None
    days = counted((review.now - since).days, "day")
    return f"the user has had a password but no MFA device since {since:%Y-%m-%d} ({days})"
