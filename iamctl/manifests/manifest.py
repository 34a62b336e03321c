"""One manifest: its bytes, and the entries of its sections with the variables of an account replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any

from iamctl.kinds import sections
from iamctl.manifests.events import Loaded
from iamctl.manifests.node import MappingNode, Node, Places, ScalarNode, SequenceNode
from iamctl.manifests.other_tools import looks_like, meant_word
from iamctl.manifests.schema import (
    ASSERTIONS,
    REMOVED,
    Shape,
    entry_schema_name,
    fixed_keys,
    has_fixed_keys,
    iamctl_yaml_schema,
    schema_of,
    section_names,
    shape_of,
)
from iamctl.manifests.secret import Secret
from iamctl.manifests.shape import Subject, shape_findings
from iamctl.manifests.values import Variables, typed
from iamctl.model import Address, Entry, Finding, Origin, Severity
from iamctl.text.late_dataclass import dataclass

Report = Callable[[Finding], None]


@dataclass(frozen=True)
class Manifest:
    """A file of the tree, as far as it could be read."""

    path: str
    data: bytes
    loaded: Loaded
    secrets: tuple[Secret, ...] = ()


@dataclass
class Content:
    """The content of an account's manifests by section; entries that do not match their schema are ``broken``."""

    entries: dict[str, list[Entry]] = field(default_factory=lambda: {name: [] for name in section_names()})
    broken: set[int] = field(default_factory=set)
    """The ids of the entries of which only the name is known."""
    removed: list[tuple[str, Origin]] = field(default_factory=list)
    lost: list[Origin] = field(default_factory=list)
    """Where a file or section could not be read, so that a missing name proves nothing."""

    @property
    def is_whole(self) -> bool:
        """Whether every manifest was read; if not, a name that seems undeclared may be declared in the rest."""
        return not self.lost

    def add(self, manifest: Manifest, variables: Variables, report: Report) -> None:
        """Add one manifest."""
        root = manifest.loaded.root
        if manifest.loaded.lost:
            self.lost.append(manifest.loaded.lost)
        told = False
        for section, (key, node) in root.pairs.items() if root else ():
            place = Origin(manifest.path, key.line, key.column)
            if section not in self.entries and section in iamctl_yaml_schema()["properties"]:
                report(_shape(f"{section!r} is a setting; move it to iamctl.yaml", place))
                self.lost.append(place)
            elif section not in self.entries:
                tool, told = (looks_like(root.pairs) if root and not told else ""), True
                message = f"unknown section {section!r}{meant_word(section, self.entries)}"
                stop = "." if tool and not message.endswith("?") else ""
                report(_shape(f"{message}{stop}{tool}", place))
                self.lost.append(place)
            elif section == REMOVED:
                self._add_removed(manifest.path, key, node, Filler(manifest.path, variables, report))
            elif isinstance(node, MappingNode):
                self._add_section(section, manifest.path, node, Filler(manifest.path, variables, report))
            else:
                report(_shape(_wrong_section(section, node), place))
                self.lost.append(place)

    def add_assertions(self, path: str, node: MappingNode, variables: Variables, report: Report) -> None:
        """Add the assertions of iamctl.yaml."""
        self._add_section(ASSERTIONS, path, node, Filler(path, variables, report))

    def _add_section(self, section: str, path: str, node: MappingNode, filler: Filler) -> None:
        kind, entry_words = _words_of(section)
        entries = self.entries[section]
        of_all = "" if has_fixed_keys(section) else section
        schemas: dict[str, tuple[Mapping[str, Any], Shape]] = {}
        for name, (key, below) in node.pairs.items():
            if "{{" in name:
                message = "variables are replaced in values, not in names; write the name out"
                filler.refuse(message, Origin(path, key.line, key.column))
            places = Places(path, key, below)
            schema_name = of_all or entry_schema_name(section, name)
            if schema_name is None:
                message = f"unknown key {name!r} in {section!r}{meant_word(name, fixed_keys(section))}"
                filler.report(_shape(message, Origin(path, key.line, key.column)))
                continue
            if schema_name not in schemas:
                schemas[schema_name] = schema_of(schema_name), shape_of(schema_name)
            schema, shape = schemas[schema_name]
            entry = Entry(section, name, typed(below, schema, filler.fill), places)
            entries.append(entry)
            if not shape.matches(entry.value):
                self.broken.add(id(entry))
                subject = Subject(f"{entry_words} {name!r}", places, Address.of(kind, name))
                for finding in shape_findings(schema_name, entry.value, subject):
                    filler.report(finding)

    def _add_removed(self, path: str, key: ScalarNode, node: Node, filler: Filler) -> None:
        places = Places(path, key, node)
        value = typed(node, schema_of("removed"), filler.fill)
        for finding in shape_findings("removed", value, Subject("'removed'", places)):
            filler.report(finding)
            self.lost.append(finding.origin or Origin(path, key.line, key.column))
        items = value if isinstance(value, list) else ()
        self.removed += [(item, places[(index,)]) for index, item in enumerate(items) if isinstance(item, str)]

    def whole_entries(self, section: str) -> Iterator[Entry]:
        """Yield the entries of a section that match their schema."""
        entries = self.entries[section]
        return filter(self.is_entry_whole, entries) if self.broken else iter(entries)

    def is_entry_whole(self, entry: Entry) -> bool:
        """Return whether an entry matches its schema."""
        return id(entry) not in self.broken


class Filler:
    """Replaces the variables in one file, and reports those that cannot be replaced."""

    def __init__(self, path: str, variables: Variables, report: Report) -> None:
        self.path = path
        self.variables = variables
        self.report = report

    def fill(self, node: ScalarNode) -> str:
        """Return the text of a scalar with its variables filled in; a wrong one is reported and stays."""
        place = Origin(self.path, node.line, node.column)
        return self.variables.fill(node.text, lambda message: self.refuse(message, place))

    def refuse(self, message: str, place: Origin) -> None:
        """Report an error at a place in the file."""
        self.report(Finding("IAM003", Severity.ERROR, message, origin=place))


def _words_of(section: str) -> tuple[str, str]:
    """Return the kind of the addresses of a section's entries, and what messages call an entry."""
    if section == ASSERTIONS:
        return "assertion", "assertion"
    declared, told = sections()[section]
    return told.keyed_by or declared.kind, told.entry_words


def _shape(message: str, place: Origin) -> Finding:
    return Finding("IAM002", Severity.ERROR, message, origin=place)


def _wrong_section(section: str, node: Node) -> str:
    if isinstance(node, SequenceNode):
        return f"{section} must be a mapping of names, found a list; write 'name:' instead of '- name'"
    if isinstance(node, ScalarNode) and node.is_nothing:
        return f"{section} must be a mapping of names, found nothing; write '{section}: {{}}' or remove the section"
    return f"{section} must be a mapping of names, found text"
