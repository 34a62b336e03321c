"""``iamctl import --update``: write what was changed by hand into the manifests that declare it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import TypeVar

from iamctl.account.live import live_account
from iamctl.account.needs import Needs
from iamctl.commands.propose import Proposal, propose
from iamctl.commands.replace_files import replace_files
from iamctl.commands.workspace import declared, moment, open_tree, open_workspace
from iamctl.kinds import Policy, User, parse_address
from iamctl.manifests import Tree, read_tree
from iamctl.manifests.adopt import Adopter, in_order
from iamctl.manifests.edited_tree import EditedTree, NotEditableError
from iamctl.manifests.folder import FileError, read_file
from iamctl.manifests.writing import Writing
from iamctl.model import Address, Change, IamctlError, ManifestError, Severity, State
from iamctl.model.failures import UsageError
from iamctl.planning.plan import Comparison, compare
from iamctl.report.drift import drifts
from iamctl.source.live_source import LiveSource
from iamctl.source.open import SourceOptions
from iamctl.text.counted import listed
from iamctl.text.late_dataclass import dataclass
from iamctl.text.visible import visible

_Edited = TypeVar("_Edited")
_DUE = "it is due, so the next apply does it; change its date to keep it"


@dataclass
class _Update:
    """One update: what is to be adopted, and what came of it."""

    changes: list[Change] = field(default_factory=list)
    undeclared: list[Address] = field(default_factory=list)
    done: list[Address] = field(default_factory=list)
    failed: dict[Address, str] = field(default_factory=dict)

    @property
    def addresses(self) -> list[Address]:
        return [*self.undeclared, *(change.address for change in self.changes)]


def update(directory: Path, options: SourceOptions, addresses: Sequence[str], *, account: str | None) -> int:
    """Edit the manifests so that they declare what is live; return 1 when something could not be adopted, else 0.

    Without addresses everything that ``iamctl drift`` reports is adopted, but for what is due.

    Raises:
        UsageError: an address is none, or nothing differs there.
    """
    wanted = [_address(text) for text in addresses]
    with open_workspace(directory, options, account=account, now=moment(None)) as workspace:
        proposal = propose(workspace, asserts_live=True, trusts_report=True)
        chosen = _chosen(proposal, wanted)
        compared = _with_details(proposal, chosen, workspace.live)
    tree = open_tree(directory)
    name = compared.desired.settings.account_name
    partition = compared.desired.partition
    mine, shared = tree.files_of(name, partition)
    edited = EditedTree(mine, shared)
    _adopt(edited, tree, compared, chosen)
    files, by_hand = edited.texts()
    after = _after(tree, files, compared)
    left = {change.address for change in after.changes} | set(after.scoped.undeclared)
    for address in chosen.done:
        if address in left:
            chosen.failed[address] = "it could not be written so that it no longer differs"
    chosen.done = [address for address in chosen.done if address not in chosen.failed]
    replace_files(tree.root, files, {path: data for path, data in _before(tree, edited, mine).items() if path in files})
    _print(_lines(directory, chosen, files, by_hand, _brought(compared, after)))
    return 1 if chosen.failed or by_hand else 0


def _address(text: str) -> Address:
    address = parse_address(text)
    if address is None:
        raise UsageError(f"{text!r} is not an address; use one that 'iamctl drift' prints, such as user/alice")
    return address


def _chosen(proposal: Proposal, wanted: Sequence[Address]) -> _Update:
    """Return what is to be adopted: everything that differs, or what is named and what belongs to it."""
    compared = proposal.compared
    chosen = _Update()
    due = {one.change.address for one in drifts(proposal.plan.changes) if one.is_due}
    due |= {address for one in drifts(proposal.plan.changes) if one.is_due for address in one.along}
    named = set[Address]()
    for change in proposal.plan.changes:
        ours = {change.address, change.resource.owner, *(_goes_with(change))} & set(wanted)
        if wanted and not ours:
            continue
        named |= {address for address in ours if address}
        if change.address not in due:
            chosen.changes.append(change)
        elif wanted:
            chosen.failed[change.address] = _DUE
    undeclared = compared.scoped.undeclared if wanted else proposal.plan.undeclared_drift
    chosen.undeclared = [address for address in undeclared if not wanted or address in wanted]
    named |= set(chosen.undeclared)
    if missing := [str(address) for address in wanted if address not in named]:
        raise UsageError(f"nothing differs at {listed(missing)}; 'iamctl drift' lists what does")
    return chosen


def _goes_with(change: Change) -> Iterator[Address]:
    """Yield the user who is gone, with whom a membership goes."""
    if change.before is None:
        yield change.resource.subject


def _with_details(proposal: Proposal, chosen: _Update, source: LiveSource) -> Comparison:
    """Return the comparison with what must be known of users and policies that no manifest declares yet."""
    compared = proposal.compared
    found = [compared.scoped.whole.get(address) for address in chosen.undeclared]
    users = [one.name for one in found if isinstance(one, User)]
    policies = [one.arn for one in found if isinstance(one, Policy)]
    needs = Needs.of(sign_in=users, policy_details=policies)
    if not needs:
        return compared
    live = live_account(source.fetch(needs, proposal.snapshot))
    return compare(compared.desired, replace(live, caller_arn=compared.live.caller_arn), compared.now)


def _adopt(edited: EditedTree, tree: Tree, compared: Comparison, chosen: _Update) -> None:
    name, partition = compared.desired.settings.account_name, compared.desired.partition
    whole, policies = compared.scoped.whole, set(chosen.undeclared)
    known = [
        one
        for one in whole
        if isinstance(one, Policy) and (one.address in compared.desired.state or one.address in policies)
    ]
    adopter = Adopter(
        edited,
        Writing(compared.live, State.of(known)),
        whole,
        compared.desired.state,
        lambda text: tree.fill(name, partition, text),
        lambda path: _read(tree, path),
    )
    rank = {"policy": 0, "user": 1, "group": 2}
    for address in sorted(chosen.undeclared, key=lambda address: (rank[address.kind], address.rank)):
        _try(chosen, address, adopter.declare, whole.resources[address])
    for change in in_order(chosen.changes):
        _try(chosen, change.address, adopter.adopt, change)


def _try(chosen: _Update, address: Address, edit: Callable[[_Edited], None], what: _Edited) -> None:
    try:
        edit(what)
    except NotEditableError as problem:
        chosen.failed[address] = str(problem)
    else:
        chosen.done.append(address)


def _read(tree: Tree, path: str) -> bytes:
    try:
        return read_file(tree.root, path)
    except FileError as problem:
        raise NotEditableError(f"{path}: {problem}") from problem


def _before(tree: Tree, edited: EditedTree, mine: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the bytes of the files that exist, as they were read."""
    others = {path: _read(tree, path) for path in edited.files if path not in mine}
    return {**mine, **others}


