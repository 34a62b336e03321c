"""Long-term API keys of single services."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.audit.controls import credentials
from iamctl.audit.outcome import failures
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
    for found in failures(credentials.api_keys_expire(review.audited)):
        user = review.scoped.desired.get(found.address) if found.address else None
        names, endless = found.values["services"], found.values["ids"]
        if user and isinstance(names, tuple) and isinstance(endless, tuple):
            services, verb = ", ".join(names), "expires" if len(endless) == 1 else "expire"
            told = f"{counted(len(endless), 'long-term API key')} for {services} never {verb}"
            yield Hit(user, f"{told}; delete or reset it with an expiration date", facts=endless)
