"""Draws docs/plan.svg: a plan as a terminal shows it, made from what ``iamctl plan`` really prints."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iamctl.report.blocks import Report, Section

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

EXAMPLE = ROOT / "examples/acme"
SHOWN = {"Look at this first": 6, "Who joins and leaves": 12, "Access": 15}
"""The sections of the plan that are in the picture, with so many lines of each."""
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
    from iamctl.report.blocks import Report

    shown = report()
    parts = [part for section in shown.sections if (part := _part(section))]
    lines = [(("$ iamctl plan iam", "strong"),), ()]
    lines += [
        ((INDENT * entry.indent, ""), *((span.text, span.style) for span in entry.spans)) if entry.spans else ()
        for entry in text_lines(Report({}, tuple(parts)))
    ]
    rows = "\n".join(_row(number, spans) for number, spans in enumerate(lines) if spans)
    return _FRAME.format(width=1000, height=20 * len(lines) + 32, lines=rows)


def _part(section: Section) -> Section | None:
    """Return what the picture has of a section: the heading of the plan, and the first lines of some sections."""
    from iamctl.report.access import TITLE
    from iamctl.report.blocks import Line, Span

    if not section.lines:
        return section if section.title.startswith("Plan for") else None
    most = SHOWN.get(section.title)
    if most is None or section.is_folded_only:
        return None
    if len(section.lines) <= most:
        return section
    last = section.lines[-1:] if section.title == TITLE else ()  # it says what is not counted
    return replace(section, lines=(*section.lines[:most], Line((Span("...", "dim"),), indent=1), *last))


def report() -> Report:
    """Return the report that ``iamctl plan`` prints of the example."""
    from iamctl.commands.access_of_plan import access_of
    from iamctl.commands.propose import propose
    from iamctl.commands.workspace import open_workspace
    from iamctl.report.reports import plan_report
    from iamctl.source.open import SourceOptions

    source = SourceOptions(None, None, None, EXAMPLE / "account.json", "auto")
    with open_workspace(EXAMPLE, source, account=None, now=datetime(2026, 11, 23, tzinfo=UTC)) as workspace:
        proposal = propose(workspace)
    return plan_report(proposal.plan, {}, access=access_of(proposal, "summary").sections)


def _row(number: int, spans: tuple[tuple[str, str], ...]) -> str:
    from html import escape

    told, room = "", COLUMNS
    for text, style in spans:
        shown = text if len(text) <= room else f"{text[: max(0, room - 1)]}…" if room else ""
        room -= len(shown)
        written = escape(shown).replace(" ", "\u00a0")  # a picture on a page keeps no two spaces
        told += f'<tspan fill="{_COLOURS[style]}">{written}</tspan>' if style in _COLOURS else written
    return f'<text x="20" y="{20 * number + 32}">{told}</text>'
