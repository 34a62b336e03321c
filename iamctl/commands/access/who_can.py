"""``iamctl access who-can``: who may make some requests."""

from __future__ import annotations

from collections.abc import Sequence

from iamctl.access import who_can as questions
from iamctl.access.known_policies import named_actions
from iamctl.commands.access.question_words import expected_keys, is_resource, known_action, resource_pattern
from iamctl.commands.access.states import Wanted, state_of
from iamctl.model.assertion import Requests
from iamctl.model.failures import UsageError
from iamctl.policy.pattern import ANY
from iamctl.report.who_can import who_can_report
from iamctl.terminal.show import show


def who_can(wanted: Wanted, *, words: Sequence[str], when: Sequence[str], output: str) -> int:
    """Print who may do what the words name: actions, then perhaps a resource; return 0.

    Raises:
        UsageError: an action, the resource or a condition key is malformed or unknown.
    """
    *first, last = words
    actions, resource = (first, last) if is_resource(last) else (words, ANY)
    if not actions:
        raise UsageError(f"an action is missing before {last!r}, for example s3:GetObject")
    if misplaced := next((word for word in actions if is_resource(word)), None):
        raise UsageError(f"{misplaced!r} is a resource; give one resource, after the actions")
    expected = expected_keys(when)
    found = state_of(wanted)
    named = named_actions(found.people.sources)
    known = tuple(dict.fromkeys(known_action(action, named) for action in actions))
    question = Requests(actions=known, resources=(resource_pattern(resource),), when=expected)
    answer = questions.who_can(found.people, found.state, question)
    show(who_can_report(answer, found.account, found.now, found.kind), output)
    return 0
