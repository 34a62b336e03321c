"""Plans whose calls give someone additional access in every order."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.kinds.user import User
from iamctl.kinds.user_inline_policy import UserInlinePolicy
from iamctl.model import Address, Severity
from iamctl.model.blocked import Gain, GainByTags, Reaches
from iamctl.model.transition import is_transition
from iamctl.policy.middle import denies
from iamctl.report.order_words import call_words, objection_words
from iamctl.rules import Hit, Review, rule
from iamctl.rules.wording import counted

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
        is_gain = isinstance(found.objection.why, Gain | GainByTags | Reaches)
        harm = f"{objection_words(found.objection)}{beyond if is_gain else ''}"
        yield Hit(subject, f"no order of {calls}{more} is safe: in between, {harm}. {_ways_out(review)}")


def _ways_out(review: Review) -> str:
    """Return how to get there; whoever allowed temporary policies knows that they are not enough."""
    if review.allow_transition:
        return "Temporary policies do not help here. Split the change into two merges"
    return "Split the change into two merges, or rerun with --allow-transition"


@rule(
    "IAM421",
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
    first=True,
)
def temporary_policies_are_shown(review: Review) -> Iterator[Hit]:
    """No apply leaves a temporary policy on a user: such a policy only denies, and iamctl removes it at the end."""
    for found in review.ordered.transitions if review.ordered else ():
        count = counted(sum(1 for _ in denies(found.document)), "statement")
        put, removed = found.calls
        message = f"is denied {count} more from call {put} to call {removed}, by the temporary policy {found.name}"
        yield Hit(Address.of("user", found.user), message, facts=(str(found.address), found.document.text))
    for policy in review.deleted:
        if isinstance(policy, UserInlinePolicy) and is_transition(policy.address) and policy.owner not in review.gone:
            message = f"has the temporary policy {policy.name} of an interrupted apply; this plan removes it last"
            yield Hit(Address.of("user", policy.user), message, facts=(str(policy.address),))


def _goes_unknown(subject: Address, review: Review) -> bool:
    """Return whether a user is to be deleted whose credentials are unknown."""
    user = review.scoped.whole.get(subject)
    return subject in review.scoped.going and isinstance(user, User) and bool(user.credentials.unknown)
