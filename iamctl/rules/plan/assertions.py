"""Assertions: whether they hold, for the manifests alone and for the account after a plan."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.access.verdicts import Doubt
from iamctl.model import Severity
from iamctl.model.assertion import address_of, is_pattern
from iamctl.rules import Hit, Review, rule
from iamctl.rules.plan.assertion_words import doubts, example_of, people_of, refutation
from iamctl.rules.plan.judged import Judged
from iamctl.text.nearest import did_you_mean

_SOURCE = "https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_permissions_define_guardrails.html"
_EVALUATION = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"


_OF_THE_ACCOUNT = frozenset({Doubt.DOCUMENT, Doubt.ROLES})
CODES = frozenset({"IAM501", "IAM502", "IAM503", "IAM504", "IAM505"})
"""The codes of the rules about assertions."""


@rule("IAM501", Severity.ERROR, stage="declared", source=_SOURCE)
def declared_assertions_hold(review: Review) -> Iterator[Hit]:
    """Every assertion holds for what the manifests declare."""
    yield from _refuted(review, Severity.ERROR)


@rule("IAM501", Severity.REFUSE, source=_SOURCE)
def assertions_hold(review: Review) -> Iterator[Hit]:
    """Every assertion of the manifests, and of the base, holds after the plan."""
    yield from _refuted(review, Severity.REFUSE)


@rule("IAM502", Severity.WARN, stage="declared", source=_EVALUATION)
def declared_assertions_are_decided(review: Review) -> Iterator[Hit]:
    """The manifests contain all documents that decide an assertion; the others are only in the account."""
    yield from _undecided(review, Severity.WARN)


@rule("IAM502", Severity.REFUSE, source=_EVALUATION)
def assertions_are_decided(review: Review) -> Iterator[Hit]:
    """Every assertion is proved or refuted: all documents are known, and the search did not reach its limit."""
    yield from _undecided(review, Severity.REFUSE)


@rule("IAM503", Severity.REFUSE, source=_SOURCE)
def assertions_name_somebody(review: Review) -> Iterator[Hit]:
    """Assertions name users, groups and roles that are declared or in the account."""
    if not review.desired.assertions:
        return
    known = review.judged.everybody
    for assertion in review.desired.assertions:
        for pattern, path in assertion.patterns():
            if any(principals.named(pattern) for principals in known) or _has_ended(review, pattern):
                continue
            if is_pattern(pattern):
                message = f"{pattern!r} matches nobody; remove it, or correct the pattern"
                severity = Severity.WARN
            else:
                names = (str(address) for principals in known for address in principals.all)
                words = did_you_mean(pattern, names) or "; correct the name"
                message = f"{pattern!r} is neither declared nor in the account{words}"
                severity = None
            yield Hit(assertion.address, message, severity, assertion.place(*path), (pattern,))


@rule(
    "IAM504",
    Severity.WARN,
    source=_SOURCE,
    plural="assertions were refuted before this plan as well",
)
def assertions_held_before(review: Review) -> Iterator[Hit]:
    """Assertions that were refuted before a plan are named with the number of people, as long as they are refuted."""
    yield from _earlier(review)


@rule("IAM504", Severity.WARN, stage="declared", source=_SOURCE)
def declared_assertions_held_before(review: Review) -> Iterator[Hit]:
    """Assertions that the manifests of the base refute as well are named with the number of people."""
    yield from _earlier(review)


@rule("IAM505", Severity.WARN, stage="declared", source=_EVALUATION)
def declared_assertions_hold_for_unusual_requests(review: Review) -> Iterator[Hit]:
    """Assertions hold for unusual requests as well: undocumented resources, and actions that AWS may add."""
    yield from _unusual(review)


@rule("IAM505", Severity.WARN, source=_EVALUATION)
def assertions_hold_for_unusual_requests(review: Review) -> Iterator[Hit]:
    """Assertions hold for unusual requests as well: undocumented resources, and actions that AWS may add."""
    yield from _unusual(review)


def _refuted(review: Review, severity: Severity) -> Iterator[Hit]:
    for judged in _judged(review):
        if found := judged.fresh:
            message = f"{_name(judged)} is {refutation(judged.verdict, found)}"
            yield _hit(judged, message, severity, tuple(str(one.person) for one in found))


def _undecided(review: Review, severity: Severity) -> Iterator[Hit]:
    for judged in _judged(review):
        if found := judged.verdict.undecided:
            message = f"{_name(judged)} is not decided for {people_of(found, judged.verdict)}: {doubts(found)}"
            if review.is_declared_only and any(one.doubt in _OF_THE_ACCOUNT for one in found):
                message += "; iamctl plan reads the account and decides"
            yield _hit(judged, message, severity, tuple(str(one.person) for one in found))


def _earlier(review: Review) -> Iterator[Hit]:
    for judged in _judged(review):
        if found := judged.earlier:
            message = f"{_name(judged)} was refuted before as well by {people_of(found, judged.verdict)}: {example_of(judged.verdict, found[0])}"
            yield _hit(judged, message, Severity.WARN, tuple(str(one.person) for one in found))


def _unusual(review: Review) -> Iterator[Hit]:
    for judged in _judged(review):
        found = judged.verdict.unusual
        if found and judged.verdict.holds:
            message = f"{_name(judged)} holds but for unusual requests of {people_of(found, judged.verdict)}: "
            yield _hit(judged, f"{message}{example_of(judged.verdict, found[0])}", Severity.WARN, ())


def _judged(review: Review) -> tuple[Judged, ...]:
    """Return the judgements; without assertions nothing is loaded that judges them."""
    return review.judged.all if review.desired.has_assertions else ()


def _hit(judged: Judged, message: str, severity: Severity, people: tuple[str, ...]) -> Hit:
    weight = Severity.WARN if judged.is_lenient and severity is not Severity.INFO else severity
    origin = None if judged.is_of_base else judged.verdict.assertion.origin
    reason = judged.verdict.assertion.reason
    said = f"{message} (reason: {reason})" if reason else message
    return Hit(judged.verdict.assertion.address, said, weight, origin, people or ("unusual",))


def _name(judged: Judged) -> str:
    address = judged.verdict.assertion.address
    return f"{address} of the base" if judged.is_of_base else str(address)


def _has_ended(review: Review, pattern: str) -> bool:
    ended = {resource.address for resource in review.desired.ended}
    return not is_pattern(pattern) and address_of(pattern) in ended
