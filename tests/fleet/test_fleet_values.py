"""Plans that differ in one value for each account are told once, with the values in a table; nothing is left out."""

import re
from dataclasses import replace

import pytest
from fleet.run_of_twelve import baseline, document, planned

from iamctl.kinds import Group, Policy, User
from iamctl.model.fleet import FleetCommand
from iamctl.render.markdown import render_markdown
from iamctl.render.text import render_text
from iamctl.report.fleet import fleet_report


def number(one):
    return f"{one:012}"


def plan(name, one, *declared):
    """Return the plan of an account that is to have more than the baseline."""
    return planned(name, number(one), baseline(number(one)), [*baseline(number(one)), *declared])


def logs(one, bucket, *actions):
    arn = f"arn:aws:iam::{number(one)}:policy/write-logs"
    text = document(*(actions or ("s3:PutObject",)), resource=f"arn:aws:s3:::{bucket}/*")
    return Policy(name="write-logs", document=text, arn=arn)


BUCKETS = {"pay": "ledger", "shop": "orders", "hr": "people"}


def told(plans, render=render_text):
    return render(fleet_report(plans, FleetCommand.PLAN, "0.1.0"))


def plans(of=lambda one, bucket: [logs(one, bucket)]):
    return [plan(name, one, *of(one, bucket)) for one, (name, bucket) in enumerate(BUCKETS.items(), 1)]


@pytest.mark.parametrize("render", [render_text, render_markdown])
def test_one_value_for_each_account_is_told_in_a_table(render):
    text = told(plans(), render).replace("`", "").replace("**", "")

    assert text.count("write-logs") == 1
    assert "the same 1 change with values of their own in 3 accounts: hr, pay, shop" in text
    assert "arn:aws:s3:::{{ value }}/*" in text
    for name, bucket in BUCKETS.items():
        assert text.count(bucket) == 1
        assert f"{name}: {bucket}" in re.sub(" +", " ", text)


def test_two_values_and_accounts_with_equal_ones():
    text = told(
        plans(lambda one, bucket: [logs(one, bucket), Group(name="team"), User(name="eve", tags={"cost": bucket[:1]})])
    )
    assert "account: {{ value 1 }}, {{ value 2 }}" in text
    assert sorted(re.findall(r"(?:hr|pay|shop): \w+, \w+", text)) == [
        "hr: p, people",
        "pay: l, ledger",
        "shop: o, orders",
    ]

    equal = told([*plans(), plan("tax", 4, logs(4, "ledger"))])
    assert "pay, tax: ledger" in equal
    assert "in 4 accounts" in equal


def test_what_differs_in_more_than_values_stays_apart():
    first, second, third = plans()
    other = plan("hr", 3, logs(3, "people", "s3:*"))
    wide = plan("hr", 3, replace(logs(3, ""), document=document("s3:PutObject")))
    more = plan("hr", 3, logs(3, "people"), User(name="eve"))
    several = plan(
        "hr", 3, replace(logs(3, "people"), document=document("ec2:RunInstances", resource="arn:aws:ec2:eu-1:a:b/c"))
    )

    for apart in (other, wide, more, several):
        text = told([first, second, apart])
        assert "in 2 accounts: pay, shop" in text
        assert "hr (000000000003): " in text
    assert "in 3 accounts" in told([first, second, third])


def test_other_users_and_two_short_plans_are_told_account_by_account():
    users = told([plan(name, one, User(name=bucket)) for one, (name, bucket) in enumerate(BUCKETS.items(), 1)])

    assert users.count("1 change") == 3
    assert "value" not in users


def test_an_apply_and_a_plan_that_was_refused_are_apart():
    first, second, third = plans()
    refused = replace(second, outcome=type(second.outcome).REFUSED, exit=3, error="no")

    text = told([first, refused, third])

    assert "in 2 accounts: hr, pay" in text
    assert "shop (000000000002): 1 change  refused" in text


def test_the_name_of_an_account_is_no_value():
    text = told(plans(lambda one, bucket: [logs(one, f"{[*BUCKETS][one - 1]}-logs")]))

    assert "{{ account.name }}-logs" in text
    assert "values of their own" not in text


def test_a_risk_of_one_account_keeps_the_lines_of_all():
    found = plans()
    finding = {
        "rule": "IAM418",
        "severity": "warn",
        "address": "policy/write-logs",
        "message": "is wide",
        "first": True,
    }
    risky = replace(found[2], findings=(finding,))
    report = fleet_report([*found[:2], risky], FleetCommand.PLAN, "0.1.0")

    section = next(one for one in report.sections if one.title == "Changes")
    assert all(entry.is_kept for entry in section.lines)


def changes(results):
    report = fleet_report(results, FleetCommand.PLAN, "0.1.0")
    lines = next(one for one in report.sections if one.title == "Changes").lines
    return ["".join(span.text for span in entry.spans) for entry in lines]


def test_with_its_values_in_place_each_account_has_the_lines_of_its_own_plan():
    found = plans(
        lambda one, bucket: [logs(one, bucket), Group(name="team"), User(name="eve", tags={"cost": bucket[:1]})]
    )

    _, _, *together = changes(found)
    table, lines = together[: len(BUCKETS)], together[len(BUCKETS) :]

    for result in found:
        (row,) = [row for row in table if row.startswith(f"{result.account}: ")]
        filled = lines
        for at, value in enumerate(row.removeprefix(f"{result.account}: ").split(", "), 1):
            filled = [entry.replace(f"{{{{ value {at} }}}}", value) for entry in filled]
        assert filled == changes([result])[1:]
