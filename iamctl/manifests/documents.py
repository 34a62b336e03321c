"""Policy documents of manifests: inline, or in JSON and YAML files that the manifests name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import Any

from iamctl.manifests.bounds import Budget, TooMuchError
from iamctl.manifests.document_files import DocumentFiles, PlaceOf
from iamctl.manifests.document_places import InEntry, SamePlace
from iamctl.manifests.folder import FileError, target_path
from iamctl.manifests.node import Path
from iamctl.manifests.secret import Secret
from iamctl.manifests.values import Variables
from iamctl.model import Address, Entry, Finding, Origin, Severity
from iamctl.policy import Document, GrammarError, grammar_errors, managed_grammar_errors, parse
from iamctl.policy.builtin import builtin_text
from iamctl.text.late_dataclass import dataclass

Report = Callable[[Finding], None]


@dataclass
class Documents:
    """The documents of one account; each file is read once."""

    source: DocumentFiles
    """The files, which all accounts share."""
    variables: Variables
    report: Report
    budget: Budget
    files: dict[str, bytes] = field(default_factory=dict)
    """The files that were read, by path; they are part of the digest."""
    secrets: list[Secret] = field(default_factory=list)
    """What was found in these files."""
    _decoded: dict[str, tuple[Any, PlaceOf] | None] = field(default_factory=dict)

    def managed(self, entry: Entry) -> Document | None:
        """Return the document of a declared policy, or None after reporting an error."""
        given = [key for key in ("file", "document", "builtin") if key in entry.value]
        address = Address.of("policy", entry.name)
        if len(given) != 1:
            both = "both" if len(given) == 2 else "all of"
            said = (
                f"has {both} {' and '.join(map(repr, given))}; keep one"
                if given
                else "has no document; add 'file', 'document' or 'builtin'"
            )
            self._refuse("IAM003", f"policy {entry.name!r} {said}", entry.origin(), address)
            return None
        if given == ["builtin"]:
            return self._from_builtin(entry)
        if given == ["file"]:
            return self._from_file(entry, ("file",), address, managed_grammar_errors)
        return self._from_entry(entry, ("document",), address, managed_grammar_errors)

    def inline(self, entry: Entry, path: Path) -> Document | None:
        """Return the inline document at ``path`` of an entry, or None after reporting an error."""
        value = _at(entry.value, path)
        address = Address.of("group-inline-policy", entry.name, str(path[-1]))
        if not isinstance(value, Mapping) or "file" not in value:
            return self._from_entry(entry, path, address, grammar_errors)
        if len(value) > 1 or not isinstance(value["file"], str):
            message = f"inline policy {path[-1]!r} must be either a document or only 'file' with a path"
            self._refuse("IAM003", message, entry.origin(*path), address)
            return None
        return self._from_file(entry, (*path, "file"), address, grammar_errors)

    def reference(self, entry: Entry, path: Path) -> Document | None:
        """Return the document of the file named at ``path`` of an entry, or None after reporting an error."""
        return self._from_file(entry, path, Address.of("assertion", entry.name), grammar_errors)

    def _from_builtin(self, entry: Entry) -> Document:
        """Return a document that ships with iamctl; its place is the entry that names it."""
        data = self.variables.fill_data(parse(builtin_text(entry.value["builtin"])), _never)
        place = entry.origin("builtin")
        return Document(data, place_of=SamePlace(place))

    def _from_entry(
        self, entry: Entry, path: Path, address: Address, check: Callable[[Any], Iterable[GrammarError]]
    ) -> Document:
        data = _at(entry.value, path)
        place_of = InEntry(entry, path)
        self._check(check(data), place_of, address)
        return Document(data, place_of=place_of)

    def _from_file(
        self, entry: Entry, path: Path, address: Address, check: Callable[[Any], tuple[GrammarError, ...]]
    ) -> Document | None:
        place = entry.origin(*path)
        target = str(_at(entry.value, path))
        try:
            file = target_path(place.path if place else "", target)
            if file not in self.files:
                data = self.source.read(file)
                self.budget.spend(len(data))
                self.files[file] = data
        except (FileError, TooMuchError) as problem:
            self._refuse("IAM001", f"file {target!r}: {problem}", place, address)
            return None
        if file not in self._decoded:
            self._decoded[file] = self._decode(file)
        decoded = self._decoded[file]
        if decoded is None:
            return None
        data, place_of = decoded
        if self.source.parsed(file).has_variables:
            document, errors = Document(data, place_of=place_of), check(data)
        else:
            document, errors = self.source.checked(file, check)
        self._check(errors, place_of, address)
        return document

    def _decode(self, file: str) -> tuple[Any, PlaceOf] | None:
        parsed = self.source.parsed(file)
        for finding in parsed.findings:
            self.report(finding)
        self.secrets += parsed.secrets
        if parsed.place_of is None:
            return None
        if not parsed.has_variables:
            return parsed.value, parsed.place_of
        return self.variables.fill_data(parsed.value, self._unfilled(parsed.place_of)), parsed.place_of

    def _unfilled(self, place_of: PlaceOf) -> Callable[[str, Path], None]:
        return lambda message, path: self._refuse("IAM003", message, place_of(path))

    def _check(
        self, errors: Iterable[GrammarError], place_of: Callable[[Path], Origin | None], address: Address
    ) -> None:
        for problem in errors:
            rule = "IAM302" if problem.path and problem.path[-1] in {"Principal", "NotPrincipal"} else "IAM301"
            self._refuse(rule, problem.message, place_of(problem.path), address)

    def _refuse(self, rule: str, message: str, place: Origin | None, address: Address | None = None) -> None:
        self.report(Finding(rule, Severity.ERROR, message, address, place))


def _never(message: str, path: Path) -> None:
    raise AssertionError(f"{message} at {path}")


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value
