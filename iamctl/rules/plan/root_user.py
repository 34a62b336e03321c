"""The root user of the account, as ``GetAccountSummary`` and the credential report describe it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from iamctl.audit.controls import root_user
from iamctl.audit.outcome import Failing, Undecided, failures
from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule

_PRACTICES = "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html"
_USES = {"signed_in": "signed in", "key_used": "used an access key"}


@rule("IAM901", Severity.WARN, source=f"{_PRACTICES}#ru-bp-access-keys")
def root_has_no_access_keys(review: Review) -> Iterator[Hit]:
    """The root user has no access keys."""
    for _ in failures(root_user.root_has_no_access_keys(review.audited)):
        yield Hit(None, "the root user has access keys, which no policy can restrict; delete them")


@rule("IAM902", Severity.WARN, source=f"{_PRACTICES}#ru-bp-mfa")
def root_has_mfa(review: Review) -> Iterator[Hit]:
    """The root user has an MFA device, where it has a password or access keys."""
    root = review.live.root
    for outcome in root_user.root_has_mfa(review.audited):
        if isinstance(outcome, Failing):
            yield Hit(None, "the root user has no MFA device; enable one")
        elif isinstance(outcome, Undecided) and root.has_mfa is False and root.has_password is None:
            message = "the MFA of the root user is not evaluated: whether it has a password is not known here"
            yield Hit(None, message, Severity.INFO)


@rule("IAM903", Severity.WARN, source=f"{_PRACTICES}#ru-bp-secure")
def root_is_not_used(review: Review) -> Iterator[Hit]:
    """The root user has not signed in and has used no access key within 45 days, as the credential report says."""
    for outcome in failures(root_user.root_is_not_used(review.audited)):
        used = {how: at for how, at in outcome.values.items() if isinstance(at, datetime)}
        lately = " and ".join(f"{_USES[how]} on {at:%Y-%m-%d}" for how, at in used.items())
        message = f"the root user {lately}; find out who that was and what for"
        yield Hit(None, f"{message}, and use roles for everyday work")
