"""``iamctl access check``: judge the assertions on the live account."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from iamctl import __version__
from iamctl.access.asserted import unread_documents
from iamctl.account.live import live_account
from iamctl.account.needs import Needs
from iamctl.commands.ci_surroundings import in_ci
from iamctl.commands.located_findings import located_mistakes, with_findings
from iamctl.commands.workspace import Workspace, moment, open_workspace
from iamctl.comparison.scope import scope
from iamctl.model import Account, Severity
from iamctl.report.assertions import Checked, assertions_report
from iamctl.rules import Review
from iamctl.rules import check as checked_by_rules
from iamctl.rules.plan.assertions import CODES
from iamctl.source.open import SourceOptions
from iamctl.terminal.show import show


def check(directory: Path | None, source: SourceOptions, *, account: str | None, now: str | None, output: str) -> int:
    """Print the judgements; return 3 when an assertion is refuted or not decided and is no mere warning, else 0."""
    category = f"access-check/{account}" if account else "access-check"
    with (
        located_mistakes(output, directory, category),
        open_workspace(directory, source, account=account, now=moment(now)) as workspace,
    ):
        checked = _checked(workspace)
    report = in_ci(assertions_report(checked, __version__), directory)
    shown = with_findings(report, checked.findings, output, directory, category, account_id=checked.account.id)
    show(shown, output)
    return 3 if any(finding.severity is Severity.REFUSE for finding in checked.findings) else 0


def _checked(workspace: Workspace) -> Checked:
    """Read users, groups and roles, and the documents of AWS's policies that they hold, and judge the assertions."""
    desired, source = workspace.desired, workspace.live
    snapshot = source.fetch(Needs())
    live = live_account(snapshot)
    if desired.assertions and (unread := unread_documents(live, [live.state])):
        live = live_account(source.fetch(Needs.of(policy_documents=unread), snapshot))
    live = replace(live, caller_arn=source.caller_arn)
    scoped = scope(desired, live.state, workspace.now)
    review = Review(desired, workspace.now, live, scoped, asserts_live=True)
    verdicts = tuple(judged.verdict for judged in review.judged.all) if desired.assertions else ()
    account = Account(live.account_id, desired.settings.account_name, live.partition)
    return Checked(account, workspace.now, verdicts, checked_by_rules(review, "plan", CODES))
