"""Statements taken apart: one Effect, one action, one resource, one condition block, and how two of them relate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from iamctl.policy.document import Document
from iamctl.policy.normalized import Condition, Meaning, Texts
from iamctl.policy.pattern import ANY, ONE, action_includes, actions_meet, resource_includes, resources_meet


@dataclass(frozen=True)
class Statement:
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


def statements(document: Document, most: int | None = None) -> tuple[Statement, ...]:
    """Return the atoms of an identity policy: their union decides what the document decides, in a fixed order.

    A malformed document yields one opaque Allow and one opaque Deny, since it may be either. Repeated atoms are left
    out. The number of atoms is actions times resources; 71,000 is the most that IAM's size limit leaves room for.
    With more than ``most`` of them the statements stay whole: fewer, of which less can be told.
    """
    if document.canonical is None:
        return Statement("Allow", opaque=document.text), Statement("Deny", opaque=document.text)
    version, meanings = document.canonical.version, document.canonical.statements
    counts = (len(meaning.actions) * len(meaning.resources or ()) for meaning in meanings)
    whole = most is not None and sum(counts) > most
    atoms = (atom for meaning in sorted(meanings, key=_order) for atom in _atoms(meaning, version, whole=whole))
    return tuple(dict.fromkeys(atoms))


def covers(wide: Statement, narrow: Statement) -> bool:
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


def overlaps(one: Statement, other: Statement) -> bool:
    """Return False only where certainly no request is matched by both statements. Conditions are not looked at."""
    if one.opaque is not None or other.opaque is not None:
        return True
    return _actions_overlap(one, other) and _resources_overlap(one, other)


def _order(meaning: Meaning) -> tuple[str, ...]:
    """A total order that does not depend on hashes."""
    condition = sorted((operator, key, sorted(values)) for operator, key, values in meaning.condition)
    lists = (
        sorted(meaning.actions),
        sorted(meaning.resources or ()),
        condition,
        sorted(map(_flat, meaning.principals or ())),
    )
    flags = (meaning.negated_action, meaning.negated_resource, meaning.negated_principal)
    return (meaning.effect, *map(repr, lists), repr(flags))


def _flat(principal: tuple[str, Texts]) -> tuple[str, list[str]]:
    return principal[0], sorted(principal[1])


def _atoms(meaning: Meaning, version: str, *, whole: bool) -> list[Statement]:
    if meaning.resources is None or meaning.principals is not None:
        return [Statement(meaning.effect, opaque=(version, meaning))]
    return [
        Statement(
            effect=meaning.effect,
            actions=actions,
            resources=resources,
            condition=meaning.condition,
            negated_action=meaning.negated_action,
            negated_resource=meaning.negated_resource,
            variables=version if _has_variables(resources, meaning.condition) else "",
        )
        for actions in _split(meaning.actions, whole=whole or meaning.negated_action)
        for resources in _split(meaning.resources, whole=whole or meaning.negated_resource)
    ]


def _split(patterns: Texts, *, whole: bool) -> list[Texts]:
    return [patterns] if whole else [frozenset({pattern}) for pattern in sorted(patterns)]


def _has_variables(resources: Texts, condition: Condition) -> bool:
    values = (value for _, _, values in condition for value in values)
    return any("${" in text for texts in (resources, values) for text in texts)


def _covers_actions(wide: Statement, narrow: Statement) -> bool:
    if wide.negated_action and narrow.negated_action:
        return all(any(action_includes(out, left) for out in narrow.actions) for left in wide.actions)
    if wide.negated_action:
        return not any(actions_meet(left, action) for left in wide.actions for action in narrow.actions)
    if narrow.negated_action or ANY in wide.actions:
        return ANY in wide.actions
    if not (left := narrow.actions - wide.actions):
        return True
    wild = _wild_by_service(wide.actions)
    return all(
        any(action_includes(pattern, action) for pattern in (*wild.get(_service(action), ()), *wild.get("", ())))
        for action in left
    )


@lru_cache(maxsize=1 << 10)
def _wild_by_service(actions: Texts) -> Mapping[str, tuple[str, ...]]:
    """Return the patterns with wildcards by service, since a plain action holds no other and there may be thousands."""
    found: dict[str, list[str]] = {}
    for pattern in sorted(actions):
        if _is_wild(pattern):
            found.setdefault(_service(pattern), []).append(pattern)
    return {service: tuple(patterns) for service, patterns in found.items()}


def _service(action: str) -> str:
    """Return the service of an action pattern, or nothing where it may be one of several."""
    service, colon, _ = action.partition(":")
    return "" if not colon or _is_wild(service) else service


def _is_wild(text: str) -> bool:
    return ANY in text or ONE in text


def _covers_resources(wide: Statement, narrow: Statement) -> bool:
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


def _actions_overlap(one: Statement, other: Statement) -> bool:
    if one.negated_action and other.negated_action:
        return ANY not in one.actions | other.actions
    if one.negated_action or other.negated_action:
        outside, plain = (one, other) if one.negated_action else (other, one)
        return not all(any(action_includes(out, action) for out in outside.actions) for action in plain.actions)
    return any(actions_meet(left, right) for left in one.actions for right in other.actions)


def _resources_overlap(one: Statement, other: Statement) -> bool:
    if one.negated_resource and other.negated_resource:
        return ANY not in one.resources | other.resources
    if one.negated_resource or other.negated_resource:
        outside, plain = (one, other) if one.negated_resource else (other, one)
        if outside.variables and outside.variables != plain.variables:
            return True  # the same text names other resources
        return not all(any(resource_includes(out, name) for out in outside.resources) for name in plain.resources)
    return any(resources_meet(left, right) for left in one.resources for right in other.resources)
