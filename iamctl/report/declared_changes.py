"""The section of a plan on what the manifests now say and no call carries out."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from iamctl.model import Address, Plan
from iamctl.model.declared_change import DECLARED, ENDED, LATER, REMOVED, DeclaredChange
from iamctl.report.blocks import Line, Section, Span, line
from iamctl.report.grouped import together

TITLE = "Changes that need no call now"
_FROM, _UNTIL = "from", "until"
_WORDS: Mapping[str, Mapping[bool, str]] = {
    DECLARED: {True: "declared from now on; the account already has it", False: "no longer declared, and left alone"},
    REMOVED: {True: "listed under removed; the account does not have it", False: "no longer listed under removed"},
}
_NOT_NOW: Mapping[tuple[object, object], str] = {
    (False, ENDED): "declared from now on, with an end that has passed",
    (ENDED, False): "no longer declared; it had ended",
    (LATER, False): "no longer declared; it would have begun later",
}


def declared_changes_section(plan: Plan) -> Iterator[Section]:
    """Yield the section, or nothing; documents that differ in Sid or Id alone are part of it."""
    beginning = _beginning(plan.declared_changes)
    lines = [_begin_line(*terms) for terms in beginning.items()]
    others = [one for one in plan.declared_changes if one.address not in beginning]
    lines += [
        entry
        for alike in together(others, lambda one: (one.field, _words(one)) if one.address else None)
        for entry in _lines(alike)
    ]
    lines += [line(str(one), Span("  only Sid or Id differs", "dim"), indent=1) for one in plan.cosmetic]
    if lines:
        yield Section(TITLE, tuple(lines), is_detail=True)


def _beginning(changes: Iterable[DeclaredChange]) -> Mapping[Address, list[DeclaredChange]]:
    """Return the changes of memberships that begin later and had no terms before, by address."""
    found: defaultdict[Address, list[DeclaredChange]] = defaultdict(list)
    for one in changes:
        if one.address and one.address.kind == "membership":
            found[one.address].append(one)
    return {
        address: terms
        for address, terms in found.items()
        if any(one.field == _FROM for one in terms) and all(one.before is None for one in terms)
    }


def _begin_line(address: Address, terms: Iterable[DeclaredChange]) -> Line:
    """Return one line for a membership that begins later, with its end and its reason."""
    told = {one.field: one for one in terms}
    begins = told.pop(_FROM)
    end = f", until {told.pop(_UNTIL).after}" if _UNTIL in told else ""
    rest = "".join(f"; {name}: {_text(one.after)}" for name, one in told.items())
    place = f"  {begins.origin}" if begins.origin else ""
    spans = (Span(f"+ {address}", "create"), Span(f"  begins {begins.after}{end}{rest}"), Span(place, "dim"))
    return Line(spans, indent=1, is_whole=True)


def _lines(alike: list[DeclaredChange]) -> Iterator[Line]:
    """Yield one line for equal changes; a list is shown by the entries that came and went."""
    first = alike[0]
    names = ", ".join(str(one.address) for one in alike) if first.address else first.field
    place = f"  {first.origin}" if first.origin and len(alike) == 1 else ""
    told = _words(first) if first.address is None or first.field in _WORDS else f"{first.field}: {_words(first)}"
    yield Line((Span(f"~ {names}", "update"), Span(f"  {told}"), Span(place, "dim")), indent=1, is_whole=True)
    if isinstance(first.before, list) or isinstance(first.after, list):
        yield from _entries(first.before or [], first.after or [])


def _entries(before: list[Any], after: list[Any]) -> Iterator[Line]:
    yield from (line(Span(f"- {_text(item)}", "delete"), indent=3) for item in before if item not in after)
    yield from (line(Span(f"+ {_text(item)}", "create"), indent=3) for item in after if item not in before)


def _words(one: DeclaredChange) -> str:
    if one.address and one.field == DECLARED and (words := _NOT_NOW.get((one.before, one.after))):
        return words
    if one.address and one.field in _WORDS:
        return _WORDS[one.field][bool(one.after)]
    if isinstance(one.before, list) or isinstance(one.after, list):
        return "changes" if one.before and one.after else "added" if one.after else "removed"
    return f"{_text(one.before)} -> {_text(one.after)}"


def _text(value: Any) -> str:
    if value is None:
        return "(none)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
