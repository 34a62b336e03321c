"""``iamctl access explain``: why one request is allowed or not."""

from __future__ import annotations

from collections.abc import Sequence

from iamctl.access.explain import explanation
from iamctl.access.forms import is_documented
from iamctl.access.known_policies import named_actions
from iamctl.access.people import Person
from iamctl.commands.access.question_words import one_action, one_resource, stated_keys
from iamctl.commands.access.states import AccountState, Wanted, state_of
from iamctl.kinds import User
from iamctl.model import Address, IamctlError
from iamctl.report.explanation import explanation_report
from iamctl.terminal.show import show
from iamctl.text.nearest import did_you_mean

_ROLE = "role/"


def explain(wanted: Wanted, *, person: str, action: str, resource: str | None, when: Sequence[str], output: str) -> int:
    """Print each statement about an action, and what it comes to for one request; return 0.

    Raises:
        UsageError: the action or the resource is a pattern, malformed or unknown.
        IamctlError: there is no such user or role.
    """
    stated = stated_keys(when)
    found = state_of(wanted)
    asked = one_action(action, named_actions(found.people.sources))
    where = one_resource(asked, resource)
    explained = explanation(found.people, _person(found, person), asked, where, stated)
    report = explanation_report(explained, found.account, found.now, found.kind, fits=is_documented(asked, where))
    show(report, output)
    return 0


def _person(found: AccountState, name: str) -> Person:
    """Return a user, or the role of ``role/NAME``."""
    is_role = name.startswith(_ROLE)
    kind = "role" if is_role else User.kind
    word = name.removeprefix(_ROLE) if is_role else name.removeprefix(f"{User.kind}/")
    person = found.people.person(Address.of(kind, word))
    if person is not None:
        return person
    roles = [role.name for role in found.people.sources.roles]
    known = roles if is_role else [user.name for user in found.state.of_kind(User)]
    where = {"declared": "in the manifests", "live": "in the account", "planned": "in the account after the plan"}
    hint = did_you_mean(word[:256], known)
    if not hint and found.kind == "live" and not is_role:
        hint = "; use --planned for a user that the plan creates"
    raise IamctlError(f"no {kind} {word!r} {where[found.kind]}{hint}")
