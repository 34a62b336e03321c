"""New passwords without a way to deliver them."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.model import Change, Severity
from iamctl.rules import Hit, Review, rule


@rule(
    "IAM114",
    Severity.REFUSE,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_admin-change-user.html",
)
def a_new_password_reaches_somebody(review: Review) -> Iterator[Hit]:
    """A plan that creates passwords has a way to deliver them."""
    if review.desired.settings.secrets is not None:
        return
    for change in review.changes:
        if _makes_password(change):
            yield Hit(
                change.after,
                "there is no way to deliver the new password. Set secrets in iamctl.yaml: 'secrets: {deliver: age, "
                "directory: handover, recipients: [age1…]}' with the public keys of the people who pass it on, or "
                "'secrets: {deliver: terminal}'",
                facts=("not-delivered",),
            )


def _makes_password(change: Change) -> bool:
    if change.address.kind != "login-profile" or change.after is None:
        return False
    return any(step.operation == "CreateLoginProfile" for step in change.steps())
