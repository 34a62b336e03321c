"""The sets of requests that assertions are about, as statements that the engine compares with those of people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from iamctl.model.assertion import EVERY, Assertion, Expected, Forbid, Level, Requests, Require, Within
from iamctl.policy.actions.details import Level as CatalogueLevel
from iamctl.policy.normalized import NormalizedPolicy, normalize
from iamctl.proof.engine import Engine
from iamctl.proof.lines import amount, line, network
from iamctl.proof.statements import NO_FACTS, Facts, statements_of

_ADDRESSES = frozenset({"aws:sourceip", "aws:vpcsourceip"})
_OPERATORS = {
    "aws:currenttime": "DateEquals",
    "aws:epochtime": "NumericEquals",
    "aws:multifactorauthage": "NumericEquals",
    "aws:tokenissuetime": "DateEquals",
}
_TRUTHS = frozenset({"true", "false"})
PLAIN = {
    "aws:MultiFactorAuthPresent": "true",
    "aws:PrincipalIsAWSService": "false",
    "aws:SecureTransport": "true",
    "aws:ViaAWSService": "false",
}
"""What the requests of ``require`` say unless ``when`` says otherwise: made by the person, signed in with MFA, over TLS."""


def actions_of(assertion: Assertion) -> Iterator[str]:
    """Yield every action pattern that an assertion names, also in its reference."""
    match assertion.about:
        case Forbid(requests) | Require(requests):
            yield from (*requests.actions, *requests.but_actions)
        case Within(reference=reference):
            for statement in reference.normalized.statements if reference.normalized else ():
                yield from sorted(statement.actions)


def keys_of(assertion: Assertion) -> Iterator[str]:
    """Yield the condition keys that an assertion names, as it spells them."""
    match assertion.about:
        case Forbid(requests) | Require(requests):
            yield from (expected.key for expected in requests.when)
        case Within(when=when):
            yield from (expected.key for expected in when)


def request_set(engine: Engine, requests: Requests, facts: Facts = NO_FACTS) -> int:
    """Return the bit of a statement that matches a set of requests, with what is known of one person filled in.

    0 if the person can make none of these requests.
    """
    return _bit(engine, _policy(requests.resources, requests.when), _actions(engine, requests), facts)


def plain(requests: Requests) -> Requests:
    """Return the requests of a set that people make in the plain way."""
    given = {expected.key.lower() for expected in requests.when}
    added = (Expected(key, (value,)) for key, value in PLAIN.items() if key.lower() not in given)
    return replace(requests, when=(*requests.when, *added))


def operator_of(expected: Expected) -> str | None:
    """Return the operator that compares a key with expected values; None if the key cannot have one of them."""
    key, values = expected.key.lower(), expected.values
    if key in _ADDRESSES:
        return "IpAddress" if all(map(network, values)) else None
    if (operator := _OPERATORS.get(key)) is not None:
        compared = line(operator, key, values)
        return operator if all(amount(compared, value) is not None for value in values) else None
    if all(value.lower() in _TRUTHS for value in values):
        return "Bool"
    if all(value.startswith("arn:") for value in values):
        return "ArnLike"
    return "StringLike" if any("*" in value or "?" in value for value in values) else "StringEquals"


def _policy(resources: Iterable[str], when: Iterable[Expected]) -> NormalizedPolicy:
    condition: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for expected in when:
        operator, values = _compared(expected)
        condition[operator][expected.key] = list(values)
    statement = {"Effect": "Allow", "Action": list(EVERY), "Resource": list(resources), "Condition": condition}
    return normalize({"Version": "2012-10-17", "Statement": [statement]})


def _compared(expected: Expected) -> tuple[str, tuple[str, ...]]:
    if not expected.values:
        return "Null", ("true",)
    operator = operator_of(expected) or "StringEquals"
    return f"{operator}IfExists" if expected.absent else operator, expected.values


def _actions(engine: Engine, requests: Requests) -> int:
    """Return the actions of a set; with access levels only those that AWS documents."""
    universe, found = engine.universe, 0
    for pattern in requests.actions:
        found |= universe.bits(pattern)
    for pattern in requests.but_actions:
        found &= ~universe.bits(pattern)
    if not requests.access:
        return found
    return found & sum(universe.levels[_LEVELS[level]] for level in set(requests.access))


_LEVELS = {level: CatalogueLevel[level.name] for level in Level}


def _bit(engine: Engine, policy: NormalizedPolicy, actions: int, facts: Facts) -> int:
    found = 0
    for statement in statements_of(policy, lambda _: actions, facts):
        found |= engine.numbering.statement(statement).allow
    return found
