"""A report as one file for a browser: no network, no text from outside as markup, and one script and style by hash."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import UTC
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any, get_args

from iamctl.render.html_fleet import fleet_data
from iamctl.render.html_people import Texts, people_data
from iamctl.report.blocks import Line, Report, Section, Span, Style, Table
from iamctl.report.page import ROW_INDENT, Card, Page
from iamctl.text.visible import visible

STYLES: tuple[str, ...] = get_args(Style)

_FOLDER = Path(__file__).parent / "page"

_PEOPLE = ("people", "services", "person", "matrix")
"""The parts of the script that show one account."""

_ACCOUNTS = ("accounts", "across")
"""The parts of the script that show a run over many accounts."""

_SCRIPT = """\
"use strict";
// Every text is written with textContent; nothing here reads markup, asks the network or evaluates text.
(() => {{
{parts}}})();
"""

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<noscript>This page shows its data with the script inside of it. Allow scripts for this file to read it.</noscript>
<script type="application/json" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
"""


def render_html(report: Report) -> str:
    """Return the report as a page that a browser shows from disk.

    Its script writes text only as text. The policy of the page forbids every other script and style and all requests.
    """
    style, script = _asset("page.css"), _script(report.page)
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return _PAGE.format(
        policy=policy,
        title=escape(visible(_title(report))),
        style=style,
        script=script,
        data=_block(_data(report)),
    )


def _script(page: Page | None) -> str:
    """Return the one script of a page: what every page needs, and what this one shows."""
    shown = () if page is None else _ACCOUNTS if page.accounts else _PEOPLE
    return _SCRIPT.format(parts="\n".join(_asset(f"{name}.js") for name in ("base", *shown, "build")))


def _asset(name: str) -> str:
    """Return a file without what only its authors need: indents and lines that are comments."""
    lines = (line.strip() for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _hash(text: str) -> str:
    """Return a text as ``Content-Security-Policy`` names it. https://www.w3.org/TR/CSP3/#match-element-to-source-list"""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _block(data: object) -> str:
    """Return data as JSON that cannot end its element, begin a comment in it or be a command in a log.

    https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements
    """
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=True)
    return text.replace("##", "#\\u0023").replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _title(report: Report) -> str:
    return next((section.title for section in report.sections if section.title), report.noun)


def _data(report: Report) -> dict[str, Any]:
    title, page = _title(report), report.page
    sections = page.rest if page else report.sections
    return {
        "title": visible(title),
        "styles": STYLES,
        "sections": [_section(section, title) for section in sections],
        "page": _page(page) if page else None,
    }


def _page(page: Page) -> dict[str, Any]:
    texts = Texts()
    lines = _SharedLines(texts)
    return {
        "created": f"{page.created_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        "today": f"{page.created_at.astimezone(UTC):%Y-%m-%d}",
        "tiles": [[tile.label, tile.value, tile.place.value, STYLES.index(tile.style)] for tile in page.tiles],
        "legend": page.legend,
        "row": ROW_INDENT,
        "top": [
            {**_section(one.section, ""), "place": one.place, "urgent": bool(one.place) and one.is_urgent}
            for one in page.top
        ],
        "cards": [_card(card, lines) for card in page.cards],
        "groupCards": [_card(card, lines) for card in page.group_cards],
        "access": [_access(short, full, lines) for short, full in page.access],
        "lines": lines.all(),
        "limits": _lines(page.limits),
        **(fleet_data(page, texts, _lines) if page.accounts else people_data(page, texts)),
        "texts": texts.all(),
    }


class _SharedLines:
    """Lines of cards, each once."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._numbers: dict[Line, int] = {}

    def numbers(self, lines: Iterable[Line]) -> list[int]:
        """Return the positions of lines."""
        return [self._numbers.setdefault(entry, len(self._numbers)) for entry in lines]

    def all(self) -> list[list[Any]]:
        """Return all lines so far, in order."""
        return _lines(self._numbers, self._texts)


def _access(short: Sequence[Line], full: Sequence[Line], lines: _SharedLines) -> list[Any]:
    """Return the rows in short, and in full where that is more; 0 for the rows in full without what explains them."""
    is_cut = bool(full) and tuple(short) == tuple(one for one in full if one.indent <= ROW_INDENT)
    return [0 if is_cut else lines.numbers(short), lines.numbers(full)]


def _card(card: Card, lines: _SharedLines) -> list[Any]:
    return [
        visible(card.name),
        card.sign,
        visible(card.note),
        STYLES.index(card.style),
        lines.numbers(card.lines),
        card.access,
    ]


def _section(section: Section, title: str) -> dict[str, Any]:
    """Return a section; the title of the page is not repeated."""
    data: dict[str, Any] = {"title": "" if section.title == title else visible(section.title)}
    data["detail"] = section.is_detail
    if section.table:
        data["table"] = _table(section.table)
    else:
        data["lines"] = _lines(section.lines)
    return data


def _table(table: Table) -> dict[str, Any]:
    return {
        "columns": [visible(column) for column in table.columns],
        "rows": [[_line(cell) for cell in row] for row in table.rows],
    }


def _lines(lines: Iterable[Line], texts: Texts | None = None) -> list[list[Any]]:
    return [_line(entry, texts) for entry in lines]


def _line(entry: Line, texts: Texts | None = None) -> list[Any]:
    """Return the indent of a line and its spans; a plain one is its text alone, or the number of a shared text."""
    return [entry.indent, *_spans(entry.spans, texts)]


def _spans(spans: Sequence[Span], texts: Texts | None) -> Iterable[Any]:
    for span in spans:
        shown = visible(span.whole or span.text)
        text = texts.of_visible(shown) if texts else shown
        if shown and span.link:
            yield [text, STYLES.index(span.style), span.link]
        elif shown:
            yield [text, STYLES.index(span.style)] if span.style else text
