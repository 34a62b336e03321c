"""Selects the manifests of an account, and tells policy documents from manifests."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from iamctl.kinds import KINDS
from iamctl.manifests.characters import error
from iamctl.manifests.folder import SETTINGS_FILE, FileError, byte_order, is_manifest_name, target_path
from iamctl.manifests.iamctl_yaml import Account
from iamctl.manifests.manifest import Manifest
from iamctl.manifests.node import MappingNode, Node, ScalarNode
from iamctl.manifests.schema import ASSERTIONS
from iamctl.manifests.values import Variables
from iamctl.model import Finding, Origin
from iamctl.text.nearest import did_you_mean

_REFERENCE = ("*", "within", "file")
"""Where an assertion names a policy document."""


@dataclass(frozen=True)
class Selection:
    """The paths of an account's manifests, and the mistakes in its list of them."""

    paths: frozenset[str]
    findings: tuple[Finding, ...]


def selection(root: Path, account: Account, paths: Collection[str]) -> Selection:
    """Return which of ``paths`` belong to ``account``: those it lists, or all."""
    if account.listed is None:
        return Selection(frozenset(paths), ())
    chosen: set[str] = set()
    findings = []
    for text, origin in account.listed:
        try:
            chosen |= _below(root, text, paths)
        except FileError as problem:
            findings.append(error(f"manifests {text!r}: {problem}", origin.path, origin.line, origin.column))
    return Selection(frozenset(chosen), tuple(findings))


def _below(root: Path, text: str, paths: Collection[str]) -> set[str]:
    path = target_path(SETTINGS_FILE, text)
    found = {known for known in paths if path in {".", known} or known.startswith(f"{path}/")}
    if found:
        return found
    if path == SETTINGS_FILE:
        raise FileError("iamctl.yaml contains the settings and is not a manifest; remove it here")
    if any(part.startswith(".") for part in path.split("/")):
        raise FileError("names that begin with '.' are not read; rename it")
    full = root / path
    if full.is_symlink():
        raise FileError("symbolic links are not followed; put the files themselves here")
    if full.is_dir():
        raise FileError("this folder contains no manifests, which never means removing everything")
    if full.exists():
        raise FileError("manifests must end in .yaml or .yml; rename it")
    known = {part for name in paths for part in (name, posixpath.dirname(name)) if part}
    raise FileError(f"no such file or folder next to iamctl.yaml{did_you_mean(path, known)}")


def documents_pointed_to(
    manifests: Iterable[Manifest], variables: Iterable[Variables], assertions: MappingNode | None = None
) -> Mapping[str, Origin]:
    """Return the YAML files that a ``file:`` names, with any account's variables, and the first place that does.

    ``assertions`` are those of iamctl.yaml.
    """
    accounts = tuple(variables)
    found: dict[str, Origin] = {}
    nodes = [(manifest.path, node) for manifest in manifests for node in _file_nodes(manifest)]
    nodes += [(SETTINGS_FILE, node) for node in _at(assertions, _REFERENCE)]
    for said_in, node in nodes:
        for account in accounts:
            target = account.fill(node.text, _ignore)
            for path in _inside(said_in, target) if is_manifest_name(target) else ():
                found.setdefault(path, Origin(said_in, node.line, node.column))
    return found


@dataclass(frozen=True)
class Shares:
    """What each account reads as manifests, and what as policy documents.

    A file is a document only for an account whose own manifests point to it, so that no account switches off a manifest
    of another.
    """

    manifests: Mapping[str, frozenset[str]]
    """The paths of the manifests by account."""
    documents: Mapping[str, Mapping[str, Origin]]
    """By account, the YAML files that are documents, and where a manifest points to them."""

    def conflicts(self, account: str) -> Iterator[Finding]:
        """Yield an error for each file that one account reads as a manifest and another as a document."""
        for other, documents in self.documents.items():
            for reader, manifests in self.manifests.items():
                if account not in {other, reader}:
                    continue
                for path in sorted(documents.keys() & manifests, key=byte_order):
                    place = documents[path]
                    message = f"account {other!r} uses {path} as a policy document, but it is a manifest of {reader!r}"
                    yield error(f"{message}; copy the document to a file of its own", *_parts(place))


def shares(
    manifests: Mapping[str, Manifest],
    chosen: Mapping[str, Collection[str]],
    variables: Iterable[Variables],
    accounts: Mapping[str, Account],
) -> Shares:
    """Return what each account reads as what; ``chosen`` are the paths that its settings list."""
    filled = tuple(variables)
    documents = {
        account: documents_pointed_to(
            (manifests[path] for path in sorted(paths, key=byte_order)), filled, accounts[account].assertions
        )
        for account, paths in chosen.items()
    }
    read = {account: frozenset(paths) - documents[account].keys() for account, paths in chosen.items()}
    return Shares(read, documents)


def document_files(manifest: Manifest, accounts: Iterable[Variables]) -> Iterator[tuple[Origin, str]]:
    """Yield each place of a manifest that names the file of a document, with the path of the file."""
    variables = tuple(accounts)
    for node in _file_nodes(manifest):
        for path in {
            path for account in variables for path in _inside(manifest.path, account.fill(node.text, _ignore))
        }:
            yield Origin(manifest.path, node.line, node.column), path


def _parts(place: Origin) -> tuple[str, int, int]:
    return place.path, place.line, place.column


def _inside(said_in: str, target: str) -> set[str]:
    try:
        return {target_path(said_in, target)}
    except FileError:
        return set()  # reported where the document is read


def _ignore(_: str) -> None:
    """Ignore a message that is reported where the document is read."""


def _file_nodes(manifest: Manifest) -> Iterator[ScalarNode]:
    root = manifest.loaded.root
    for kind in KINDS if root else ():
        for section, path in kind.document_files.items():
            yield from _at(root, (section, "*", *path))
    yield from _at(root, (ASSERTIONS, *_REFERENCE))


def _at(node: Node | None, path: tuple[str, ...]) -> Iterator[ScalarNode]:
    """Yield the texts at ``path`` of a node, in which ``*`` is any key."""
    if isinstance(node, MappingNode) and path:
        below = [value for _, value in node.pairs.values()] if path[0] == "*" else [node.get(path[0])]
        for part in below:
            yield from _at(part, path[1:])
    elif isinstance(node, ScalarNode) and not path:
        yield node
