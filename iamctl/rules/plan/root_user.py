"""The root user of the account, as ``GetAccountSummary`` and the credential report describe it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule

_PRACTICES = "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html"
_LATELY = timedelta(days=45)


@rule("IAM901", Severity.WARN, source=f"{_PRACTICES}#ru-bp-access-keys")
def root_has_no_access_keys(review: Review) -> Iterator[Hit]:
    """The root user has no access keys."""
    if review.live.root.has_access_keys:
        yield Hit(None, "the root user has access keys, which no policy can restrict; delete them")


@rule("IAM902", Severity.WARN, source=f"{_PRACTICES}#ru-bp-mfa")
def root_has_mfa(review: Review) -> Iterator[Hit]:
    """The root user has an MFA device, where it has a password or access keys."""
    root = review.live.root
    if root.has_mfa is not False:
        return
    if root.has_password or root.has_access_keys:
        yield Hit(None, "the root user has no MFA device; enable one")
    elif root.has_password is None:
        message = "the MFA of the root user is not evaluated: whether it has a password is not known here"
        yield Hit(None, message, Severity.INFO)


@rule("IAM903", Severity.WARN, source=f"{_PRACTICES}#ru-bp-secure")
def root_is_not_used(review: Review) -> Iterator[Hit]:
    """The root user has not signed in and has used no access key within 45 days, as the credential report says."""
    root = review.live.root
    used = {"signed in": root.signed_in, "used an access key": root.key_used}
    lately = [f"{did} on {at:%Y-%m-%d}" for did, at in used.items() if at and review.now - at <= _LATELY]
    if lately:
        message = f"the root user {' and '.join(lately)}; find out who that was and what for"
        yield Hit(None, f"{message}, and use roles for everyday work")
