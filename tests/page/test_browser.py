"""The page in a real browser: it asks for nothing, says nothing, and everybody can use it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from big_page import big_report
from hostile_pieces import PIECES

from iamctl.render.html import render_html
from iamctl.report.blocks import Line, Report, Section, Span, Table
from iamctl.report.page import Place, Sign, TopSection
from iamctl.text.visible import visible

AXE = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
OWN = {
    *(
        [
            "HTML",
            "HEAD",
            "META",
            "TITLE",
            "STYLE",
            "BODY",
            "NOSCRIPT",
            "SCRIPT",
            "HEADER",
            "MAIN",
            "FOOTER",
            "NAV",
            "SECTION",
            "ARTICLE",
            "DETAILS",
            "SUMMARY",
        ]
    ),
    *(
        [
            "H1",
            "H2",
            "H3",
            "H4",
            "H5",
            "H6",
            "P",
            "A",
            "SPAN",
            "STRONG",
            "DIV",
            "UL",
            "LI",
            "DL",
            "DT",
            "DD",
            "TABLE",
            "CAPTION",
            "THEAD",
            "TBODY",
            "TR",
            "TH",
            "TD",
        ]
    ),
    *(["LABEL", "INPUT", "SELECT", "OPTION", "BUTTON", "CANVAS", "svg", "path", "rect", "text", "title"]),
}


def tags(found):
    return set(found("[...new Set([...document.querySelectorAll('*')].map((one) => one.tagName))]"))


SHAPES = [
    (390, "dark"),
    pytest.param(1280, "light", marks=pytest.mark.exhaustive),
    pytest.param(1280, "dark", marks=pytest.mark.exhaustive),
    pytest.param(390, "light", marks=pytest.mark.exhaustive),
]


@pytest.mark.parametrize(("width", "scheme"), SHAPES)
def test_the_page_asks_for_nothing_and_is_usable(opened, acme, width, scheme):
    found = opened(render_html(acme), width=width, scheme=scheme, fragment="#person=carol")
    found("document.querySelectorAll('details').forEach((one) => { one.open = true; })")

    assert found.requests == [f"{found.address}#person=carol"] or found.requests == [found.address]
    assert found.messages == []
    assert found("document.documentElement.scrollWidth") <= width
    assert tags(found) <= OWN
    found(AXE)
    result = found("axe.run(document, {resultTypes: ['violations']})")
    serious = [one for one in result["violations"] if one["impact"] in {"serious", "critical"}]
    assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in serious] == []


def test_every_part_has_a_heading_and_a_landmark(opened, acme):
    found = opened(render_html(acme))

    assert found("[...document.querySelectorAll('h1')].length") == 1
    parts = found(
        "[...document.querySelectorAll('main > section')].map((one) => "
        "document.getElementById(one.getAttribute('aria-labelledby'))?.tagName)"
    )
    assert set(parts) == {"H2"}
    assert found("['header', 'nav', 'main', 'footer'].map((one) => document.querySelectorAll(one).length)") == [1] * 4
    targets = found("[...document.querySelectorAll('.tiles a')].map((one) => one.hash.slice(1))")
    assert all(found("(id) => document.getElementById(id) !== null", target) for target in targets)


def test_the_policy_is_in_force(opened, acme):
    found = opened(render_html(acme))

    blocked = found(
        """async () => {
          const seen = [];
          document.addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.body.append(script);
          const style = document.createElement("style");
          style.textContent = "body { color: red }";
          document.body.append(style);
          const image = new Image();
          image.src = "https://example.invalid/x.png";
          await fetch("https://example.invalid/").catch(() => null);
          await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          return [seen.sort(), window.ran === undefined];
        }"""
    )

    assert blocked == [["connect-src", "img-src", "script-src-elem", "style-src-elem"], True]


def test_the_keyboard_reaches_every_card_and_filter(opened, acme):
    found = opened(render_html(acme))
    cards = found("[...document.querySelectorAll('#people .card h3 a')].map((one) => one.textContent)")
    seen, kinds = set(), set()
    for _ in range(4 * len(cards)):
        found.page.keyboard.press("Tab")
        tag, text = found("[document.activeElement.tagName, document.activeElement.textContent]")
        if tag == "BODY":
            break
        seen.add(text)
        kinds.add(tag)

    assert len(cards) == len(acme.page.cards)
    assert set(cards) <= seen
    assert {"A", "SUMMARY", "INPUT"} <= kinds


def test_the_search_shows_everything_about_one_person(opened, acme):
    found = opened(render_html(acme))

    found.page.fill("#find", "caro")

    assert found("document.querySelector('.one h3').textContent") == "carol"
    text = found("document.querySelector('.one').textContent")
    for told in ("Path/people/", "team=platform", "MFA device", "joins administrators", "leaves developers"):
        assert told in text
    found.page.fill("#find", "team=platform")
    assert "carol" in found("[...document.querySelectorAll('.results a')].map((one) => one.textContent)")
    found.page.fill("#find", "<img>")
    assert found("document.querySelector('.results').textContent") == "Nobody has this name or tag."


def test_the_graph_and_the_list_have_the_signs_of_the_facts(opened, acme):
    page = acme.page
    found = opened(render_html(acme))
    for person in (one for one in page.people if one.is_changed and one.groups):
        found("(name) => { location.hash = `#person=${encodeURIComponent(name)}`; }", person.name)
        found.page.wait_for_function(
            "(name) => document.querySelector('.one h3')?.textContent.includes(name)", arg=person.name
        )
        through = [
            one.sign
            for edge in person.groups
            for one in {Sign.KEPT: page.groups[edge.target].policies, Sign.ADDED: page.groups[edge.target].joining}.get(
                edge.sign, page.groups[edge.target].leaving
            )
        ]
        signs = [*(one.sign for one in (*person.groups, *person.policies, *person.boundary)), *through]
        expected = {name: signs.count(sign) for name, sign in (("s1", Sign.ADDED), ("s2", Sign.REMOVED))}
        assert {name: found.count(f".one svg path.{name}") for name in expected} == expected
        names = found("[...document.querySelectorAll('.one .tree li > span')].map((one) => one.textContent)")
        assert sum(name.startswith("+ ") for name in names) == expected["s1"]
        assert sum(name.startswith("- ") for name in names) == expected["s2"]


def test_the_filters_of_the_matrix(opened):
    found = opened(render_html(big_report(500, 40, 10)))
    rows = "[...document.querySelectorAll('#matrix tbody th')].map((one) => one.textContent)"

    assert found("document.querySelector('#matrix details').open")
    assert len(found(rows)) == 10
    found.page.uncheck("#matrix input[type=checkbox]")
    assert len(found(rows)) == 50
    assert "1 to 50 of 500 people" in found("document.querySelector('#matrix [role=status]').textContent")
    found.page.click("#matrix button:has-text('Next')")
    assert found(rows)[:2] == ["~ user-00050", "user-00051"]
    found.page.select_option("#matrix select", label="group-0003")
    of_group = found(rows)
    assert of_group
    assert all(
        "group-0003" in text
        for text in found("[...document.querySelectorAll('#matrix tbody td')].map((one) => one.textContent)")
    )
    found.page.fill("#matrix label:has-text('Tag') input", "team=team-36")
    assert set(found(rows)) < set(of_group)
    found.page.fill("#matrix label:has-text('Person') input", "00036")
    assert found(rows) == ["user-00036"]
    assert found("document.querySelector('canvas').width") > 100


def test_a_small_account_has_its_matrix_and_graph_folded(opened, acme):
    found = opened(render_html(acme), fragment="#person=carol")

    assert not found("document.querySelector('#matrix details').open")
    assert not found("document.querySelector('.one details').open")


def test_a_large_account_stays_light(opened):
    text = render_html(big_report(5000, 300, 200, credentials=True))
    found = opened(text)

    assert len(text) <= 500_000
    assert found("document.querySelectorAll('*').length") <= 5000
    assert found("document.documentElement.scrollWidth") <= 1280
    assert found("[...document.querySelectorAll('#matrix tbody tr')].length") == 50
    found.page.uncheck("#matrix input[type=checkbox]")
    assert "enter a name" in found("document.querySelector('#matrix [role=status]').textContent")
    found.page.fill("#matrix label:has-text('Person') input", "0")
    assert found("document.querySelectorAll('*').length") <= 5000


LIVE = (
    "<script>window.ran = 1</script>",
    "</script><script>window.ran = 2</script>",
    "<img src=x onerror='window.ran = 3'>",
    "<svg onload='window.ran = 4'>",
    "<iframe srcdoc='<script>parent.ran = 5</script>'>",
    "<a href='javascript:window.ran = 6'>x</a>",
    "<!--<script>",
    "{{constructor.constructor('window.ran = 7')()}}",
    "\u2028window.ran = 8\u2029",
    "__proto__",
    "constructor",
)


def test_names_and_texts_of_a_hostile_account_are_text(opened):
    plain = big_report(30, 20, 10, credentials=True)
    texts = [*LIVE, *PIECES]
    page = plain.page
    bad = [texts[number % len(texts)] + str(number) for number in range(60)]
    people = tuple(
        replace(one, name=bad[number], path=f"/{bad[-number]}/", tags={bad[number]: bad[-number]}, notes=(bad[number],))
        for number, one in enumerate(page.people)
    )
    hostile = replace(
        page,
        people=people,
        groups=tuple(replace(one, name=bad[-number], status=bad[number]) for number, one in enumerate(page.groups)),
        policies=tuple(
            replace(one, name=bad[number], grants=tuple(bad[:3])) for number, one in enumerate(page.policies)
        ),
        cards=tuple(
            replace(one, name=people[3 * number].name, note=bad[number]) for number, one in enumerate(page.cards)
        ),
        top=(
            TopSection(
                Section(texts[0], tuple(Line((Span(text, "refuse", link=text),)) for text in texts)), Place.FIRST
            ),
        ),
    )
    found = opened(render_html(Report({}, plain.sections, page=hostile)))
    for one in people:
        found("(name) => { location.hash = `#person=${encodeURIComponent(name)}`; }", visible(one.name))
        found.page.wait_for_function(
            "(name) => document.querySelector('.one h3')?.textContent.includes(name)", arg=visible(one.name)
        )
    found("window.dispatchEvent(new Event('beforeprint'))")
    found.page.fill("#find", "script")

    assert found("window.ran") is None
    assert found.messages == []
    assert found.requests == [found.address]
    assert tags(found) <= OWN
    assert found.count("script") == 2
    assert not [address for address in found("[...document.links].map((one) => one.href)") if "script:" in address]


def test_print_shows_what_is_folded(opened, acme):
    found = opened(render_html(acme))

    found("window.dispatchEvent(new Event('beforeprint'))")

    assert found("[...document.querySelectorAll('details')].every((one) => one.open)")
    assert re.search(r"for example", found("document.querySelector('#people').textContent"))


def test_names_in_a_cell_are_apart(opened):
    cells = ((Line((Span("erin"), Span("judy"))),),)

    found = opened(render_html(Report({}, (Section("A", (), Table(("user",), cells)),))))

    assert found("document.querySelector('td').textContent") == "erin judy"


def test_a_report_without_people_is_shown(opened, acme):
    found = opened(render_html(Report({}, acme.sections)))

    assert found.messages == []
    titles = [section.title for section in acme.sections[1:] if section.title]
    assert found("[...document.querySelectorAll('main h2')].map((one) => one.textContent)") == [*titles, "Summary"]
