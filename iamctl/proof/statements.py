"""Statements as the engine compares them: equal ones decide every request the same way, whatever document they are in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from typing import Protocol

from iamctl.policy.normalized import DEFAULT_VERSION, NormalizedPolicy, NormalizedStatement
from iamctl.proof.aws_facts import PRINCIPAL_TAG, is_about_principal
from iamctl.proof.encoding import has_symbol, spelled, symbol
from iamctl.proof.lines import Line, holds, line
from iamctl.text.late_dataclass import dataclass

EVERYTHING = "*"
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_DEFAULT = re.compile(r"([^,]*?)\s*,\s*'([^']*)'\s*")
_ESCAPES = ("*", "?", "$")
_SPECIAL = re.compile(r"[*?]|\$(?=\{)")
_DOLLAR = re.compile(r"\$(?=\{)")


@dataclass(frozen=True)
class Statement:
    """One statement without its source.

    ``resources`` are texts with ``*`` and ``?``, where ``${*}`` is a literal and a symbol stands for an unknown
    variable. ``unread`` is set, and the statement may match anything, where nobody has read the document.
    """

    effect: str
    actions: int
    resources: tuple[str, ...]
    not_resource: bool = False
    condition: frozenset[Line] = frozenset()
    unread: object = None


class Known(Protocol):
    """What is known of a request: of who makes it, of what it is about, and of how it is made."""

    def get(self, key: str) -> tuple[str, ...] | None:
        """Return the values of a key, none if it is absent; None if that is not known."""


@dataclass(frozen=True)
class Facts:
    """What is known of one person, for the variables and conditions that ask for it; keys are in lower case."""

    values: Mapping[str, tuple[str, ...]]
    """Key to its values; none if the request certainly lacks the key."""
    knows_tags: bool = True
    """Whether a tag of the principal without value is certainly absent."""
    is_complete: bool = False
    """Whether every key without value is certainly absent, as in one request."""
    key: frozenset[tuple[str, tuple[str, ...]]] = field(init=False)

    def __post_init__(self) -> None:
        values = {name.lower(): value for name, value in self.values.items()}
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "key", frozenset(values.items()))

    def get(self, key: str) -> tuple[str, ...] | None:
        """Return the values of a key, none if it is absent; None if that is not known."""
        found = self.values.get(key.lower())
        if found is None and (self.is_complete or (self.knows_tags and key.lower().startswith(PRINCIPAL_TAG))):
            return ()
        return found

    def __hash__(self) -> int:
        return hash(self.key)


NO_FACTS = Facts({}, knows_tags=False)


def statements_of(
    document: NormalizedPolicy, bits: Callable[[NormalizedStatement], int], facts: Facts = NO_FACTS
) -> Iterator[Statement]:
    """Yield the statements of an identity policy that can match a request; ``bits`` numbers their actions.

    A statement with a principal, or without a resource, belongs to no identity policy and counts as not read.
    """
    has_variables = document.version != DEFAULT_VERSION
    for statement in document.statements:
        found = _statement(statement, bits, facts, has_variables=has_variables)
        if found is not None:
            yield found


def asks_about_principal(document: NormalizedPolicy) -> bool:
    """Return whether a document decides differently for different people who hold it."""
    for statement in document.statements:
        if any(is_about_principal(key.lower()) for _, key, _ in statement.condition):
            return True
        values = (value for _, _, values in statement.condition for value in values)
        for text in (*(statement.resources or ()), *values):
            if any(is_about_principal(_name(variable).lower()) for variable in _VARIABLE.findall(text)):
                return True
    return False


def asked_by(statement: Statement) -> frozenset[str]:
    """Return the keys by whose values a statement decides, those of unknown variables included, in lower case."""
    texts = (*statement.resources, *(value for one in statement.condition for value in one.values))
    variables = (found for text in texts if has_symbol(text) for found in _VARIABLE.findall(spelled(text)))
    return frozenset((*(one.key for one in statement.condition), *(_name(found).lower() for found in variables)))


def filled(text: str, facts: Known, *, has_variables: bool, is_literal: bool = False) -> str | None:
    """Return a text with variables replaced, the unknown ones by symbols; None where one has no value.

    In a text with wildcards, what is literal is escaped. Such a text then matches nothing.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    if "${" not in text:
        return text
    if not has_variables:
        return text if is_literal else _DOLLAR.sub("${$}", text)
    pieces = _VARIABLE.split(text)
    for place in range(1, len(pieces), 2):
        value = _value(pieces[place], facts, is_literal=is_literal)
        if value is None:
            return None
        pieces[place] = value
    if not is_literal:
        pieces[::2] = (_DOLLAR.sub("${$}", piece) for piece in pieces[::2])
    return "".join(pieces)


def escaped(text: str) -> str:
    """Return the pattern that matches a text alone."""
    return _SPECIAL.sub(lambda found: f"${{{found[0]}}}", text)


def _name(variable: str) -> str:
    default = _DEFAULT.fullmatch(variable)
    return default[1] if default else variable


def _value(variable: str, facts: Known, *, is_literal: bool) -> str | None:
    if variable in _ESCAPES:
        return variable if is_literal else f"${{{variable}}}"
    default = _DEFAULT.fullmatch(variable)
    values = facts.get(default[1] if default else variable)
    if values is None or len(values) > 1:
        return symbol(variable)
    if not values and default is None:
        return None
    text = values[0] if values else default[2] if default else ""
    return text if is_literal else escaped(text)


def _statement(
    statement: NormalizedStatement, bits: Callable[[NormalizedStatement], int], facts: Facts, *, has_variables: bool
) -> Statement | None:
    if statement.resources is None or statement.principals is not None:
        return Statement(statement.effect, bits(statement), (EVERYTHING,), unread=statement)
    condition = _condition(statement, facts, has_variables=has_variables)
    resources = _resources(statement.resources, facts, has_variables=has_variables)
    if condition is None or (not resources and not statement.negated_resource):
        return None
    not_resource = statement.negated_resource
    if not_resource and not resources:
        resources, not_resource = (EVERYTHING,), False
    return Statement(statement.effect, bits(statement), resources, not_resource, condition)


def _resources(texts: Iterable[str], facts: Facts, *, has_variables: bool) -> tuple[str, ...]:
    found = {filled(text, facts, has_variables=has_variables) for text in texts}
    known = {text for text in found if text is not None}
    return (EVERYTHING,) if EVERYTHING in known else tuple(sorted(known))


def _condition(statement: NormalizedStatement, facts: Facts, *, has_variables: bool) -> frozenset[Line] | None:
    """Return the lines that facts leave open; None if one certainly does not hold."""
    lines: list[Line] = []
    for operator, key, values in statement.condition:
        if not key:
            continue
        has_wildcards = "Like" in operator or "Arn" in operator
        texts = (filled(value, facts, has_variables=has_variables, is_literal=not has_wildcards) for value in values)
        one = line(operator, key, [text for text in texts if text is not None])
        actual = facts.get(one.key)
        truth = None if actual is None else holds(one, actual)
        if truth is False:
            return None
        if truth is None:
            lines.append(one)
    return frozenset(lines)
