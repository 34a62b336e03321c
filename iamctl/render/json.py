"""A report as JSON."""

from __future__ import annotations

import json

from iamctl.report.blocks import Report


def render_json(report: Report) -> str:
    """Return the report's data, as ``json_text`` has it."""
    return json_text(report.data)


def json_text(data: object) -> str:
    """Return data as JSON, the same bytes for the same data; all but ASCII is escaped."""
    return _harmless(json.dumps(data, indent=2, ensure_ascii=True))


def json_line(data: object) -> str:
    """Return data as ``json_text`` has it, as one line."""
    return _harmless(json.dumps(data, separators=(",", ":"), ensure_ascii=True))


def _harmless(text: str) -> str:
    """Return JSON without ``##``, which begins commands in a log, and ``</``, which ends scripts in a web page.

    Outside of texts JSON has no such characters, and inside them each may be escaped.
    """
    return text.replace("##", "#\\u0023").replace("</", "<\\/") + "\n"
