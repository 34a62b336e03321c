"""The section on what changed since a plan was approved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from iamctl.model.approval import Difference, Subject
from iamctl.report.blocks import Line, Section, Span, Style, line

TITLE = "Changed since the approval"

_LONG = 60
"""So many characters of a parameter are shown; the plan has all of them."""

_SIGNS: Mapping[str, tuple[str, Style]] = {"new": ("+", "create"), "gone": ("-", "delete"), "differs": ("~", "update")}

_NOUNS: Mapping[Subject, str] = {
    Subject.CALL: "call",
    Subject.TERMS: "terms of",
    Subject.RISK: "risk for",
    Subject.DECLARED: "change that needs no call",
}


def differences_section(found: Sequence[Difference]) -> Iterator[Section]:
    """Yield the section, or nothing where a plan is the approved one."""
    if found:
        yield Section(TITLE, tuple(entry for one in found for entry in _lines(one)))


def _lines(one: Difference) -> Iterator[Line]:
    """Yield one difference, and for a call the parameters that differ."""
    how = "new" if one.before is None else "gone" if one.after is None else "differs"
    sign, style = _SIGNS[how]
    yield Line((Span(f"{sign} {_words(one, how)}", style),), indent=1, is_whole=True, is_kept=True)
    if one.subject is Subject.CALL and how == "differs":
        before, after = one.before["params"], one.after["params"]
        for name in sorted({*before, *after}):
            if before.get(name) != after.get(name):
                yield line(f"{name}: {_short(before.get(name))} -> {_short(after.get(name))}", indent=3)
    elif one.subject is Subject.TERMS and how == "differs":
        yield line(f"{_short(one.before)} -> {_short(one.after)}", indent=3)


def _words(one: Difference, how: str) -> str:
    match one.subject:
        case Subject.ORDER:
            return "the calls are the same, but their order or what they wait for differs"
        case Subject.IDENTITY if how == "differs":
            return f"{one.name} was deleted and created again: id {one.before}, now {one.after}"
        case Subject.IDENTITY:
            return f"{one.name}: id {one.after or one.before} {'is new' if how == 'new' else 'is gone'}"
        case Subject.DOCUMENT if how == "differs":
            return f"{one.name}: the document of this policy changed"
        case Subject.DOCUMENT:
            return f"{one.name}: its document {'matters now' if how == 'new' else 'no longer matters'}"
        case Subject.RISK:
            return f"{_how(one, how)}: {_risk(one)}"
        case Subject.DECLARED:
            return f"{_how(one, how)}: {_declared(one)}"
        case Subject.UNCHANGED:
            return f"{one.name}: access is {'now' if how == 'new' else 'no longer'} proved unchanged"
        case _:
            return f"{_how(one, how)}: {one.name}"


def _how(one: Difference, how: str) -> str:
    noun = _NOUNS[one.subject]
    return {"new": f"new {noun}", "gone": f"no longer planned {noun}", "differs": f"changed {noun}"}[how]


def _risk(one: Difference) -> str:
    """Return whom a risk is about, the rule and its facts."""
    row = one.after or one.before
    facts = f" ({', '.join(map(str, row[2:]))})" if len(row) > 2 else ""
    return f"{row[0]}, {row[1]}{facts}" if one.name else "the order of risks"


def _declared(one: Difference) -> str:
    row = one.after or one.before
    return f"{row[1] if row[0] == 'None' else f'{row[0]} {row[1]}'}" if one.name else "the order of such changes"


def _short(value: Any) -> str:
    if value is None:
        return "(none)"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
