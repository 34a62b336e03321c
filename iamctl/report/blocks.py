"""What a report is made of: data for machines, and blocks of styled, untrusted text for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from iamctl.text.counted import listed
from iamctl.text.late_dataclass import dataclass
from iamctl.text.origin import Origin

if TYPE_CHECKING:
    from iamctl.report.page import Page
    from iamctl.report.placed import Findings

MOST_NAMES = 10
"""So many names of a list are in text; formats with room have all."""

_MOST_PLACES = 3

Style = Literal["", "create", "update", "delete", "refuse", "warn", "info", "dim", "quiet", "strong"]
"""``dim`` is words of ours, of lesser weight; ``quiet`` is text from outside of lesser weight."""


@dataclass(frozen=True)
class Span:
    """A piece of text as it came from a manifest or from AWS; renderers escape it."""

    text: str
    style: Style = ""
    whole: str = ""
    """What a format with room for it shows in place of ``text``, such as all names."""
    origin: Origin | None = None
    """The place in the manifests that ``text`` names."""
    link: str = ""
    """Where that place can be looked at."""


@dataclass(frozen=True)
class SourceLinks:
    """Where the files of the manifest tree can be looked at, as they were at one commit."""

    tree: str
    """The address of the manifest tree, ending in a slash."""

    def to(self, origin: Origin) -> str:
        """Return the address of a line."""
        return f"{self.tree}{quote(origin.path, errors='backslashreplace')}#L{origin.line}"


@dataclass(frozen=True)
class Line:
    """Spans side by side, ``indent`` steps from the left."""

    spans: tuple[Span, ...]
    indent: int = 0
    is_to_copy: bool = False
    """Whether it is one line wherever it is shown, such as a command."""
    is_whole: bool = False
    """Whether nothing of it is left out while there is room, however long it is, such as who is removed."""
    is_kept: bool = False
    """Whether a page without room for all leaves out other lines before this one."""


@dataclass(frozen=True)
class Table:
    """Rows of cells under the names of their columns; every row has as many cells as there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    head: tuple[tuple[str, str], ...] = ()
    """Facts about all of it, each with its name, which CSV has above the columns."""
    to_fill: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The columns that people fill in, with the values that each of them accepts; none for any text."""


@dataclass(frozen=True)
class Section:
    """Lines under a heading; a section without a title continues the one before."""

    title: str
    lines: tuple[Line, ...]
    table: Table | None = None
    """What ``lines`` say, for formats that show it better as a table."""
    is_detail: bool = False
    """Whether it may be folded, or left out where a page has no room."""
    is_folded_only: bool = False
    """Whether only formats that fold details show it, since another section says it in short."""


@dataclass(frozen=True)
class Report:
    """What one command has to say: ``data`` is printed as JSON, ``sections`` as text and Markdown.

    ``table`` and ``findings`` are there where a command offers formats that need them.
    """

    data: Mapping[str, Any]
    sections: tuple[Section, ...]
    table: Table | None = None
    """All of it in rows."""
    findings: Findings | None = None
    """What rules found, on lines of files."""
    marker: str = ""
    """What stands unseen at the top of a page, so that the next run finds the page and writes it anew."""
    noun: str = "report"
    """What a page that has no room for all calls it."""
    whole_in: str = ""
    """Where a reader of a page without room for all finds it, such as an artifact; empty where that is not known."""
    page: Page | None = None
    """People, groups and policies, where a command was asked for a page that shows them."""


def line(*parts: str | Span, indent: int = 0) -> Line:
    """Return a line of plain and styled parts."""
    return Line(tuple(Span(part) if isinstance(part, str) else part for part in parts), indent)


def names(found: Iterable[object], style: Style = "", before: str = "") -> Span:
    """Return names as one span: the first ten and the number of the others, or all where there is room."""
    shown = tuple(map(str, found))
    return Span(f"{before}{listed(shown, MOST_NAMES)}", style, whole=f"{before}{', '.join(shown)}")


def places(origins: Iterable[Origin | None]) -> tuple[Span, ...]:
    """Return the places in manifests behind a line, each once; only their number where they are many."""
    found = tuple(dict.fromkeys(origin for origin in origins if origin))
    if len(found) > _MOST_PLACES:
        return (Span(f"  {found[0]}", "dim", origin=found[0]), Span(f" and {len(found) - 1:,} more places", "dim"))
    return tuple(Span(f"{', ' if number else '  '}{one}", "dim", origin=one) for number, one in enumerate(found))


def linked(report: Report, links: SourceLinks) -> Report:
    """Return the report with a link at every place in the manifests."""

    def of_span(span: Span) -> Span:
        return replace(span, link=links.to(span.origin)) if span.origin and span.origin.path != "." else span

    def of_lines(lines: tuple[Line, ...]) -> tuple[Line, ...]:
        return tuple(replace(entry, spans=tuple(map(of_span, entry.spans))) for entry in lines)

    def of_section(section: Section) -> Section:
        return replace(section, lines=of_lines(section.lines))

    page = report.page.rewritten(of_section, of_lines) if report.page else None
    return replace(report, sections=tuple(map(of_section, report.sections)), page=page)
