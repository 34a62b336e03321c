"""Who may do something, and of whom it is proved that they may not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from iamctl.access.row import RISKY, Row
from iamctl.access.truth import Truth
from iamctl.access.who_can import Answer, How, WhoCan
from iamctl.model import Account, Address
from iamctl.model.assertion import Requests
from iamctl.policy.pattern import ANY
from iamctl.report.access_json import row_json
from iamctl.report.access_words import example_text, notes, row_text, sources_text
from iamctl.report.blocks import MOST_NAMES, Line, Report, Section, Span, Style, line, names
from iamctl.report.plan import subject_name
from iamctl.report.question import asked_about, limits, question_json
from iamctl.text.counted import counted, listed

_MOST_ACTIONS = 5
_MOST_ROWS = 6
_MOST_ANSWERS = 30
_HOW = {
    How.ALWAYS: "always",
    How.WITH_MFA: "always, with MFA",
    How.IN_PART: "in part",
    How.NAMED: "always",
    How.POSSIBLY: "possibly",
}


def who_can_report(found: WhoCan, account: Account, now: datetime, state: str) -> Report:
    """Return the report: those who may most first, then who may not."""
    title = f"Who can {_asked(found.question)} in {asked_about(account, state)}"
    sections = (
        Section(title, tuple(_lines(found))),
        Section("", (limits(state),)),
    )
    return Report(_json(found, account, now, state), sections, noun="answer")


def _asked(question: Requests) -> str:
    resource = "any resource" if question.resources == (ANY,) else listed(question.resources)
    stated = [f"{one.key} {' or '.join(one.values) if one.values else 'absent'}" for one in question.when]
    when = f" with {' and '.join(stated)}" if stated else ""
    return f"{listed(question.actions, _MOST_ACTIONS)} on {resource}{when}"


def _lines(found: WhoCan) -> Iterator[Line]:
    for answer in found.answers[:_MOST_ANSWERS]:
        yield from _answer(answer)
    if left_out := [person for answer in found.answers[_MOST_ANSWERS:] for person in answer.people]:
        yield line(_people(left_out, "in part or possibly (--format json)"), indent=1)
    for role, people in found.assumed_by:
        yield _assumed(role, people)
    if found.untrusted:
        told = "allowed by their policies, but the role's trust policy does not allow it"
        yield line(_people(found.untrusted, told), indent=1)
    if found.unusual:
        told = "only for resources of undocumented types, or for actions that AWS may add"
        yield line(_people(found.unusual, told, "warn"), indent=1)
    if found.undecided:
        told = "not decided, since the policies are too complex"
        yield line(_people(found.undecided, told, "warn"), indent=1)
    yield _rest(found)


def _people(people: Iterable[Address], told: str, style: Style = "") -> Span:
    """Return people and what is said of them; a format with room has all names."""
    shown = [subject_name(person) for person in people]
    return Span(f"{listed(shown, MOST_NAMES)}: {told}", style, whole=f"{', '.join(shown)}: {told}")


def _rest(found: WhoCan) -> Line:
    is_anybody = found.answers or found.unusual or found.undecided
    word = "Nobody else" if is_anybody else "Nobody"
    if not found.nobody_else and is_anybody:
        return line(Span("There are no other users and roles.", "strong"), indent=1)
    if not found.nobody_else:
        word, proof = "Nobody", "there are no users and roles"
    else:
        proof = f"proved for {counted(found.nobody_else, 'user or role', 'users and roles')}"
    return line(Span(f"{word}: {proof}.", "strong"), indent=1)


def _answer(answer: Answer) -> Iterator[Line]:
    unknown = _unknown(answer)
    style: Style = "warn" if answer.how is How.POSSIBLY else "strong"
    yield line(_people(answer.people, _HOW[answer.how], style), indent=1)
    if answer.how is How.NAMED:
        yield line(Span(f"named in the trust policy of role {listed(answer.roles)}", "dim"), indent=3)
    is_short = answer.how in (How.ALWAYS, How.WITH_MFA)
    if is_short and answer.rows:
        sources = {source: None for row in answer.rows for source in row.sources}
        yield line(Span(f"by {sources_text(sources)}", "dim"), indent=3)
    else:
        yield from _rows(answer.rows)
    if unknown:
        yield line(Span(unknown, "warn"), indent=3)


def _unknown(answer: Answer) -> str:
    if not answer.unknown:
        return ""
    policies = listed(answer.unknown)
    documents = "document unknown" if len(answer.unknown) == 1 else "documents unknown"
    if answer.how is How.POSSIBLY:
        return f"depends on {policies} ({documents})"
    if answer.how is How.IN_PART:
        return f"{policies} may allow or deny more ({documents})"
    denies = "denies" if len(answer.unknown) == 1 else "deny"
    return f"unless {policies} {denies} it ({documents})"


def _rows(rows: Sequence[Row]) -> Iterator[Line]:
    shown = rows[:_MOST_ROWS]
    for row in shown:
        told = "; ".join(notes(row, is_gain=True))
        yield line(row_text(row), f"  ({told})" if told else "", indent=3)
        if row.rank in RISKY or not row.is_whole:
            yield line(Span(f"for example {example_text(row.example)}", "dim"), indent=5)
        yield line(Span(f"by {sources_text(row.sources)}", "dim"), indent=5)
    if len(rows) > len(shown):
        yield line(Span(f"{counted(len(rows) - len(shown), 'more line')} (--format json)", "dim"), indent=3)


def _assumed(role: Address, people: Sequence[tuple[Address, Truth]]) -> Line:
    sure = [subject_name(person) for person, truth in people if truth is Truth.YES]
    unsure = [subject_name(person) for person, truth in people if truth is not Truth.YES]
    told = [names(sure, before=" by ")] if sure else []
    told += [names(unsure, before=" possibly by ")] if unsure else []
    nobody = [Span(" by no user or role of this account")]
    return line(f"{subject_name(role)} can be assumed", *(told or nobody), indent=1)


def _json(found: WhoCan, account: Account, now: datetime, state: str) -> dict[str, Any]:
    question = found.question
    return {
        **question_json("iamctl-access-who-can/1", account, now, state),
        "question": {
            "actions": list(question.actions),
            "resource": question.resources[0],
            "when": {one.key: list(one.values) for one in question.when},
        },
        "answers": [_answer_json(answer) for answer in found.answers],
        "nobody_else": found.nobody_else,
        "unusual": [str(person) for person in found.unusual],
        "untrusted": [str(person) for person in found.untrusted],
        "undecided": [str(person) for person in found.undecided],
        "assumed_by": {
            str(role): {str(person): truth.name.lower() for person, truth in people}
            for role, people in found.assumed_by
        },
    }


def _answer_json(answer: Answer) -> dict[str, Any]:
    return {
        "people": [str(person) for person in answer.people],
        "how": answer.how.value,
        "rows": [row_json(row) for row in answer.rows],
        "unknown": list(answer.unknown),
        "roles": [f"role/{role}" for role in answer.roles],
    }
