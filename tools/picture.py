"""Draws docs/plan.svg: a plan as a terminal shows it, made from what ``iamctl plan`` really prints."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iamctl.report.blocks import Report

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

EXAMPLE = ROOT / "examples/acme"
LINES = 41
"""So many lines of the plan are in the picture."""
COLUMNS = 120

_FRAME = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="A plan of iamctl">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13" fill="#e6edf3" xml:space="preserve">
{lines}
</g>
</svg>
"""
_COLOURS = {
    "create": "#3fb950",
    "update": "#d29922",
    "delete": "#f85149",
    "refuse": "#ff7b72",
    "warn": "#d29922",
    "info": "#58a6ff",
    "dim": "#8b949e",
    "strong": "#ffffff",
}


def picture() -> str:
    """Return the SVG of the first lines of the plan of the acme example."""
    from iamctl.render.text import INDENT, text_lines

    lines = [(("$ iamctl plan iam", "strong"),), ()]
    shown = [*text_lines(report())][:LINES]
    lines += [
        ((INDENT * entry.indent, ""), *((span.text, span.style) for span in entry.spans)) if entry.spans else ()
        for entry in shown
    ]
    lines.append((("...", "dim"),))
    rows = "\n".join(_row(number, spans) for number, spans in enumerate(lines) if spans)
    return _FRAME.format(width=1000, height=20 * len(lines) + 32, lines=rows)


def report() -> Report:
    """Return the report that ``iamctl plan`` prints of the example."""
    from iamctl.account.live import live_account
    from iamctl.account.snapshot_file import load_snapshot
    from iamctl.commands.workspace import declared, open_tree
    from iamctl.planning.plan import make_plan
    from iamctl.report.reports import plan_report

    tree, now = open_tree(EXAMPLE), datetime(2026, 11, 23, tzinfo=UTC)
    desired = declared(tree, tree.account(None).account_name, "aws", now)
    return plan_report(make_plan(desired, live_account(load_snapshot(EXAMPLE / "account.json")), now=now), {})


def _row(number: int, spans: tuple[tuple[str, str], ...]) -> str:
    from html import escape

    told, room = "", COLUMNS
    for text, style in spans:
        shown = text if len(text) <= room else f"{text[: max(0, room - 1)]}…" if room else ""
        room -= len(shown)
        written = escape(shown).replace(" ", "\u00a0")  # a picture on a page keeps no two spaces
        told += f'<tspan fill="{_COLOURS[style]}">{written}</tspan>' if style in _COLOURS else written
    return f'<text x="20" y="{20 * number + 32}">{told}</text>'
