"""What the page of a plan must say, sentence by sentence: tiles, cards, groups, sections, and small screens and paper."""

from __future__ import annotations

from dataclasses import replace

import pytest
from big_page import big_report
from page_text import checked_page

from iamctl.access.row import Level
from iamctl.access.shares import Share
from iamctl.render.html import render_html
from iamctl.report.access_words import LEVELS
from iamctl.report.blocks import Report
from iamctl.report.page import PageServices


@pytest.fixture(scope="module")
def data(acme):
    return checked_page(render_html(acme))


def texts_of(lines):
    return ["".join(part if isinstance(part, str) else part[0] for part in line[1:]) for line in lines]


def card_of(page, name):
    """Return the lines of a card and of its access, as text."""

    def told(numbers):
        lines = [page["lines"][number] for number in numbers]
        parts = [[page["texts"][one[0] if isinstance(one, list) else one] for one in line[1:]] for line in lines]
        return ["".join(part) for part in parts]

    (card,) = [one for one in page["cards"] if one[0] == name]
    some, every = page["access"][card[5]]
    return told(card[4]), told(every or some)


def test_the_tiles_are_sums_of_the_plan(acme, data):
    tiles = {label: (value, place) for label, value, place, _ in data["page"]["tiles"]}

    people, page = acme.page.people, data["page"]
    moves = [edge.sign.value for person in people for edge in person.groups]
    assert tiles == {
        "people now": (str(len(people) - 1), "matrix"),  # niaj is new
        "groups now": (str(len(page["groups"])), "groups"),
        "joins": (str(moves.count("+")), "people"),
        "leaves": (str(moves.count("-")), "people"),
        "new administrators": ("1", "first"),
        "refused": ("0", "refused"),
        "age of the data": ("0 minutes", "summary"),
    }
    assert moves.count("+") == 5
    assert moves.count("-") == 7


def test_what_comes_first_is_whole(acme, data):
    (first,) = [section for section in acme.sections if section.title == "Look at this first"]

    top = data["page"]["top"][0]
    assert (top["title"], top["place"], top["urgent"]) == ("Look at this first", "first", True)
    assert texts_of(top["lines"]) == ["".join(span.whole or span.text for span in line.spans) for line in first.lines]
    assert any(text.endswith(": alice, bob, frank, Heidi, niaj, svc-deploy") for text in texts_of(top["lines"]))


def test_a_card_says_what_changes_why_until_when_and_where(data):
    lines, access = card_of(data["page"], "carol")

    assert any(
        "joins administrators (until 2026-12-04; reason: migration of the DNS zones, OPS-341)" in one for one in lines
    )
    assert any("memberships.yaml:5:7" in one for one in lines)
    assert "- leaves developers" in lines
    assert any("tags.team: payments -> platform" in one for one in lines)
    assert any(one.startswith("+ everything: ") for one in access)


def test_the_rest_has_findings_calls_and_what_is_not_managed(data):
    titles = [section["title"] for section in data["sections"] if section["title"]]
    assert titles[0] == "Findings by rule"
    assert "Calls" in titles
    summary = [
        text for section in data["sections"] if not section["title"] for text in texts_of(section.get("lines", ()))
    ]
    assert "Users: 17 live = 14 managed + 2 ignored + 1 not declared." in summary
    found = [text for section in data["sections"] for text in texts_of(section.get("lines", ()))]
    assert any("1 undeclared group left alone: contractors" in text for text in found)


def test_small_screens_and_paper_have_lists_in_place_of_drawings(opened, acme):
    found = opened(render_html(acme), width=390, fragment="#person=carol")
    found("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    shown = "(selector) => { const box = document.querySelector(selector).getBoundingClientRect(); return [box.width > 50, box.height > 50]; }"

    assert found(shown, ".one .tree") == [True, True]
    assert found(shown, ".one svg") == [False, False]
    (developers,) = found(
        "[...document.querySelectorAll('#groups .card')].filter((one) => one.querySelector('h3').textContent.includes('developers'))"
        ".map((one) => one.querySelector('p').textContent)"
    )
    assert developers == "8 → 6 members"
    found.page.set_viewport_size({"width": 1280, "height": 900})
    assert found(shown, ".one svg") == [True, True]
    assert found(shown, ".one .tree") == [False, False]
    found.page.emulate_media(media="print", color_scheme="dark")
    assert found("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    hidden = found(
        "[...document.querySelectorAll('.filters, .pager, button')].map((one) => getComputedStyle(one).display)"
    )
    assert set(hidden) == {"none"}


BAD = "<img src=x onerror='window.ran = 1'>"


def test_a_large_page_draws_nobody_and_the_names_of_services_are_text(opened):
    plain = big_report(1200, 60, 60)
    services = PageServices(
        dict.fromkeys(LEVELS.values(), ()), (Share(((Level.WRITE, (BAD,)),)),) * len(plain.page.policies)
    )
    found = opened(render_html(Report({}, plain.sections, page=replace(plain.page, services=services))))

    assert found("document.querySelectorAll('svg').length") == 0
    assert found("[...document.querySelectorAll('#matrix tbody tr')].length") == 50
    found("() => { location.hash = '#person=user-00007'; }")
    found.page.wait_for_selector(".one .uses")
    assert found("document.querySelector('.one .uses').textContent") == f"write{BAD}"
    assert found("document.querySelectorAll('.one svg').length") == 1
    assert found("window.ran") is None
    assert found.count("img") == 0
