"""The page as a file: nothing of it is live but one script, which cannot read markup, ask for anything or run text."""

import re
from pathlib import Path

import pytest
from page_text import checked_page

from iamctl.render import FORMATS
from iamctl.report.blocks import Line, Report, Section, Span, Table

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "iamctl/render/page"
FORBIDDEN = (
    r"\w*(inner|outer)HTML",
    r"insertAdjacentHTML",
    r"createContextualFragment",
    r"DOMParser",
    r"setHTML\w*",
    r"srcdoc",
    r"document\.write(ln)?",
    r"\beval\b",
    r"\bFunction\b",
    r"\bset(Timeout|Interval)\b",
    r"\bimport\b",
    r"\bfetch\b",
    r"XMLHttpRequest",
    r"WebSocket",
    r"EventSource",
    r"sendBeacon",
    r"postMessage",
    r"\b(local|session)Storage\b",
    r"\bcookie\b",
    r"javascript:",
    r"\bon[a-z]+\s*=",
)
"""What could make text act, send it or keep it."""


def report(*lines, title="A report", table=None):
    return Report({}, (Section(title, tuple(lines), table),))


def test_one_style_and_the_parts_of_one_script_belong_to_the_page():
    names = sorted(path.name for path in ASSETS.iterdir())
    assert [name for name in names if not name.endswith(".js")] == ["page.css"]
    assert not [path.name for path in ASSETS.iterdir() if len(path.read_text(encoding="utf-8").splitlines()) > 400]


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_the_script_has_no_way_to_make_text_act(pattern):
    for path in ASSETS.glob("*.js"):
        assert not re.search(pattern, path.read_text(encoding="utf-8")), path.name


def test_the_style_asks_for_nothing():
    style = (ASSETS / "page.css").read_text(encoding="utf-8")

    assert not re.search(r"url\(|@import|expression|src\s*:", style)


def test_the_assets_cannot_end_their_elements():
    for path in ASSETS.iterdir():
        assert not re.search(r"</?(script|style)|<!--", path.read_text(encoding="utf-8")), path.name


def test_a_report_without_people_is_its_sections():
    data = checked_page(FORMATS["html"](report(Line((Span("a "), Span("b", "warn")), 2))))

    assert data["title"] == "A report"
    assert data["page"] is None
    warn = data["styles"].index("warn")
    assert data["sections"] == [{"title": "", "detail": False, "lines": [[2, "a ", ["b", warn]]]}]


def test_a_table_keeps_its_cells():
    table = Table(("one", "two"), ((Line((Span("1"),)), Line((Span("2"),))),))

    (section,) = checked_page(FORMATS["html"](report(table=table)))["sections"]

    assert section["table"] == {"columns": ["one", "two"], "rows": [[[0, "1"], [0, "2"]]]}


def test_a_title_is_text():
    text = FORMATS["html"](report(title="</title><script>alert(1)</script>"))

    assert checked_page(text)["title"] == "</title><script>alert(1)</script>"
    assert "&lt;/title&gt;" in text


def test_the_whole_text_of_a_span_is_shown_where_there_is_room():
    (section,) = checked_page(FORMATS["html"](report(Line((Span("a and 2 more", whole="a, b, c"),)))))["sections"]

    assert section["lines"] == [[0, "a, b, c"]]
