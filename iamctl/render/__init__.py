"""Renderers: pure functions from a report to text; a new format is its file and its line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from iamctl.render.blocks import Report
from iamctl.render.json import render_json
from iamctl.render.markdown import render_markdown
from iamctl.render.text import render_text

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": render_text,
    "json": render_json,
    "markdown": render_markdown,
}
