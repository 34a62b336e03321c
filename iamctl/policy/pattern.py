"""Patterns with ``*`` and ``?`` in actions and resources: which one certainly holds another, which two never meet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from iamctl.text.late_pattern import late_pattern

ANY = "*"
ONE = "?"
_TOKEN = late_pattern(r"\$\{[^}]*\}|.", re.DOTALL)
_COLON = ":"
_ARN_PARTS = 6

Tokens = tuple[str, ...]
"""Characters, wildcards and whole policy variables (``${aws:username}``), which stand for texts that are not known."""


@lru_cache(maxsize=1 << 16)
def action_includes(wide: str, narrow: str) -> bool:
    """Return whether every action that ``narrow`` matches is certainly matched by ``wide``."""
    return wide in (ANY, narrow) or _includes(tuple(wide), tuple(narrow))


def any_includes(patterns: frozenset[str], narrow: str) -> bool:
    """Return whether one of many patterns includes ``narrow``; those of other services are not looked at."""
    if narrow in patterns:
        return True
    wild = _wild_by_service(patterns)
    candidates = (*wild.get(_service(narrow), ()), *wild.get("", ()))
    return any(action_includes(pattern, narrow) for pattern in candidates)


@lru_cache(maxsize=1 << 10)
def _wild_by_service(actions: frozenset[str]) -> Mapping[str, tuple[str, ...]]:
    """Return the patterns with wildcards by service, since a plain one includes only itself and there may be thousands."""
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


@lru_cache(maxsize=1 << 16)
def actions_meet(one: str, other: str) -> bool:
    """Return False where certainly no action matches both patterns."""
    return one == other or _meet(tuple(one), tuple(other))


@lru_cache(maxsize=1 << 16)
def resource_includes(wide: str, narrow: str) -> bool:
    """Return whether every resource that ``narrow`` matches is certainly matched by ``wide``.

    Holds however wildcards treat the colons of an ARN: a wildcard stays inside its part, but the last one of a part
    may reach beyond it. So ARNs are compared part by part, and short ARNs, which IAM fills up, only with themselves.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    if wide in (ANY, narrow):
        return True
    wide_parts, narrow_parts = _arn_parts(wide), _arn_parts(narrow)
    if len(wide_parts) < _ARN_PARTS or len(narrow_parts) < _ARN_PARTS:
        return False
    if any(len(token) > 1 for part in narrow_parts[:-1] for token in part):
        return False  # the text of a variable may hold colons, which would move the parts
    return all(map(_includes, wide_parts, narrow_parts))


@lru_cache(maxsize=1 << 16)
def resources_meet(one: str, other: str) -> bool:
    """Return False where certainly no resource matches both patterns, whatever the case of letters."""
    return ANY in (one, other) or _meet(_reach(one), _reach(other))


@lru_cache(maxsize=1 << 14)
def _tokens(pattern: str) -> Tokens:
    return tuple(_TOKEN.findall(pattern))


@lru_cache(maxsize=1 << 14)
def _arn_parts(pattern: str) -> tuple[Tokens, ...]:
    parts: list[list[str]] = [[]]
    for token in _tokens(pattern):
        if token == _COLON and len(parts) < _ARN_PARTS:
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(map(tuple, parts))


@lru_cache(maxsize=1 << 14)
def _reach(pattern: str) -> Tokens:
    """Return a pattern that matches at least what ``pattern`` does: variables are any text, a short ARN has any end."""
    tokens = [ANY if len(token) > 1 else token.lower() for token in _tokens(pattern)]
    if len(_arn_parts(pattern)) < _ARN_PARTS:
        tokens.append(ANY)
    return tuple(tokens)


def _includes(wide: Tokens, narrow: Tokens) -> bool:
    """Match ``narrow`` itself, wildcards and variables as symbols, against ``wide``."""
    places = _skip_stars({0}, wide)
    for token in narrow:
        taken = (place for place in places if place < len(wide) and _takes(wide[place], token))
        places = _skip_stars({place + (wide[place] != ANY) for place in taken}, wide)
        if not places:
            return False
    return len(wide) in places


def _takes(wide: str, narrow: str) -> bool:
    """``*`` takes every symbol, ``?`` one character but neither ``*`` nor a variable, whose length is not known."""
    if wide == ONE:
        return narrow != ANY and len(narrow) == 1
    return wide in (ANY, narrow)


def _meet(one: Tokens, other: Tokens) -> bool:
    """Return whether some text matches both patterns: follow the places of ``other`` that such a text can reach."""
    if _starts_differ(one, other) or _starts_differ(one[::-1], other[::-1]):
        return False
    places = _skip_stars({0}, other)
    for token in one:
        if token == ANY:
            places = set(range(min(places), len(other) + 1))
        else:
            fitting = (place for place in places if place < len(other) and _fits(token, other[place]))
            places = _skip_stars({place + (other[place] != ANY) for place in fitting}, other)
        if not places:
            return False
    return len(other) in places


def _fits(one: str, other: str) -> bool:
    return one in (other, ONE) or other in (ONE, ANY)


def _starts_differ(one: Tokens, other: Tokens) -> bool:
    for left, right in zip(one, other, strict=False):
        if ANY in (left, right):
            return False
        if not _fits(left, right):
            return True
    return False


def _skip_stars(places: set[int], tokens: Tokens) -> set[int]:
    """Return ``places`` and those behind the stars that stand there, since a star also matches nothing."""
    found = set(places)
    for place in places:
        while place < len(tokens) and tokens[place] == ANY:
            place += 1
            found.add(place)
    return found
