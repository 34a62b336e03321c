"""A report as GitHub-flavoured Markdown, in which no text from outside is live."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from iamctl.render.blocks import Line, Report, Section, Span, Table
from iamctl.render.visible import escaped, visible

_BACKTICKS = re.compile("`+")
_PLAIN_WORD = re.compile(
    r"[(]?[A-Za-z][A-Za-z0-9]*(-[A-Za-z]+)*[).,;:]*|[(]?[0-9]+[,;:]*|[0-9]{4}-[0-9]{2}-[0-9]{2}[,;:]*"
)
"""What is a word or a number to every reader of Markdown, and no link, mention, reference, image or list."""


def render_markdown(report: Report) -> str:
    """Return the report as Markdown: headings, and lists whose untrusted parts stand in code spans."""
    return "\n".join(text for section in report.sections for text in _section(section)) + "\n"


def _section(section: Section) -> Iterator[str]:
    if section.title:
        yield f"### {_words(section.title)}"
        yield ""
    if section.table:
        yield from _table(section.table)
    else:
        yield from _list(section.lines)
    if section.table or section.lines:
        yield ""


def _list(lines: Iterable[Line]) -> Iterator[str]:
    """Yield a point for each line, below the one before that stands farther left, one step deeper and no more."""
    above: list[int] = []
    for entry in lines:
        if text := _line(entry):  # an empty point below another would make a heading of it
            while above and above[-1] >= entry.indent:
                above.pop()
            yield f"{'  ' * len(above)}- {text}"
            above.append(entry.indent)


def _table(table: Table) -> Iterator[str]:
    """Yield a table, of which no cell can leave its column.

    https://github.github.com/gfm/#tables-extension-
    """
    yield _row(_words(column, _cell_code) for column in table.columns)
    yield _row("---" for _ in table.columns)
    for cells in table.rows:
        yield _row(" ".join(part for span in cell.spans if (part := _cell(span))) for cell in cells)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(span: Span) -> str:
    return _span(span, _cell_code)


def _line(entry: Line) -> str:
    return " ".join(part for span in entry.spans if (part := _span(span, _code)))


def _span(span: Span, code: Callable[[str], str]) -> str:
    text = visible(span.text).strip()
    if not text:
        return ""
    if span.style == "dim":
        return _words(text, code)
    return f"**{code(text)}**" if span.style in {"delete", "refuse"} else code(text)


def _code(text: str) -> str:
    """Return a code span that ``text`` cannot leave.

    https://github.github.com/gfm/#code-spans
    """
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _cell_code(text: str) -> str:
    """Return a code span for a table, in which a pipe ends the cell even between backticks.

    https://github.github.com/gfm/#example-200
    """
    return _code(text).replace("|", escaped("|") if "\\" in text else "\\|")


def _words(text: str, code: Callable[[str], str] = _code) -> str:
    """Return plain words as they are and all others in code spans.

    Character references would not do: GitHub looks for mentions and references after it has read them.
    """
    words = visible(text).split(" ")
    runs = groupby((word for word in words if word), key=lambda word: bool(_PLAIN_WORD.fullmatch(word)))
    return " ".join(" ".join(run) if is_plain else code(" ".join(run)) for is_plain, run in runs)
