"""The policies of a group as ``iamctl members`` shows them: live, planned, left alone, managed and inline."""

from datetime import UTC, datetime

from iamctl.account.live import Live
from iamctl.comparison.members import declared_roster, live_roster
from iamctl.comparison.scope import scope
from iamctl.kinds import Group, GroupInlinePolicy, GroupPolicy
from iamctl.model import State
from iamctl.model.settings import Desired, Settings
from iamctl.policy import Document
from iamctl.render.text import render_text
from iamctl.report.members import members_report, roster_json

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ACCOUNT = "123456789012"
LOGS = Document({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]})


def customer(name):
    return f"arn:aws:iam::{ACCOUNT}:policy/{name}"


def dev(*arns, inline=()):
    policies = [GroupPolicy(group="dev", policy_arn=arn) for arn in arns]
    return [*policies, *(GroupInlinePolicy(group="dev", name=name, document=LOGS) for name in inline)]


DESIRED = State.of([Group(name="dev"), *dev(customer("keep"), customer("new"), inline=["logs"])])
LIVE = State.of(
    [
        Group(name="dev"),
        *dev(customer("keep"), "arn:aws:iam::aws:policy/ReadOnlyAccess", inline=["logs"]),
        Group(name="other"),
        GroupPolicy(group="other", policy_arn=customer("keep")),
    ]
)


def roster():
    desired = Desired(Settings("test", ACCOUNT), "aws", DESIRED)
    return live_roster(desired, scope(desired, LIVE, NOW), Live(ACCOUNT, "aws", LIVE), NOW)


def test_signs_show_what_a_plan_attaches_and_detaches():
    text = render_text(members_report(roster(), with_policies=True))

    assert "Policies of dev\n  - aws:ReadOnlyAccess\n    keep\n    logs  inline\n  + new\n" in text
    assert "Policies of other\n    keep  undeclared and left alone\n" in text


def test_json_has_the_status_of_each_policy():
    dev_group, other = roster_json(roster())["groups"]

    assert [(policy["name"], policy["is_inline"], policy["status"]) for policy in dev_group["policies"]] == [
        ("aws:ReadOnlyAccess", False, "removed"),
        ("keep", False, "stays"),
        ("logs", True, "stays"),
        ("new", False, "added"),
    ]
    assert [policy["status"] for policy in other["policies"]] == ["undeclared"]


def test_without_an_account_policies_are_only_declared():
    declared = declared_roster(Desired(Settings("test", ACCOUNT), "aws", DESIRED), NOW)

    assert {policy["status"] for group in roster_json(declared)["groups"] for policy in group["policies"]} == {
        "declared"
    }


def test_a_group_without_policies_says_so():
    none = State.of([Group(name="dev")])
    report = members_report(declared_roster(Desired(Settings("test", ACCOUNT), "aws", none), NOW), with_policies=True)

    assert "Policies of dev\n    none\n" in render_text(report)
