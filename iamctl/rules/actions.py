"""The actions in policy documents, checked against the catalogue of AWS actions."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.model import Severity
from iamctl.policy import action_error
from iamctl.policy.actions import catalogue_date, has_service, is_known, suggestion
from iamctl.rules import Hit, Review, rule
from iamctl.rules.declared_statements import DeclaredStatement
from iamctl.rules.wording import shortened
from iamctl.text.counted import listed

_MOST_NAMED = 3
_MOST_CHARACTERS = 60
_MOST_GUESSES = 50
"""Number of unknown actions that get a suggestion; a tree with more is newer than the catalogue, not misspelt."""


@rule(
    "IAM304",
    Severity.WARN,
    stage="manifests",
    source="https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    plural="actions are unknown to AWS's documentation",
)
def actions_are_in_the_catalogue(review: Review) -> Iterator[Hit]:
    """Policy documents name services and actions that AWS documents; IAM accepts a misspelt one, which does nothing."""
    guesses: dict[str, str | None] = {}
    for statement in review.statements:
        unknown = list(_unknown(statement))
        if not unknown:
            continue
        for action in unknown[:_MOST_NAMED]:
            if len(guesses) < _MOST_GUESSES and action not in guesses:
                guesses[action] = suggestion(action)
        named = listed((_named(action, guesses.get(action)) for action in unknown), _MOST_NAMED)
        message = (
            f": {named} {'is' if len(unknown) == 1 else 'are'} not in the action catalogue of "
            f"{catalogue_date()}; correct the spelling, or keep it if AWS added it later"
        )
        yield statement.hit(message)


def _unknown(statement: DeclaredStatement) -> Iterator[str]:
    """Yield the unknown actions to report: the first of each unknown service, and none that IAM itself refuses."""
    services = set()
    for action in statement.written_actions:
        service = action.partition(":")[0].lower()
        if service in services or is_known(action) or action_error(action):
            continue
        if not has_service(action):
            services.add(service)
        yield action


def _named(action: str, guess: str | None) -> str:
    kind, name = ("action", action) if has_service(action) else ("service", action.partition(":")[0])
    named = f"{kind} {shortened(name, _MOST_CHARACTERS)!r}"
    return f"{named} (did you mean {guess!r}?)" if guess else named
