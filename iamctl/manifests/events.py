"""Reads YAML into a tree of text with places: no types, anchors, aliases, tags or merge keys, and limits everywhere."""

from __future__ import annotations

from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from iamctl.manifests.bounds import (
    MAX_DEPTH,
    MAX_FINDINGS,
    MAX_KEY_CHARACTERS,
    MAX_NODES,
    MAX_SCALAR_CHARACTERS,
)
from iamctl.manifests.characters import decode, error, indenting_tabs
from iamctl.manifests.node import MappingNode, Node, ScalarNode, SequenceNode
from iamctl.model import Finding, Origin, Severity
from iamctl.text.late_dataclass import dataclass

Container = MappingNode | SequenceNode


@dataclass(frozen=True)
class Loaded:
    """A YAML file: its root, None if it could not be read, and its mistakes."""

    root: MappingNode | None
    findings: tuple[Finding, ...] = ()
    is_empty: bool = False
    """Whether it is empty, which is a mistake but hides nothing."""
    nodes: int = 0
    """How many keys and values were read."""

    @property
    def lost(self) -> Origin | None:
        """The place of the first content that could not be read; None if everything was."""
        errors = (finding for finding in self.findings if finding.severity == Severity.ERROR)
        return None if self.is_empty else next((finding.origin for finding in errors), None)


class _StopError(Exception):
    """The rest of the file cannot be checked."""


def load_yaml(path: str, data: bytes, *, wanted: str) -> Loaded:
    """Return the content of a YAML file; ``wanted`` says what belongs at its top level. Never raises, for any bytes."""
    text, findings = decode(path, data)
    findings += () if text is None else indenting_tabs(path, text)
    if text is None or any(finding.severity == Severity.ERROR for finding in findings):
        return Loaded(None, tuple(findings))
    loader = _Loader(path, findings)
    try:
        loader.run(text)
    except _StopError:
        loader.spoiled = True
    except yaml.YAMLError as problem:
        from iamctl.manifests.yaml_problem import plain_problem

        findings.append(error(*plain_problem(problem, text, path)))
        loader.spoiled = True
    root = None if loader.spoiled else loader.mapping(wanted)
    return Loaded(root, tuple(findings), is_empty=not loader.spoiled and loader.is_empty, nodes=loader.nodes)


def event_parser(text: str) -> Any:
    """Return the events of a text, from libyaml if PyYAML was built with it."""
    try:
        from yaml.cyaml import CParser  # type: ignore[attr-defined]
    except ImportError:
        return _pure_parser(text)
    return CParser(text)


def _pure_parser(text: str) -> Any:
    from yaml.parser import Parser
    from yaml.reader import Reader
    from yaml.scanner import Scanner

    class PureParser(Reader, Scanner, Parser):
        def __init__(self, stream: str) -> None:
            Reader.__init__(self, stream)
            Scanner.__init__(self)
            Parser.__init__(self)

    return PureParser(text)


