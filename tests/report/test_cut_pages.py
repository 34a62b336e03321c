"""A page without room for a plan announces what it leaves out, and keeps what must be seen first with its changes."""

from __future__ import annotations

from datetime import UTC, datetime

from iamctl.account.live import Live
from iamctl.kinds import Group, GroupPolicy, Membership, Policy, Resource, User
from iamctl.model import State
from iamctl.model.settings import Desired, Settings
from iamctl.planning.plan import make_plan
from iamctl.planning.plan_json import plan_json
from iamctl.policy import Document
from iamctl.render.markdown import MOST_CHARACTERS, left_out, render_markdown
from iamctl.report.reports import plan_report

ARN = "arn:aws:iam::123456789012:policy/"
RISKY = "zz-last"


def policy(name: str, actions: list[str], resources: list[str]) -> Policy:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    document = Document.from_data({"Version": "2012-10-17", "Statement": [statement]})
    return Policy(name=name, document=document, arn=f"{ARN}{name}")


def test_the_change_behind_a_risk_is_kept_and_the_cut_is_announced() -> None:
    names = [f"team-{number:03}" for number in range(150)]
    base: list[Resource] = [Group(name="dev"), User(name="eve"), Membership(group="dev", user="eve")]
    base.append(GroupPolicy(group="dev", policy_arn=f"{ARN}{RISKY}"))
    live = [*base, *(policy(name, ["s3:GetObject"], ["arn:aws:s3:::a/*"]) for name in [*names, RISKY])]
    long = [f"arn:aws:s3:::{'y' * 60}-{number}/*" for number in range(8)]
    new = [
        *base,
        *(policy(name, ["s3:GetObject"], long) for name in names),
        policy(RISKY, ["iam:PutUserPolicy"], ["*"]),
    ]
    desired = Desired(Settings("prod", "123456789012"), "aws", State.of(new))
    plan = make_plan(desired, Live("123456789012", "aws", State.of(live)), now=datetime(2026, 11, 23, tzinfo=UTC))
    report = plan_report(plan, plan_json(plan, "0"))

    page = render_markdown(report)

    assert len(page) <= MOST_CHARACTERS
    assert page.splitlines()[1].startswith(f"**{left_out(report)} lines are left out or cut; the whole plan is in")
    first, _, rest = page.partition("<summary><b>Policies</b></summary>")
    assert "eve can become an administrator" in first
    assert rest.index("iam:PutUserPolicy") < rest.index("team-000")
    assert left_out(report) > 0


def test_a_thousand_names_are_on_the_page_once_and_folded() -> None:
    names = [f"person-{number:04}" for number in range(1000)]
    people: list[Resource] = [Group(name="everyone"), *(User(name=name) for name in names)]
    joined = [*people, *(Membership(group="everyone", user=name) for name in names)]
    desired = Desired(Settings("prod", "123456789012"), "aws", State.of(joined))
    live = Live("123456789012", "aws", State.of(people))
    plan = make_plan(desired, live, now=datetime(2026, 11, 23, tzinfo=UTC))

    page = render_markdown(plan_report(plan, plan_json(plan, "0")))

    before, _, details = page.partition("<details><summary><b>People</b></summary>")
    assert "person-0009 and 990 more" in before
    assert "person-0010" not in before.partition("Who joins and leaves")[2]
    assert all(name in details for name in names)
