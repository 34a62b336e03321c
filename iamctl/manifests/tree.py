"""A manifest tree: reads its files once, and declares each of its accounts."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from iamctl.kinds import sections
from iamctl.manifests.accounts_file import read_accounts_file
from iamctl.manifests.approvals_file import ApprovalsFile, approvals_file
from iamctl.manifests.bounds import Budget, TooMuchError
from iamctl.manifests.characters import error, warning
from iamctl.manifests.declare import Given, declare, told, variables_of
from iamctl.manifests.events import Loaded, load_yaml
from iamctl.manifests.folder import (
    APPROVALS_FILE,
    SETTINGS_FILE,
    FileError,
    byte_order,
    is_manifest_name,
    list_manifests,
    read_file,
    shown,
    trees_below,
)
from iamctl.manifests.iamctl_yaml import SettingsFile, settings_file
from iamctl.manifests.manifest import Manifest
from iamctl.manifests.node import MappingNode
from iamctl.manifests.schema import APPROVE, ASSERTIONS, REMOVED
from iamctl.manifests.secret import find_secrets
from iamctl.manifests.selection import Selection, Shares, document_files, selection, shares
from iamctl.model import Finding, IamctlError, ManifestError, Severity
from iamctl.model.organization import OrganizationAccount
from iamctl.model.settings import Desired, Settings
from iamctl.text.counted import listed
from iamctl.text.nearest import did_you_mean, either

_SETTINGS = "version and accounts"
_DEFAULT_FOLDER = "iam"


class AccountError(IamctlError):
    """The account is not given, or not in iamctl.yaml: incorrect usage of the command line."""

    exit_code = 64


@dataclass(frozen=True)
class Tree:
    """The files of a manifest tree, read once."""

    root: Path
    accounts: Mapping[str, Settings]
    """The accounts by name, in the order of iamctl.yaml; as far as they could be read."""
    _settings: SettingsFile = field(repr=False)
    _settings_source: Manifest = field(repr=False)
    _manifests: Mapping[str, Manifest] = field(repr=False)
    _findings: tuple[Finding, ...] = field(repr=False)
    _budget: Budget = field(repr=False)
    _approvals: ApprovalsFile = field(repr=False, default_factory=ApprovalsFile)
    _replaced: Mapping[str, bytes] = field(repr=False, default_factory=dict)

    def account(self, name: str | None) -> Settings:
        """Return the account called ``name``, or the only one if it is None.

        Raises:
            AccountError: there is no such account, or there are several and no name is given.
        """
        if name is None and len(self.accounts) == 1:
            return next(iter(self.accounts.values()))
        names = listed(self.accounts)
        if name is None:
            raise AccountError(f"{SETTINGS_FILE} has several accounts; select one with --account: {names}")
        if name not in self.accounts:
            if any(name in {one.account_name, one.account_id} for one in self.unselected):
                raise AccountError(f"account {name!r} is in no selection, so iamctl does not manage it")
            words = did_you_mean(name[:256], self.accounts) or f"; its accounts are {names}"
            raise AccountError(f"{SETTINGS_FILE} has no account {name!r}{words}")
        return self.accounts[name]

    @property
    def unselected(self) -> tuple[OrganizationAccount, ...]:
        """The accounts of the organization that no entry of ``selections`` selects."""
        return self._settings.unselected

    def names(self, section: str) -> list[str]:
        """Return the names in a section of all manifests that can be read, sorted; of no account in particular."""
        roots = (manifest.loaded.root for manifest in self._manifests.values())
        nodes = (root.get(section) for root in roots if root)
        return sorted({name for node in nodes if isinstance(node, MappingNode) for name in node.pairs})

    def files_of(self, account: str, partition: str) -> tuple[Mapping[str, bytes], frozenset[str]]:
        """Return the manifests of an account, and all files that something else uses as well.

        These are the files of other accounts, and documents that two places name.
        """
        shared = self._shares(partition)
        variables = [variables_of(one, partition) for one in self._settings.accounts.values()]
        others = {path for name, paths in shared.manifests.items() if name != account for path in paths}
        named = [pair for manifest in self._manifests.values() for pair in document_files(manifest, variables)]
        counts = Counter(path for _, path in named)
        twice = {path for place, path in named if counts[path] > 1 or place.path in others}
        mine = {path: self._manifests[path].data for path in sorted(shared.manifests[account], key=byte_order)}
        return mine, frozenset(others | twice)

    def fill(self, account: str, partition: str, text: str) -> str:
        """Return a text with the variables of an account filled in."""
        return variables_of(self._settings.accounts[account], partition).fill(text, lambda _: None)

    def declare(self, account: str, *, partition: str = "aws", now: datetime, any_partition: bool = False) -> Desired:
        """Return what the manifests declare for an account at the moment ``now``.

        With ``any_partition`` the partition is a guess, and ARNs of another one are no mistakes.

        Raises:
            ManifestError: there are mistakes; it carries all that concern this account, by file, line and column.
        """
        with _without_collector():
            return declare(self._given(account, partition), partition=partition, now=now, any_partition=any_partition)

    def _given(self, name: str, partition: str) -> Given:
        accounts = self._settings.accounts
        shared = self._shares(partition)
        findings = [*self._selections[name].findings, *shared.conflicts(name)]
        manifests = tuple(self._manifests[path] for path in sorted(shared.manifests[name], key=str.encode))
        if not manifests and not findings:
            message = "there are no manifests next to this file, which never means removing everything"
            findings.append(error(message, SETTINGS_FILE))
        read = {path for selected in self._selections.values() for path in selected.paths}
        documents = {path for pointed_to in shared.documents.values() for path in pointed_to}
        unread = [path for path in self._manifests if path not in read and path not in documents]
        return Given(
            root=self.root,
            budget=replace(self._budget),
            account=accounts[name],
            settings_data=self._settings_source.data,
            approvals_data=self._approvals.data,
            approvals=self._approvals.of_account(
                accounts[name].settings.account_id, (account.account_id for account in self.accounts.values())
            ),
            manifests=manifests,
            replaced=self._replaced,
            findings=(
                *self._findings,
                *self._settings_source.loaded.findings,
                *self._settings.findings,
                *self._approvals.findings,
                *findings,
                *(
                    warning("the file is not read, because no account lists it under 'manifests'", path)
                    for path in unread
                ),
            ),
            secrets=tuple(secret for source in (self._settings_source, *manifests) for secret in source.secrets),
            lost=tuple(
                finding.origin
                for finding in (*self._findings, *findings)
                if finding.severity == Severity.ERROR and finding.origin
            ),
        )

    def _shares(self, partition: str) -> Shares:
        variables = [variables_of(account, partition) for account in self._settings.accounts.values()]
        chosen = {name: selected.paths for name, selected in self._selections.items()}
        return shares(self._manifests, chosen, variables, self._settings.accounts)

    @cached_property
    def _selections(self) -> Mapping[str, Selection]:
        return {
            name: selection(self.root, account, self._manifests) for name, account in self._settings.accounts.items()
        }


def read_tree(directory: Path, replaced: Mapping[str, bytes] | None = None) -> Tree:
    """Read the manifests below ``directory``; ``replaced`` are files, by path, as they would be after an edit.

    Raises:
        ManifestError: the folder or its iamctl.yaml does not exist; or no account could be read from it, and then the
            YAML mistakes of all other files are included. ``Tree.declare`` reports all other mistakes.
    """
    with _without_collector():
        return _read_tree(directory, replaced or {})


def find_tree(directory: Path | None) -> Path:
    """Return the manifest tree of a command line: ``directory``, else ``.``, or ``iam`` if only that has iamctl.yaml."""
    return directory if directory is not None else tree_in(Path())


def tree_in(folder: Path) -> Path:
    """Return ``folder``, or ``iam`` below it if only that has iamctl.yaml."""
    below = folder / _DEFAULT_FOLDER
    return below if not (folder / SETTINGS_FILE).exists() and (below / SETTINGS_FILE).exists() else folder


def _read_tree(root: Path, replaced: Mapping[str, bytes]) -> Tree:
    if link := _link_below_here(root):
        message = "is a symbolic link, and links in the working directory are not followed; name the folder itself"
        raise ManifestError([error(f"{shown(str(link))!r} {message}", ".")])
    if not root.is_dir():
        what = "is not a folder" if root.exists() else "does not exist"
        raise ManifestError([error(f"the folder {shown(str(root))!r} {what}", ".")])
    if not ((root / SETTINGS_FILE).exists() or (root / SETTINGS_FILE).is_symlink()):
        raise ManifestError([error(_no_settings(root), SETTINGS_FILE)])
    budget = Budget()
    source = _read_manifest(root, SETTINGS_FILE, _SETTINGS, budget)
    organization = read_accounts_file(root, source.loaded.root)
    listing = list_manifests(root)
    wanted = f"{', '.join((*sections(), REMOVED))} or {ASSERTIONS}"
    new = (path for path in replaced if is_manifest_name(path) and not (root / path).exists())
    paths = (*listing.paths, *new)
    others = {organization.path} if organization else ()
    manifests = {path: _read_manifest(root, path, wanted, budget, replaced) for path in paths if path not in others}
    found = settings_file(source.loaded.root, organization) if source.loaded.root else SettingsFile({}, ())
    approvals = _read_approvals(root, budget)
    if not found.accounts:
        files = (source, *manifests.values())
        findings = {*listing.findings, *found.findings, *approvals.findings}
        findings |= {finding for file in files for finding in file.loaded.findings}
        raise ManifestError(told(findings, [secret for file in files for secret in file.secrets]))
    accounts = {name: account.settings for name, account in found.accounts.items()}
    return Tree(root, accounts, found, source, manifests, listing.findings, budget, approvals, replaced)


def _read_approvals(root: Path, budget: Budget) -> ApprovalsFile:
    """Return the content of approvals.yaml; of no lines where there is no such file."""
    path = root / APPROVALS_FILE
    if not (path.exists() or path.is_symlink()):
        return ApprovalsFile()
    read = _read_manifest(root, APPROVALS_FILE, APPROVE, budget)
    secrets = (secret.finding for secret in read.secrets)
    return approvals_file(read.loaded.root, read.data, (*read.loaded.findings, *secrets))


def _link_below_here(root: Path) -> Path | None:
    """Return the link in the working directory that leads to the root of a tree, or None; the repository may contain it.

    A comparison with an earlier commit looks for the tree under the same name and finds nothing behind a link.
    """
    here = Path.cwd()
    reached = Path(root.anchor) if root.is_absolute() else here
    for part in root.parts[1:] if root.is_absolute() else root.parts:
        step = reached / part
        if part != ".." and step.is_symlink() and step.is_relative_to(here):
            return step.relative_to(here)
        reached = step.resolve()
    return None


def _no_settings(root: Path) -> str:
    """Return what to do about a folder that is not a tree; its files are not checked."""
    if (root / "iamctl.yml").exists():
        return "there is no iamctl.yaml; rename iamctl.yml"
    below = [shown(str(root / path)) for path in trees_below(root)]
    if below:
        return f"there is no iamctl.yaml here; did you mean {either(below)}?"
    return "there is no iamctl.yaml; create one with 'version: 1' and 'accounts', or name the folder that contains it"


def _read_manifest(
    root: Path, path: str, wanted: str, budget: Budget, replaced: Mapping[str, bytes] = MappingProxyType({})
) -> Manifest:
    """Return one file of the tree.

    Raises:
        ManifestError: with this file, the tree is too large.
    """
    try:
        data = replaced[path] if path in replaced else read_file(root, path)
    except FileError as problem:
        return Manifest(path, b"", Loaded(None, (error(str(problem), path),)))
    loaded = load_yaml(path, data, wanted=wanted)
    try:
        budget.spend(len(data), loaded.nodes)
    except TooMuchError as problem:
        raise ManifestError([error(str(problem), path)]) from problem
    return Manifest(path, data, loaded, find_secrets(path, data, loaded.root))


@contextmanager
def _without_collector() -> Iterator[None]:
    """Disable the cyclic garbage collector, which would walk the growing trees again and again and take five times as long."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
