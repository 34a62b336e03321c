"""Renderers: pure functions from a report to text. A new format is its file and its lines here.

The module of a format is imported when the format is used: only one of them ever is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # the names of the formats load no report
    from iamctl.report.blocks import Report


def _text(report: Report) -> str:
    from iamctl.render.text import render_text

    return render_text(report)


def _json(report: Report) -> str:
    from iamctl.render.json import render_json

    return render_json(report)


def _markdown(report: Report) -> str:
    from iamctl.render.markdown import render_markdown

    return render_markdown(report)


def _csv(report: Report) -> str:
    from iamctl.render.csv import render_csv

    return render_csv(report)


def _sarif(report: Report) -> str:
    from iamctl.render.sarif import render_sarif

    return render_sarif(report)


def _codequality(report: Report) -> str:
    from iamctl.render.codequality import render_codequality

    return render_codequality(report)


def _html(report: Report) -> str:
    from iamctl.render.html import render_html

    return render_html(report)


FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
    "csv": _csv,
    "sarif": _sarif,
    "codequality": _codequality,
    "html": _html,
}


def _xlsx(report: Report) -> bytes:
    from iamctl.render.xlsx import render_xlsx

    return render_xlsx(report)


BINARY_FORMATS: Mapping[str, Callable[[Report], bytes]] = {"xlsx": _xlsx}
"""The formats that are bytes and not text; each needs a table."""

NEEDS: Mapping[str, Literal["", "table", "findings"]] = {
    "text": "",
    "json": "",
    "markdown": "",
    "csv": "table",
    "sarif": "findings",
    "codequality": "findings",
    "html": "",
}
"""What a report must have for a format beside data and sections."""


class Format(StrEnum):
    """The formats of every result."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


class PageFormat(StrEnum):
    """The formats of a result that is shown once, so that it can be a file for a browser as well."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


class TableFormat(StrEnum):
    """The formats of a result that is a table as well."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    CSV = "csv"


class FindingFormat(StrEnum):
    """The formats of a result that has findings."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    SARIF = "sarif"
    CODEQUALITY = "codequality"


class AuditFormat(StrEnum):
    """The formats of an audit, which is a table and has findings."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    CSV = "csv"
    SARIF = "sarif"


class FleetFormat(StrEnum):
    """The formats of a run over many accounts, whose results can be had as they come."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    JSONL = "jsonl"


class ReviewFormat(StrEnum):
    """The formats of an access review."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


class EvidenceFormat(StrEnum):
    """The formats of the evidence for an access review."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    CSV = "csv"
