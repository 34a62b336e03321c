"""A report as text for a terminal, a log or a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from iamctl.report.blocks import Line, Report, Span
from iamctl.text.visible import escaped, visible

INDENT = "  "


def render_text(report: Report) -> str:
    """Return the report as plain lines, without colour."""
    lines = (INDENT * entry.indent + "".join(span.text for span in entry.spans) for entry in text_lines(report))
    return "".join(f"{text}\n" for text in lines)


def text_lines(report: Report) -> Iterator[Line]:
    """Yield the lines of the report with escaped spans, ready to be coloured."""
    shown = [one for one in report.sections if (one.title or one.lines) and not one.is_folded_only]
    for number, section in enumerate(shown):
        if number:
            yield Line(())
        if section.title:
            yield Line(_escaped((Span(section.title, "strong"),)))
        for entry in section.lines:
            yield replace(entry, spans=_escaped(entry.spans))


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