class _Loader:
    """Builds the tree of one file from events, with its own stack: nesting never exhausts Python's."""

    def __init__(self, path: str, findings: list[Finding]) -> None:
        self.path = path
        self.findings = findings
        self.root: Node | None = None
        self.spoiled = False
        self.nodes = 0
        self.documents = 0
        self.stack: list[tuple[Container | None, dict[str, tuple[ScalarNode, Node]] | None]] = []
        self.container: Container | None = None
        self.pairs: dict[str, tuple[ScalarNode, Node]] | None = None
        """The pairs of the container, if it is a mapping."""
        self.key: ScalarNode | None = None

    def run(self, text: str) -> None:
        next_event = event_parser(text).get_event
        while True:
            event = next_event()
            kind = event.__class__
            if kind is ScalarEvent:
                mark, value = event.start_mark, event.value
                node = ScalarNode(value, not event.style, mark.line + 1, mark.column + 1)
                if event.anchor is not None or event.tag is not None or len(value) > MAX_SCALAR_CHARACTERS:
                    self.check_scalar(event, value)
                self.place(node)
            elif kind is MappingStartEvent:
                self.open(event, MappingNode(event.start_mark.line + 1, event.start_mark.column + 1))
            elif kind is SequenceStartEvent:
                self.open(event, SequenceNode(event.start_mark.line + 1, event.start_mark.column + 1))
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self.container, self.pairs = self.stack.pop()
            elif kind is AliasEvent:
                self.refuse(event, "aliases are not supported; write the value out")
                self.spoiled = True
                self.place(ScalarNode("", True, event.start_mark.line + 1, event.start_mark.column + 1))
            elif kind is DocumentStartEvent:
                self.begin_document(event)
            elif kind is StreamEndEvent or event is None:
                return
            elif kind is not StreamStartEvent and kind is not DocumentEndEvent:
                raise AssertionError(kind)

    def begin_document(self, event: Any) -> None:
        self.documents += 1
        if event.tags:
            self.refuse(event, "tags are not supported; remove the %TAG line")
        if self.documents > 1:
            self.refuse(event, "a second YAML document begins here; move it to a separate file")
            raise _StopError

    def check_scalar(self, event: Any, text: str) -> None:
        if event.anchor is not None or event.tag is not None:
            self.refuse_properties(event)
        if len(text) > MAX_SCALAR_CHARACTERS:
            message = f"the text has {len(text):,} characters; at most {MAX_SCALAR_CHARACTERS:,} are allowed"
            self.refuse(event, f"{message}. Shorten it")
            raise _StopError

    def open(self, event: Any, node: Container) -> None:
        if event.anchor is not None or event.tag is not None:
            self.refuse_properties(event)
        if len(self.stack) >= MAX_DEPTH:
            self.refuse(event, f"lists and mappings are nested more than {MAX_DEPTH} levels deep; flatten them")
            raise _StopError
        container = self.container
        if isinstance(container, MappingNode) and self.key is None:
            brace = isinstance(node, MappingNode) and not event.flow_style
            what = "a mapping" if brace else "a value in braces or brackets"
            self.refuse(event, f"{what} is used as a key; quote a value that begins with '{{{{'")
            raise _StopError
        self.place(node)
        self.stack.append((container, self.pairs))
        self.container, self.pairs = node, node.pairs if isinstance(node, MappingNode) else None
        self.key = None

    def place(self, node: Node) -> None:
        """Add a finished key or value to its container."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.findings.append(
                error(f"the file has more than {MAX_NODES:,} values; split it", self.path, node.line, node.column)
            )
            raise _StopError
        pairs, key = self.pairs, self.key
        if pairs is not None and key is not None:
            pairs.setdefault(key.text, (key, node))
            self.key = None
        elif pairs is not None:
            assert isinstance(node, ScalarNode)
            text = node.text
            if text in pairs or text == "<<" or len(text) > MAX_KEY_CHARACTERS:
                self.check_key(pairs, node)
            self.key = node
        elif isinstance(self.container, SequenceNode):
            self.container.items.append(node)
        else:
            self.root = node

    def check_key(self, pairs: dict[str, tuple[ScalarNode, Node]], key: ScalarNode) -> None:
        if len(key.text) > MAX_KEY_CHARACTERS:
            message = f"the key has {len(key.text):,} characters; at most {MAX_KEY_CHARACTERS} are allowed"
            self.report(key, f"{message}. Shorten it")
            self.spoiled = True
        elif key.plain and key.text == "<<":
            self.report(key, "merge keys are not supported; write the values out")
            self.spoiled = True
        elif key.text in pairs:
            first = pairs[key.text][0]
            self.report(key, f"duplicate key {key.text!r}, first used in line {first.line}; keep one")

    def refuse_properties(self, event: Any) -> None:
        if event.anchor is not None:
            self.refuse(event, "anchors are not supported; write the value out")
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.refuse(event, f"the tag {tag!r} is not supported; remove it, since the schema determines the type")
            self.spoiled = True

    def refuse(self, event: Any, message: str) -> None:
        mark = event.start_mark
        self.report(ScalarNode("", True, mark.line + 1, mark.column + 1), message)

    def report(self, node: Node, message: str) -> None:
        self.findings.append(error(message, self.path, node.line, node.column))
        if len(self.findings) >= MAX_FINDINGS:
            self.findings.append(
                error("there may be more mistakes; correct these first", self.path, node.line, node.column)
            )
            raise _StopError

    @property
    def is_empty(self) -> bool:
        root = self.root
        if isinstance(root, MappingNode):
            return not root.pairs
        return root is None or (isinstance(root, ScalarNode) and root.plain and root.text in {"", "~", "null"})

    def mapping(self, wanted: str) -> MappingNode | None:
        """Return the root, which must be a non-empty mapping."""
        root = self.root
        if isinstance(root, MappingNode) and root.pairs:
            return root
        if self.is_empty:
            message = "the file is empty, which never means removing anything"
            self.findings.append(error(f"{message}; add {wanted}", self.path))
        else:
            assert root is not None
            found = "a list" if isinstance(root, SequenceNode) else "text"
            message = f"expected {wanted} at the top level, found {found}"
            self.findings.append(error(message, self.path, root.line, root.column))
        return None
