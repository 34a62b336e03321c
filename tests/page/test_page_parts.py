"""The parts of a page as data: sums, findings by rule, ages, the summary, and the page of an audit."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from big_page import NOW, big_report
from page_text import checked_page

from iamctl.account.live import Live
from iamctl.cli.process import run_command_line
from iamctl.model import Address, Finding, Severity, State
from iamctl.render.html import render_html
from iamctl.render.html_people import _credentials
from iamctl.report.page import PageCredentials, PageKey
from iamctl.report.page_plan import age_tiles, rule_table

ROOT = Path(__file__).resolve().parents[2]
ACME = ROOT / "examples/acme"


def page_of(command, capsys, expected):
    words = [command, str(ACME), "--snapshot", str(ACME / "account.json"), "--now", "2026-11-23", "--format", "html"]
    assert run_command_line(words) == expected
    return capsys.readouterr().out


@pytest.fixture
def audit(capsys):
    return page_of("audit", capsys, 2)


def test_the_page_of_an_audit_has_people_as_they_are(audit):
    data = checked_page(audit)
    page = data["page"]

    assert [(one["title"], one["place"], one["urgent"]) for one in page["top"]] == [
        ("Failed", "failed", True),
        ("Not evaluated", "not-evaluated", False),
    ]
    tiles = {label: (value, place) for label, value, place, _ in page["tiles"]}
    assert tiles["controls failed"] == (str(_controls(page["top"][0])), "failed")
    assert tiles["people"] == (str(len(page["people"]["names"])), "matrix")
    assert [one["title"] for one in data["sections"]][-1] == "Passed"
    assert page["people"]["signs"] == {}
    assert page["people"]["changed"] == []
    assert page["cards"] == []
    dave = page["profiles"][page["people"]["profile"][page["people"]["names"].index("dave")]]
    notes = [page["texts"][number] for number in dave[5]]
    assert "the access key is 566 days old; the limit is 90 (access-key-age)" in notes


def _controls(section):
    """Return how many controls a section lists: their lines have the least indent."""
    return sum(line[0] == 1 for line in section["lines"])


def test_members_and_drift_have_the_services_of_everybody(capsys):
    for command, code in (("members", 0), ("drift", 2)):
        page = checked_page(page_of(command, capsys, code))["page"]
        assert "logs" in page["services"]["names"]
        assert any(len(policy) > 3 and policy[3] for policy in page["policies"])


def test_findings_are_summed_by_rule():
    found = [
        Finding("IAM112", Severity.WARN, "no device", Address.of("user", "ann")),
        Finding("IAM404", Severity.INFO, "left alone", Address.of("user", "bob")),
        Finding("IAM112", Severity.WARN, "no device", Address.of("user", "bob")),
        Finding("IAM412", Severity.REFUSE, "none left"),
    ]

    table = rule_table(found, {"IAM112": "Console users have an MFA device."})

    rows = [[cell.spans[0].text if cell.spans else "" for cell in row] for row in table.rows]
    assert rows == [
        ["IAM412", "1 refusal", "", ""],
        ["IAM112", "2 warnings", "Console users have an MFA device.", "user/ann, user/bob"],
        ["IAM404", "1 note", "", "user/bob"],
    ]


def test_the_plan_has_its_findings_by_rule(capsys):
    data = checked_page(page_of("plan", capsys, 3))

    (section,) = [one for one in data["sections"] if one["title"] == "Findings by rule"]
    rows = {row[0][1]: row[1][1][0] for row in section["table"]["rows"]}
    assert rows["IAM502"] == "4 refusals"
    assert rows["IAM451"] == "2 warnings"


def test_the_age_of_the_data_is_that_of_the_account_and_of_the_report():
    def ages(**more):
        return {tile.label: tile.value for tile in age_tiles(Live("1" * 12, "aws", State({}), **more), NOW)}

    assert ages() == {"age of the data": "unknown"}
    assert ages(taken_at=NOW - timedelta(days=3)) == {"age of the data": "3 days"}
    assert ages(taken_at=NOW, credentials_as_of=NOW - timedelta(hours=4)) == {
        "age of the data": "0 minutes",
        "age of the credential data": "4 hours",
    }


def test_credentials_are_numbers_of_days():
    now = datetime(2026, 11, 23, 6, tzinfo=UTC)
    whole, begun = now - timedelta(days=3), now - timedelta(days=3, hours=-8)
    key = PageKey(True, whole, None, False)

    held = PageCredentials(True, whole, begun, True, None, (key,))

    assert _credentials(held, now) == [1 + (2 << 2) + (1 << 4) + (1 << 6), 6, 7, 1, 6]
    assert _credentials(PageCredentials(), now) == 0
    assert _credentials(PageCredentials(has_password=False), now) == [0 + (2 << 2) + (2 << 6)]


def test_a_large_page_has_sums_and_its_cards_folded(opened):
    found = opened(render_html(big_report(1200, 60, 60)))

    assert found("[...document.querySelectorAll('#people .card')].length") == 0
    sums = found("[...document.querySelectorAll('#people .sums summary')].map((one) => one.textContent)")
    assert sums[0] == "60 people: - leaves group-0001"
    assert "60 people: + ec2 read: DescribeInstances and 2 more on every resource" in sums
    found.unfold("#people .sums summary >> nth=0")
    names = found("[...document.querySelectorAll('#people .sums details[open] a')].map((one) => one.textContent)")
    assert len(names) == 50
    assert found("document.querySelector('#people .sums details[open] p').textContent.endsWith(' and 10 more')")
    found.unfold("#people > details > summary, #people details:not(.sums details) > summary >> nth=-1")
    found.page.wait_for_selector("#people .card")


def test_the_page_of_an_audit_is_usable(opened, audit):
    sys.path.insert(0, str(ROOT / "tests/page"))
    from test_browser import AXE

    found = opened(audit, width=390, scheme="dark", fragment="#person=dave")
    found("document.querySelectorAll('details').forEach((one) => { one.open = true; })")

    assert found.messages == []
    assert found("document.documentElement.scrollWidth") <= 390
    targets = found("[...document.querySelectorAll('.tiles a')].map((one) => one.hash.slice(1))")
    assert set(targets) >= {"failed", "not-evaluated", "matrix", "groups", "summary"}
    assert found("[...document.querySelectorAll('#summary')].length") == 1
    assert "controls: 9 failed" in found.page.text_content("#summary")
    text = found("document.querySelector('.one').textContent")
    for told in ("created 2025-05-05 (566 days ago)", "is an administrator", "all services"):
        assert told in text
    found(AXE)
    result = found("axe.run(document, {resultTypes: ['violations']})")
    serious = [one["id"] for one in result["violations"] if one["impact"] in {"serious", "critical"}]
    assert serious == []
