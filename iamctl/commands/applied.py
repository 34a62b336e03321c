"""Tells differences that a merged change explains from those that somebody made, by the manifests applied last."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from iamctl.commands.propose import Proposal, compare_read
from iamctl.commands.workspace import Workspace
from iamctl.comparison.applied import addresses_of, merged_only
from iamctl.manifests import BaseTree
from iamctl.manifests.git import History
from iamctl.model import IamctlError
from iamctl.report.drift import Merged


def merged_since(workspace: Workspace, proposal: Proposal, tree: Path, ref: str) -> Merged:
    """Return what was merged since the commit ``ref``, whose manifests were applied last.

    Raises:
        IamctlError: git has no such commit, or its manifests cannot be read.
    """
    history = History(tree)
    commit = history.commit(ref)
    desired = workspace.desired
    with history.folder_at(commit.id) as folder:
        applied = BaseTree(folder).declared(desired.settings, partition=desired.partition, now=workspace.now)
    if applied is None:
        raise IamctlError(
            f"the manifests of commit {commit.id} have errors or lack the account; name another with --applied"
        )
    was = compare_read(replace(workspace, desired=applied), proposal.snapshot)
    differing = addresses_of(was.changes)
    undeclared = (address for address in proposal.plan.undeclared_drift if address in applied.state)
    return Merged(
        commit,
        frozenset(change.address for change in merged_only(proposal.plan.changes, applied, differing)),
        frozenset(address for address in undeclared if address not in differing),
    )
