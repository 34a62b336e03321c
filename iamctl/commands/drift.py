"""``iamctl drift``: report how the live account differs from the manifests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from iamctl import __version__
from iamctl.commands.ci_surroundings import in_ci
from iamctl.commands.page import PAGE, save_page, with_page
from iamctl.commands.propose import Proposal, propose
from iamctl.commands.started_by import started_by
from iamctl.commands.workspace import moment, open_tree, open_workspace
from iamctl.comparison.shared_files import shared_places
from iamctl.manifests import find_tree
from iamctl.model import Address, Plan
from iamctl.report.drift import Drift, Merged, Ways, drift_report, drifts, is_drift
from iamctl.source.open import SourceOptions
from iamctl.terminal.show import show

_WRONG_CALLER = frozenset({"IAM402", "IAM403"})
"""Rules that say that the account or the caller is the wrong one, so that the differences mean nothing."""


def ways_for(tree: str, source: SourceOptions, account: str | None) -> Ways:
    """Return the commands that adopt and undo differences, for the same account and with the same flags."""
    of_account = ("--account", account) if account else ()
    flags = tuple(
        word
        for flag in ("profile", "region", "snapshot", "sandbox")
        if (value := getattr(source, flag))
        for word in (f"--{flag}", str(value))
    )
    live = flags if source.snapshot is None else ()  # a snapshot cannot be changed
    return Ways(
        ("iamctl", "import", tree, *of_account, *flags, "--update"),
        ("iamctl", "apply", tree, *of_account, *live),
    )


def drift(
    directory: Path | None,
    source: SourceOptions,
    *,
    account: str | None,
    now: str | None,
    output: str,
    all_findings: bool,
    actor: bool,
    applied: str | None = None,
    event: str | None = None,
    page: Path | None = None,
) -> int:
    """Print the differences; return 2 when one of them is not merely due or merged or an administrator is not managed.

    Else return 0. ``applied`` is the commit whose manifests were applied last, ``event`` what started this run. With ``actor`` each difference has the one who made it, as CloudTrail recorded it.
    A plan that would be refused is reported. It does not change an exit code of 2, since drift applies nothing. Without
    differences the code is 3, as it is for the wrong account and the root user.
    """
    began = started_by(event) if event else None
    with open_workspace(directory, source, account=account, now=moment(now)) as workspace:
        proposal = propose(workspace, asserts_live=True, trusts_report=True)
        merged = None
        if applied is not None:
            from iamctl.commands.applied import merged_since

            merged = merged_since(workspace, proposal, find_tree(directory), applied)
        found = drifts(proposal.plan.changes, merged)
        if actor:
            from iamctl.commands.attributed import attributed

            found = attributed(workspace.live, found)
    plan = proposal.plan
    ways = replace(ways_for(str(find_tree(directory)), source, account), shared=_shared(directory, proposal))
    report = drift_report(plan, found, __version__, ways, all_findings=all_findings, merged=merged, event=began)
    if page or output == PAGE:
        paged = in_ci(with_page(report, proposal.compared, plan, is_first=True), directory)
        report = paged if output == PAGE else report
    show(report if output == PAGE else in_ci(report, directory), output)
    if page:
        save_page(page, paged)
    return drift_exit_code(plan, found, merged)


def _shared(directory: Path | None, proposal: Proposal) -> Mapping[Address, str]:
    """Return the files that ``import --update`` would refuse to edit, by the address of what differs."""
    changes, desired = proposal.plan.changes, proposal.compared.desired
    if not changes:
        return {}
    tree, name = open_tree(directory), desired.settings.account_name
    if any(change.after and "document" in change.fields for change in changes):  # whose file another manifest may name
        return shared_places(changes, desired.state, tree.files_of(name, desired.partition)[1])
    return shared_places(changes, desired.state, tree.also_read_by_others(name))


def drift_exit_code(plan: Plan, found: tuple[Drift, ...], merged: Merged | None = None) -> int:
    """Return 3 for the wrong account or caller, 2 for drift, 3 for a plan that would be refused, else 0."""
    if any(finding.rule in _WRONG_CALLER for finding in plan.findings):
        return 3
    if is_drift(plan, found, merged):
        return 2
    return 3 if plan.is_refused else 0
