"""Normalizes policy documents: two forms are equal only if they decide every request the same way."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from iamctl.policy.parse import JsonNumber
from iamctl.text.late_pattern import late_pattern

DEFAULT_VERSION = "2008-10-17"
"""What a document without Version means.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
"""
VERSIONS = (DEFAULT_VERSION, "2012-10-17")
EFFECTS = ("Allow", "Deny")
DOCUMENT_ELEMENTS = ("Version", "Id", "Statement")
STATEMENT_ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html"""

Texts = frozenset[str]
Condition = frozenset[tuple[str, str, Texts]]
"""Operator, folded key and values; an operator without keys has the key ``""`` and no values."""
Principals = frozenset[tuple[str, Texts]]

_PRINCIPAL_TYPES = frozenset({"AWS", "CanonicalUser", "Federated", "Service"})
_ROOT_ARN = late_pattern(r"arn:[^:*?]+:iam::([0-9]{12}):root")


class MeaninglessError(ValueError):
    """The data is not shaped like a policy document, so it decides nothing; a signal, what is wrong says ``grammar``."""


class NormalizedStatement(NamedTuple):
    """One statement without its label. ``negated_*`` says that the list holds what the statement leaves out."""

    effect: str
    negated_action: bool
    actions: Texts
    negated_resource: bool
    resources: Texts | None
    condition: Condition
    negated_principal: bool
    principals: Principals | None


class NormalizedPolicy(NamedTuple):
    """A document by meaning; ``labels`` pairs every Sid with its statement and is no part of the meaning."""

    version: str
    statements: frozenset[NormalizedStatement]
    labels: frozenset[tuple[str, NormalizedStatement]]
    id: str


def normalize(data: Any) -> NormalizedPolicy:
    """Return the meaning of parsed data.

    Order and repetition in lists and of statements do not count, nor does a list around one value, nor the case of
    actions and of condition keys (after a ``/``, where a tag key follows, it does). Everything else is kept exact.

    Raises:
        MeaninglessError: unknown or missing elements, or values of a wrong type.
    """
    if not isinstance(data, dict):
        raise MeaninglessError
    _check_elements(data, DOCUMENT_ELEMENTS)
    version = data.get("Version", DEFAULT_VERSION)
    if version not in VERSIONS:
        raise MeaninglessError
    blocks = data.get("Statement")
    if isinstance(blocks, dict):
        blocks = [blocks]
    if not isinstance(blocks, list) or not blocks:
        raise MeaninglessError
    labels = [(_label(block.get("Sid", "")), normalize_statement(block)) for block in map(_block, blocks)]
    return NormalizedPolicy(
        version=str(version),
        statements=frozenset(statement for _, statement in labels),
        labels=frozenset(labels),
        id=_label(data.get("Id", "")),
    )


def exact(data: Any) -> Any:
    """Return a hashable form that keeps everything but the order of keys, for data that has no meaning."""
    if isinstance(data, dict):
        return "object", frozenset((str(key), exact(value)) for key, value in data.items())
    if isinstance(data, (list, tuple)):
        return "list", tuple(map(exact, data))
    if isinstance(data, bool) or data is None:
        return "word", data
    if isinstance(data, (JsonNumber, int, float)):
        return "number", number_text(data)
    return "text", data


def number_text(number: JsonNumber | float) -> str:
    """Return one text for one number, however it is written, where no digit is lost by it."""
    if isinstance(number, float):
        return repr(number)
    text = str(number)
    if not {".", "e", "E"}.intersection(text):
        return "0" if text == "-0" else text
    try:
        as_float = repr(float(text))
        return as_float if Decimal(as_float) == Decimal(text) else text
    except InvalidOperation:
        return text


def folded(text: str) -> str:
    """Return ``text`` in lower case where it is ASCII; beyond ASCII, AWS's folding is not known."""
    return text.lower() if text.isascii() else text


def folded_key(key: str) -> str:
    """Return a condition key with its name in lower case; a tag key after ``/`` keeps its case."""
    name, slash, rest = key.partition("/")
    return folded(name) + slash + rest


def _check_elements(block: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for element in block:
        if element not in known:
            raise MeaninglessError


def _block(block: Any) -> dict[str, Any]:
    if not isinstance(block, dict):
        raise MeaninglessError
    _check_elements(block, STATEMENT_ELEMENTS)
    return block


def normalize_statement(block: Mapping[str, Any]) -> NormalizedStatement:
    """Return the meaning of one statement; raises like ``normalize``."""
    if block.get("Effect") not in EFFECTS:
        raise MeaninglessError
    negated_action, actions = _one_of(block, "Action")
    negated_resource, resources = _one_of(block, "Resource")
    negated_principal, principals = _one_of(block, "Principal")
    if actions is None:
        raise MeaninglessError
    return NormalizedStatement(
        effect=str(block["Effect"]),
        negated_action=negated_action,
        actions=frozenset(map(folded, _texts(actions))),
        negated_resource=negated_resource,
        resources=None if resources is None else frozenset(_texts(resources)),
        condition=_condition(block.get("Condition", {})),
        negated_principal=negated_principal,
        principals=None if principals is None else _principals(principals),
    )


def _one_of(block: Mapping[str, Any], element: str) -> tuple[bool, Any]:
    """Return whether the Not form stands there, and its value; None where neither stands there."""
    negated = f"Not{element}"
    if element in block and negated in block:
        raise MeaninglessError
    if negated in block:
        return True, _present(block[negated])
    return False, _present(block[element]) if element in block else None


def _present(value: Any) -> Any:
    if value is None:
        raise MeaninglessError
    return value


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(text, str) and not isinstance(text, JsonNumber) for text in values):
        raise MeaninglessError
    return values


def _condition(block: Any) -> Condition:
    if not isinstance(block, dict):
        raise MeaninglessError
    found: list[tuple[str, str, Texts]] = []
    for operator, keys in block.items():
        if not isinstance(keys, dict) or not all(isinstance(key, str) for key in (operator, *keys)):
            raise MeaninglessError
        if not keys:
            found.append((operator, "", frozenset()))
        if len({folded_key(key) for key in keys}) != len(keys):
            raise MeaninglessError
        found += ((operator, folded_key(key), _values(values)) for key, values in keys.items())
    return frozenset(found)


def _values(value: Any) -> Texts:
    return frozenset(map(scalar_text, value if isinstance(value, list) else [value]))


def scalar_text(value: Any) -> str:
    """Return a condition value as IAM compares it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (JsonNumber, int, float)):
        return number_text(value)
    if isinstance(value, str):
        return value
    raise MeaninglessError


def _principals(value: Any) -> Principals:
    if value == "*":
        value = {"AWS": "*"}
    if not isinstance(value, dict) or not value or not value.keys() <= _PRINCIPAL_TYPES:
        raise MeaninglessError
    return frozenset((kind, frozenset(map(_principal, _texts(names)))) for kind, names in value.items())


def _principal(name: str) -> str:
    root = _ROOT_ARN.fullmatch(name)
    return root[1] if root else name


def _label(value: Any) -> str:
    if not isinstance(value, str) or isinstance(value, JsonNumber):
        raise MeaninglessError
    return value
