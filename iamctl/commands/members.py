"""``iamctl members``: who belongs to which group, as declared and as live."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from iamctl.account.live import live_account
from iamctl.commands.clock import moment
from iamctl.commands.declaring import declared, open_tree
from iamctl.comparison.members import Roster, created_at, declared_roster, live_roster, selected
from iamctl.comparison.scope import scope
from iamctl.model.failures import UsageError
from iamctl.report.members import members_report
from iamctl.source.live_source import Source, open_source
from iamctl.terminal.show import show


def members(
    directory: Path | None,
    source: Source,
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
    found = _declared(directory, source, account, now) if declared_only else _live(directory, source, account, now)
    show(members_report(selected(found, groups, users), by_person=bool(users)), output)
    return 0


def _declared(directory: Path | None, source: Source, account: str | None, now: str | None) -> Roster:
    for flag in ("profile", "region", "snapshot", "sandbox"):
        if getattr(source, flag):
            raise UsageError(f"--declared reads no account, so it does not go with --{flag}; leave one of them out")
    time = moment(now)
    tree = open_tree(directory)
    return declared_roster(declared(tree, tree.account(account).account_name, "aws", time), time)


def _live(directory: Path | None, source: Source, account: str | None, now: str | None) -> Roster:
    time = moment(now)
    tree = open_tree(directory)
    settings = tree.account(account)
    desired = declared(tree, settings.account_name, "aws", time)
    with open_source(replace(source, credentials="none"), settings, "plan", time) as connection:
        if connection.partition != desired.partition:
            desired = declared(tree, settings.account_name, connection.partition, time)
        snapshot = connection.read()
    live = live_account(snapshot)
    return live_roster(desired, scope(desired, live.state, time), live, time, created_at(snapshot))
