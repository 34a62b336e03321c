"""A report as GitHub-flavoured Markdown, in which no text from outside is live."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from iamctl.render.blocks import Line, Report, Section, Span, Table
from iamctl.render.visible import escaped, visible

_BACKTICKS = re.compile("`+")
_PLAIN_WORD = re.compile(
    r"[(]?(--)?[A-Za-z][A-Za-z0-9]*(-[A-Za-z]+)*[).,;:]*|[(]?[0-9]+[,;:]*|[0-9]{4}-[0-9]{2}-[0-9]{2}[,;:]*"
)
"""What is a word, a flag or a number to every reader of Markdown, and no link, mention, reference, image or list."""


MOST_CHARACTERS = 60_000
"""How long a page may be: GitHub takes 65,536 characters for a comment, and counts some of them twice."""

_OPEN_LINES = 60
"""A detail of more lines than this is folded."""

_FRAME = 220
"""Characters kept free for the heading of a section and for saying how much of it is left out."""

_NOT_IN_HTML = re.compile(r"[^A-Za-z0-9 ,.-]|--+")
"""What could end a comment or a tag, or be a link or a mention to GitHub, which also looks into HTML."""


def render_markdown(report: Report, most: int = MOST_CHARACTERS) -> str:
    """Return the report as Markdown: headings, and lists whose untrusted parts stand in code spans.

    Details are folded, and left out where the page would be longer than ``most`` characters, which it then says, the
    longest first. What is no detail is cut only where it alone is longer than that.
    """
    head = f"<!-- {_NOT_IN_HTML.sub('_', report.marker)} -->\n" if report.marker else ""
    bodies = [[*_body(section)] for section in report.sections]
    room = most - len(head) - _FRAME * len(bodies)
    kept = _shares([0 if section.is_detail else _length(lines) for section, lines in _pairs(report, bodies)], room)
    folded = [_length(lines) if section.is_detail else 0 for section, lines in _pairs(report, bodies)]
    kept = [*map(sum, zip(kept, _shares(folded, room - sum(kept)), strict=True))]
    shown = [_fitting(lines, share) for lines, share in zip(bodies, kept, strict=True)]
    pages = (
        _page(section, lines, len(body) - len(lines))
        for section, lines, body in zip(report.sections, shown, bodies, strict=True)
    )
    return head + "".join(f"{text}\n" for page in pages for text in page)


def _pairs(report: Report, bodies: list[list[str]]) -> Iterator[tuple[Section, list[str]]]:
    return zip(report.sections, bodies, strict=True)


def _shares(lengths: list[int], room: int) -> list[int]:
    """Return how much of each there is room for: all of it, or less of the longest."""
    shares = list(lengths)
    while shares and (excess := sum(shares) - max(0, room)) > 0:
        longest = max(range(len(shares)), key=shares.__getitem__)
        shares[longest] -= min(excess, max(1, shares[longest] // 2))
    return shares


def _length(lines: Iterable[str]) -> int:
    return sum(len(text) + 1 for text in lines)


def _fitting(lines: list[str], room: int) -> list[str]:
    kept: list[str] = []
    for text in lines:
        room -= len(text) + 1
        if room < 0:
            break
        kept.append(text)
    return kept


def _page(section: Section, lines: list[str], left_out: int) -> Iterator[str]:
    """Yield a section with what fits of it, folded where it is a long detail."""
    if section.is_detail:
        state = " open" if len(lines) + left_out <= _OPEN_LINES else ""
        yield f"<details{state}><summary><b>{_NOT_IN_HTML.sub('_', section.title)}</b></summary>"
        yield ""
    elif section.title:
        yield f"### {_words(section.title)}"
        yield ""
    yield from lines
    if left_out:
        yield ""
        yield f"**{left_out:,} more lines are left out of this page; the log of the run has them.**"
    if lines or left_out:
        yield ""
    if section.is_detail:
        yield "</details>"
        yield ""


def _body(section: Section) -> Iterator[str]:
    if section.table:
        yield from _table(section.table)
    else:
        yield from _list(section.lines)


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
