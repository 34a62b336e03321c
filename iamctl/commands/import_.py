"""``iamctl import``: write the manifests of a live account."""

from __future__ import annotations

import re
import shlex
import sys
from datetime import datetime
from pathlib import Path

from iamctl.account.live import Live, live_account
from iamctl.account.needs import Needs
from iamctl.commands.init import ignored_files
from iamctl.commands.new_files import write_new
from iamctl.commands.workspace import declared, moment, open_tree
from iamctl.kinds import sections
from iamctl.manifests.write import ImportedTree, manifest_files, newer_than_the_report, policies_to_describe
from iamctl.model import IamctlError, Plan
from iamctl.model.failures import UsageError
from iamctl.planning.plan import make_plan
from iamctl.source.open import SourceOptions, open_source
from iamctl.text.counted import counted, listed
from iamctl.text.visible import visible

_MAY_STAND_THERE = re.compile(r"\..*|(readme|licen[cs]e)(\.(md|rst|txt))?", re.IGNORECASE | re.DOTALL)
"""What a new repository may already contain: none of it is a manifest."""


def import_(directory: Path, options: SourceOptions, *, account: str) -> int:
    """Write the manifests and print what they declare; return 1 when a plan from them is not empty, else 0.

    Raises:
        IamctlError: the directory holds something else, or cannot be written.
    """
    if not account.strip():
        raise UsageError("--account is empty; give the name of the account in iamctl.yaml")
    _check_empty(directory)
    now = moment(None)
    with open_source(options, None, "plan", now) as source:
        snapshot = source.fetch(Needs())
        found = live_account(snapshot)
        needs = Needs.of(sign_in=newer_than_the_report(found.state), policy_details=policies_to_describe(found))
        live = live_account(source.fetch(needs, snapshot))
    tree = manifest_files(live, account_name=account)
    write_new(Path(), ignored := ignored_files(directory))
    write_new(directory, tree.files)  # iamctl.yaml last: an interrupted import leaves no valid tree
    sys.stdout.write("".join(f"{visible(line)}\n" for line in _summary(tree, live, directory)))
    plan = _plan(directory, account, live, now)
    is_done = not plan.changes and not plan.is_refused
    if not is_done:
        sys.stdout.write("a plan from these manifests is not empty; review it first\n")
    sys.stdout.write("".join(f"wrote {path}: journals and passwords must not be committed\n" for path in ignored))
    sys.stdout.write(f"next: {visible(_next_command(directory, options))}\n")
    if not (directory.is_absolute() or ".." in directory.parts):  # CI files name a folder of the repository
        sys.stdout.write(f"then: {visible(shlex.join(['iamctl', 'init', str(directory), '--ci', 'github']))}\n")
    return 0 if is_done else 1


def _check_empty(directory: Path) -> None:
    try:
        names = sorted(path.name for path in directory.iterdir()) if directory.exists() else []
    except OSError as error:
        raise IamctlError(f"{directory}: manifests cannot be written here: {error.strerror}") from error
    found = [name for name in names if not _MAY_STAND_THERE.fullmatch(name)]
    if found:
        raise IamctlError(
            f"{directory}: the directory is not empty, it contains {found[0]!r}; import never overwrites a "
            "file, so use a new or empty directory"
        )


def _plan(directory: Path, account: str, live: Live, now: datetime) -> Plan:
    """Return the plan from what was written, which is empty unless import has a defect."""
    return make_plan(declared(open_tree(directory), account, live.partition, now), live, now=now)


def _summary(tree: ImportedTree, live: Live, directory: Path) -> list[str]:
    counts = [counted(tree.counts[name], section.noun) for name, (_, section) in sections().items()]
    lines = [f"{directory}: account {live.account_id}, {', '.join(counts)}"]
    if tree.exceptions:
        attached = counted(tree.exceptions, "policy of a user", "policies of users")
        lines.append(f"{attached} became exceptions in iamctl.yaml; move them to groups")
    if tree.unread:
        users = counted(len(tree.unread), "user")
        lines.append(
            f"warning: nobody read the passwords, access keys or API keys of {users}: {listed(tree.unread)}; limits of "
            "0 in iamctl.yaml refuse a plan that takes them. Import again from the account, or add console, "
            "access_keys and api_keys"
        )
    if tree.role_policies:
        lines.append(f"left out {counted(tree.role_policies, 'policy')} that only roles use")
    if tree.refused:
        lines.append("iamctl.yaml ignores these, since manifests cannot declare them; fix them, then import again:")
        lines += [f"  {address}: {why}" for address, why in tree.refused.items()]
    return lines


def _next_command(directory: Path, options: SourceOptions) -> str:
    words = ["iamctl", "plan", str(directory)]
    for flag, value in vars(options).items():
        if value and flag != "credentials":
            words += [f"--{flag}", str(value)]
    return shlex.join(words)
