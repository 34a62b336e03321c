"""``iamctl validate``: check the manifests without AWS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from iamctl.commands.located_findings import is_located, outside, with_findings
from iamctl.commands.workspace import base_tree, declared, moment, open_base, open_tree, with_manifests
from iamctl.comparison.approval import new_lines, settings_approval
from iamctl.model import Finding, ManifestError, Severity
from iamctl.model.approval_line import Approval
from iamctl.model.settings import Base
from iamctl.report.approvals import approval_sections
from iamctl.report.findings import findings_report
from iamctl.rules import Review, check
from iamctl.rules.managed_accounts import managed_account_findings
from iamctl.terminal.show import show
from iamctl.text.counted import counted


def validate(
    directory: Path | None,
    *,
    account: str | None,
    now: str | None,
    base: Path | None,
    allow_loosening: bool,
    output: str,
) -> int:
    """Check the tree for one account, or for all; return 1 when there are errors."""
    time = moment(now)
    found: dict[Finding, None] = {}
    needed: dict[Approval, None] = {}
    resources = 0
    try:
        tree = open_tree(directory)
        try:
            was = open_base(base, tree, allow_loosening=allow_loosening)
        except ManifestError as error:
            was = None
            found.update(dict.fromkeys(map(outside, error.findings) if is_located(output) else error.findings))
        manifests_before = base_tree(base)
        names = [tree.account(account).account_name] if account else list(tree.accounts)
        for name in names:
            try:
                before = with_manifests(was, manifests_before, tree.account(name), "aws", time)
                desired = declared(tree, name, "aws", time, before, any_partition=True)
            except ManifestError as error:
                found.update(dict.fromkeys(error.findings))
                needed.update(dict.fromkeys(_needed(error, before)))
            else:
                found.update(dict.fromkeys(desired.findings))
                if desired.has_assertions:
                    found.update(dict.fromkeys(check(Review(desired, time), "declared")))
                resources += len(desired.state)
            if len(names) > 1:
                tree.release(name)
        if account is None:
            found.update(dict.fromkeys(tree.findings()))
            found.update(dict.fromkeys(managed_account_findings(was.accounts, tree.accounts) if was else ()))
    except ManifestError as error:
        found.update(dict.fromkeys(error.findings))
    errors = sum(finding.severity is Severity.ERROR for finding in found)
    summary = counted(errors, "error") if errors else f"valid: {counted(resources, 'resource')}"
    report = findings_report(tuple(found), f"{summary}.", approval_sections(needed, found))
    show(with_findings(report, found, output, directory, "validate"), output)
    return 1 if errors else 0


def _needed(error: ManifestError, base: Base | None) -> Iterator[Approval]:
    """Yield the approval that the looser settings of an account need and do not have."""
    desired = error.beside and replace(error.beside, base=base)
    needed = settings_approval(desired) if desired and base and not base.loosening_allowed else None
    if desired and needed and needed not in new_lines(desired):
        yield needed
