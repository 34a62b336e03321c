"""What a changed tag, name or path of somebody does to statements that have not changed."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.access.conditions import holds
from iamctl.access.held import HeldPolicy
from iamctl.access.known_policies import document_of
from iamctl.access.people import Person
from iamctl.access.truth import Context
from iamctl.policy.normalized import DEFAULT_VERSION


def gained_by_facts(before: Person, after: Person) -> Iterator[HeldPolicy]:
    """Yield the policies held before and after of which an Allow holds now, or a Deny no longer, for what changed of somebody.

    With both sides exchanged, it is what somebody loses.
    """
    if before.context == after.context:
        return
    known = {held.key for held in _all(before)}
    yield from (held for held in _all(after) if held.key in known and _gives_more(held, before.context, after.context))


def _all(person: Person) -> Iterator[HeldPolicy]:
    yield from person.holding.policies
    if person.holding.boundary:
        yield person.holding.boundary


def _gives_more(held: HeldPolicy, before: Context, after: Context) -> bool:
    document = document_of(held)
    found = document.normalized if document else None
    for statement in found.statements if found else ():
        if not statement.condition:
            continue
        has_variables = found is not None and found.version != DEFAULT_VERSION
        was, will = (holds(statement.condition, seen, has_variables=has_variables) for seen in (before, after))
        if (will > was) if statement.effect == "Allow" else (will < was):
            return True
    return False
