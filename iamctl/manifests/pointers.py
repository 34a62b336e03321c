"""Tells policy documents from manifests: a YAML file is a document for an account whose manifests point to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from iamctl.kinds import KINDS
from iamctl.manifests.characters import error
from iamctl.manifests.declare import variables_of
from iamctl.manifests.folder import (
    MANIFEST_ENDINGS,
    SETTINGS_FILE,
    FileError,
    byte_order,
    is_manifest_name,
    target_path,
)
from iamctl.manifests.iamctl_yaml import Account
from iamctl.manifests.manifest import Manifest
from iamctl.manifests.node import MappingNode, Node, ScalarNode
from iamctl.manifests.schema import ASSERTIONS
from iamctl.manifests.values import Variables
from iamctl.model import Finding, Origin

_REFERENCE = ("*", "within", "file")
"""Where an assertion names a policy document."""

_LONGEST_ENDING = max(map(len, MANIFEST_ENDINGS))


class Pointers:
    """Which files the manifests name as policy documents; each manifest is searched once.

    A ``file:`` with variables names the file of each account that reads the manifest: a folder that several accounts
    share may contain one document for each.
    """

    def __init__(self, accounts: Mapping[str, Account], readers: Mapping[str, Sequence[str]], partition: str) -> None:
        self._accounts = accounts
        self._readers = readers
        self._partition = partition
        self._variables: dict[str, Variables] = {}
        self._of_manifest: dict[str, Mapping[str, Origin]] = {}
        self._of_settings: dict[int, Mapping[str, Origin]] = {}

    def documents(self, account: str, manifests: Iterable[Manifest]) -> dict[str, Origin]:
        """Return the YAML files to which the manifests of an account point, each with the first place that does."""
        found: dict[str, Origin] = {}
        for manifest in manifests:
            for path, place in self._documents_of(manifest).items():
                found.setdefault(path, place)
        for path, place in self._documents_of_settings(account).items():
            found.setdefault(path, place)
        return found

    def files(self, manifest: Manifest) -> Iterator[tuple[Origin, str]]:
        """Yield each place of a manifest that names the file of a document, with the path of the file."""
        readers = self._readers.get(manifest.path, ())
        for node in _file_nodes(manifest):
            for path in sorted(self._paths(manifest.path, node, readers)):
                yield Origin(manifest.path, node.line, node.column), path

    def _documents_of(self, manifest: Manifest) -> Mapping[str, Origin]:
        known = self._of_manifest.get(manifest.path)
        if known is None:
            readers = self._readers.get(manifest.path, ())
            known = self._yaml(manifest.path, _file_nodes(manifest), readers)
            self._of_manifest[manifest.path] = known
        return known

    def _documents_of_settings(self, account: str) -> Mapping[str, Origin]:
        node = self._accounts[account].assertions
        if node is None:
            return {}
        known = self._of_settings.get(id(node))
        if known is None:
            readers = [name for name, one in self._accounts.items() if one.assertions is node]
            known = self._of_settings[id(node)] = self._yaml(SETTINGS_FILE, _at(node, _REFERENCE), readers)
        return known

    def _yaml(self, said_in: str, nodes: Iterable[ScalarNode], readers: Sequence[str]) -> Mapping[str, Origin]:
        found: dict[str, Origin] = {}
        for node in nodes:
            if _may_be_yaml(node.text):
                for path in filter(is_manifest_name, sorted(self._paths(said_in, node, readers))):
                    found.setdefault(path, Origin(said_in, node.line, node.column))
        return found

    def _paths(self, said_in: str, node: ScalarNode, readers: Sequence[str]) -> set[str]:
        if "{{" not in node.text:
            return _inside(said_in, node.text)
        targets = {self._variables_of(name).fill(node.text, _ignore) for name in readers}
        return {path for target in targets for path in _inside(said_in, target)}

    def _variables_of(self, account: str) -> Variables:
        known = self._variables.get(account)
        if known is None:
            known = self._variables[account] = variables_of(self._accounts[account], self._partition)
        return known


def conflicts(
    documents: Mapping[str, Mapping[str, Origin]], manifests: Mapping[str, Iterable[str]]
) -> Iterator[Finding]:
    """Yield an error for each place that names as a document what another account reads as a manifest.

    Both are by account: its documents with their places, and the paths of its manifests.
    """
    readers: dict[str, str] = {}
    for account, paths in manifests.items():
        for path in paths:
            readers.setdefault(path, account)
    told: set[tuple[str, Origin]] = set()
    for account, places in documents.items():
        for path in sorted(places.keys() & readers.keys(), key=byte_order):
            place = places[path]
            if (path, place) not in told:
                told.add((path, place))
                message = (
                    f"account {account!r} uses {path} as a policy document, but it is a manifest of {readers[path]!r}"
                )
                yield error(f"{message}; copy the document to a file of its own", place.path, place.line, place.column)


def _may_be_yaml(text: str) -> bool:
    """Return whether the file may be YAML, whatever the variables in its name are."""
    tail = text.rpartition("}}")[2]
    return is_manifest_name(text) or (tail != text and len(tail) < _LONGEST_ENDING)


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
