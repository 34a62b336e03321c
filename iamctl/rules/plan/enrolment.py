"""Console users without an MFA device."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from iamctl.audit.controls import mfa
from iamctl.audit.outcome import Failing, Undecided
from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.plan.console_users import ConsoleUsers
from iamctl.rules.wording import counted, some

_OF_USERS = (Failing, Undecided)


@rule(
    "IAM112",
    Severity.WARN,
    source="https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-5",
    plural="users have a password and no MFA device",
)
def console_users_enrol_a_device(review: Review) -> Iterator[Hit]:
    """Users with a password enrol an MFA device within ``mfa.enrol_within_days``."""
    days = timedelta(days=review.desired.settings.mfa.enrol_within_days)
    console = ConsoleUsers(review)
    untold = []
    for found in mfa.console_users_have_mfa(review.audited):
        user = review.scoped.desired.get(found.address) if isinstance(found, _OF_USERS) and found.address else None
        if user is None or console.has_password(user.address) is False:
            continue
        if isinstance(found, Undecided):
            untold.append(user.address.name)
        elif isinstance(found, Failing) and (told := _overdue(found.values.get("since"), review, days)):
            yield Hit(user, f"{told}; ask the user to enrol one, or remove console from the user")
    if untold:
        users = counted(len(untold), "user")
        message = f"MFA devices were not checked for {users}, whose passwords or devices are unknown: {some(untold)}"
        yield Hit(None, message, Severity.INFO)


def _overdue(since: object, review: Review, within: timedelta) -> str | None:
    if not isinstance(since, datetime):
        return "the user has a password but no MFA device; the date of the password is unknown"
    if review.now - since <= within:
        return None
    days = counted((review.now - since).days, "day")
    return f"the user has had a password but no MFA device since {since:%Y-%m-%d} ({days})"
