"""Three-valued answers, and the texts with variables and wildcards that they are about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache

from iamctl.policy.pattern import ANY, ONE


class Truth(IntEnum):
    """Whether something holds; ``MAYBE`` where it depends on what is not known."""

    NO = 0
    MAYBE = 1
    YES = 2

    def __invert__(self) -> Truth:
        return Truth(2 - self)


@dataclass(frozen=True)
class Context:
    """The values of condition keys in one request; keys are in lower case."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Key to its values; no value means that the request certainly lacks the key."""
    complete: tuple[str, ...] = ()
    """Prefixes of keys, such as ``aws:principaltag/``, of which a key without a value is certainly absent."""

    def get(self, key: str) -> tuple[str, ...] | None:
        """Return the values of a key, none where it is absent; None where that is not known."""
        key = key.lower()
        found = self.values.get(key)
        return () if found is None and key.startswith(self.complete) else found

    def joined(self, other: Context) -> Context:
        """Return the values of both; those of ``other`` come first."""
        return Context({**self.values, **other.values}, (*self.complete, *other.complete))


_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_DEFAULT = re.compile(r"([^,]*?)\s*,\s*'([^']*)'\s*")
_UNKNOWN, _STAR, _MARK = "\ue000", "\ue001", "\ue002"
_LITERAL = str.maketrans({ANY: _STAR, ONE: _MARK})
_REGEX = {ANY: ".*", ONE: ".", _UNKNOWN: ".*", _STAR: re.escape(ANY), _MARK: re.escape(ONE)}


def literal(text: str) -> str:
    """Return a text whose wildcards stand for themselves."""
    return text.translate(_LITERAL)


def filled(text: str, context: Context) -> str | None:
    """Return a text with its policy variables replaced; None where one has no value, since it then matches nothing.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    if "${" not in text:
        return text
    pieces = _VARIABLE.split(text)
    for place in range(1, len(pieces), 2):
        value = _value(pieces[place], context)
        if value is None:
            return None
        pieces[place] = value
    return "".join(pieces)


def _value(name: str, context: Context) -> str | None:
    if name in (ANY, ONE, "$", _STAR, _MARK):
        return literal(name)
    default = _DEFAULT.fullmatch(name)
    values = context.get(default[1] if default else name)
    if values is None:
        return _UNKNOWN
    if len(values) == 1:
        return literal(values[0])
    return literal(default[2]) if default and not values else None


def matches(pattern: str, text: str) -> Truth:
    """Return whether a filled pattern matches a text; MAYBE where that depends on a variable without known value."""
    if _compiled(pattern).fullmatch(text) is None:
        return Truth.NO
    return Truth.MAYBE if _UNKNOWN in pattern else Truth.YES


@lru_cache(maxsize=1 << 15)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_REGEX.get(char) or re.escape(char) for char in pattern), re.DOTALL)


def any_of(truths: Iterable[Truth]) -> Truth:
    """Return whether one of several things holds; NO for none."""
    found = Truth.NO
    for truth in truths:
        if truth is Truth.YES:
            return truth
        found = max(found, truth)
    return found


def all_of(truths: Iterable[Truth]) -> Truth:
    """Return whether all of several things hold; YES for none."""
    found = Truth.YES
    for truth in truths:
        if truth is Truth.NO:
            return truth
        found = min(found, truth)
    return found
