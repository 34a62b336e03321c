"""``iamctl import``: write the manifests of a live account."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from iamctl.account.live import Live, live_account
from iamctl.account.needs import Needs
from iamctl.commands.import_summary import is_move, plan_lines, summary_lines
from iamctl.commands.init import ignored_files
from iamctl.commands.new_files import write_new
from iamctl.commands.ownership import NO_OWNERS, Owners, files_of, ownership_lines
from iamctl.commands.propose import propose
from iamctl.commands.workspace import Workspace, declared, moment, open_tree
from iamctl.kinds.account_setting import READS
from iamctl.manifests.declarable import NO_WISHES, ImportWishes
from iamctl.manifests.take_over import STEPS
from iamctl.manifests.write import manifest_files, newer_than_the_report, policies_to_describe
from iamctl.model import IamctlError
from iamctl.model.failures import UsageError
from iamctl.planning.plan import make_plan
from iamctl.source.open import SourceOptions, open_source
from iamctl.text.late_pattern import late_pattern
from iamctl.text.visible import visible

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot
    from iamctl.source.live_source import LiveSource

_MAY_STAND_THERE = late_pattern(r"\..*|(readme|licen[cs]e)(\.(md|rst|txt))?", re.IGNORECASE | re.DOTALL)
"""What a new repository may already contain: none of it is a manifest."""


def import_(
    directory: Path,
    options: SourceOptions,
    *,
    account: str,
    wishes: ImportWishes = NO_WISHES,
    owners: Owners = NO_OWNERS,
) -> int:
    """Write the manifests and print what they declare; return 1 when a plan from them is not as expected, else 0.

    Expected is a plan that changes nothing or, where that is wished, one that moves policies from users to groups and
    keeps what everybody may do. What ``owners`` manage is ignored, or imported with the files that make them let go.

    Raises:
        IamctlError: the directory holds something else, or cannot be written.
    """
    if not account.strip():
        raise UsageError("--account is empty; give the name of the account in iamctl.yaml")
    _check_empty(directory)
    now = moment(None)
    with open_source(options, None, "plan", now) as source:
        known = owners.read(source.account_id)
        snapshot, live = _read(source, wishes)
        known = owners.with_tags(known, live)
        owned = known.of_account(live.state)
        wishes = replace(wishes, **({"taken": frozenset(owned)} if owners.takes_over else {"owned": owned}))
        tree = manifest_files(live, account_name=account, wishes=wishes)
        beside = files_of(known, tree.declared, live.state) if owners.takes_over else {}
        write_new(Path(), ignored := ignored_files(directory))
        write_new(directory, {**beside, **tree.files})  # iamctl.yaml last: an interrupted import leaves no valid tree
        _print(summary_lines(tree, live, directory))
        _print(ownership_lines(known, live.state))
        desired = declared(open_tree(directory), account, live.partition, now)
        if wishes.changes_account:
            plan = propose(Workspace(desired, source, now), read=snapshot).plan
        else:
            plan = make_plan(desired, live, now=now)
    is_done = not plan.is_refused and (is_move(plan) if wishes.changes_account else not plan.changes)
    _print(plan_lines(plan, is_done=is_done))
    _print(f"wrote {path}: journals and passwords must not be committed" for path in ignored)
    if beside:
        _print([f"first: {directory / STEPS} says how the other tools let go; change nothing before that"])
    _print(_next_lines(directory, options))
    return 0 if is_done else 1


def _read(source: LiveSource, wishes: ImportWishes) -> tuple[Snapshot, Live]:
    """Return the account with what manifests say about it, as read and as resources."""
    snapshot = source.fetch(Needs())
    found = live_account(snapshot)
    needs = Needs.of(
        sign_in=newer_than_the_report(found.state),
        policy_details=policies_to_describe(found),
        audit=(key for key, _ in READS.values()) if wishes.account_settings else (),
    )
    snapshot = source.fetch(needs, snapshot)
    live = live_account(snapshot)
    if wishes.account_settings:
        _check_settings(live)
    return snapshot, live


def _check_settings(live: Live) -> None:
    """Refuse to leave out settings of the account that are wanted and unknown.

    Raises:
        IamctlError: so it is.
    """
    for name, (key, _) in READS.items():
        if name not in live.known_settings:
            why = live.facts.unread.get(key) or "the snapshot does not contain it (iamctl snapshot --audit)"
            raise IamctlError(f"--account-settings: {name} of the account is unknown, so nothing was written: {why}")


def _print(lines: Iterable[str]) -> None:
    sys.stdout.write("".join(f"{visible(line)}\n" for line in lines))


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


def _next_lines(directory: Path, options: SourceOptions) -> Iterator[str]:
    yield f"next: {_next_command(directory, options)}"
    if not (directory.is_absolute() or ".." in directory.parts):  # CI files name a folder of the repository
        yield f"then: {shlex.join(['iamctl', 'init', str(directory), '--ci', 'github'])}"


def _next_command(directory: Path, options: SourceOptions) -> str:
    words = ["iamctl", "plan", str(directory)]
    for flag, value in vars(options).items():
        if value and flag != "credentials":
            words += [f"--{flag}", str(value)]
    return shlex.join(words)
