"""Statements as they decide for one person once a name, a path or a tag of theirs has changed."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl import policy
from iamctl.policy import Atom
from iamctl.text.late_dataclass import dataclass

Facts = tuple[tuple[str, int | str | None], ...]


@dataclass(frozen=True)
class Rebound:
    """A statement for ``person``, of whom it looks at facts that have changed."""

    person: str
    """Or the resource that a request is about, where its tags have changed."""
    statement: Atom
    facts: Facts
    """Condition keys that have changed, each with what tells its value from others."""


def rebind(person: str, statement: Atom, facts: Facts) -> Atom:
    """Return the statement as another one, which equals only itself."""
    return Atom(statement.effect, opaque=Rebound(person, statement, facts))


def plain(statement: Atom) -> Atom:
    """Return the statement as it stands in its document."""
    return statement.opaque.statement if isinstance(statement.opaque, Rebound) else statement


def knows(statement: Atom, key: str) -> bool:
    """Tell whether a statement's decision may depend on a condition key, as a condition or as a variable."""
    if statement.opaque is not None:
        return not isinstance(statement.opaque, str)
    variable = "${" + key
    texts = (*statement.resources, *(value for _, _, values in statement.condition for value in values))
    return any(known.lower() == key for _, known, _ in statement.condition) or any(
        variable in text.lower() for text in texts
    )


def covers(wide: Atom, narrow: Atom) -> bool:
    """Return True only where every request that ``narrow`` matches is certainly matched by ``wide``.

    Of facts that have changed it is enough that no statement looks at other values than the other one does.
    """
    return _agree(wide, narrow) and policy.covers(plain(wide), plain(narrow))


def overlaps(one: Atom, other: Atom) -> bool:
    """Return False only where certainly no request is matched by both statements, whatever has changed."""
    if not _agree(one, other) and any(plain(atom).negated_resource for atom in (one, other)):
        return True  # what is left out under one name may be meant under another
    return policy.overlaps(plain(one), plain(other))


def _agree(one: Atom, other: Atom) -> bool:
    """Tell whether both statements see the same value of every fact that both look at."""
    if not isinstance(one.opaque, Rebound) and not isinstance(other.opaque, Rebound):
        return True
    changed = {key for atom in (one, other) for key, _ in _facts(atom)}
    seen = [key for key in changed if knows(plain(one), key) and knows(plain(other), key)]
    if not seen:
        return True
    values, others = dict(_facts(one)), dict(_facts(other))
    return all(values.get(key) == others.get(key) for key in seen) and len(set(_persons(one, other))) == 1


def _facts(atom: Atom) -> Facts:
    return atom.opaque.facts if isinstance(atom.opaque, Rebound) else ()


def _persons(*atoms: Atom) -> Iterator[str]:
    for atom in atoms:
        if isinstance(atom.opaque, Rebound):
            yield atom.opaque.person
