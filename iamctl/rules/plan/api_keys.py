"""Long-term API keys of single services."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.kinds import User
from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule
from iamctl.text.counted import counted


@rule(
    "IAM438",
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_api_keys_for_aws_services.html",
    plural="users have long-term API keys that never expire",
)
def api_keys_expire(review: Review) -> Iterator[Hit]:
    """Long-term API keys of declared users have an expiration date."""
    for user in review.scoped.desired.of_kind(User):
        live = review.scoped.whole.get(user.address)
        if not isinstance(live, User):
            continue
        endless = [key for key in live.credentials.api_keys(review.now) if key.expires is None]
        if endless:
            services = ", ".join(sorted({key.service for key in endless}))
            told = f"{counted(len(endless), 'long-term API key')} for {services} never expires"
            if len(endless) > 1:
                told = f"{counted(len(endless), 'long-term API key')} for {services} never expire"
            yield Hit(
                user, f"{told}; delete or reset it with an expiration date", facts=tuple(key.id for key in endless)
            )
