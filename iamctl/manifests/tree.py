"""A manifest tree: declares each of its accounts from the files that belong to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from iamctl.manifests.accounts_file import read_accounts_file
from iamctl.manifests.approvals_file import ApprovalsFile, approvals_file
from iamctl.manifests.bounds import Budget
from iamctl.manifests.characters import error, warning
from iamctl.manifests.declare import Given, declare, told, variables_of
from iamctl.manifests.document_files import DocumentFiles
from iamctl.manifests.folder import (
    APPROVALS_FILE,
    SETTINGS_FILE,
    Listing,
    byte_order,
    is_manifest_name,
    list_manifests,
    shown,
    trees_below,
)
from iamctl.manifests.iamctl_yaml import SettingsFile, settings_file
from iamctl.manifests.node import MappingNode
from iamctl.manifests.pointers import Pointers, conflicts
from iamctl.manifests.selection import Selections
from iamctl.manifests.tree_files import TreeFiles
from iamctl.model import Finding, IamctlError, ManifestError, Origin, Severity
from iamctl.model.organization import OrganizationAccount
from iamctl.model.settings import Desired, Settings
from iamctl.text.counted import listed
from iamctl.text.late_dataclass import dataclass
from iamctl.text.nearest import did_you_mean, either

_DEFAULT_FOLDER = "iam"


class AccountError(IamctlError):
    """The account is not given, or not in iamctl.yaml: incorrect usage of the command line."""

    exit_code = 64


@dataclass(frozen=True)
class Tree:
    """A manifest tree; each file is read once, when an account that needs it is declared."""

    root: Path
    accounts: Mapping[str, Settings]
    """The accounts by name, in the order of iamctl.yaml; as far as they could be read."""
    _settings: SettingsFile = field(repr=False)
    _files: TreeFiles = field(repr=False)
    _listing: Listing = field(repr=False)
    _approvals: ApprovalsFile = field(repr=False)

    def account(self, name: str | None) -> Settings:
        """Return the account called ``name``, or the only one if it is None.

        Raises:
            AccountError: there is no such account, or there are several and no name is given.
        """
        if name is None and len(self.accounts) == 1:
            return next(iter(self.accounts.values()))
        if name is not None and name in self.accounts:
            return self.accounts[name]
        names = listed(self.accounts)
        if name is None:
            raise AccountError(f"{SETTINGS_FILE} has several accounts; select one with --account: {names}")
        if any(name in {one.account_name, one.account_id} for one in self.unselected):
            raise AccountError(f"account {name!r} is in no selection, so iamctl does not manage it")
        words = did_you_mean(name[:256], self.accounts) or f"; its accounts are {names}"
        raise AccountError(f"{SETTINGS_FILE} has no account {name!r}{words}")

    @property
    def unselected(self) -> tuple[OrganizationAccount, ...]:
        """The accounts of the organization that no entry of ``selections`` selects."""
        return self._settings.unselected

    def names(self, section: str) -> list[str]:
        """Return the names in a section of all manifests that can be read, sorted; of no account in particular."""
        roots = (self._files.manifest(path).loaded.root for path in self._listing.paths)
        nodes = (root.get(section) for root in roots if root)
        return sorted({name for node in nodes if isinstance(node, MappingNode) for name in node.pairs})

    def files_of(self, account: str, partition: str) -> tuple[Mapping[str, bytes], frozenset[str]]:
        """Return the manifests of an account, and all files that something else uses as well.

        These are the files of other accounts, and documents that two places name.
        """
        read = {name: self._read_by(name, partition) for name in self.accounts}
        others = {path for name, paths in read.items() if name != account for path in paths}
        pointers = self._pointers(partition)
        named = [pair for path in self._listing.paths for pair in pointers.files(self._files.manifest(path))]
        counts = Counter(path for _, path in named)
        twice = {path for place, path in named if counts[path] > 1 or place.path in others}
        mine = {path: self._files.manifest(path).data for path in sorted(read[account], key=byte_order)}
        return mine, frozenset(others | twice)

    def also_read_by_others(self, account: str) -> frozenset[str]:
        """Return the paths that other accounts list as well; opens no file."""
        selections = self._selections
        return frozenset(path for path in selections.of(account).paths if len(selections.readers[path]) > 1)

    def fill(self, account: str, partition: str, text: str) -> str:
        """Return a text with the variables of an account filled in."""
        return variables_of(self._settings.accounts[account], partition).fill(text, lambda _: None)

    def declare(self, account: str, *, partition: str = "aws", now: datetime, any_partition: bool = False) -> Desired:
        """Return what the manifests declare for an account at the moment ``now``; opens only the files of the account.

        With ``any_partition`` the partition is a guess, and ARNs of another one are no mistakes.

        Raises:
            ManifestError: there are mistakes; it carries all that concern this account, by file, line and column.
        """
        return declare(self._given(account, partition), partition=partition, now=now, any_partition=any_partition)

    def release(self, account: str) -> None:
        """Keep no more than the bytes of the files that only this account reads.

        A caller that goes through many accounts has the values of one of them in memory at a time, not of all.
        """
        readers = self._selections.readers
        for path in self._selections.of(account).paths:
            if len(readers[path]) == 1:
                self._files.release(path)

    def findings(self, partition: str = "aws") -> tuple[Finding, ...]:
        """Return what is wrong with the tree as a whole, whatever each account declares; opens the files of all accounts.

        These are files that no account reads, and files that are a manifest of one account and a document of another.
        """
        documents = {name: self._documents(name, partition) for name in self.accounts}
        known = {path for paths in documents.values() for path in paths}
        unread = (path for path in self._listing.paths if path not in self._selections.readers and path not in known)
        message = "the file is not read, because no account lists it under 'manifests'"
        read = {name: self._read_by(name, partition) for name in self.accounts} if len(self.accounts) > 1 else {}
        return (
            *self._listing.findings,
            *(warning(message, path) for path in unread),
            *conflicts(documents, read),
        )

    def _given(self, name: str, partition: str) -> Given:
        account, source = self._settings.accounts[name], self._files.manifest(SETTINGS_FILE)
        selected = self._selections.of(name)
        paths = sorted(self._read_by(name, partition), key=byte_order)
        manifests = tuple(self._files.manifest(path) for path in paths)
        findings = [*self._findings_around(name, partition), *selected.findings]
        if not manifests and not selected.findings:
            message = "there are no manifests next to this file, which never means removing everything; add one, for example users.yaml"
            findings.append(error(message, SETTINGS_FILE))
        return Given(
            documents=self._document_files,
            budget=replace(self._files.budget),
            account=account,
            settings_data=source.data,
            approvals_data=self._approvals.data,
            approvals=self._approvals.of_account(
                account.settings.account_id, (other.account_id for other in self.accounts.values())
            ),
            manifests=manifests,
            findings=(*source.loaded.findings, *self._settings.findings, *self._approvals.findings, *findings),
            secrets=tuple(secret for file in (source, *manifests) for secret in file.secrets),
            lost=tuple(finding.origin for finding in findings if finding.severity is Severity.ERROR and finding.origin),
        )

    def _findings_around(self, name: str, partition: str) -> tuple[Finding, ...]:
        """Return what is wrong with the files and folders of an account; of an only account, with the whole tree."""
        if len(self.accounts) == 1:
            return self.findings(partition)
        selected = self._selections.of(name)
        return tuple(found for found in self._listing.findings if found.origin and selected.concerns(found.origin.path))

    def _read_by(self, name: str, partition: str) -> frozenset[str]:
        """Return the paths of what an account reads as manifests."""
        return self._selections.of(name).paths - self._documents(name, partition).keys()

    def _documents(self, name: str, partition: str) -> Mapping[str, Origin]:
        """Return the YAML files that are documents of an account, with the places that point to them."""
        known = self._documents_by_account
        if (name, partition) not in known:
            paths = sorted(self._selections.of(name).paths, key=byte_order)
            manifests = map(self._files.manifest, paths)
            known[name, partition] = self._pointers(partition).documents(name, manifests)
        return known[name, partition]

    def _pointers(self, partition: str) -> Pointers:
        known = self._pointers_by_partition
        if partition not in known:
            known[partition] = Pointers(self._settings.accounts, self._selections.readers, partition)
        return known[partition]

    @cached_property
    def _pointers_by_partition(self) -> dict[str, Pointers]:
        return {}

    @cached_property
    def _documents_by_account(self) -> dict[tuple[str, str], Mapping[str, Origin]]:
        return {}

    @cached_property
    def _document_files(self) -> DocumentFiles:
        return DocumentFiles(self.root, self._files.replaced)

    @cached_property
    def _selections(self) -> Selections:
        return Selections(self.root, self._settings.accounts, self._listing.paths)


def read_tree(directory: Path, replaced: Mapping[str, bytes] | None = None) -> Tree:
    """Return the manifests below ``directory``; ``replaced`` are files, by path, as they would be after an edit.

    Raises:
        ManifestError: the folder or its iamctl.yaml does not exist; or no account could be read from it, and then the
            YAML mistakes of all other files are included. ``Tree.declare`` reports all other mistakes.
    """
    _refuse_what_is_no_tree(directory)
    files = TreeFiles(directory, replaced or {}, Budget())
    source = files.manifest(SETTINGS_FILE)
    organization = read_accounts_file(directory, source.loaded.root)
    listing = _listing(files, {organization.path} if organization else set())
    found = settings_file(source.loaded.root, organization) if source.loaded.root else SettingsFile({}, ())
    approvals = _read_approvals(files)
    if not found.accounts:
        read = (source, *map(files.manifest, listing.paths))
        findings = {*listing.findings, *found.findings, *approvals.findings}
        findings |= {finding for file in read for finding in file.loaded.findings}
        raise ManifestError(told(findings, [secret for file in read for secret in file.secrets]))
    accounts = {name: account.settings for name, account in found.accounts.items()}
    return Tree(directory, accounts, found, files, listing, approvals)


def find_tree(directory: Path | None) -> Path:
    """Return the manifest tree of a command line: ``directory``, else ``.``, or ``iam`` if only that has iamctl.yaml."""
    return directory if directory is not None else tree_in(Path())


def tree_in(folder: Path) -> Path:
    """Return ``folder``, or ``iam`` below it if only that has iamctl.yaml."""
    below = folder / _DEFAULT_FOLDER
    return below if not (folder / SETTINGS_FILE).exists() and (below / SETTINGS_FILE).exists() else folder


def _listing(files: TreeFiles, others: Collection[str]) -> Listing:
    """Return the manifests of a tree, those that an edit adds included; ``others`` are none."""
    found = list_manifests(files.root)
    new = (path for path in files.replaced if is_manifest_name(path) and not (files.root / path).exists())
    return replace(found, paths=tuple(path for path in (*found.paths, *new) if path not in others))


def _refuse_what_is_no_tree(root: Path) -> None:
    if link := _link_below_here(root):
        message = "is a symbolic link, and links in the working directory are not followed; name the folder itself"
        raise ManifestError([error(f"{shown(str(link))!r} {message}", ".")])
    if not root.is_dir():
        name, way_out = repr(shown(str(root))), "give the folder that contains iamctl.yaml"
        what = f"{name} is a file; {way_out}" if root.exists() else f"the folder {name} does not exist"
        raise ManifestError([error(what, ".")])
    if not ((root / SETTINGS_FILE).exists() or (root / SETTINGS_FILE).is_symlink()):
        raise ManifestError([error(_no_settings(root), SETTINGS_FILE)])


def _read_approvals(files: TreeFiles) -> ApprovalsFile:
    """Return the content of approvals.yaml; of no lines where there is no such file."""
    path = files.root / APPROVALS_FILE
    if not (path.exists() or path.is_symlink()):
        return ApprovalsFile()
    read = files.manifest(APPROVALS_FILE)
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
    return (
        "there is no iamctl.yaml; name the folder that contains it, or create one with 'iamctl init' or 'iamctl import'"
    )
