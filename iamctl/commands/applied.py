"""Tells differences that a merged change explains from those that somebody made, by the manifests applied last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from iamctl.commands.propose import Proposal, compare_read
from iamctl.commands.workspace import Workspace
from iamctl.comparison.applied import addresses_of, merged_only
from iamctl.manifests.base import BaseTree
from iamctl.manifests.git import History
from iamctl.model import IamctlError, State
from iamctl.model.evidence import Commit
from iamctl.model.settings import Desired
from iamctl.report.drift import Merged
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class Applied:
    """What the manifests that were applied last declare for one account."""

    commit: Commit
    desired: Desired | None
    """None: these manifests have errors."""


@dataclass(frozen=True)
class AppliedTree:
    """The manifests that were applied last, for all accounts."""

    commit: Commit
    tree: BaseTree

    def of(self, desired: Desired, now: datetime) -> Applied:
        """Return what they declare for the account of ``desired``; nothing for an account that they lack."""
        if self.tree.lacks(desired.settings):
            return Applied(self.commit, Desired(desired.settings, desired.partition, State.of(())))
        found = self.tree.declared(desired.settings, partition=desired.partition, now=now)
        return Applied(self.commit, found)


@contextmanager
def applied_tree(tree: Path, ref: str) -> Iterator[AppliedTree]:
    """Yield the manifests of the folder ``tree`` in a commit.

    Raises:
        IamctlError: git has no such commit.
    """
    history = History(tree)
    commit = history.commit(ref)
    with history.folder_at(commit.id) as folder:
        yield AppliedTree(commit, BaseTree(folder))


def merged_since(workspace: Workspace, proposal: Proposal, tree: Path, ref: str) -> Merged:
    """Return what was merged since the commit ``ref``, whose manifests were applied last.

    Raises:
        IamctlError: git has no such commit, or its manifests cannot be read or lack the account.
    """
    with applied_tree(tree, ref) as applied:
        if applied.tree.lacks(workspace.desired.settings):
            raise IamctlError(
                f"the manifests of commit {applied.commit.id} lack the account; name another with --applied"
            )
        return merged_with(workspace, proposal, applied.of(workspace.desired, workspace.now))


def merged_with(workspace: Workspace, proposal: Proposal, applied: Applied) -> Merged:
    """Return what was merged since these manifests were applied.

    Raises:
        IamctlError: they have errors.
    """
    if applied.desired is None:
        raise IamctlError(f"the manifests of commit {applied.commit.id} have errors; name another with --applied")
    was = compare_read(replace(workspace, desired=applied.desired), proposal.snapshot)
    differing = addresses_of(was.changes)
    undeclared = (address for address in proposal.plan.undeclared_drift if address in applied.desired.state)
    return Merged(
        applied.commit,
        frozenset(change.address for change in merged_only(proposal.plan.changes, applied.desired, differing)),
        frozenset(address for address in undeclared if address not in differing),
    )
