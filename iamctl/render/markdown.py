"""A report as GitHub-flavoured Markdown, in which no text from outside is live."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice, takewhile

from iamctl.report.blocks import Line, Report, Section, Style, Table
from iamctl.text.counted import counted
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern
from iamctl.text.visible import escaped, visible

_BACKTICKS = late_pattern("`+")
_PLAIN_WORD = late_pattern(
    r"[(]?(--)?[A-Za-z][A-Za-z0-9]*(-[A-Za-z]+)*[).,;:]*|[(]?[0-9]+(,[0-9]{3})*[,;:]*"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}[,;:]*"
)
"""What is a word, a flag or a number to every reader of Markdown, and no link, mention, reference, image or list."""

_COMMIT = late_pattern(r"(?<![A-Za-z0-9])(?![0-9]{12}\b)[A-Fa-f0-9]{7,40}(?![A-Za-z0-9])")
"""What GitHub makes a link where a commit begins so; of a number as long as an account id it takes long to make one."""

MOST_CHARACTERS = 60_000
"""How long a page may be: GitHub takes 65,536 characters for a comment, and counts some of them twice."""

_MOST_OF_A_LINE = 500
"""How much text of one line a page shows that has no room for all."""

_MOST_OF_A_WORD = 130
"""How far back a cut goes to the end of a word; names of IAM are no longer."""

_OPEN_LINES = 60
_OPEN_CHARACTERS = 8000
"""A detail of more lines or more characters than this is folded."""

_FRAME = 220
"""Characters kept free for the marks around a section and for saying how much of it is left out."""

_FIRST_LINES = 1500
"""Characters kept free for the first lines of each section that is no detail, however long those before it are."""

_MARKS: Mapping[Style, str] = {
    "create": "\N{LARGE GREEN SQUARE}",
    "update": "\N{LARGE YELLOW SQUARE}",
    "delete": "\N{LARGE RED SQUARE}",
}
_SIGNS = ("+ ", "~ ", "- ")
_STOPS = ",;:"

_CUT_ESCAPE = late_pattern(r"\\(u(\{[0-9A-F]{0,6})?)?\Z")
"""The beginning of an escape, the end of which is cut off."""

_NOT_IN_HTML = late_pattern(r"[^A-Za-z0-9 ,.-]|--+")
"""What could end a comment or a tag, or be a link or a mention to GitHub, which also looks into HTML."""


@dataclass(frozen=True)
class _Shown:
    """What a page shows of a section."""

    lines: Sequence[str] = ()
    left_out: int = 0
    """How many lines have no room."""
    cut: int = 0
    """How many lines are shown in part."""


def render_markdown(report: Report, most: int = MOST_CHARACTERS) -> str:
    """Return the report as Markdown: headings, and lists whose untrusted parts stand in code spans.

    Details are folded. Where the page would be longer than ``most`` characters, long lines are cut, then details are
    left out, the longest first, and last of all what is no detail; the top of the page says how much of all that.
    """
    head = f"<!-- {_NOT_IN_HTML.sub('_', report.marker)} -->\n" if report.marker else ""
    return head + _page(report, _shown_of_all(report, most - len(head)))


def left_out(report: Report, most: int = MOST_CHARACTERS) -> int:
    """Return how many lines the Markdown page of a report shows in part or not at all."""
    head = len(report.marker) + len("<!--  -->\n") if report.marker else 0
    return sum(part.left_out + part.cut for part in _shown_of_all(report, most - head))


def _shown_of_all(report: Report, most: int) -> list[_Shown]:
    """Return what a page of so many characters shows of each section."""
    whole = [_Shown([*_body(section)]) for section in report.sections]
    if len(_page(report, whole)) <= most:
        return whole
    return _fitting(report.sections, most - 2 * _FRAME)


def _page(report: Report, shown: Sequence[_Shown]) -> str:
    pages = (_section(section, part) for section, part in zip(report.sections, shown, strict=True))
    missing = sum(part.left_out + part.cut for part in shown)
    where = _words(report.whole_in) if report.whole_in else "its text and its JSON"
    lines = counted(missing, "line is left out or cut", "lines are left out or cut")
    top = f"**{lines}; the whole {report.noun} is in {where}.**\n\n" if missing else ""
    return top + "".join(f"{text}\n" for page in pages for text in page)


def _fitting(sections: Sequence[Section], most: int) -> list[_Shown]:
    """Return what there is room for of each section: kept lines first, then what is no detail, then the details."""
    lengths = [_length(_body(section, _MOST_OF_A_LINE)) for section in sections]
    room = most - sum(_FRAME + len(_title(section)) for section in sections)
    firm = [index for index, section in enumerate(sections) if not section.is_detail]
    kept_free = {index: min(lengths[index], _FIRST_LINES) for index in firm}
    shares = [0] * len(sections)
    for index, section in enumerate(sections):
        free = room - sum(kept_free.values()) + kept_free.get(index, 0)
        shares[index] = max(0, min(_length_of_kept(section), free))
        kept_free[index] = max(0, kept_free.get(index, 0) - shares[index])
        room -= shares[index]
    for index in firm:
        kept_free.pop(index)
        more = min(lengths[index] - shares[index], max(0, room - sum(kept_free.get(other, 0) for other in firm)))
        shares[index] += more
        room -= more
    folded = [index for index, section in enumerate(sections) if section.is_detail]
    rests = [lengths[index] - shares[index] for index in folded]
    for index, share in zip(folded, _shares(rests, room), strict=True):
        shares[index] += share
    return [*map(_shown, sections, shares)]


def _length_of_kept(section: Section) -> int:
    if section.table:
        return 0
    number = sum(1 for _ in takewhile(lambda entry: entry.is_kept, filter(_line, section.lines)))
    return _length(islice(_body(section, _MOST_OF_A_LINE), number))


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
    lines, uncut = [*_body(section, _MOST_OF_A_LINE)], [*_body(section)]
    kept: list[str] = []
    for text in lines:
        if len(text) + 1 > room:
            break
        room -= len(text) + 1
        kept.append(text)
    cut = sum(text != whole for text, whole in zip(kept, uncut, strict=False))
    entries = [] if section.table else [entry for entry in section.lines if _line(entry)]
    if len(kept) < len(entries) and _is_whole(entries[len(kept)]):
        text = _cut_to_fit(lines[len(kept)], entries[len(kept)], room - 1)
        cut += bool(text)
        kept += [text] * bool(text)
    return _Shown(kept, len(lines) - len(kept), cut)


def _is_whole(entry: Line) -> bool:
    return entry.is_whole or entry.is_kept


def _cut_to_fit(text: str, entry: Line, room: int) -> str:
    """Return as much of a line as there is room for; nothing where that is too little."""
    point = text[: text.index("-") + 2]
    most = bisect_right(range(len(text)), room, key=lambda most: len(point) + len(_line(entry, most))) - 1
    cut = point + _line(entry, most) if most > 0 else ""
    return cut if len(cut) <= room else ""


def _section(section: Section, shown: _Shown) -> Iterator[str]:
    """Yield a section with what fits of it, folded where it is a long detail."""
    if not (section.title or shown.lines or shown.left_out):
        return
    if section.is_detail:
        is_short = len(shown.lines) + shown.left_out <= _OPEN_LINES and _length(shown.lines) <= _OPEN_CHARACTERS
        is_open = is_short and not section.is_folded_only
        state = " open" if is_open else ""
        yield f"<details{state}><summary><b>{_title(section)}</b></summary>"
        yield ""
    elif section.title:
        yield f"### {_title(section)}"
        yield ""
    yield from shown.lines
    if shown.left_out:
        yield ""
        yield f"**{counted(shown.left_out, 'more line is', 'more lines are')} left out of this page.**"
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
        if text := _line(entry, None if _is_whole(entry) else most):  # an empty point would make a heading of one above
            while above and above[-1] >= entry.indent:
                above.pop()
            yield f"{'  ' * len(above)}- {_mark(entry)}{text}"
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
    for span in entry.spans:
        text = visible(span.whole or span.text).strip(" ," if span.origin else None)
        if span.link and span.origin and (most is None or most > len(span.link)):
            parts.append(f"[{(code or _code)(visible(str(span.origin)))}]({span.link})")
            continue
        if most is not None:
            text, more = _cut(text, most)
            most, left_out = most - len(text), left_out + more
        if text:
            parts.append(_span(text, span.style, code or _code))
    if left_out:
        parts.append(f"… ({left_out:,} characters are left out)")
    return " ".join(parts)


def _mark(entry: Line) -> str:
    """Return the colour of a line that tells what is gained, lost or changed."""
    style = entry.spans[0].style
    return f"{_MARKS[style]} " if style in _MARKS and entry.spans[0].text.startswith(_SIGNS) else ""


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
    return " ".join(" ".join(run if is_plain else _in_code(run, code)) for is_plain, run in runs)


def _in_code(words: Iterable[str], code: Callable[[str], str]) -> Iterator[str]:
    """Yield code spans of words, of which each ends with the first comma, semicolon or colon, that stands behind it."""
    run: list[str] = []
    for word in words:
        bare = word.rstrip(_STOPS)
        run.append(bare or word)
        if bare and bare != word:
            yield code(" ".join(run)) + word[len(bare) :]
            run = []
    if run:
        yield code(" ".join(run))


def _is_plain(word: str) -> bool:
    return bool(_PLAIN_WORD.fullmatch(word)) and not _COMMIT.search(word)
