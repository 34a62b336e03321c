"""A report as JSON."""

from __future__ import annotations

import json

from iamctl.report.blocks import Report


def render_json(report: Report) -> str:
    """Return the report's data, as ``json_text`` has it."""
    return json_text(report.data)


def json_text(data: object) -> str:
    """Return data as JSON, the same bytes for the same data; all but ASCII is escaped.

    ``##`` begins commands in a log and ``</`` ends scripts in a web page, so neither stands in it: outside of texts
    JSON has no such characters, and inside them each may be escaped.
    """
    text = json.dumps(data, indent=2, ensure_ascii=True)
    return text.replace("##", "#\\u0023").replace("</", "<\\/") + "\n"
