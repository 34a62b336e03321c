"""``iamctl import``: write the manifests of a live account."""

from __future__ import annotations

import re
import shlex
import sys
from datetime import datetime
from pathlib import Path

from iamctl.account.live import Live, live_account
from iamctl.commands.clock import moment
from iamctl.commands.declaring import declared, open_tree
from iamctl.commands.new_files import write_new
from iamctl.kinds import sections
from iamctl.manifests.write import ImportedTree, manifest_files, newer_than_the_report, policies_to_describe
from iamctl.model import IamctlError, Plan
from iamctl.model.failures import UsageError
from iamctl.planning.plan import make_plan
from iamctl.rules.wording import counted
from iamctl.source.live_source import Source, open_source
from iamctl.text.visible import visible

_MAY_STAND_THERE = re.compile(r"\..*|(readme|licen[cs]e)(\.(md|rst|txt))?", re.IGNORECASE | re.DOTALL)
"""What a new repository may hold already: none of it is a manifest."""


def import_(directory: Path, source: Source, *, account: str) -> int:
    """Write the tree and say what it holds; return 1 when a plan from it is not empty, else 0.

    Raises:
        IamctlError: the directory holds something else, or cannot be written.
    """
    if not account.strip():
        raise UsageError("--account is empty; name the account as iamctl.yaml shall")
    _check_empty(directory)
    now = moment(None)
    with open_source(source, None, "plan", now) as connection:
        snapshot = connection.read()
        found = live_account(snapshot)
        known = connection.look_up(snapshot, newer_than_the_report(found.state))
        live = live_account(connection.complete(known, (), policies_to_describe(found)))
    tree = manifest_files(live, account_name=account)
    write_new(directory, tree.files)  # iamctl.yaml last: what is broken off is no tree, so no plan takes it for one
    sys.stdout.write("".join(f"{visible(line)}\n" for line in _summary(tree, live, directory)))
    plan = _plan(directory, account, live, now)
    is_done = not plan.changes and not plan.is_refused
    if not is_done:
        sys.stdout.write("a plan from these manifests is not empty yet; look at it before you go on\n")
    sys.stdout.write(f"next: {visible(_next_command(directory, source))}\n")
    return 0 if is_done else 1


def _check_empty(directory: Path) -> None:
    try:
        names = sorted(path.name for path in directory.iterdir()) if directory.exists() else []
    except OSError as error:
        raise IamctlError(f"{directory}: manifests cannot be written here: {error.strerror}") from error
    found = [name for name in names if not _MAY_STAND_THERE.fullmatch(name)]
    if found:
        raise IamctlError(
            f"{directory}: the directory is not empty, it holds {found[0]!r}; import writes nothing over, so name a "
            "new or an empty one"
        )


def _plan(directory: Path, account: str, live: Live, now: datetime) -> Plan:
    """Return the plan from what was written, which is empty unless import itself is wrong."""
    return make_plan(declared(open_tree(directory), account, live.partition, now), live, now=now)


def _summary(tree: ImportedTree, live: Live, directory: Path) -> list[str]:
    counts = [counted(tree.counts[name], section.noun) for name, (_, section) in sections().items()]
    lines = [f"{directory}: account {live.account_id}, {', '.join(counts)}"]
    if tree.exceptions:
        them = counted(tree.exceptions, "policy stands", "policies stand")
        lines.append(f"{them} directly on users and became exceptions in iamctl.yaml; move them to groups")
    if tree.role_policies:
        were = counted(tree.role_policies, "policy that only roles use was", "policies that only roles use were")
        lines.append(f"{were} left out")
    if tree.refused:
        lines.append("manifests cannot say this as it is, so iamctl.yaml ignores it; mend it, then import anew:")
        lines += [f"  {address}: {why}" for address, why in tree.refused.items()]
    return lines


def _next_command(directory: Path, source: Source) -> str:
    words = ["iamctl", "plan", str(directory)]
    for flag, value in vars(source).items():
        if value and flag != "credentials":
            words += [f"--{flag}", str(value)]
    return shlex.join(words)
