"""The files of policy documents, each read and parsed once for all accounts of a tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path as FilePath
from typing import Any

from iamctl.manifests.characters import decode
from iamctl.manifests.document_places import InJson, InYaml
from iamctl.manifests.events import load_yaml
from iamctl.manifests.folder import is_manifest_name, read_file
from iamctl.manifests.node import Path, Places, ScalarNode
from iamctl.manifests.secret import Secret, find_secrets, find_secrets_in_json
from iamctl.manifests.values import typed
from iamctl.model import Entry, Finding, Origin, Severity
from iamctl.policy import Document, DocumentError, GrammarError, parse
from iamctl.text.late_dataclass import dataclass

PlaceOf = Callable[[Path], Origin]
Check = Callable[[Any], tuple[GrammarError, ...]]


@dataclass(frozen=True)
class ParsedFile:
    """A document before variables are filled in, and what is wrong with its file."""

    findings: tuple[Finding, ...]
    secrets: tuple[Secret, ...]
    value: Any = None
    place_of: PlaceOf | None = None
    """None if the file could not be read."""
    has_variables: bool = False
    """Whether there may be variables in it, which each account fills with its own values."""


@dataclass
class DocumentFiles:
    """The files by path."""

    root: FilePath
    replaced: Mapping[str, bytes] = field(default_factory=dict)
    """Files as they would be after an edit, by path."""
    _read: dict[str, bytes] = field(default_factory=dict)
    _parsed: dict[str, ParsedFile] = field(default_factory=dict)
    _checked: dict[tuple[str, Check], tuple[Document, tuple[GrammarError, ...]]] = field(default_factory=dict)

    def read(self, path: str) -> bytes:
        """Return the bytes of a file.

        Raises:
            FileError: it cannot be read.
        """
        if path not in self._read:
            self._read[path] = self.replaced[path] if path in self.replaced else read_file(self.root, path)
        return self._read[path]

    def parsed(self, path: str) -> ParsedFile:
        """Return what is in a file, which was read before."""
        if path not in self._parsed:
            data = self._read[path]
            self._parsed[path] = _of_yaml(path, data) if is_manifest_name(path) else _of_json(path, data)
        return self._parsed[path]

    def checked(self, path: str, check: Check) -> tuple[Document, tuple[GrammarError, ...]]:
        """Return the document in a file without variables, and what ``check`` finds in it.

        It is one object for all accounts, so that its meaning is worked out once.
        """
        if (path, check) not in self._checked:
            parsed = self.parsed(path)
            self._checked[path, check] = Document(parsed.value, place_of=parsed.place_of), check(parsed.value)
        return self._checked[path, check]


def _of_json(file: str, data: bytes) -> ParsedFile:
    text, findings = decode(file, data)
    if text is None:
        return ParsedFile(tuple(findings), ())
    try:
        parsed = parse(text)
    except DocumentError as problem:
        place = Origin(file, problem.line, problem.column)
        findings.append(Finding("IAM301", Severity.ERROR, problem.message, None, place))
        return ParsedFile(tuple(findings), find_secrets_in_json(file, data, None, lambda _: Origin(file, 1, 1)))
    place_of = InJson(file, text)
    secrets = find_secrets_in_json(file, data, parsed, place_of)
    return ParsedFile(tuple(findings), secrets, parsed, place_of, _may_have_variables(data))


def _of_yaml(file: str, data: bytes) -> ParsedFile:
    loaded = load_yaml(file, data, wanted="a policy document")
    secrets = find_secrets(file, data, loaded.root)
    if loaded.root is None:
        return ParsedFile(loaded.findings, secrets)
    place_of = InYaml(file, Entry("", "", None, Places(file, ScalarNode("", True, 1, 1), loaded.root)))
    texts = typed(loaded.root, {}, lambda node: node.text)
    return ParsedFile(loaded.findings, secrets, texts, place_of, _may_have_variables(data))


def _may_have_variables(data: bytes) -> bool:
    """Return whether two braces can be in a text of the file; with a backslash, also where it has none side by side."""
    return b"{{" in data or b"\\" in data
