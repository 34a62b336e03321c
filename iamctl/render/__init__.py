"""Renderers: pure functions from a report to text; a new format is its file and its lines here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from iamctl.render.blocks import Report
from iamctl.render.csv import render_csv
from iamctl.render.json import render_json
from iamctl.render.markdown import render_markdown
from iamctl.render.text import render_text


class Format(StrEnum):
    """How every result can be printed."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


class TableFormat(StrEnum):
    """How a result that is a table, too, can be printed."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    CSV = "csv"


FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": render_text,
    "json": render_json,
    "markdown": render_markdown,
    "csv": render_csv,
}
