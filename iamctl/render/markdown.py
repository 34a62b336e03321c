"""A report as GitHub-flavoured Markdown, in which no text from outside is live."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iamctl.render.blocks import Line, Report, Section, Span
from iamctl.render.visible import visible

_BACKTICKS = re.compile("`+")


def render_markdown(report: Report) -> str:
    """Return the report as Markdown: headings, and lists whose untrusted parts stand in code spans."""
    return "\n".join(text for section in report.sections for text in _section(section)) + "\n"


def _section(section: Section) -> Iterator[str]:
    if section.title:
        yield f"### {_escaped(section.title)}"
        yield ""
    for entry in section.lines:
        yield f"{'  ' * max(entry.indent - 1, 0)}- {_line(entry)}"
    yield ""


def _line(entry: Line) -> str:
    return " ".join(part for span in entry.spans if (part := _span(span)))


def _span(span: Span) -> str:
    text = visible(span.text).strip()
    if not text:
        return ""
    if span.style == "dim":
        return _escaped(text)
    return f"**{_code(text)}**" if span.style in {"delete", "refuse"} else _code(text)


def _code(text: str) -> str:
    """Return a code span that ``text`` cannot leave.

    https://github.github.com/gfm/#code-spans
    """
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _escaped(text: str) -> str:
    """Return text in which no character starts a link, a mention, an image, HTML or emphasis."""
    return re.sub(r"[^\w .,;:()/=%+-]", lambda match: f"&#{ord(match[0])};", visible(text)).replace("_", "&#95;")
