"""The root user of the account, as ``GetAccountSummary`` reports it."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule


@rule(
    "IAM901",
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html#ru-bp-access-keys",
)
def root_has_no_access_keys(review: Review) -> Iterator[Hit]:
    """The root user has no access keys."""
    if review.live.summary.get("AccountAccessKeysPresent", 0):
        yield Hit(None, "the root user has access keys, which no policy can restrict; delete them")


@rule(
    "IAM902",
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html#ru-bp-mfa",
)
def root_has_mfa(review: Review) -> Iterator[Hit]:
    """The root user signs in with MFA."""
    if review.live.summary.get("AccountMFAEnabled", 1) == 0:
        yield Hit(None, "the root user has no MFA device; enable one")
