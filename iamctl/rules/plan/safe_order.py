"""Plans whose calls give someone additional access in every order."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.kinds.transition import MAX_SIZE
from iamctl.kinds.user import User
from iamctl.kinds.user_inline_policy import UserInlinePolicy
from iamctl.model import Address, Severity
from iamctl.model.blocked import Gain, GainByTags, Reaches
from iamctl.model.transition import is_transition
from iamctl.policy.widened import SHORTEST
from iamctl.report.order_words import call_words, objection_words, transition_words
from iamctl.rules import Hit, Review, rule

_STAYS = (
    ", which only an apply that manages the user removes; declare the user, or delete the policy with "
    "'aws iam delete-user-policy'"
)
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
        yield Hit(subject, f"no order of {calls}{more} is safe: in between, {harm}. {_ways_out(review, subject)}")


def _ways_out(review: Review, subject: Address | None) -> str:
    """Return how to get there; whoever allowed temporary policies knows that they are not enough."""
    if not review.allow_transition:
        return "Split the change into two merges, or rerun with --allow-transition"
    own = (policy for policy in review.scoped.whole.of_kind(UserInlinePolicy) if policy.owner == subject)
    size = sum(policy.document.size for policy in own)
    if MAX_SIZE - size < SHORTEST:
        full = f"The inline policies of {subject} have {size:,} of {MAX_SIZE:,} characters, so a temporary one does not fit"
        return f"{full}. Split the change into two merges"
    return "Temporary policies do not help here. Split the change into two merges"


@rule(
    "IAM421",
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
    first=True,
)
def temporary_policies_are_shown(review: Review) -> Iterator[Hit]:
    """No apply leaves a temporary policy on a user: such a policy only denies, and iamctl removes it at the end."""
    for found in review.ordered.transitions if review.ordered else ():
        facts = (str(found.address), found.document.text)
        yield Hit(Address.of("user", found.user), transition_words(found), facts=facts)
    for policy in review.scoped.whole.of_kind(UserInlinePolicy):
        if is_transition(policy.address) and policy.owner not in review.gone:
            ending = "; this plan removes it last" if policy.address in review.gone else _STAYS
            message = f"has the temporary policy {policy.name} of an interrupted apply{ending}"
            yield Hit(Address.of("user", policy.user), message, facts=(str(policy.address),))


def _goes_unknown(subject: Address, review: Review) -> bool:
    """Return whether a user is to be deleted whose credentials are unknown."""
    user = review.scoped.whole.get(subject)
    return subject in review.scoped.going and isinstance(user, User) and bool(user.credentials.unknown)