def _after(tree: Tree, files: Mapping[str, bytes], compared: Comparison) -> Comparison:
    """Return the comparison of the edited manifests with the account.

    Raises:
        IamctlError: the edited manifests have mistakes; nothing is written.
    """
    desired = compared.desired
    try:
        again = read_tree(tree.root, files)
        found = declared(again, desired.settings.account_name, desired.partition, compared.now)
    except ManifestError as problem:
        errors = [one for one in problem.findings if one.severity is Severity.ERROR]
        told = "; ".join(f"{one.origin}: {one.message}" for one in errors[:3])
        raise IamctlError(
            f"the edited manifests would have errors, so nothing was written: {visible(told)}"
        ) from problem
    return compare(found, compared.live, compared.now)


def _brought(before: Comparison, after: Comparison) -> list[Address]:
    """Return what a plan changes only because more is declared now."""
    known = {change.address for change in before.changes}
    return [change.address for change in after.changes if change.address not in known]


def _lines(
    directory: Path,
    chosen: _Update,
    files: Mapping[str, bytes],
    by_hand: Mapping[str, Sequence[str]],
    brought: Sequence[Address],
) -> Iterator[str]:
    yield from (f"adopted {address}" for address in chosen.done)
    yield from (f"wrote {path}" for path in files)
    for address, why in chosen.failed.items():
        yield f"not adopted: {address}: {why}"
    for path, steps in by_hand.items():
        yield f"{path} cannot be edited without touching other lines; change it by hand:"
        yield from (f"  {step}" for step in steps)
    if brought:
        yield f"now declared, so that a plan changes: {listed(brought)}"
    if not chosen.addresses and not chosen.failed:
        yield "nothing differs"
    elif files:
        yield f"next: git diff, then {shlex.join(['iamctl', 'plan', str(directory)])}"


def _print(lines: Iterator[str]) -> None:
    sys.stdout.write("".join(f"{visible(line)}\n" for line in lines))
