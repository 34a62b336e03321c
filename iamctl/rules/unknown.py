"""Facts that the live state does not tell and that a plan would need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iamctl.kinds.policy import Policy
from iamctl.kinds.user import User
from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule


@rule("IAM407", Severity.REFUSE, source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html")
def what_a_plan_changes_is_known(review: Review) -> Iterator[Hit]:
    """A plan changes nothing that the live state does not tell; unknown is not absent."""
    for user in review.deleted:
        if isinstance(user, User) and (unknown := user.credentials.unknown):
            message = f"the user is planned for removal, but its {_all_of(unknown)} are not known"
            yield Hit(user, f"{message}; plan against the account, or take iamctl snapshot --credentials exact")
    for change in review.changes:
        live, policy = change.before, change.after
        if isinstance(live, Policy) and isinstance(policy, Policy) and (unknown := _unknown(live, policy)):
            message = f"the manifest gives the {_all_of(unknown)} of the policy, but the live state does not tell them"
            yield Hit(policy, f"{message}; plan against the account, or leave them out of the manifest")


def _unknown(live: Policy, policy: Policy) -> tuple[str, ...]:
    pairs = {"description": (live.description, policy.description), "tags": (live.tags, policy.tags)}
    return tuple(name for name, (known, wanted) in pairs.items() if known is None and wanted is not None)


def _all_of(names: Iterable[str]) -> str:
    *first, last = names
    return " and ".join(filter(None, (", ".join(first), last)))
