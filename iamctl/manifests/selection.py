"""Selects the manifests of each account of a tree."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from iamctl.manifests.characters import error
from iamctl.manifests.folder import SETTINGS_FILE, FileError, is_manifest_name, target_path
from iamctl.manifests.iamctl_yaml import Account
from iamctl.model import Finding
from iamctl.text.late_dataclass import dataclass
from iamctl.text.nearest import did_you_mean

_AFTER_A_SLASH = chr(ord("/") + 1)


@dataclass(frozen=True)
class Selection:
    """The paths of an account's manifests, and the mistakes in its list of them."""

    paths: frozenset[str]
    folders: tuple[str, ...]
    """The files and folders that the account lists; ``.`` is the whole tree."""
    findings: tuple[Finding, ...]

    def concerns(self, path: str) -> bool:
        """Return whether a file or folder is in what the account lists, or around it."""
        return any(_is_in(path, folder) or _is_in(folder, path) for folder in self.folders)


class Selections:
    """The selection of each account, computed once and on demand."""

    def __init__(self, root: Path, accounts: Mapping[str, Account], paths: Iterable[str]) -> None:
        self._root = root
        self._accounts = accounts
        self._paths = sorted(paths)
        self._known: dict[str, Selection] = {}

    def of(self, name: str) -> Selection:
        """Return which manifests belong to an account: those it lists, or all."""
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = self._selected(self._accounts[name])
        return found

    @cached_property
    def readers(self) -> Mapping[str, tuple[str, ...]]:
        """The accounts that select a path, by path; a path that none selects is absent."""
        found: dict[str, list[str]] = {}
        for name in self._accounts:
            for path in self.of(name).paths:
                found.setdefault(path, []).append(name)
        return {path: tuple(names) for path, names in found.items()}

    def _selected(self, account: Account) -> Selection:
        if account.listed is None:
            return Selection(frozenset(self._paths), (".",), ())
        chosen: set[str] = set()
        folders: list[str] = []
        findings = []
        for text, origin in account.listed:
            try:
                path = target_path(SETTINGS_FILE, text)
                folders.append(path)
                chosen.update(self._below(path))
            except FileError as problem:
                findings.append(error(f"manifests {text!r}: {problem}", origin.path, origin.line, origin.column))
        return Selection(frozenset(chosen), tuple(folders), tuple(findings))

    def _below(self, path: str) -> list[str]:
        """Return the manifests at and below a path.

        Raises:
            FileError: there are none.
        """
        found = self._paths if path == "." else [*self._between(path, f"{path}\0"), *self._between(*_inside(path))]
        if not found:
            raise FileError(self._problem(path))
        return found

    def _between(self, first: str, after: str) -> list[str]:
        return self._paths[bisect_left(self._paths, first) : bisect_left(self._paths, after)]

    def _problem(self, path: str) -> str:
        if path == SETTINGS_FILE:
            return "iamctl.yaml contains the settings and is not a manifest; remove it here"
        if any(part.startswith(".") for part in path.split("/")):
            return "names that begin with '.' are not read; rename it"
        full = self._root / path
        if full.is_symlink():
            return "symbolic links are not followed; put the files themselves here"
        if full.is_dir():
            return "this folder contains no manifests, which never means removing everything; add one, or remove the folder here"
        if full.exists() and is_manifest_name(path):
            return "this file has a purpose of its own and is not a manifest; remove it here"
        if full.exists():
            return "manifests must end in .yaml or .yml; rename it"
        known = {part for name in self._paths for part in (name, posixpath.dirname(name)) if part}
        return f"no such file or folder next to iamctl.yaml{did_you_mean(path, known)}"


def _inside(folder: str) -> tuple[str, str]:
    """Return the first text that may begin a path in a folder, and the first one after all of them."""
    return f"{folder}/", f"{folder}{_AFTER_A_SLASH}"


def _is_in(path: str, folder: str) -> bool:
    return folder == "." or path in {".", folder} or path.startswith(f"{folder}/")
