"""Policy documents in words: every statement in full, the widest and the most powerful entries first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from iamctl.access.ways import POWERFUL
from iamctl.policy import Document
from iamctl.policy.differences import (
    Difference,
    Element,
    Part,
    StatementAdded,
    StatementChanged,
    StatementRemoved,
    StatementText,
    Unreadable,
    VersionChanged,
    differences,
    statement_texts,
)
from iamctl.policy.pattern import ANY, ONE, action_includes
from iamctl.report.blocks import Line, Span, Style, line

_ONE_LINE = 100
"""Characters up to which a statement is one line; a longer one has a line for each element."""

_MALFORMED = "not a valid policy document; its statements are unknown"

_TITLES = {
    Element.EFFECT: "effect",
    Element.PRINCIPAL: "principals",
    Element.NOT_PRINCIPAL: "all principals except",
    Element.ACTION: "actions",
    Element.NOT_ACTION: "all actions except",
    Element.RESOURCE: "resources",
    Element.NOT_RESOURCE: "all resources except",
    Element.CONDITION: "conditions",
}
_READING = ("get", "list", "describe", "view", "search", "lookup", "batchget")


def document_texts(before: Document | None, after: Document) -> Iterator[str]:
    """Yield ``document_lines`` as text, indented by two blanks a step; a document alone without the plus signs."""
    for entry in document_lines(before, after):
        text = "".join(span.text for span in entry.spans)
        yield "  " * entry.indent + (text if before else text.removeprefix("+ "))


def document_lines(before: Document | None, after: Document, indent: int = 0) -> Iterator[Line]:
    """Yield the lines of a document that is written: all of a new one, what differs of one that changes."""
    if before is not None:
        for difference in differences(before, after):
            yield from difference_lines(difference, indent)
        return
    statements = statement_texts(after)
    if statements is None:
        yield line(Span(f"document: {_MALFORMED}", "warn"), indent=indent)
        return
    for statement in statements:
        yield from _whole("+", statement, indent)


def difference_lines(difference: Difference, indent: int) -> Iterator[Line]:
    """Yield the lines of one difference between two documents."""
    match difference:
        case VersionChanged(before, after):
            yield line(Span(f"~ policy language version: {before} -> {after}", "update"), indent=indent)
        case Unreadable(before, after):
            sides = " and ".join(name for name, is_bad in (("before", before), ("after", after)) if is_bad)
            yield line(Span(f"document ({sides} the change): {_MALFORMED}", "warn"), indent=indent)
        case StatementAdded(statement):
            yield from _whole("+", statement, indent)
        case StatementRemoved(statement):
            yield from _whole("-", statement, indent)
        case StatementChanged():
            yield from _changed(difference, indent)


def statement_line(statement: StatementText) -> str:
    """Return a statement in one line, in full."""
    return f"statement {statement.sid} ({_sentence(statement)})".replace("statement  (", "statement (", 1)


def _whole(sign: str, statement: StatementText, indent: int) -> Iterator[Line]:
    style: Style = "create" if sign == "+" else "delete"
    sentence = _sentence(statement)
    if len(sentence) <= _ONE_LINE:
        yield line(Span(f"{sign} {_name(statement)}: {sentence}", style), indent=indent)
        return
    yield line(Span(f"{sign} {_name(statement)}: {statement.effect}", style), indent=indent)
    for element in _TITLES:
        if element is not Element.EFFECT and (parts := statement.of(element)):
            yield line(Span(_entries(sign, element, parts), style), indent=indent + 1)


def _changed(change: StatementChanged, indent: int) -> Iterator[Line]:
    """Yield what the statement loses and gains, and the rest of it, without which neither can be judged."""
    before, after = change.before, change.after
    renamed = f", now {_name(after)}" if after.sid != before.sid else ""
    yield line(Span(f"~ {_name(before)}{renamed}: {after.effect}", "update"), indent=indent)
    lost, gained = set(change.removed), set(change.added)
    for element, title in _TITLES.items():
        if removed := tuple(part for part in before.of(element) if part in lost):
            yield line(Span(_entries("-", element, removed), "delete"), indent=indent + 1)
        if added := tuple(part for part in after.of(element) if part in gained):
            yield line(Span(_entries("+", element, added), "create"), indent=indent + 1)
        kept = tuple(part for part in after.of(element) if part not in gained)
        if kept and element is not Element.EFFECT:
            texts = Span(_texts(element, kept), "quiet")
            yield line(Span(f"unchanged {title}: ", "dim"), texts, indent=indent + 1)


def _name(statement: StatementText) -> str:
    return f"statement {statement.sid or statement.position}"


def _entries(sign: str, element: Element, parts: Sequence[Part]) -> str:
    return f"{sign} {_TITLES[element]}: {_texts(element, parts)}"


def _texts(element: Element, parts: Iterable[Part]) -> str:
    return ", ".join(map(_text, _by_weight(element, parts)))


def _sentence(statement: StatementText) -> str:
    words = [statement.effect]
    for element, joint in ((Element.PRINCIPAL, ""), (Element.NOT_PRINCIPAL, "all principals except ")):
        words += _listing(statement, element, joint)
    words += _listing(statement, Element.ACTION, "") + _listing(statement, Element.NOT_ACTION, "all actions except ")
    words += _listing(statement, Element.RESOURCE, "on ") + _listing(
        statement, Element.NOT_RESOURCE, "on all resources except "
    )
    conditions = [_text(part) for part in statement.of(Element.CONDITION)]
    if conditions:
        words += ["when", " and ".join(conditions)]
    return " ".join(words)


def _listing(statement: StatementText, element: Element, joint: str) -> list[str]:
    parts = statement.of(element)
    return [joint + ", ".join(map(_text, _by_weight(element, parts)))] if parts else []


def _text(part: Part) -> str:
    if part.element is not Element.CONDITION:
        return part.text
    if not part.text:
        return f"{part.operator} without a key"
    return f"{part.operator} {part.text} = {', '.join(part.values) if part.values else '(no value)'}"


def _by_weight(element: Element, parts: Iterable[Part]) -> list[Part]:
    """Return the entries that allow most first, so that nobody's order decides what is read first."""
    if element in {Element.ACTION, Element.NOT_ACTION}:
        return sorted(parts, key=lambda part: (*_action_weight(part.text.lower()), part.text.lower()))
    if element in {Element.RESOURCE, Element.NOT_RESOURCE}:
        return sorted(parts, key=lambda part: (_resource_weight(part.text), part.text))
    return list(parts)


def _action_weight(action: str) -> tuple[bool, bool, bool, bool]:
    """Return False for what puts an action before others: every action, ways to more access, patterns, writes."""
    name = action.partition(":")[2]
    return (
        action.strip("*:") != "",
        not any(action_includes(action, way) for way in POWERFUL),
        ANY not in action and ONE not in action,
        name.startswith(_READING),
    )


def _resource_weight(resource: str) -> tuple[bool, int, bool]:
    """Return False for patterns, how many characters are certain before the first wildcard, and False for IAM's own."""
    places = [place for sign in (ANY, ONE) if (place := resource.find(sign)) >= 0]
    return not places, min(places, default=0), ":iam:" not in resource
