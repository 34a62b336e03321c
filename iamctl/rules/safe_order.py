"""Plans that no order of calls can carry out without somebody gaining access on the way."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.model import Address, Severity
from iamctl.order.words import meanwhile
from iamctl.rules import Hit, Review, rule


@rule(
    "IAM420",
    Severity.REFUSE,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
)
def nobody_gains_access_on_the_way(review: Review) -> Iterator[Hit]:
    """Some order of the calls keeps everybody within what they may do before or after."""
    for found in review.ordered.impossible if review.ordered else ():
        kind, _, name = found.person.partition("/")
        subject = Address.of(kind, name) if kind in {"user", "group"} else None
        calls = ", ".join(map(str, found.calls[:5])) + (", ..." if len(found.calls) > 5 else "")
        yield Hit(
            subject,
            f"no order of the calls {calls} is safe: in between {meanwhile(found.person, found.statement)}, which "
            "neither the account before nor the account after allows; split the change into two merges",
        )
