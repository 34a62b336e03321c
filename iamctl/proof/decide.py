"""Decides one request as AWS documents it, statement by statement; it confirms what the search finds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from enum import Enum
from functools import lru_cache

from iamctl.policy.normalized import DEFAULT_VERSION, NormalizedPolicy, NormalizedStatement, folded
from iamctl.policy.pattern import action_includes
from iamctl.proof.aws_facts import ALWAYS_ALLOWED, REFUSED
from iamctl.proof.encoding import Reading
from iamctl.proof.lines import Line, expression, holds, line
from iamctl.proof.statements import Facts, filled
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern

_PARTS = 6
_VARIABLE = late_pattern(r"\$\{([^}]*)\}")


@dataclass(frozen=True)
class Request:
    """One request; keys of the context are in lower case, and those that it lacks are absent."""

    action: str
    resource: str
    """An ARN, or ``*`` if the action acts on no resource."""
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def by(self, facts: Mapping[str, tuple[str, ...]]) -> Request:
        """Return the request of one person: variables in the resource replaced, and the context with what is known."""
        known = {key.lower(): values for key, values in facts.items()}

        def value(found: re.Match[str]) -> str:
            return known.get(found[1].lower(), (found[0],))[0]

        return Request(self.action, _VARIABLE.sub(value, self.resource), {**known, **self.context})


class Reach(Enum):
    """Why a statement applies to a request, or does not."""

    APPLIES = "applies"
    OTHER_ACTION = "other action"
    OTHER_RESOURCE = "other resource"
    CONDITION = "condition"
    UNKNOWN = "unknown"
    """AWS does not document whether the condition holds."""


@dataclass(frozen=True)
class Applied:
    """What one statement says about a request; ``failed`` are the lines of its condition that do not hold."""

    statement: NormalizedStatement
    reach: Reach
    failed: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Held:
    """The documents that decide the requests of one person; each ceiling is all documents of one boundary."""

    policies: tuple[NormalizedPolicy, ...]
    ceilings: tuple[tuple[NormalizedPolicy, ...], ...] = ()


def decide(request: Request, held: Held, reading: Reading = Reading.PARTS) -> bool | None:
    """Return whether a request is allowed: no Deny applies, and an Allow does in the policies and in each ceiling.

    None if that depends on a condition of which AWS does not document when it holds.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
    """
    if folded(request.action) == ALWAYS_ALLOWED:
        return True
    sets = (held.policies, *held.ceilings)
    truths = [_inverse(_any(request, (*(one for group in sets for one in group), REFUSED), "Deny", reading))]
    truths += [_any(request, group, "Allow", reading) for group in sets]
    return False if False in truths else None if None in truths else True


def explain(request: Request, document: NormalizedPolicy, reading: Reading = Reading.PARTS) -> tuple[Applied, ...]:
    """Return, for each statement of a document that is about the action, whether it applies or why not."""
    has_variables = document.version != DEFAULT_VERSION
    facts = Facts(request.context, is_complete=True)
    found = [_applied(request, one, facts, reading, has_variables=has_variables) for one in document.statements]
    about = (one for one in found if one.reach is not Reach.OTHER_ACTION)
    return tuple(sorted(about, key=lambda one: (one.statement.effect, sorted(one.statement.actions), repr(one.reach))))


def condition_of(
    request: Request, statement: NormalizedStatement, version: str
) -> tuple[tuple[Line, bool | None], ...]:
    """Return the lines of a statement's condition, variables replaced, each with whether it holds for a request."""
    facts = Facts(request.context, is_complete=True)
    return tuple(_lines(statement, facts, has_variables=version != DEFAULT_VERSION))


def _any(request: Request, documents: Iterable[NormalizedPolicy], effect: str, reading: Reading) -> bool | None:
    found: bool | None = False
    for document in documents:
        facts = Facts(request.context, is_complete=True)
        for statement in document.statements:
            if statement.effect == effect:
                has_variables = document.version != DEFAULT_VERSION
                reach = _applied(request, statement, facts, reading, has_variables=has_variables).reach
                if reach is Reach.APPLIES:
                    return True
                if reach is Reach.UNKNOWN:
                    found = None
    return found


def _inverse(truth: bool | None) -> bool | None:  # noqa: FBT001 - a third value is not known
    return None if truth is None else not truth


def _applied(
    request: Request, statement: NormalizedStatement, facts: Facts, reading: Reading, *, has_variables: bool
) -> Applied:
    action = folded(request.action)
    if any(action_includes(pattern, action) for pattern in statement.actions) == statement.negated_action:
        return Applied(statement, Reach.OTHER_ACTION)
    texts = (filled(text, facts, has_variables=has_variables) for text in statement.resources or ())
    named = any(text is not None and matches_resource(text, request.resource, reading) for text in texts)
    if named == statement.negated_resource:
        return Applied(statement, Reach.OTHER_RESOURCE)
    truths = list(_lines(statement, facts, has_variables=has_variables))
    failed = tuple(one for one, truth in truths if truth is False)
    if failed:
        return Applied(statement, Reach.CONDITION, failed)
    unknown = tuple(one for one, truth in truths if truth is None)
    return Applied(statement, Reach.UNKNOWN, unknown) if unknown else Applied(statement, Reach.APPLIES)


def _lines(statement: NormalizedStatement, facts: Facts, *, has_variables: bool) -> Iterator[tuple[Line, bool | None]]:
    for operator, key, values in sorted(statement.condition, key=repr):
        if key:
            has_wildcards = "Like" in operator or "Arn" in operator
            found = (filled(one, facts, has_variables=has_variables, is_literal=not has_wildcards) for one in values)
            one = line(operator, key, [text for text in found if text is not None])
            yield one, holds(one, facts.get(one.key) or ())


def matches_resource(text: str, resource: str, reading: Reading) -> bool:
    """Return whether the resource of a statement, variables replaced, matches a text, as one reading understands stars."""
    return _compiled(text, reading).fullmatch(resource) is not None


@lru_cache(maxsize=1 << 14)
def _compiled(text: str, reading: Reading) -> re.Pattern[str]:
    """Return a pattern of resources as one reading of the stars in its first five parts understands it."""
    if reading is Reading.GLOB or not text.strip("*"):
        return re.compile(expression(text), re.DOTALL)
    parts = text.split(":", _PARTS - 1)
    head, rest = parts[: _PARTS - 1], parts[_PARTS - 1 :]
    if reading is Reading.PARTS:
        head += ["*"] * (_PARTS - 1 - len(head))
        rest = rest or ["*"]
    found = [_part(part, is_open=reading is Reading.ENDS) for part in head]
    return re.compile(":".join([*found, *map(expression, rest)]), re.DOTALL)


def _part(part: str, *, is_open: bool) -> str:
    stem = part.rstrip("*") if is_open else part
    return expression(stem, "[^:]*", "[^:]") + (".*" if stem != part else "")
