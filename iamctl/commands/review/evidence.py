"""``iamctl review evidence``: show when each revocation of a review was merged and applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from iamctl.apply.journal import DIRECTORY
from iamctl.commands.journal import run_in
from iamctl.commands.review.review_file import review_in
from iamctl.commands.workspace import moment
from iamctl.comparison.evidence import (
    DeclaredThen,
    NamedRun,
    Revocation,
    Step,
    declared_then,
    evidence_of,
    merges,
    revocations,
)
from iamctl.comparison.reviewed import Reviewed
from iamctl.manifests import find_tree, read_tree
from iamctl.manifests.base import BaseTree
from iamctl.manifests.git import GitError, History
from iamctl.model import Address, IamctlError, ManifestError
from iamctl.model.evidence import Commit, Merged, NotMerged
from iamctl.model.failures import UsageError
from iamctl.model.settings import Settings
from iamctl.report.evidence import evidence_report
from iamctl.terminal.show import show
from iamctl.text.moment import start_of


def evidence(
    file: Path, directory: Path | None, *, ref: str, journals: Sequence[Path], now: str | None, output: str
) -> int:
    """Print when each revocation was merged and applied; return 3 for a file that ``check`` refuses.

    Otherwise return 2 if a revocation lacks evidence, else 0.
    """
    review = review_in(file)
    wanted = revocations(review.revoked)
    since = _since(review, file)
    found = _merges(wanted, review, find_tree(directory), ref, since, moment(now))
    runs = [run for run in _runs(journals) if run.run.account_id == review.head.get("account id")]
    shown = evidence_of(wanted, found, runs, since)
    show(evidence_report(review, file.name, shown, runs), output)
    if not review.is_unaltered or review.problems:
        return 3
    return 0 if all(one.is_complete for one in shown) else 2


def _since(review: Reviewed, file: Path) -> datetime:
    """Return from when on a call can be one that the review led to."""
    for name in ("account read at", "made at"):
        try:
            return start_of(review.head.get(name, ""))
        except (ValueError, OverflowError):
            continue
    raise IamctlError(f"{file}: the head of the review has no time")


def _merges(
    wanted: Sequence[Revocation], review: Reviewed, tree: Path, ref: str, since: datetime, now: datetime
) -> Mapping[Address, Merged]:
    """Return by which commits the revocations came into the manifests; why not, where the history cannot tell."""
    if not wanted:
        return {}
    try:
        history = History(tree)
        tip = history.commit(ref)
        base = _base(history, tip, review, since)
        trees = _Trees(history, review.head, tip, now)
        found = merges(wanted, trees.steps(history.changes(tip.id, [base.id] if base else []), base))
        return {one.address: _with_change(found[one.address], one, trees) for one in wanted}
    except GitError as error:
        return {one.address: Merged(why=NotMerged.NO_HISTORY, reason=str(error)) for one in wanted}


def _base(history: History, tip: Commit, review: Reviewed, since: datetime) -> Commit | None:
    """Return the commit whose manifests the review saw; None if the main line begins after it.

    Raises:
        GitError: the history does not reach so far.
    """
    named = review.head.get("commit", "")
    if named and history.knows(named):
        commit = history.commit(named)
        if history.has(tip, commit):
            return commit
    if history.is_shallow:
        raise GitError("the clone is shallow and lacks the commits since the review; run git fetch --unshallow")
    return history.last_before(tip, since)


def _with_change(merged: Merged, wanted: Revocation, trees: _Trees) -> Merged:
    """Return the merge with the commit of the merged branch that removed the line."""
    if merged.merge is None:
        return merged
    main, *sides = merged.merge.parents or ("",)
    for side in sides:
        fork = trees.history.fork(main, side)
        base = trees.history.commit(fork) if fork else None
        steps = trees.steps(trees.history.changes(side, [main]), base)
        found = merges([wanted], steps)[wanted.address]
        if found.merge:
            return replace(merged, change=found.merge)
    return merged


class _Trees:
    """What the manifests of commits say of one account at one moment; each commit is read once."""

    def __init__(self, history: History, head: Mapping[str, str], tip: Commit, now: datetime) -> None:
        self.history = history
        self._partition = head.get("partition", "aws")
        self._now = now
        self._known: dict[str, DeclaredThen | None] = {}
        self._settings = self._settings_in(tip, head.get("account id", ""))

    def steps(self, commits: Iterable[Commit], base: Commit | None) -> Iterator[Step]:
        """Yield commits with what their manifests said, and last the one that others are compared with."""
        for commit in (*commits, *([base] if base else [])):
            yield Step(commit, self._then(commit.id))

    def _settings_in(self, tip: Commit, account_id: str) -> Settings | None:
        try:
            with self.history.folder_at(tip.id) as folder:
                accounts = read_tree(folder).accounts.values()
                return next((one for one in accounts if one.account_id == account_id), None)
        except ManifestError:
            return None

    def _then(self, commit: str) -> DeclaredThen | None:
        if commit not in self._known:
            self._known[commit] = self._read(commit)
        return self._known[commit]

    def _read(self, commit: str) -> DeclaredThen | None:
        if self._settings is None:
            return None
        with self.history.folder_at(commit) as folder:
            desired = BaseTree(folder).declared(self._settings, partition=self._partition, now=self._now)
        return declared_then(desired) if desired else None


def _runs(given: Sequence[Path]) -> Iterator[NamedRun]:
    """Yield the runs whose journals are in files or folders, by default those of this folder.

    Raises:
        UsageError: one of them does not exist.
    """
    for path in given or [DIRECTORY]:
        if given and not path.exists():
            raise UsageError(f"--journal {path}: there is no such file or folder")
        for file in sorted(path.rglob("*.jsonl")) if path.is_dir() else filter(Path.is_file, [path]):
            yield NamedRun(file.name, run_in(file))
