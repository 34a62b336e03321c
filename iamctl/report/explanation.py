"""Why one request is allowed or not, statement by statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from iamctl.access.explain import Asked, Decision, Explained, Explanation, Part, Verdict
from iamctl.access.row import Example
from iamctl.access.truth import Truth
from iamctl.kinds import User
from iamctl.model import Account
from iamctl.proof.decide import Reach
from iamctl.report.access_words import condition_text, example_text, statement_text
from iamctl.report.blocks import Line, Report, Section, Span, Style, line
from iamctl.report.explanation_json import explanation_json
from iamctl.report.plan import subject_name
from iamctl.report.question import asked_about, limits
from iamctl.text.counted import listed

_MOST = 3
_STYLES: dict[Decision, Style] = {Decision.ALLOWED: "create", Decision.UNKNOWN: "warn"}


def explanation_report(found: Explanation, account: Account, now: datetime, state: str, *, fits: bool) -> Report:
    """Return the report of an explanation; ``fits``: AWS documents that the action acts on such a resource."""
    title = f"Access of {subject_name(found.person)} in {asked_about(account, state)}"
    sections = [
        Section(title, tuple(_verdict(found, fits=fits))),
        Section(f"Statements about {found.request.action}", tuple(_statements(found))),
    ]
    if missing := tuple(_missing(found)):
        is_open = found.verdict.decision is Decision.UNKNOWN
        sections.append(Section("What is not known" if is_open else "What is missing", missing))
    sections.append(Section("", (limits(state),)))
    return Report(explanation_json(found, account, now, state, fits=fits), tuple(sections), noun="explanation")


def _verdict(found: Explanation, *, fits: bool) -> Iterator[Line]:
    yield line(example_text(_asked_about(found)), indent=1)
    decision = found.verdict.decision
    told = decision_text(found, found.verdict)
    yield line(Span(f"{told[0].upper()}{told[1:]}", _STYLES.get(decision, "refuse")), indent=1)
    without = found.without_mfa
    if without and without.decision is not decision:
        told = decision_text(found, without)
        yield line(Span(f"{_without(found)}: {told}", _STYLES.get(without.decision, "refuse")), indent=1)
    if not fits:
        words = f"AWS does not document that {found.request.action} acts on such a resource"
        yield line(Span(words, "warn"), indent=1)


def _asked_about(found: Explanation) -> Example:
    """Return the request with those keys only that statements ask about, or that say how somebody signs in."""
    keys = {asked.when.key for one in found.verdict.statements for asked in one.asked} | {"aws:MultiFactorAuthPresent"}
    context = tuple((key, values) for key, values in found.request.context if key in keys)
    return Example(found.request.action, found.request.resource, context)


def _without(found: Explanation) -> str:
    return "Without MFA, with an access key" if found.person.kind == User.kind else "Without MFA"


def decision_text(found: Explanation, verdict: Verdict) -> str:
    """Return what a request comes to, and what decides."""
    denies, allows = (_deciding(verdict, effect) for effect in ("Deny", "Allow"))
    match verdict.decision:
        case Decision.ALLOWED if allows:
            return f"allowed by {listed(allows, _MOST)}"
        case Decision.ALLOWED if found.trust:
            return f"allowed by the trust policy of {found.trust[0]}, which names {found.person}"
        case Decision.ALLOWED:
            return "allowed to everybody"
        case Decision.DENIED:
            return f"denied by {listed(denies, _MOST)}"
        case Decision.NOT_ALLOWED:
            return "not allowed: no Allow applies"
        case Decision.OUTSIDE_BOUNDARY:
            return "not allowed: no Allow in the permissions boundary applies"
        case Decision.NOT_TRUSTED if found.trust:
            return f"not allowed: the trust policy of {found.trust[0]} does not allow it"
    by = f"{listed(allows, _MOST)} allows it, but the result" if allows else "the result"
    return f"unknown: {by} depends on {listed(_open(found, verdict), _MOST)}"


def _deciding(verdict: Verdict, effect: str) -> list[str]:
    """Return the statements that apply; of the boundary only Denies, since its Allows give nothing."""
    return [
        _where(one)
        for one in verdict.statements
        if one.reach is Reach.APPLIES and one.effect == effect and (effect == "Deny" or one.part is Part.POLICY)
    ]


def _open(found: Explanation, verdict: Verdict) -> Iterator[str]:
    """Yield what a result depends on that is not known."""
    yield from (f"the document of {statement_text(source)}" for source in found.unread)
    yield from (f"the value of {key}" for key in _open_keys(verdict))
    if found.trust and found.trust[1] is Truth.MAYBE:
        yield f"the trust policy of {found.trust[0]}"


def _open_keys(verdict: Verdict) -> list[str]:
    asked = (asked for one in verdict.statements if one.reach is Reach.UNKNOWN for asked in one.asked)
    return list(dict.fromkeys(one.when.key for one in asked if one.holds is None))


_REACHES = {
    Reach.APPLIES: "applies",
    Reach.UNKNOWN: "may apply",
    Reach.CONDITION: "condition does not hold",
    Reach.OTHER_RESOURCE: "other resource",
}


def _statements(found: Explanation) -> Iterator[Line]:
    statements = found.verdict.statements
    for one in statements:
        yield from _statement(one)
    for source in found.unread:
        yield line(Span(f"{statement_text(source)}: document unknown", "warn"), indent=1)
    if found.trust:
        role, truth = found.trust
        words = {Truth.YES: "allows it", Truth.MAYBE: "may allow it", Truth.NO: "does not allow it"}
        yield line(f"trust policy of {role}: {words[truth]}", indent=1)
    if not statements and not found.unread:
        yield line(Span("none", "dim"), indent=1)


def _where(one: Explained) -> str:
    """Return the statement, and which part it has in the decision."""
    match one.part:
        case Part.AWS:
            return "AWS itself, for everybody"
        case Part.BOUNDARY:
            return f"the boundary {statement_text(one.source)}"
    return statement_text(one.source)


def _statement(one: Explained) -> Iterator[Line]:
    style: Style = "dim"
    if one.reach is Reach.APPLIES:
        style = "create" if one.effect == "Allow" else "delete"
    preposition = "by" if one.part is Part.AWS else "in"
    yield line(f"{one.effect} {preposition} {_where(one)}: ", Span(_REACHES[one.reach], style), indent=1)
    if one.reach is Reach.OTHER_RESOURCE:
        about = "every resource except" if one.is_not_resource else "it is about"
        yield line(Span(f"{about} {listed(one.resources, _MOST)}", "dim"), indent=3)
    for asked in one.asked:
        if one.reach is Reach.APPLIES or not asked.holds:
            yield line(Span(_asked(asked), "dim"), indent=3)


def _asked(asked: Asked) -> str:
    """Return whether a line of a condition holds, and what the request says."""
    key = asked.when.key
    said = f"{key} is {' or '.join(asked.values)}" if asked.values else f"the request has no {key}"
    if not asked.is_known:
        said = f"the value of {key} is not known"
    holds = {True: "holds", False: "does not hold", None: "may hold"}[asked.holds]
    return f"{condition_text(asked.when)} {holds}: {said}"


def _missing(found: Explanation) -> Iterator[Line]:
    """Yield everything that would have to change for the request to be allowed, or what is not known."""
    verdict = found.verdict
    if verdict.decision is Decision.UNKNOWN:
        for told in _open(found, verdict):
            yield line(told, indent=1)
        for key in _open_keys(verdict):
            yield line(Span(f"state it with --when {key}=VALUE", "dim"), indent=1)
    denies = [one for one in verdict.statements if one.reach is Reach.APPLIES and one.effect == "Deny"]
    if any(one.part is Part.AWS for one in denies):
        yield line("nothing: AWS denies this to everybody", indent=1)
        return
    for decision in verdict.lacking:
        yield from (line(told, indent=1) for told in _remedies(found, decision, denies))


def _remedies(found: Explanation, decision: Decision, denies: Sequence[Explained]) -> Iterator[str]:
    """Yield what would meet one requirement."""
    request = f"{found.request.action} on {found.request.resource}"
    match decision:
        case Decision.DENIED:
            yield from map(_way_past, denies)
        case Decision.NOT_ALLOWED:
            nearly = tuple(_nearly(found, Part.POLICY))
            yield from nearly
            yield f"{'or ' if nearly else ''}an Allow of {request} in a policy of {found.person}"
        case Decision.OUTSIDE_BOUNDARY:
            nearly = tuple(_nearly(found, Part.BOUNDARY))
            yield from nearly
            yield f"{'or ' if nearly else ''}an Allow of {request} in the permissions boundary of {found.person}"
        case Decision.NOT_TRUSTED if found.trust:
            yield f"an Allow for {found.person} in the trust policy of {found.trust[0]}"


def _way_past(one: Explained) -> str:
    change = f"a change of the Deny in {_where(one)}"
    return f"{change}, or a request that does not meet {_all_of(one.asked)}" if one.asked else change


def _nearly(found: Explanation, part: Part) -> Iterator[str]:
    """Yield the conditions under which an Allow would apply."""
    for one in found.verdict.statements:
        if one.effect == "Allow" and one.part is part and one.reach is Reach.CONDITION:
            failed = [asked for asked in one.asked if asked.holds is False]
            yield f"a request with {_all_of(failed)}, which {_where(one)} allows"


def _all_of(asked: Sequence[Asked]) -> str:
    return " and ".join(condition_text(one.when) for one in asked)
