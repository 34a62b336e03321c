"""The page of a run over many accounts in a real browser."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from fleet.run_of_twelve import NOW, baseline, drifted, ended, planned, rollout, run_of_twelve
from hostile_pieces import PIECES
from page_text import checked_page
from test_browser import AXE, LIVE, OWN, tags

from iamctl.kinds import Membership, User
from iamctl.model.fleet import AccountOutcome, AccountResult, FleetCommand
from iamctl.render.html import render_html
from iamctl.report.fleet import fleet_report
from iamctl.report.page_fleet import with_fleet_page
from iamctl.text.visible import visible

SHAPES = [
    (390, "dark"),
    pytest.param(1280, "light", marks=pytest.mark.exhaustive),
    pytest.param(1280, "dark", marks=pytest.mark.exhaustive),
    pytest.param(390, "light", marks=pytest.mark.exhaustive),
]
ROWS = "[...document.querySelectorAll('#accounts .account h3 > span:first-child')].map((one) => one.textContent)"
PEOPLE = "[...document.querySelectorAll('#across .account h3 > span:first-child')].map((one) => one.textContent)"
STATUS = "document.querySelector('#accounts [role=status]').textContent"


def page(results, command=FleetCommand.PLAN):
    report = fleet_report(results, command, "0.1.0")
    return render_html(with_fleet_page(report, results, command, NOW))


@pytest.mark.parametrize(("width", "scheme"), SHAPES)
def test_the_page_of_a_run_asks_for_nothing_and_is_usable(opened, width, scheme):
    found = opened(page(run_of_twelve()), width=width, scheme=scheme)
    found("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    found.page.wait_for_function("document.querySelectorAll('#accounts .inside').length === 12")

    assert found.requests == [found.address]
    assert found.messages == []
    assert found("document.documentElement.scrollWidth") <= width
    assert tags(found) <= OWN
    found(AXE)
    result = found("axe.run(document, {resultTypes: ['violations']})")
    serious = [one for one in result["violations"] if one["impact"] in {"serious", "critical"}]
    assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in serious] == []


def test_the_accounts_are_worst_first_and_unfold_their_changes(opened):
    found = opened(page(run_of_twelve()))

    names = found(ROWS)
    assert names == [one["account"] for one in fleet_report(run_of_twelve(), FleetCommand.PLAN, "0").data["accounts"]]
    assert found("[...document.querySelectorAll('main > section h2')].map((one) => one.textContent)")[:6] == [
        *("Errors", "Refused", "Locked", "Look at this first", "Not started", "Accounts")
    ]
    found.unfold("#accounts .account:has(h3:has-text('prod-eu')) summary")
    text = found.page.text_content("#accounts .account[open]")
    for told in ("200000000002", "mallory becomes an administrator", "+ joins admins", "carol will be deleted", "prod"):
        assert told in text


def test_the_search_finds_accounts_and_people(opened):
    found = opened(page(run_of_twelve()))

    found.page.fill("#find-account", "mallo")
    assert found(ROWS) == ["prod", "prod-eu"]
    found.page.fill("#find-account", "400000000003")
    assert found(ROWS) == ["payments"]
    found.page.fill("#find-account", "")
    found.page.select_option("#accounts select", label="unreachable")
    assert found(ROWS) == ["audit", "backup"]
    found.page.fill("#find-account", "nobody")
    assert found(STATUS) == "No account matches."


def test_the_same_person_is_shown_across_accounts(opened):
    found = opened(page(run_of_twelve()))

    assert found(PEOPLE) == ["mallory", "alice", "bob", "carol"]
    found.page.fill("#find-person", "mall")
    assert found(PEOPLE) == ["mallory"]
    found.unfold("#across summary:has-text('mallory')")
    assert "in 2 accounts: prod, prod-eu" in found.page.text_content("#across .account[open]")
    found.page.click("#across .account[open] a:has-text('prod-eu')")
    found.page.wait_for_selector("#accounts .account[open]")
    assert "prod-eu" in found.page.text_content("#accounts .account[open] h3")
    assert found("document.activeElement.tagName") == "SUMMARY"


def test_tiles_lead_to_parts_that_are_there(opened):
    found = opened(page(run_of_twelve()))

    targets = found("[...document.querySelectorAll('.tiles a')].map((one) => one.hash.slice(1))")
    assert {"accounts", "errors", "refused", "first"} <= set(targets)
    assert all(found("(id) => document.getElementById(id) !== null", target) for target in targets)


def test_names_and_errors_of_hostile_accounts_are_text(opened):
    texts = [*LIVE, *PIECES]
    joins = planned("model", "1" * 12, baseline("1" * 12), rollout("1" * 12))
    results = []
    for number, text in enumerate(texts):
        name, account_id = f"{text}{number}", f"{number:012}"
        if number % 2:
            results.append(ended(name, account_id, AccountOutcome.UNREACHABLE, 1, text))
            continue
        risk = {"rule": "IAM418", "severity": "warn", "address": f"user/{text}", "message": text, "first": True}
        joined = {**joins.changes[-1], "address": f"user/{name}", "kind": "user", "action": "create"}
        joined["after"] = {"name": name, "path": "/", "tags": {text: text}}
        results.append(
            replace(joins, account=name, account_id=account_id, wave=text, changes=(joined,), findings=(risk,))
        )
    found = opened(page(results))
    for one in results:
        found("(name) => { location.hash = `#account=${encodeURIComponent(name)}`; }", visible(one.account))
        found.page.wait_for_function(
            "(name) => document.querySelector('#accounts .account[open] h3')?.textContent.startsWith(name)",
            arg=visible(one.account),
        )
    found("window.dispatchEvent(new Event('beforeprint'))")

    assert found("window.ran") is None
    assert found.messages == []
    assert found.requests == [found.address]
    assert tags(found) <= OWN
    assert found.count("script") == 2


def two_thousand() -> list[AccountResult]:
    """Return a run of 2,000 accounts, of which 400 have changes of their own and 187 the same."""
    known = baseline("9" * 12)
    new = [User(name="person-000"), Membership(group="everyone", user="person-000")]
    own = json.dumps(planned("model", "9" * 12, known, [*known, *new]).to_json())
    same = json.dumps(planned("model", "9" * 12, known, rollout("9" * 12)).to_json())
    results = []
    for number in range(2_000):
        text = own if number < 400 else same if number < 587 else ""
        told = text.replace("model", f"account-{number:04}").replace("9" * 12, f"{number:012}")
        told = told.replace("person-000", f"person-{number:03}")
        clean = ended(f"account-{number:04}", f"{number:012}", AccountOutcome.CLEAN, 0, "")
        results.append(AccountResult.from_json(json.loads(told)) if text else clean)
    return results


def test_two_thousand_accounts_stay_light(opened):
    text = page(two_thousand())
    found = opened(text)

    assert len(text) <= 500_000
    assert found("document.querySelectorAll('*').length") <= 5_000
    assert found(STATUS) == "587 accounts of 2,000"
    assert len(found(ROWS)) == 50
    found.page.fill("#find-account", "account-19")
    assert found(STATUS) == "No account matches."
    found.page.uncheck("#accounts input[type=checkbox]")
    assert found(STATUS) == "100 accounts of 2,000"


def test_drift_is_shown_by_account_and_person(opened):
    trudy = [User(name="trudy"), Membership(group="admins", user="trudy")]
    results = [
        drifted(name, number, [*baseline(number), *trudy], baseline(number))
        for name, number in (("a", "1" * 12), ("b", "2" * 12))
    ]
    found = opened(page(results, FleetCommand.DRIFT))

    assert found(PEOPLE) == ["trudy"]
    found.unfold("#across summary")
    assert "someone added trudy to admins" in found.page.text_content("#across")


def test_the_page_has_the_script_of_accounts_and_not_that_of_people():
    text = page(run_of_twelve())

    assert checked_page(text)["page"]["accounts"]
    assert "makers.accounts" in text
    assert "makers.matrix" not in text
