"""Statements taken apart: one Effect, one action, one resource, one condition block, and how two of them relate."""

from __future__ import annotations

from iamctl.policy.document import Document
from iamctl.policy.normalized import Condition, NormalizedStatement, Texts
from iamctl.policy.pattern import ANY, actions_meet, any_includes, resource_includes, resources_meet
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class Atom:
    """An atom of a policy document: equal ones decide every request the same way.

    ``actions`` and ``resources`` hold one pattern each, or all of a NotAction or NotResource, which is never taken
    apart. ``variables`` is the Version where the statement holds ``${``, which only the later Version replaces.
    ``opaque`` is set, and all else empty, where a statement cannot be told: it equals only itself.
    """

    effect: str
    actions: Texts = frozenset()
    resources: Texts = frozenset()
    condition: Condition = frozenset()
    negated_action: bool = False
    negated_resource: bool = False
    variables: str = ""
    opaque: object = None


def atoms_of(document: Document, most: int | None = None) -> tuple[Atom, ...]:
    """Return the atoms of an identity policy: their union decides what the document decides, in a fixed order.

    A malformed document yields one opaque Allow and one opaque Deny, since it may be either. Repeated atoms are left
    out. The number of atoms is actions times resources; 71,000 is the most that IAM's size limit leaves room for.
    With more than ``most`` of them the statements stay whole: fewer, of which less can be told.
    """
    if document.normalized is None:
        return Atom("Allow", opaque=document.text), Atom("Deny", opaque=document.text)
    version, statements = document.normalized.version, document.normalized.statements
    counts = (len(statement.actions) * len(statement.resources or ()) for statement in statements)
    whole = most is not None and sum(counts) > most
    atoms = (atom for statement in sorted(statements, key=_order) for atom in _atoms(statement, version, whole=whole))
    return tuple(dict.fromkeys(atoms))


def covers(wide: Atom, narrow: Atom) -> bool:
    """Return True only where every request that ``narrow`` matches is certainly matched by ``wide``.

    The Effects do not count. A condition is covered by the same condition or by none.
    """
    if wide.opaque is not None or narrow.opaque is not None:
        return wide.opaque is not None and wide.opaque == narrow.opaque
    if wide.condition and wide.condition != narrow.condition:
        return False
    if wide.variables and wide.variables != narrow.variables:
        return False
    return _covers_actions(wide, narrow) and _covers_resources(wide, narrow)


def overlaps(one: Atom, other: Atom) -> bool:
    """Return False only where certainly no request is matched by both statements. Conditions are not looked at."""
    if one.opaque is not None or other.opaque is not None:
        return True
    return _actions_overlap(one, other) and _resources_overlap(one, other)


def _order(statement: NormalizedStatement) -> tuple[str, ...]:
    """A total order that does not depend on hashes."""
    condition = sorted((operator, key, sorted(values)) for operator, key, values in statement.condition)
    lists = (
        sorted(statement.actions),
        sorted(statement.resources or ()),
        condition,
        sorted(map(_flat, statement.principals or ())),
    )
    flags = (statement.negated_action, statement.negated_resource, statement.negated_principal)
    return (statement.effect, *map(repr, lists), repr(flags))


def _flat(principal: tuple[str, Texts]) -> tuple[str, list[str]]:
    return principal[0], sorted(principal[1])


def _atoms(statement: NormalizedStatement, version: str, *, whole: bool) -> list[Atom]:
    if statement.resources is None or statement.principals is not None:
        return [Atom(statement.effect, opaque=(version, statement))]
    return [
        Atom(
            effect=statement.effect,
            actions=actions,
            resources=resources,
            condition=statement.condition,
            negated_action=statement.negated_action,
            negated_resource=statement.negated_resource,
            variables=version if _has_variables(resources, statement.condition) else "",
        )
        for actions in _split(statement.actions, whole=whole or statement.negated_action)
        for resources in _split(statement.resources, whole=whole or statement.negated_resource)
    ]


def _split(patterns: Texts, *, whole: bool) -> list[Texts]:
    return [patterns] if whole else [frozenset({pattern}) for pattern in sorted(patterns)]


def _has_variables(resources: Texts, condition: Condition) -> bool:
    values = (value for _, _, values in condition for value in values)
    return any("${" in text for texts in (resources, values) for text in texts)


def _covers_actions(wide: Atom, narrow: Atom) -> bool:
    if wide.negated_action and narrow.negated_action:
        return all(any_includes(narrow.actions, left) for left in wide.actions)
    if wide.negated_action:
        return not any(actions_meet(left, action) for left in wide.actions for action in narrow.actions)
    if narrow.negated_action or ANY in wide.actions:
        return ANY in wide.actions
    return all(any_includes(wide.actions, action) for action in narrow.actions - wide.actions)


def _covers_resources(wide: Atom, narrow: Atom) -> bool:
    if wide.negated_resource and any("${" in left for left in wide.resources):
        # a variable without a value matches nothing, and then a NotResource may leave out less, or nothing
        return narrow.negated_resource and wide.resources == narrow.resources
    if wide.negated_resource and narrow.negated_resource:
        return all(any(resource_includes(out, left) for out in narrow.resources) for left in wide.resources)
    if wide.negated_resource:
        return not any(resources_meet(left, name) for left in wide.resources for name in narrow.resources)
    if narrow.negated_resource:
        return ANY in wide.resources
    return all(any(resource_includes(pattern, name) for pattern in wide.resources) for name in narrow.resources)


def _actions_overlap(one: Atom, other: Atom) -> bool:
    if one.negated_action and other.negated_action:
        return ANY not in one.actions | other.actions
    if one.negated_action or other.negated_action:
        outside, plain = (one, other) if one.negated_action else (other, one)
        return not all(any_includes(outside.actions, action) for action in plain.actions)
    return any(actions_meet(left, right) for left in one.actions for right in other.actions)


def _resources_overlap(one: Atom, other: Atom) -> bool:
    if one.negated_resource and other.negated_resource:
        return ANY not in one.resources | other.resources
    if one.negated_resource or other.negated_resource:
        outside, plain = (one, other) if one.negated_resource else (other, one)
        if outside.variables and outside.variables != plain.variables:
            return True  # the same text names other resources
        return not all(any(resource_includes(out, name) for out in outside.resources) for name in plain.resources)
    return any(resources_meet(left, right) for left in one.resources for right in other.resources)
