"""A YAML text as a tree that knows where each part begins and ends, for edits that touch nothing else."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Literal

from yaml.events import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

from iamctl.manifests.events import event_parser
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern

_TYPED = late_pattern(r"|~|null|true|false|-?(0|[1-9][0-9]{0,17})")
"""What a scalar without quotes may say that is not text under every schema."""


@dataclass(frozen=True)
class Leaf:
    """A scalar: its text, and whether it may be something else than text (``true``, ``1``, nothing)."""

    text: str
    is_typed: bool = False


Raw = Leaf | list[Any] | dict[str, Any]
"""What a file says: mappings and lists of leaves, before variables are filled in."""


@dataclass(slots=True)
class Span:
    """One node with its place in the text, from ``start`` to before ``end``."""

    kind: Literal["scalar", "mapping", "sequence"]
    start: int
    end: int
    is_flow: bool
    raw: Raw
    keys: list[Span] = field(default_factory=list)
    """Of a mapping, in the order of the file."""
    values: list[Span] = field(default_factory=list)
    """Of a mapping, beside its keys; or the items of a sequence."""


def spans(text: str, *, is_json: bool = False) -> Span | None:
    """Return the root of a text that the loader reads without errors; None for an empty one.

    Raises:
        yaml.YAMLError: the text is not YAML.
    """
    return _Builder(text, is_json=is_json).build()


class _Builder:
    def __init__(self, text: str, *, is_json: bool) -> None:
        self._text = text
        self._is_json = is_json
        self._open: list[tuple[Span, Span | None]] = []
        self._root: Span | None = None
        self._key: Span | None = None

    def build(self) -> Span | None:
        parser = event_parser(self._text)
        while (event := parser.get_event()) is not None:
            kind = event.__class__
            if kind is ScalarEvent:
                self._place(self._scalar(event))
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                name: Literal["mapping", "sequence"] = "mapping" if kind is MappingStartEvent else "sequence"
                start = event.start_mark.index
                raw: Raw = {} if name == "mapping" else []
                self._open.append((Span(name, start, start, bool(event.flow_style), raw), self._key))
                self._key = None
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                span, self._key = self._open.pop()
                last = (span.keys + span.values) if not span.is_flow else []
                span.end = event.end_mark.index if span.is_flow else max(one.end for one in last)
                self._place(span)
        return self._root

    def _scalar(self, event: Any) -> Span:
        start, end = event.start_mark.index, event.end_mark.index
        end = start + len(self._text[start:end].rstrip())
        is_plain = not event.style
        is_typed = is_plain and (self._is_json or _TYPED.fullmatch(event.value) is not None)
        return Span("scalar", start, end, is_flow=event.style not in {"|", ">"}, raw=Leaf(event.value, is_typed))

    def _place(self, span: Span) -> None:
        if not self._open:
            self._root = span
            return
        container = self._open[-1][0]
        raw = container.raw
        if isinstance(raw, list):
            raw.append(span.raw)
            container.values.append(span)
        elif self._key is None:
            self._key = span
        else:
            assert isinstance(raw, dict)
            assert isinstance(self._key.raw, Leaf)
            raw[self._key.raw.text] = span.raw
            container.keys.append(self._key)
            container.values.append(span)
            self._key = None
