"""A report as text for a terminal, a log or a file."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.render.blocks import Line, Report, Span
from iamctl.render.visible import visible

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
            yield (Span(visible(section.title), "strong"),)
        for entry in section.lines:
            yield _escaped(entry)


def _escaped(entry: Line) -> tuple[Span, ...]:
    spans = tuple(Span(visible(span.text), span.style) for span in entry.spans)
    return (Span(INDENT * entry.indent), *spans) if entry.indent else spans
