"""The manifests before a change (``--base``): their settings, and what they declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from iamctl.manifests.accounts_file import read_accounts_file
from iamctl.manifests.characters import error
from iamctl.manifests.events import load_yaml
from iamctl.manifests.folder import SETTINGS_FILE, FileError, read_file, shown
from iamctl.manifests.iamctl_yaml import SettingsFile, settings_file
from iamctl.manifests.tree import Tree, read_tree
from iamctl.model import Finding, ManifestError, Origin, Severity
from iamctl.model.settings import Desired, Settings

_WAY_OUT = "; the settings are compared with this file, so name an intact tree as --base"


def read_base(root: Path) -> Mapping[str, Settings]:
    """Return the settings of the accounts below ``root`` by name; empty if it has no iamctl.yaml.

    Raises:
        ManifestError: the folder does not exist, or its iamctl.yaml cannot be read or has mistakes.
    """
    if not root.is_dir():
        message = (
            "the base folder does not exist; if the manifests are new, name the folder that contains them as --base"
        )
        raise ManifestError([error(message, shown(str(root)))])
    path = root / SETTINGS_FILE
    if not (path.exists() or path.is_symlink()):
        return {}
    try:
        data = read_file(root, SETTINGS_FILE)
    except FileError as problem:
        raise ManifestError([error(f"{problem}{_WAY_OUT}", shown(str(path)))]) from problem
    loaded = load_yaml(SETTINGS_FILE, data, wanted="version and accounts")
    organization = read_accounts_file(root, loaded.root)
    found = settings_file(loaded.root, organization) if loaded.root else SettingsFile({}, ())
    mistakes = [finding for finding in (*loaded.findings, *found.findings) if finding.severity is Severity.ERROR]
    if mistakes or not found.accounts:
        raise ManifestError(_in_base(finding, root) for finding in dict.fromkeys(mistakes))
    return {name: account.settings for name, account in found.accounts.items()}


class BaseTree:
    """The manifests before a change; read when an account is asked for, and once for all accounts."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._last = ""
        """The account that was asked for last."""

    def declared(self, ours: Settings, *, partition: str, now: datetime) -> Desired | None:
        """Return what these manifests declare for the account of ``ours`` at the moment ``now``.

        None where they have mistakes or know neither the id nor the name of the account: a change that repairs the
        manifests must stay possible, so this raises no error.
        """
        if self._tree is None:
            return None
        name = self._names_by_id.get(ours.account_id, ours.account_name)
        if name not in self._tree.accounts:
            return None
        if self._last and self._last != name:
            self._tree.release(self._last)  # not sooner: the other tree may have the same files
        self._last = name
        try:
            return self._tree.declare(name, partition=partition, now=now, any_partition=True)
        except ManifestError:
            return None

    def lacks(self, ours: Settings) -> bool:
        """Tell whether these manifests can be read and know neither the id nor the name of an account."""
        name = self._names_by_id.get(ours.account_id, ours.account_name)
        return self._tree is not None and name not in self._tree.accounts

    @cached_property
    def _tree(self) -> Tree | None:
        try:
            return read_tree(self._root)
        except ManifestError:
            return None

    @cached_property
    def _names_by_id(self) -> Mapping[str, str]:
        names: dict[str, str] = {}
        for name, account in self._tree.accounts.items() if self._tree else ():
            names.setdefault(account.account_id, name)
        return names


def _in_base(finding: Finding, root: Path) -> Finding:
    origin = finding.origin and Origin(
        shown(str(root / finding.origin.path)), finding.origin.line, finding.origin.column
    )
    return replace(finding, message=f"{finding.message}{_WAY_OUT}", origin=origin)
