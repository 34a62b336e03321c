"""The report of a run over many accounts: nothing is lost, what is worst is first, and what is equal is told once.

``python tests/fleet/test_fleet_report.py`` writes the golden files anew, after a message has changed.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from fleet.run_of_twelve import baseline, ended, planned, rollout, run_of_twelve
from hostile_pieces import PIECES
from hypothesis import given
from hypothesis import strategies as st

from iamctl.commands.schema import all_schemas
from iamctl.kinds import Membership, User
from iamctl.model.fleet import AccountOutcome, AccountResult, FleetCommand, fleet_digest
from iamctl.render.markdown import render_markdown
from iamctl.render.text import render_text
from iamctl.report.blocks import Report
from iamctl.report.fleet import NextSteps, fleet_report

GOLDEN = Path(__file__).parent / "golden"
STEPS = NextSteps(
    apply=("iamctl", "fleet", "apply", "iam"), retry=("iamctl", "fleet", "plan", "iam", "--failed-of", "last.jsonl")
)
RENDERED = {"plan.txt": render_text, "plan.md": render_markdown}
MOST = 62_000

_WORD = st.text(alphabet="abc-1", min_size=1, max_size=6)
_SENTENCE = st.lists(st.one_of(_WORD, st.sampled_from(PIECES)), max_size=4).map(" ".join)
_FINDING = st.fixed_dictionaries(
    {
        "rule": st.sampled_from(["IAM418", "IAM401", "IAM102"]),
        "severity": st.sampled_from(["error", "refuse", "warn", "info"]),
        "address": st.none() | st.builds("user/{}".format, _WORD),
        "message": _SENTENCE,
        "origin": st.none(),
        "first": st.booleans(),
        "standing": st.booleans(),
    }
)


def _results(names: list[str]) -> st.SearchStrategy[list[AccountResult]]:
    return st.tuples(
        *(
            st.builds(
                AccountResult,
                account=st.just(name),
                account_id=st.just(f"{number:012}"),
                wave=st.just("all"),
                command=st.just(FleetCommand.PLAN),
                outcome=st.sampled_from(AccountOutcome),
                exit=st.sampled_from((0, 1, 2, 3)),
                findings=st.lists(_FINDING, max_size=2).map(tuple),
                error=_SENTENCE,
            )
            for number, name in enumerate(names)
        )
    ).map(list)


_RUNS = st.lists(_WORD, unique=True, max_size=7).flatmap(_results)


def report(results: tuple[AccountResult, ...] | list[AccountResult]) -> Report:
    return fleet_report(results, FleetCommand.PLAN, "0.1.0", STEPS)


def titles(text: str) -> list[str]:
    return [part.splitlines()[0] for part in text.split("\n\n") if part and not part.startswith(" ")]


@pytest.mark.parametrize("page", RENDERED)
def test_a_run_with_each_outcome_reads_like_this(page: str) -> None:
    results = run_of_twelve()
    assert {one.outcome for one in results} == set(AccountOutcome)
    assert RENDERED[page](report(results)) == (GOLDEN / page).read_text(encoding="utf-8")


@given(_RUNS)
def test_every_account_is_counted_once_and_each_that_failed_is_named(results: list[AccountResult]) -> None:
    made = report(results)
    counts = dict(made.data["outcomes"])
    assert counts.pop("accounts") == sum(counts.values()) == len(results)
    assert Counter(one["account"] for one in made.data["accounts"]) == Counter(one.account for one in results)
    text = render_text(made)
    lines = text.splitlines()
    for one in results:
        if one.outcome not in {AccountOutcome.CLEAN, AccountOutcome.CHANGES}:
            assert any(one.account in line.replace(",", " ").replace(":", " ").split() for line in lines), one
    json.dumps(made.data)


@given(_RUNS, st.randoms())
def test_the_report_does_not_depend_on_the_order_of_the_results(results: list[AccountResult], random: object) -> None:
    shuffled = list(results)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert render_text(report(shuffled)) == render_text(report(results))
    assert report(shuffled).data == report(results).data


def test_the_json_fits_the_schemas() -> None:
    for name, data in (("fleet", report(run_of_twelve()).data), ("fleet-result", run_of_twelve()[0].to_json())):
        jsonschema.Draft202012Validator(all_schemas()[name]).validate(json.loads(json.dumps(data)))


def test_the_page_on_reading_it_shows_it_as_it_is() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/fleet-report.md").read_text(encoding="utf-8")
    shown = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    whole = (GOLDEN / "plan.txt").read_text(encoding="utf-8")
    assert len(shown) == 4
    assert [part for part in shown if part not in whole] == []


def test_what_is_worst_comes_first() -> None:
    order = ["Errors", "Refused", "Locked", "Look at this first", "Not started", "Changes", "Skipped"]
    shown = titles(render_text(report(run_of_twelve())))
    assert [title for title in shown if title in order] == order


def fleet(number: int) -> list[AccountResult]:
    """Return a run over many accounts, of which 187 have the same plan and 1,790 have none."""
    same = planned("model", "100000000000", baseline("100000000000"), rollout("100000000000"))
    text = json.dumps(same.to_json())
    results = [
        AccountResult.from_json(json.loads(text.replace("model", f"rollout-{n}").replace("100000000000", f"1{n:011}")))
        for n in range(187)
    ]
    results += [
        ended(f"lost-{n}", f"2{n:011}", AccountOutcome.UNREACHABLE, 1, f"no answer of 2{n:011}") for n in range(9)
    ]
    for n in range(14):
        account = f"3{n:011}"
        eve = [User(name="eve"), Membership(group="admins", user="eve"), *(User(name=f"new-{n}-{m}") for m in range(9))]
        results.append(planned(f"own-{n}", account, baseline(account), [*baseline(account), *eve]))
    clean = replace(same, outcome=AccountOutcome.CLEAN, changes=(), findings=(), summary={}, exit=0)
    results += [replace(clean, account=f"quiet-{n}", account_id=f"4{n:011}") for n in range(number - len(results))]
    return results


def test_a_comment_on_two_thousand_accounts_fits_and_loses_nothing_that_is_dangerous() -> None:
    results = fleet(2_000)
    page = render_markdown(report(results))
    assert len(page) <= MOST
    assert "the same 4 changes in 187 accounts: rollout-0, rollout-1" in page
    assert "1,790 accounts with nothing to change" in page
    assert page.index("9 accounts unreachable") < page.index("eve becomes an administrator") < page.index("bob will be")
    eve = next(text for text in page.splitlines() if "eve becomes an administrator" in text)
    assert all(f"own-{n}" in eve for n in range(14))
    assert fleet_digest(results) in page


def test_two_thousand_accounts_that_fail_for_reasons_of_their_own_are_announced_and_named_in_text() -> None:
    lost = [
        ended(f"account-{n:04}", f"{n:012}", AccountOutcome.UNREACHABLE, 1, f"reason {n} {'why ' * 60}")
        for n in range(2_000)
    ]
    page, text = render_markdown(report(lost)), render_text(report(lost))
    assert len(page) <= MOST
    assert "left out or cut; the whole report is in" in page
    assert all(one.account in page for one in lost)
    assert all(f"{one.account} ({one.account_id}) unreachable: reason" in text for one in lost)


def test_a_risk_of_several_people_in_the_same_accounts_is_one_line() -> None:
    def risky(account: str, account_id: str, *users: str) -> AccountResult:
        risk = {"rule": "IAM418", "severity": "warn", "message": "becomes an administrator", "first": True}
        found = tuple({**risk, "address": f"user/{user}"} for user in users)
        return replace(ended(account, account_id, AccountOutcome.CHANGES, 0, ""), findings=found)

    text = render_text(report([risky("a", "1" * 12, "eve", "bob", "ann"), risky("b", "2" * 12, "eve", "bob")]))
    assert "  each of 2 users becomes an administrator: bob, eve  in 2 accounts: a, b\n" in text
    assert "  ann becomes an administrator  in a\n" in text


def test_risks_and_deletions_keep_their_room_beside_hundreds_of_failures() -> None:
    users = [f"person-{number:02}" for number in range(60)]
    risks = tuple(
        {"rule": "IAM418", "severity": "warn", "address": f"user/{user}", "message": f"gains {user}", "first": True}
        for user in users
    )
    gone = {"address": "user/leaver", "kind": "user", "action": "delete", "before": {"name": "leaver"}, "after": None}
    results = [
        replace(ended(f"a{n:03}", f"{n:012}", AccountOutcome.CHANGES, 0, ""), findings=risks, changes=(gone,))
        for n in range(200)
    ]
    results += [
        ended(f"lost-{n:03}", f"9{n:011}", AccountOutcome.UNREACHABLE, 1, f"reason {n} {'why ' * 40}")
        for n in range(500)
    ]
    page = render_markdown(report(results))
    assert len(page) <= MOST
    assert all(f"{user} gains {user}" in page for user in users)
    assert "leaver will be deleted" in page
    assert all(f"lost-{n:03}" in page for n in range(500))
    assert "in 200 accounts: a000, a001" in page


def test_plans_are_equal_but_for_the_id_and_the_name_of_the_account() -> None:
    def joins(account: str, account_id: str, user: str) -> AccountResult:
        known = baseline(account_id)
        return planned(account, account_id, known, [*known, User(name=user), Membership(group="everyone", user=user)])

    text = render_text(report([joins("dev", "1" * 12, "ci-dev"), joins("prod", "2" * 12, "ci-prod")]))
    assert "the same 2 changes in 2 accounts: dev, prod" in text
    assert "+ ci-{{ account.name }} will be created" in text
    assert "{{ account.name }} stands for the value of each account." in text
    text = render_text(report([joins("dev", "1" * 12, "devon"), joins("prod", "2" * 12, "prodon")]))
    assert "the same" not in text


def test_an_account_named_like_a_group_has_the_same_plan_as_the_others() -> None:
    def joins(account: str, account_id: str) -> AccountResult:
        known = baseline(account_id)
        return planned(account, account_id, known, [*known, User(name="eve"), Membership(group="everyone", user="eve")])

    text = render_text(report([joins("everyone", "1" * 12), joins("prod", "2" * 12)]))
    assert "the same 2 changes in 2 accounts: everyone, prod" in text
    assert "+ joins everyone" in text


def test_equal_changes_with_other_outcomes_are_not_told_together() -> None:
    one = planned("dev", "1" * 12, baseline("1" * 12), rollout("1" * 12))
    one = replace(one, command=FleetCommand.APPLY, exit=0)
    two = replace(one, account="prod", outcome=AccountOutcome.ERROR, exit=4, error="3 of 5 calls done")
    text = render_text(fleet_report([one, two], FleetCommand.APPLY, "0.1.0"))
    assert "prod (111111111111): 4 changes  not finished" in text
    assert "+ bob will be created" in text
    assert "+ bob created" in text


if __name__ == "__main__":
    for name, render in RENDERED.items():
        (GOLDEN / name).write_text(render(report(run_of_twelve())), encoding="utf-8")
