"""Which account and which caller a plan is for."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule


@rule(
    "IAM402",
    Severity.REFUSE,
    source="https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html",
)
def the_account_is_that_of_the_manifests(review: Review) -> Iterator[Hit]:
    """The account is the one that the manifests name."""
    settings, live = review.desired.settings, review.live.account_id
    if settings.account_id != live:
        message = f"the manifests are for account {settings.account_id} ({settings.account_name}), but this is {live}"
        yield Hit(None, f"{message}; use credentials of {settings.account_id}, or select another --account")


@rule(
    "IAM403",
    Severity.REFUSE,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html",
)
def the_caller_is_not_the_root_user(review: Review) -> Iterator[Hit]:
    """The caller is a role or a user, not the root user of the account."""
    if (review.live.caller_arn or "").endswith(":root"):
        yield Hit(None, "the credentials are those of the root user; use a role or an IAM user instead")
