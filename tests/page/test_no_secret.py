"""A first password is in no page: neither before the apply that makes it nor after."""

from pathlib import Path

import yaml
from page_text import checked_page
from world import ACCOUNT, NOW, PASSWORD, SETTINGS, world

from iamctl.commands.page import with_page
from iamctl.commands.propose import plan_data, propose
from iamctl.commands.workspace import Workspace, declared, open_tree
from iamctl.render.html import render_html
from iamctl.report.reports import plan_report

MANIFESTS = {
    "users": {"ann": {"console": True}},
    "groups": {"all": {"policies": ["mfa"]}},
    "policies": {"mfa": {"builtin": "require-mfa/1"}},
    "memberships": {"all": ["ann"]},
}


def page_of(one, folder):
    """Return the page of the plan that makes an open account as the manifests say, and its proposal."""
    desired = declared(open_tree(folder), "test", "aws", NOW)
    proposal = propose(Workspace(desired, one.live, NOW))
    report = plan_report(proposal.plan, plan_data(proposal.plan), show_calls=True, show_commands=True)
    return proposal.plan, render_html(with_page(report, proposal.compared, proposal.plan, has_cards=True))


def test_a_first_password_is_in_no_page(tmp_path: Path):
    settings = {**SETTINGS, "secrets": {"deliver": "terminal"}}
    (tmp_path / "iamctl.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (tmp_path / "iam.yaml").write_text(yaml.safe_dump(MANIFESTS), encoding="utf-8")
    with world() as one:
        plan, before = page_of(one, tmp_path)
        assert "CreateLoginProfile" in [call.operation for call in plan.calls]
        assert not [outcome.error for outcome in one.apply(plan) if outcome.error]
        _, after = page_of(one, tmp_path)

    assert "CreateLoginProfile" in str(checked_page(before)["sections"])
    assert checked_page(after)["page"]["people"]["names"] == ["ann"]
    assert PASSWORD not in before + after
    assert ACCOUNT in before
