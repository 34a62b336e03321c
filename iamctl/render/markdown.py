"""A report as GitHub-flavoured Markdown, in which no text from outside is live."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from iamctl.report.blocks import Line, Report, Section, Style, Table
from iamctl.text.counted import counted
from iamctl.text.visible import escaped, visible

_BACKTICKS = re.compile("`+")
_PLAIN_WORD = re.compile(
    r"[(]?(--)?[A-Za-z][A-Za-z0-9]*(-[A-Za-z]+)*[).,;:]*|[(]?[0-9]+[,;:]*|[0-9]{4}-[0-9]{2}-[0-9]{2}[,;:]*"
)
"""What is a word, a flag or a number to every reader of Markdown, and no link, mention, reference, image or list."""

_COMMIT = re.compile(r"(?<![A-Za-z0-9])(?![0-9]{12}\b)[A-Fa-f0-9]{7,40}(?![A-Za-z0-9])")
"""What GitHub makes a link where a commit begins so; of a number as long as an account id it takes long to make one."""

MOST_CHARACTERS = 60_000
"""How long a page may be: GitHub takes 65,536 characters for a comment, and counts some of them twice."""

_MOST_OF_A_LINE = 500
"""How much text of one line a page shows that has no room for all."""

_MOST_OF_A_WORD = 130
"""How far back a cut goes to the end of a word; names of IAM are no longer."""

_OPEN_LINES = 60
"""A detail of more lines than this is folded."""

_FRAME = 220
"""Characters kept free for the marks around a section and for saying how much of it is left out."""

_FIRST_LINES = 1500
"""Characters kept free for the first lines of each section that is no detail, however long those before it are."""

_CUT_ESCAPE = re.compile(r"\\(u(\{[0-9A-F]{0,6})?)?\Z")
"""The beginning of an escape, the end of which is cut off."""

_NOT_IN_HTML = re.compile(r"[^A-Za-z0-9 ,.-]|--+")
"""What could end a comment or a tag, or be a link or a mention to GitHub, which also looks into HTML."""


@dataclass(frozen=True)
class _Shown:
    """What a page shows of a section."""

    lines: Sequence[str] = ()
    left_out: int = 0
    """How many lines have no room."""
    cut: int = 0
    """How many lines that must be whole are not."""


def render_markdown(report: Report, most: int = MOST_CHARACTERS) -> str:
    """Return the report as Markdown: headings, and lists whose untrusted parts stand in code spans.

    Details are folded. Where the page would be longer than ``most`` characters, long lines are cut, then details are
    left out, the longest first, and last of all what is no detail; the page says all of that.
    """
    head = f"<!-- {_NOT_IN_HTML.sub('_', report.marker)} -->\n" if report.marker else ""
    whole = [_Shown([*_body(section)]) for section in report.sections]
    page = _page(report, whole)
    if len(head) + len(page) > most:
        page = _page(report, _fitting(report.sections, most - len(head) - 2 * _FRAME))
    return head + page


def _page(report: Report, shown: Sequence[_Shown]) -> str:
    pages = (_section(section, part, report.noun) for section, part in zip(report.sections, shown, strict=True))
    parts = zip(report.sections, shown, strict=True)
    missing = sum(part.left_out + part.cut for section, part in parts if not section.is_detail)
    lines = counted(missing, "line that does not fit here", "lines that do not fit here")
    top = f"**This {report.noun} has {lines}; {_elsewhere(missing, report.noun)}**\n\n" if missing else ""
    return top + "".join(f"{text}\n" for page in pages for text in page)


def _elsewhere(number: int, noun: str) -> str:
    return f"the {noun} as text or JSON has {'it' if number == 1 else 'them'}."


def _fitting(sections: Sequence[Section], most: int) -> list[_Shown]:
    """Return what there is room for of each section: first what is no detail, in its order, then the details."""
    lengths = [_length(_body(section, _MOST_OF_A_LINE)) for section in sections]
    room = most - sum(_FRAME + len(_title(section)) for section in sections)
    shares = [0] * len(sections)
    firm = [index for index, section in enumerate(sections) if not section.is_detail]
    kept_free = {index: min(lengths[index], _FIRST_LINES) for index in firm}
    for index in firm:
        kept_free.pop(index)
        shares[index] = min(lengths[index], max(0, room - sum(kept_free.values())))
        room -= shares[index]
    folded = [index for index, section in enumerate(sections) if section.is_detail]
    for index, share in zip(folded, _shares([lengths[index] for index in folded], room), strict=True):
        shares[index] = share
    return [*map(_shown, sections, shares)]


def _shares(lengths: Sequence[int], room: int) -> list[int]:
    """Return how much of each there is room for: all of it, or an equal part of what shorter ones leave."""
    shares = [0] * len(lengths)
    shortest_first = sorted(range(len(lengths)), key=lengths.__getitem__)
    for number, index in enumerate(shortest_first):
        shares[index] = min(lengths[index], max(0, room) // (len(lengths) - number))
        room -= shares[index]
    return shares


def _length(lines: Iterable[str]) -> int:
    return sum(len(text) + 1 for text in lines)


def _shown(section: Section, room: int) -> _Shown:
    """Return the first lines of a section, of which the last is cut where it must be whole and does not fit."""
    lines = [*_body(section, _MOST_OF_A_LINE)]
    kept: list[str] = []
    for text in lines:
        if len(text) + 1 > room:
            break
        room -= len(text) + 1
        kept.append(text)
    cut = 0
    entries = [] if section.table else [entry for entry in section.lines if _line(entry)]
    if len(kept) < len(entries) and entries[len(kept)].is_whole:
        text = _cut_to_fit(lines[len(kept)], entries[len(kept)], room - 1)
        cut = bool(text)
        kept += [text] * cut
    return _Shown(kept, len(lines) - len(kept), cut)


def _cut_to_fit(text: str, entry: Line, room: int) -> str:
    """Return as much of a line as there is room for; nothing where that is too little."""
    point = text[: text.index("-") + 2]
    most = bisect_right(range(len(text)), room, key=lambda most: len(point) + len(_line(entry, most))) - 1
    cut = point + _line(entry, most) if most > 0 else ""
    return cut if len(cut) <= room else ""


def _section(section: Section, shown: _Shown, noun: str) -> Iterator[str]:
    """Yield a section with what fits of it, folded where it is a long detail."""
    if section.is_detail:
        state = " open" if len(shown.lines) + shown.left_out <= _OPEN_LINES else ""
        yield f"<details{state}><summary><b>{_title(section)}</b></summary>"
        yield ""
    elif section.title:
        yield f"### {_title(section)}"
        yield ""
    yield from shown.lines
    if shown.left_out:
        yield ""
        lines = counted(shown.left_out, "more line is", "more lines are")
        yield f"**{lines} left out of this page; {_elsewhere(shown.left_out, noun)}**"
    if shown.lines or shown.left_out:
        yield ""
    if section.is_detail:
        yield "</details>"
        yield ""


def _title(section: Section) -> str:
    title, _ = _cut(visible(section.title), _MOST_OF_A_LINE)
    return _NOT_IN_HTML.sub("_", title) if section.is_detail else _words(title)


def _body(section: Section, most: int | None = None) -> Iterator[str]:
    """Yield a section without its title, with at most so many characters of the text of a line that may be cut."""
    if section.table:
        yield from _table(section.table, most)
    else:
        yield from _list(section.lines, most)


def _list(lines: Iterable[Line], most: int | None) -> Iterator[str]:
    """Yield a point for each line, below the one before that stands farther left, one step deeper and no more."""
    above: list[int] = []
    for entry in lines:
        if text := _line(entry, None if entry.is_whole else most):  # an empty point would make a heading of one above
            while above and above[-1] >= entry.indent:
                above.pop()
            yield f"{'  ' * len(above)}- {text}"
            above.append(entry.indent)


def _table(table: Table, most: int | None) -> Iterator[str]:
    """Yield a table, of which no cell can leave its column.

    https://github.github.com/gfm/#tables-extension-
    """
    yield _row(_words(column, _cell_code) for column in table.columns)
    yield _row("---" for _ in table.columns)
    for cells in table.rows:
        yield _row(_line(cell, most, _cell_code) for cell in cells)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _line(entry: Line, most: int | None = None, code: Callable[[str], str] | None = None) -> str:
    """Return a line, or its beginning and how much of it is left out."""
    parts, left_out = list[str](), 0
    for span in entry.in_full or entry.spans:
        text = visible(span.text).strip()
        if most is not None:
            text, more = _cut(text, most)
            most, left_out = most - len(text), left_out + more
        if text:
            parts.append(_span(text, span.style, code or _code))
    if left_out:
        parts.append(f"… ({left_out:,} characters are left out)")
    return " ".join(parts)


def _cut(text: str, most: int) -> tuple[str, int]:
    """Return the beginning of a visible text, which ends with a word and never inside an escape, and what is left."""
    if len(text) <= most:
        return text, 0
    kept = _CUT_ESCAPE.sub("", text[:most])
    word = kept.rfind(" ", max(0, len(kept) - _MOST_OF_A_WORD))
    kept = (kept if word < 0 else kept[:word]).rstrip()
    return kept, len(text) - len(kept)


def _span(text: str, style: Style, code: Callable[[str], str]) -> str:
    if style == "dim":
        return _words(text, code)
    return f"**{code(text)}**" if style in {"delete", "refuse"} else code(text)


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
    runs = groupby((word for word in words if word), key=_is_plain)
    return " ".join(" ".join(run) if is_plain else code(" ".join(run)) for is_plain, run in runs)


def _is_plain(word: str) -> bool:
    return bool(_PLAIN_WORD.fullmatch(word)) and not _COMMIT.search(word)
