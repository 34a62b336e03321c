"""``iamctl audit``: judge the account by controls."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from iamctl import __version__
from iamctl.account.audit_facts import audit_facts
from iamctl.account.live import live_account
from iamctl.account.needs import Needs
from iamctl.audit.audited import Audited
from iamctl.audit.frameworks import Framework
from iamctl.audit.judged import Verdict, judgements, unused_acceptances
from iamctl.commands.audit_reads import with_audit_reads
from iamctl.commands.ci_surroundings import in_ci
from iamctl.commands.located_findings import located_mistakes, with_findings
from iamctl.commands.page import PAGE, with_audit_page
from iamctl.commands.workspace import Workspace, moment, open_workspace
from iamctl.kinds.credentials import instant
from iamctl.model import Account
from iamctl.model.snapshot import Snapshot
from iamctl.report.audit import Audit, audit_findings, control_texts
from iamctl.report.audit_json import audit_report
from iamctl.source.open import SourceOptions
from iamctl.terminal.show import show


def audit(
    directory: Path | None,
    source: SourceOptions,
    *,
    account: str | None,
    now: str | None,
    framework: str | None,
    output: str,
) -> int:
    """Print the verdicts; return 2 when a control fails, else 1 when one was not evaluated, else 0."""
    category = f"audit/{account}" if account else "audit"
    without_credentials = replace(source, credentials="none")
    with (
        located_mistakes(output, directory, category),
        open_workspace(directory, without_credentials, account=account, now=moment(now)) as workspace,
    ):
        snapshot = read_account(workspace)
        found = audited_account(workspace, snapshot, Framework(framework) if framework else None)
    report = audit_report(found, __version__)
    if output == PAGE:
        report = with_audit_page(report, found, workspace.desired, live_account(snapshot))
    report = in_ci(report, directory)
    shown = with_findings(
        report, audit_findings(found), output, directory, category, account_id=found.account.id, rules=control_texts
    )
    show(shown, output)
    return audit_exit_code(found)


def audit_exit_code(found: Audit) -> int:
    """Return 2 when a control fails, else 1 when one was not evaluated, else 0."""
    if found.counts[Verdict.FAIL]:
        return 2
    return 1 if found.counts[Verdict.NOT_EVALUATED] else 0


def read_account(workspace: Workspace) -> Snapshot:
    """Return the account with everything that controls ask for."""
    return with_audit_reads(workspace.live, workspace.live.fetch(Needs()))


def audited_account(workspace: Workspace, snapshot: Snapshot, framework: Framework | None) -> Audit:
    """Return what the controls say of an account."""
    desired, now = workspace.desired, workspace.now
    live, facts = live_account(snapshot), audit_facts(snapshot)
    audited = Audited(live, live.state, desired.settings, now, facts)
    everything = judgements(audited)
    return Audit(
        account=Account(live.account_id, desired.settings.account_name, live.partition),
        at=now,
        judged=judgements(audited, framework) if framework else everything,
        declared=desired.state,
        framework=framework,
        taken_at=instant(snapshot.get("taken_at")),
        credentials_as_of=live.credentials_as_of,
        unread=facts.unread,
        unused=unused_acceptances(audited, everything),
    )
