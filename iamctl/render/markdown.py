"""A report as GitHub-flavoured Markdown, in which no text from outside is live."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from iamctl.render.blocks import Line, Report, Section, Span, Table
from iamctl.render.visible import visible

_BACKTICKS = re.compile("`+")


def render_markdown(report: Report) -> str:
    """Return the report as Markdown: headings, and lists whose untrusted parts stand in code spans."""
    return "\n".join(text for section in report.sections for text in _section(section)) + "\n"


def _section(section: Section) -> Iterator[str]:
    if section.title:
        yield f"### {_escaped(section.title)}"
        yield ""
    if section.table:
        yield from _table(section.table)
    else:
        for entry in section.lines:
            yield f"{'  ' * max(entry.indent - 1, 0)}- {_line(entry)}"
    if section.table or section.lines:
        yield ""


def _table(table: Table) -> Iterator[str]:
    """Yield a table, of which no cell can leave its column.

    https://github.github.com/gfm/#tables-extension-
    """
    yield _row(_escaped(column) for column in table.columns)
    yield _row("---" for _ in table.columns)
    for cells in table.rows:
        yield _row(" ".join(part for span in cell.spans if (part := _cell(span))) for cell in cells)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(span: Span) -> str:
    # in a table a pipe ends the cell even inside a code span, so such text is written without one
    return _escaped(span.text.strip()) if "|" in span.text or "\\" in visible(span.text) else _span(span)


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
