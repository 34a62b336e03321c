"""What a report is made of: data for machines, and blocks of styled, untrusted text for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from iamctl.report.placed import Findings

Style = Literal["", "create", "update", "delete", "refuse", "warn", "info", "dim", "strong"]


@dataclass(frozen=True)
class Span:
    """A piece of text as it came from a manifest or from AWS; renderers escape it."""

    text: str
    style: Style = ""


@dataclass(frozen=True)
class Line:
    """Spans side by side, ``indent`` steps from the left."""

    spans: tuple[Span, ...]
    indent: int = 0
    is_to_copy: bool = False
    """Whether it is one line wherever it is shown, such as a command."""
    in_full: tuple[Span, ...] = ()
    """What takes the place of ``spans`` where details are folded, such as all names in place of the first ten."""
    is_whole: bool = False
    """Whether nothing of it is left out while there is room, however long it is, such as who is removed."""


@dataclass(frozen=True)
class Table:
    """Rows of cells under the names of their columns; every row has as many cells as there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True)
class Section:
    """Lines under a heading; a section without a title continues the one before."""

    title: str
    lines: tuple[Line, ...]
    table: Table | None = None
    """What ``lines`` say, for formats that show it better as a table."""
    is_detail: bool = False
    """Whether it may be folded, or left out where a page has no room."""


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


def line(*parts: str | Span, indent: int = 0) -> Line:
    """Return a line of plain and styled parts."""
    return Line(tuple(Span(part) if isinstance(part, str) else part for part in parts), indent)
