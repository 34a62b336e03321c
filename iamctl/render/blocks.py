"""What a report is made of: data for machines, and blocks of styled, untrusted text for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

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


@dataclass(frozen=True)
class Report:
    """What one command has to say: ``data`` is printed as JSON, ``sections`` as text and Markdown, ``table`` as CSV."""

    data: Mapping[str, Any]
    sections: tuple[Section, ...]
    table: Table | None = None
    """All of it in rows, where a command offers ``render.TableFormat``."""


def line(*parts: str | Span, indent: int = 0) -> Line:
    """Return a line of plain and styled parts."""
    return Line(tuple(Span(part) if isinstance(part, str) else part for part in parts), indent)
