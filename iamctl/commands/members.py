"""``iamctl members``: list the members of groups, declared and live."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from iamctl.account.live import Live, live_account
from iamctl.account.needs import Needs
from iamctl.commands.page import PAGE, with_page
from iamctl.commands.workspace import declared, moment, open_tree, open_workspace
from iamctl.comparison.members import Roster, created_at, declared_roster, live_roster, selected
from iamctl.comparison.scope import scope
from iamctl.model.failures import UsageError
from iamctl.model.settings import Desired
from iamctl.report.members import members_report
from iamctl.source.open import SourceOptions
from iamctl.terminal.show import show

if TYPE_CHECKING:
    from iamctl.planning.plan import Comparison


def members(
    directory: Path | None,
    source: SourceOptions,
    *,
    account: str | None,
    now: str | None,
    groups: list[str],
    users: list[str],
    declared_only: bool,
    output: str,
) -> int:
    """Print the roster of an account, or of the manifests alone; return 0.

    Raises:
        UnknownNameError: a group or a user of the command line is neither declared nor live.
    """
    if declared_only:
        found, compared = _declared(directory, source, account, now), None
    else:
        found, compared = _live(directory, source, account, now, output)
    chosen = selected(found, groups, users)
    report = members_report(chosen, by_person=bool(users), with_policies=bool(groups))
    if compared and not (groups or users):
        report = with_page(replace(report, sections=report.sections[:1]), compared)  # it shows groups and people itself
    show(report, output)
    return 0


def _declared(directory: Path | None, source: SourceOptions, account: str | None, now: str | None) -> Roster:
    for flag in ("profile", "region", "snapshot", "sandbox"):
        if getattr(source, flag):
            raise UsageError(f"--declared reads no account, so it excludes --{flag}; use only one of them")
    time = moment(now)
    tree = open_tree(directory)
    return declared_roster(declared(tree, tree.account(account).account_name, "aws", time, any_partition=True), time)


def _live(
    directory: Path | None, source: SourceOptions, account: str | None, now: str | None, output: str
) -> tuple[Roster, Comparison | None]:
    """Return the roster, and for a page the account, which then includes how users sign in."""
    time, is_page = moment(now), output == PAGE
    read = source if is_page else replace(source, credentials="none")
    with open_workspace(directory, read, account=account, now=time) as workspace:
        desired, snapshot = workspace.desired, workspace.live.fetch(Needs())
    live = live_account(snapshot)
    roster = live_roster(desired, scope(desired, live.state, time), live, time, created_at(snapshot))
    return roster, _compared(desired, live, time) if is_page else None


def _compared(desired: Desired, live: Live, time: datetime) -> Comparison:
    from iamctl.planning.plan import compare

    return compare(desired, live, time)
