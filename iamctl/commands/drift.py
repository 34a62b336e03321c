"""``iamctl drift``: read live IAM and tell what is not as the manifests say."""

from __future__ import annotations

from pathlib import Path

from iamctl import __version__
from iamctl.commands.clock import moment
from iamctl.commands.comparing import held_to
from iamctl.commands.declaring import declared, open_tree
from iamctl.commands.proposing import propose
from iamctl.report.drift import drift_report, drifts
from iamctl.source.live_source import Source, open_source
from iamctl.terminal.show import show

_WRONG_CALLER = frozenset({"IAM402", "IAM403"})
"""Rules that say that the account or the caller is not the right one, so that what differs means nothing."""


def drift(
    directory: Path | None,
    source: Source,
    *,
    account: str | None,
    now: str | None,
    output: str,
) -> int:
    """Print what differs; return 2 when anything does that is not just due, else 0.

    That a plan which puts it right is refused is told, and makes no other code of 2, since nothing is to be applied;
    where nothing differs it is 3, as is the wrong account or the root user.
    """
    time = moment(now)
    tree = open_tree(directory)
    settings = tree.account(account)
    desired = declared(tree, settings.account_name, "aws", time)
    with open_source(source, settings, "plan", time) as connection:
        if connection.partition != desired.partition:
            desired = declared(tree, settings.account_name, connection.partition, time)
        plan = propose(held_to(None, desired), connection, now=time, allowed_removals={}).plan
    found = drifts(plan.changes, desired.ended)
    show(drift_report(plan, found, __version__), output)
    if any(finding.rule in _WRONG_CALLER for finding in plan.findings):
        return 3
    if any(not one.is_due for one in found):
        return 2
    return 3 if plan.is_refused else 0
