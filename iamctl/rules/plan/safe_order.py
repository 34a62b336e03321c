"""Plans whose calls give someone additional access in every order."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.kinds.user import User
from iamctl.model import Address, Severity
from iamctl.model.blocked import Gain, GainByTags, Reaches
from iamctl.report.order_words import call_words, objection_words
from iamctl.rules import Hit, Review, rule

MOST_CALLS = 3
"""How many calls a message lists."""


@rule(
    "IAM420",
    Severity.REFUSE,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
)
def nobody_gains_access_on_the_way(review: Review) -> Iterator[Hit]:
    """Some order of the calls gives nobody access, even for a moment, that neither the old nor the new state allows."""
    if review.ordered is None:
        return
    for found in review.ordered.impossible:
        kind, _, name = found.objection.who.partition("/")
        subject = Address.of(kind, name) if kind in {"user", "group"} else None
        if subject and _goes_unknown(subject, review):
            continue  # IAM407 reports what is missing to plan their removal
        calls = " and ".join(call_words(review.ordered.calls[index]) for index in found.calls[:MOST_CALLS])
        more = f" and {len(found.calls) - MOST_CALLS} more" if len(found.calls) > MOST_CALLS else ""
        beyond = ", which the account allows neither before nor after this plan"
        harm = f"{objection_words(found.objection)}{beyond if isinstance(found.objection.why, Gain | GainByTags | Reaches) else ''}"
        yield Hit(subject, f"no order of {calls}{more} is safe: in between, {harm}. Split the change into two merges")


def _goes_unknown(subject: Address, review: Review) -> bool:
    """Return whether a user is to be deleted whose credentials are unknown."""
    user = review.scoped.whole.get(subject)
    return subject in review.scoped.going and isinstance(user, User) and bool(user.credentials.unknown)
