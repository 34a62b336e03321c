"""A report as JSON."""

from __future__ import annotations

import json

from iamctl.render.blocks import Report


def render_json(report: Report) -> str:
    """Return the report's data, the same bytes for the same data; all but ASCII is escaped."""
    return json.dumps(report.data, indent=2, ensure_ascii=True) + "\n"
