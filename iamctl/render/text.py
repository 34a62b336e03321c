"""A report as text for a terminal, a log or a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iamctl.render.blocks import Report, Span
from iamctl.render.visible import escaped, visible

INDENT = "  "


def render_text(report: Report) -> str:
    """Return the report as plain lines, without colour."""
    return "".join("".join(span.text for span in spans) + "\n" for spans in text_lines(report))


def text_lines(report: Report) -> Iterator[tuple[Span, ...]]:
    """Yield the lines of the report as escaped spans, ready to be coloured."""
    for number, section in enumerate(report.sections):
        if number:
            yield ()
        if section.title:
            yield _escaped((Span(section.title, "strong"),))
        for entry in section.lines:
            spans = _escaped(entry.spans)
            yield (Span(INDENT * entry.indent), *spans) if entry.indent else spans


def _escaped(spans: Iterable[Span]) -> tuple[Span, ...]:
    shown: list[Span] = []
    before = ""
    for span in spans:
        text = _disarmed(visible(span.text), before)
        shown.append(Span(text, span.style))
        before += text
    return tuple(shown)


def _disarmed(text: str, before: str) -> str:
    """Return a part of a line, behind ``before``, in which no log finds a command.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
    """
    if before.endswith("#") and text.startswith("#"):
        return escaped("#") + text[1:]
    if not before.strip() and text.lstrip().startswith(":"):
        return text.replace(":", escaped(":"), 1)
    return text
