"""Assertions: what they name."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.model import Severity
from iamctl.model.assertion import Assertion, Forbid, Require, address_of, is_pattern
from iamctl.policy.actions import catalogue_date, is_known, suggestion
from iamctl.rules import Hit, Review, rule

_ACTIONS = (
    "https://docs.aws.amazon.com/service-authorization/latest/reference/"
    "reference_policies_actions-resources-contextkeys.html"
)
_MOST_GUESSES = 50


@rule("IAM503", Severity.ERROR, stage="manifests", source=_ACTIONS)
def assertions_name_known_actions(review: Review) -> Iterator[Hit]:
    """Assertions name actions that AWS documents, and nobody who is listed under 'removed'."""
    guesses = 0
    for assertion in review.desired.assertions:
        for action, path in _actions(assertion):
            if is_known(action):
                continue
            guesses += 1
            guess = suggestion(action) if guesses <= _MOST_GUESSES else None
            words = f"; did you mean {guess!r}?" if guess else "; correct it"
            message = f"{action!r} matches no action in the catalogue of {catalogue_date()}{words}"
            yield Hit(assertion.address, message, origin=assertion.place(*path), facts=(action,))
        for pattern, path in assertion.patterns():
            if not is_pattern(pattern) and address_of(pattern) in review.desired.removed:
                message = f"{pattern!r} is listed under 'removed'; delete it here"
                yield Hit(assertion.address, message, origin=assertion.place(*path), facts=(pattern,))


def _actions(assertion: Assertion) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    about = assertion.about
    if isinstance(about, (Forbid, Require)):
        kind = "forbid" if isinstance(about, Forbid) else "require"
        for key, actions in (("actions", about.requests.actions), ("but_actions", about.requests.but_actions)):
            yield from ((action, (kind, key, index)) for index, action in enumerate(actions))
