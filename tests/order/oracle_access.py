"""What each person may do in a little account, request by request. Shares no code with iamctl."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

from oracle_account import ACCOUNT_ID, Account, Person

ACTIONS = ("s3:a", "s3:b", "s3:c", "s3:d", "ec2:RunInstances", "iam:GetUser")
_BUCKETS = ("x", "u0", "u1", "u2", "v0", "v1", "v2", "red", "blue")
RESOURCES = ("arn:aws:s3:us-west-2:123456789012:job/1", *(f"arn:aws:s3:::{name}" for name in _BUCKETS))
"""One that is no bucket, a bucket that nothing names, the names that users can have, and the values of their tags."""
FACTORS = (None, "true")
REQUESTS = tuple(product(ACTIONS, RESOURCES, FACTORS))
"""Action, resource and ``aws:MultiFactorAuthPresent``, which long-term keys do not have at all."""
EVERYTHING = (1 << len(REQUESTS)) - 1
_TO_GUARD = sum(
    1 << index for index, (action, _, factor) in enumerate(REQUESTS) if factor is None and action != "iam:GetUser"
)
_GUARD_KEYS = frozenset({"aws:multifactorauthpresent", "aws:viaawsservice"})
"""A Deny under any other condition is no guard: what it asks for may change."""
Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Access:
    """Sets of requests as bits; ``guarded`` where a statement denies everything without MFA."""

    allowed: int = 0
    denied: int = 0
    guarded: bool = False


NOBODY = Access()


def access(account: Account, person: Person) -> Access:
    """Return what the person may do, by the evaluation logic for identity-based policies and boundaries.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
    """
    facts = _facts(person, "role" if person.name in account.roles else "user")
    allowed, denied, guarded = _union(_documents(account, person), facts)
    bounds = EVERYTHING
    if person.boundary:
        bounds, also, guards = _meaning(account.document(person.boundary), facts)
        denied |= also
        guarded = guarded or guards
    return Access(allowed & bounds & ~denied, denied, guarded)


def rules(account: Account, person: Person) -> bool:
    """Return whether a user who can sign in may do everything: an Allow says so, and no Deny takes IAM away."""
    if person.name in account.roles or (person.login is False and not any(active for _, active in person.keys)):
        return False
    texts = list(_documents(account, person))
    bound = [account.document(person.boundary)] if person.boundary else []
    everything = [statement for text in (*texts, *bound) for statement in _listed(json.loads(text)["Statement"])]
    if any(map(_takes_iam, everything)):
        return False
    return all(
        any(_gives_all(one) for text in held for one in _listed(json.loads(text)["Statement"]))
        for held in (texts, *([bound] if bound else []))
    )


def _gives_all(statement: dict[str, Any]) -> bool:
    asks = statement.get("Condition") in (None, {"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    on_all = "*" in _listed(statement.get("Action", ())) and "*" in _listed(statement["Resource"])
    return statement["Effect"] == "Allow" and on_all and asks


def _takes_iam(statement: dict[str, Any]) -> bool:
    if statement["Effect"] != "Deny" or "Condition" in statement or "*" not in _listed(statement["Resource"]):
        return False
    named = _listed(statement.get("Action", statement.get("NotAction")))
    return ("Action" in statement) == bool({"*", "iam:*"}.intersection(named))


def request_words(requests: int) -> str:
    """Return the first of the requests in words."""
    action, resource, factor = REQUESTS[(requests & -requests).bit_length() - 1]
    return f"{action} on {resource} {'with' if factor else 'without'} MFA"


def _facts(person: Person, kind: str) -> Facts:
    arn = f"arn:aws:iam::{ACCOUNT_ID}:{kind}{person.path}{person.name}"
    tags = ((f"aws:principaltag/{key.lower()}", value) for key, value in person.tags)
    name = (("aws:username", person.name),) if kind == "user" else ()
    return tuple(sorted((("aws:principalarn", arn), *name, *tags)))


def _documents(account: Account, person: Person) -> Iterable[str]:
    for holder in (person, *(account.team(gid) for gid in person.groups)):
        yield from map(account.document, holder.attached)
        yield from (text for _, text in holder.inline)


def _union(documents: Iterable[str], facts: Facts) -> tuple[int, int, bool]:
    allowed, denied, guarded = 0, 0, False
    for text in documents:
        allows, denies, guards = _meaning(text, facts)
        allowed, denied, guarded = allowed | allows, denied | denies, guarded or guards
    return allowed, denied, guarded


@lru_cache(maxsize=100_000)
def _meaning(text: str, facts: Facts) -> tuple[int, int, bool]:
    """Return what a document allows and denies, and whether one of its statements is an MFA guard."""
    document = json.loads(text)
    allowed, denied, guarded = 0, 0, False
    for statement in _listed(document["Statement"]):
        matched = 0
        for index, request in enumerate(REQUESTS):
            if _matches(statement, document.get("Version") == "2012-10-17", request, dict(facts)):
                matched |= 1 << index
        if statement["Effect"] == "Allow":
            allowed |= matched
        else:
            denied |= matched
            guarded = guarded or (matched & _TO_GUARD == _TO_GUARD and _condition_keys(statement) <= _GUARD_KEYS)
    return allowed, denied, guarded


def _condition_keys(statement: dict[str, Any]) -> set[str]:
    return {key.lower() for keys in statement.get("Condition", {}).values() for key in keys}


def _matches(statement: dict[str, Any], has_variables: bool, request: tuple[str, str, str | None], facts: Any) -> bool:
    action, resource, factor = request
    context = {**facts, **({"aws:multifactorauthpresent": factor} if factor else {})}
    names = _listed(statement.get("Action", statement.get("NotAction")))
    if any(_like(name.lower(), action.lower()) for name in names) != ("Action" in statement):
        return False
    patterns = [_filled(text, has_variables, context) for text in _listed(statement.get("Resource", "*"))]
    if not any(pattern is not None and _like(pattern, resource) for pattern in patterns):
        return False
    return all(
        _holds(
            operator, context.get(key.lower()), [_filled(str(one), has_variables, context) for one in _listed(wanted)]
        )
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def _holds(operator: str, actual: str | None, wanted: list[str | None]) -> bool:
    known = [text for text in wanted if text is not None]
    plain = operator.removesuffix("IfExists")
    if actual is None:
        return plain != operator or "Not" in plain
    if plain == "Bool":
        return actual in [text.lower() for text in known]
    alike = any(_like(text, actual) if plain.endswith("Like") else text == actual for text in known)
    return alike != ("Not" in plain)


def _filled(text: str, has_variables: bool, context: dict[str, str]) -> str | None:
    """Return the text with its variables replaced, or None where one has no value."""
    names = re.findall(r"\$\{([^}]*)\}", text) if has_variables else []
    if any(name.lower() not in context for name in names):
        return None
    for name in names:
        text = text.replace("${" + name + "}", context[name.lower()])
    return text


def _like(pattern: str, text: str) -> bool:
    regex = "".join(".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.fullmatch(regex, text) is not None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
