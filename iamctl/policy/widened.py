"""Denies that fit into a given number of characters: as exact as there is room for, and never narrower."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from enum import Enum, auto
from typing import Any

from iamctl.policy.document import Document
from iamctl.policy.pattern import ANY, ONE, action_includes, resource_includes
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern

VERSION = "2012-10-17"
SHORTEST = 84
"""The characters of a document that denies everything."""
_VARIABLE = late_pattern(r"\$\{[^}]*\}?")

Block = Mapping[str, Any]
"""A statement as it stands in a document."""


class Width(Enum):
    """How a Deny was made shorter than what it stands for; each includes those before it."""

    EXACT = auto()
    RESOURCES = auto()
    """It covers every resource."""
    SERVICES = auto()
    """It covers every action of the services."""
    CONDITIONS = auto()
    """It has no conditions."""
    EVERYTHING = auto()


@dataclass(frozen=True)
class Fitted:
    """A document that denies at least what it stands for, and how much wider it had to be."""

    document: Document
    width: Width
    size: int
    """The characters of the exact document."""
    room: int
    """The characters that there is room for."""


@dataclass(frozen=True)
class _Deny:
    """A Deny statement; ``condition`` is its JSON text."""

    actions: frozenset[str]
    resources: frozenset[str]
    condition: str = ""
    negated_action: bool = False
    negated_resource: bool = False


def fitted(blocks: Iterable[Block], room: int) -> Fitted | None:
    """Return a document of at most ``room`` characters that denies what the Deny statements ``blocks`` deny.

    None where not even a Deny of everything fits.
    """
    exact = _document(blocks)
    if exact.size <= room:
        return Fitted(exact, Width.EXACT, exact.size, room)
    denies = [_deny(block) for block in exact.data["Statement"]]
    for width, widen in _WIDENING:
        denies = _joined(map(widen, denies), is_exact=width is Width.EXACT)
        document = _document(map(_block, denies))
        if document.size <= room:
            return Fitted(document, width, exact.size, room)
    return None


def without_facts(block: Block) -> Block:
    """Return a Deny that includes another one, whatever the name, the path and the tags of a user are."""
    deny = _deny(block)
    if deny.negated_resource and any("${" in text for text in deny.resources):
        deny = _on_all(deny)
    return _block(replace(deny, condition="", resources=frozenset(map(_without_variables, deny.resources))))


def without_resources(block: Block) -> Block:
    """Return a Deny that includes another one, on whatever a request is about."""
    return _block(replace(_on_all(_deny(block)), condition=""))


def _without_variables(resource: str) -> str:
    wide = _VARIABLE.sub(ANY, resource)
    return wide if resource_includes(wide, resource) else ANY


def _document(blocks: Iterable[Block]) -> Document:
    statements: list[Block] = []
    statements += (block for block in blocks if block not in statements)
    return Document.from_data({"Version": VERSION, "Statement": statements})


def _deny(block: Block) -> _Deny:
    negated_action, negated_resource = "NotAction" in block, "NotResource" in block
    condition = block.get("Condition")
    return _Deny(
        frozenset(map(str.lower, _listed(block["NotAction" if negated_action else "Action"]))),
        frozenset(_listed(block["NotResource" if negated_resource else "Resource"])),
        json.dumps(condition, sort_keys=True) if condition else "",
        negated_action,
        negated_resource,
    )


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _block(deny: _Deny) -> Block:
    return {
        "Effect": "Deny",
        "NotAction" if deny.negated_action else "Action": _short(deny.actions),
        "NotResource" if deny.negated_resource else "Resource": _short(deny.resources),
        **({"Condition": json.loads(deny.condition)} if deny.condition else {}),
    }


def _short(texts: frozenset[str]) -> str | list[str]:
    return next(iter(texts)) if len(texts) == 1 else sorted(texts)


def _joined(denies: Iterable[_Deny], *, is_exact: bool) -> list[_Deny]:
    """Return fewer statements that deny the same; or more, where NotActions are joined for not ``is_exact``."""
    by_place: dict[_Deny, frozenset[str]] = {}
    for deny in denies:
        place = replace(deny, actions=deny.actions if is_exact and deny.negated_action else frozenset())
        known = by_place.get(place, deny.actions)
        by_place[place] = known & deny.actions if deny.negated_action else known | deny.actions
    by_actions: dict[_Deny, frozenset[str]] = {}
    for place, actions in by_place.items():
        deny = _with_actions(place, actions)
        key = deny if deny.negated_resource else replace(deny, resources=frozenset())
        by_actions[key] = by_actions.get(key, frozenset()) | deny.resources
    found = (
        deny if deny.negated_resource else replace(deny, resources=_widest(resources, resource_includes))
        for deny, resources in by_actions.items()
    )
    return sorted(found, key=_key)


def _with_actions(place: _Deny, actions: frozenset[str]) -> _Deny:
    if place.negated_action and actions:
        return replace(place, actions=actions)
    return replace(place, actions=_widest(actions or frozenset({ANY}), action_includes), negated_action=False)


def _key(deny: _Deny) -> tuple[Any, ...]:
    return sorted(deny.actions), sorted(deny.resources), deny.condition, deny.negated_action, deny.negated_resource


def _widest(patterns: frozenset[str], includes: Callable[[str, str], bool]) -> frozenset[str]:
    """Return the patterns that no other one includes; of two that include each other, one."""
    kept: list[str] = []
    for pattern in sorted(filter(_is_wild, patterns)):
        if not any(includes(one, pattern) for one in kept):
            kept = [*(one for one in kept if not includes(pattern, one)), pattern]
    plain = (one for one in patterns if not _is_wild(one) and not any(includes(wild, one) for wild in kept))
    return frozenset((*kept, *plain))


def _is_wild(pattern: str) -> bool:
    return ANY in pattern or ONE in pattern


def _on_all(deny: _Deny) -> _Deny:
    return replace(deny, resources=frozenset({ANY}), negated_resource=False)


def _on_services(deny: _Deny) -> _Deny:
    return deny if deny.negated_action else replace(deny, actions=frozenset(map(_of_service, deny.actions)))


def _of_service(action: str) -> str:
    service, colon, _ = action.partition(":")
    return f"{service}:{ANY}" if colon and not _is_wild(service) else ANY


def _of_everything(deny: _Deny) -> _Deny:
    return replace(deny, actions=frozenset({ANY}), negated_action=False)


_WIDENING: tuple[tuple[Width, Callable[[_Deny], _Deny]], ...] = (
    (Width.EXACT, lambda deny: deny),
    (Width.RESOURCES, _on_all),
    (Width.SERVICES, _on_services),
    (Width.CONDITIONS, lambda deny: replace(deny, condition="")),
    (Width.EVERYTHING, _of_everything),
)
