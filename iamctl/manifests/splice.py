"""Edits a YAML or JSON text so that it says something else: only the lines of what differs change.

Each round compares the text with what is wanted, and replaces, inserts or deletes parts by their places. Comments, order
and layout of everything else stay, since nothing is written anew. The result counts only if it is read back as wanted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import InitVar, dataclass, field
from itertools import takewhile

import yaml

from iamctl.manifests.alignment import aligned
from iamctl.manifests.flow_text import (
    MOST_OF_A_FLOW_LINE,
    block_lines,
    entry_lines,
    flow_text,
    item_lines,
    key_text,
)
from iamctl.manifests.lines import Lines
from iamctl.manifests.spans import Leaf, Raw, Span, spans

_MOST_ROUNDS = 500
"""A list in brackets loses at most half of its items in one round."""


class SpliceError(Exception):
    """The text cannot be edited so that only what differs changes."""


def splice(text: str, wanted: Raw, *, is_json: bool = False) -> str:
    """Return the text edited so that it says what is ``wanted``; the text has no errors for the loader.

    Raises:
        SpliceError: no such edit was found.
    """
    for _ in range(_MOST_ROUNDS):
        root = _read(text, is_json=is_json)
        if root is None or root.raw == wanted:
            break
        found = _Round(text, root, is_json=is_json)
        found.visit(root, wanted, None)
        edited = found.applied()
        if edited == text:
            raise SpliceError("nothing to edit was found")
        text = edited
    if root is None or root.raw != wanted:
        raise SpliceError("the edited text does not say what is wanted")
    return text


def read_spans(text: str, *, is_json: bool = False) -> Span | None:
    """Return the root of a text; None where it is empty or cannot be read."""
    try:
        return _read(text, is_json=is_json)
    except SpliceError:
        return None


def _read(text: str, *, is_json: bool) -> Span | None:
    try:
        if is_json:
            json.loads(text)
        return spans(text, is_json=is_json)
    except (yaml.YAMLError, ValueError) as error:
        raise SpliceError("the edited text cannot be read") from error


@dataclass
class _Round:
    """The edits of one round: no two of them touch the same place."""

    text: str
    root: InitVar[Span]
    is_json: bool = field(kw_only=True)
    edits: list[tuple[int, int, str]] = field(default_factory=list)

    def __post_init__(self, root: Span) -> None:
        self.lines = Lines(self.text)
        self.flow_ranges = list(_flow_ranges(root))

    def applied(self) -> str:
        """Return the text with the edits; of two that overlap, the later one waits for the next round."""
        parts, at = [], 0
        for start, end, new in sorted(self.edits, key=lambda edit: (edit[0], edit[1])):
            if start >= at:
                parts += [self.text[at:start], new]
                at = end
        return "".join([*parts, self.text[at:]])

    def visit(self, span: Span, wanted: Raw, key: Span | None) -> None:
        """Add the edits that turn a node into what is wanted; ``key`` is its key, if it is the value of a mapping."""
        if span.raw == wanted:
            return
        if isinstance(wanted, dict) and wanted and span.kind == "mapping":
            self.mapping(span, wanted)
        elif isinstance(wanted, list) and wanted and span.kind == "sequence":
            self.sequence(span, wanted)
        else:
            self.replace(span, wanted, key)

    def mapping(self, span: Span, wanted: dict[str, Raw]) -> None:
        names = [key.raw.text for key in span.keys if isinstance(key.raw, Leaf)]
        added = {name: value for name, value in wanted.items() if name not in names}
        gone = [index for index, name in enumerate(names) if name not in wanted]
        last = len(names) - 1
        if added:
            self.insert_entries(span, added)
        elif gone:
            self.delete(span, gone)
        for index, name in enumerate(names):
            if name in wanted and not (added and index == last):
                self.visit(span.values[index], wanted[name], span.keys[index])

    def sequence(self, span: Span, wanted: list[Raw]) -> None:
        gone, at = list[int](), 0
        pairs = aligned([value.raw for value in span.values], wanted)
        for old, new in pairs:
            if old is None and new is not None:
                more = takewhile(lambda pair: pair[0] is None, pairs[pairs.index((old, new)) :])
                self.insert_items(span, at, [wanted[index] for _, index in more if index is not None])
                return
            if old is not None:
                at = old + 1
                gone += [old] if new is None else []
                if new is not None:
                    self.visit(span.values[old], wanted[new], None)
        if gone:
            self.delete(span, gone)

    def replace(self, span: Span, wanted: Raw, key: Span | None) -> None:
        new = flow_text(wanted, is_json=self.is_json, is_inside=self.is_json)
        if span.kind != "scalar" and not span.is_flow:
            self.replace_block(span, new, key)
        elif span.end > span.start:
            if self.has_comment(span):
                raise SpliceError("comments stand inside of what changes")
            self.edits.append((span.start, span.end, self.in_place(span, wanted, new)))
        elif key is not None and self.text[span.start - 1 : span.start] != ":":
            self.edits.append((key.end, key.end, f": {self.in_place(span, wanted, new)}"))
        elif key is not None and isinstance(wanted, dict) and len(new) > MOST_OF_A_FLOW_LINE and not self.in_flow(span):
            column = self.lines.column(key.start) + 2
            text = "".join(f"{self.lines.newline}{line}" for line in block_lines(wanted, column))
            self.edits.append((end := self.lines.end(span.end), end, text))
        else:
            self.edits.append((span.start, span.end, f" {self.in_place(span, wanted, new)}"))

    def in_place(self, span: Span, wanted: Raw, new: str) -> str:
        """Return the text of a value with more quotes where it stands in braces or brackets."""
        return flow_text(wanted, is_json=self.is_json, is_inside=True) if self.in_flow(span) else new

    def in_flow(self, span: Span) -> bool:
        return any(start < span.start and span.end <= end for start, end in self.flow_ranges)

    def replace_block(self, span: Span, new: str, key: Span | None) -> None:
        """Add the edits that put a value in braces, or a scalar, in place of the lines below a key."""
        if key is None:
            self.edits.append((span.start, span.end, new))
            return
        colon = self.text.find(":", key.end)
        if (
            colon < 0
            or self.text[key.end : colon].strip()
            or self.lines.number(key.end) == self.lines.number(span.start)
        ):
            raise SpliceError("the lines below the key cannot be replaced")
        self.edits.append((colon + 1, colon + 1, f" {new}"))
        self.edits.append((self.lines.next(colon), self.lines.next(span.end), ""))

    def has_comment(self, span: Span) -> bool:
        """Return whether a comment may stand behind the mark that begins a text on lines of its own."""
        return not span.is_flow and "#" in self.lines.rest(span.start)

    def insert_entries(self, span: Span, added: dict[str, Raw]) -> None:
        if span.is_flow:
            pairs = [
                f"{key_text(name, is_json=self.is_json)}: {flow_text(value, is_json=self.is_json, is_inside=True)}"
                for name, value in added.items()
            ]
            self.insert_in_flow(span, [*zip(span.keys, span.values, strict=True)], len(span.keys), pairs)
            return
        column = self.lines.column(span.keys[0].start)
        is_short = any(value.kind == "mapping" and value.is_flow for value in span.values)
        texts = [line for name, value in added.items() for line in self.entry(name, value, column, is_short=is_short)]
        self.insert_lines(self.lines.end(max(span.end, span.values[-1].end, span.keys[-1].end)), texts)

    def entry(self, name: str, value: Raw, column: int, *, is_short: bool) -> list[str]:
        """Return the lines of a new entry: one line in braces where its siblings are written so, and where it fits."""
        if isinstance(value, dict) and value and is_short:
            text = f"{' ' * column}{key_text(name)}: {flow_text(value)}"
            if len(text) <= MOST_OF_A_FLOW_LINE:
                return [text]
        return list(entry_lines(name, value, column))

    def insert_items(self, span: Span, index: int, items: list[Raw]) -> None:
        """Add the edit that puts items before the one at ``index``, or at the end."""
        if span.is_flow:
            texts = [flow_text(item, is_json=self.is_json, is_inside=True) for item in items]
            self.insert_in_flow(span, [(value, value) for value in span.values], index, texts)
            return
        column = self.lines.column(span.start)
        is_flow = any(value.kind == "mapping" and value.is_flow for value in span.values)
        texts = []
        for item in items:
            short = f"{' ' * column}- {flow_text(item)}"
            is_short = isinstance(item, dict) and is_flow and len(short) <= MOST_OF_A_FLOW_LINE
            texts += [short] if is_short else list(item_lines(item, column))
        if index:
            self.insert_lines(self.lines.end(span.values[index - 1].end), texts)
        else:
            start = self.lines.with_comments(span.start)
            self.edits.append((start, start, "".join(f"{line}{self.lines.newline}" for line in texts)))

    def insert_lines(self, at: int, texts: list[str]) -> None:
        self.edits.append((at, at, "".join(f"{self.lines.newline}{line}" for line in texts)))

    def insert_in_flow(self, span: Span, pairs: list[tuple[Span, Span]], index: int, texts: list[str]) -> None:
        new = ", ".join(texts)
        if not pairs:
            self.edits.append((span.start + 1, span.start + 1, new))
        elif index == 0 and self.lines.stands_alone(first := pairs[0][0].start):
            before = " " * self.lines.column(first)
            at = self.lines.with_comments(first)
            self.edits.append((at, at, "".join(f"{before}{text},{self.lines.newline}" for text in texts)))
        elif index == 0:
            self.edits.append((first, first, f"{new}, "))
        else:
            head, last = pairs[index - 1]
            end = max(head.end, last.end)
            if self.lines.stands_alone(head.start) and self.lines.number(span.end) > self.lines.number(end):
                self.insert_flow_lines(head.start, end, texts)
            else:
                self.edits.append((end, end, f", {new}"))

    def insert_flow_lines(self, start: int, end: int, texts: list[str]) -> None:
        """Add items on lines of their own, below one that has a line of its own."""
        comma = self.lines.comma(end)
        at, before = self.lines.end(end), " " * self.lines.column(start)
        lines = [f"{before}{text}," for text in texts]
        if comma is None:
            lines[-1] = lines[-1].removesuffix(",")
            self.edits.append((end, end, ","))
        elif comma > at:
            raise SpliceError("the comma is on another line")
        self.insert_lines(at, lines)

    def delete(self, span: Span, gone: list[int]) -> None:
        """Add the edits that delete entries or items; at least one stays."""
        heads = span.keys or span.values
        pairs = [(head.start, max(head.end, value.end)) for head, value in zip(heads, span.values, strict=True)]
        if not span.is_flow:
            for index in gone:
                self.delete_block(span, pairs, index)
            return
        before = -2
        for index in gone:
            if index > before + 1:
                self.delete_flow(span, pairs, index)
                before = index

    def delete_block(self, span: Span, pairs: list[tuple[int, int]], index: int) -> None:
        start, end = pairs[index]
        if span.kind == "sequence":
            start = self.lines.dash(start, self.lines.column(span.start))
        if self.lines.rest(end).lstrip()[:1] not in {"", "#"}:
            raise SpliceError("the line has other content")
        if self.lines.stands_alone(start):
            self.edits.append((self.lines.with_comments(start), self.lines.next(end), ""))
        elif index + 1 < len(pairs) and "#" not in self.text[end : pairs[index + 1][0]] and span.kind == "mapping":
            self.edits.append((start, pairs[index + 1][0], ""))
        elif index + 1 < len(pairs) and span.kind == "mapping":  # the dash before it stays on its line
            before = len(self.text[:start].rstrip(" "))
            self.edits.append((before, self.lines.end(end), ""))
        else:
            raise SpliceError("the line has other content")

    def delete_flow(self, span: Span, pairs: list[tuple[int, int]], index: int) -> None:
        start, end = pairs[index]
        comma = self.lines.comma(end)
        is_last = index == len(pairs) - 1
        rest = self.lines.rest(end if comma is None else comma + 1).lstrip()
        own_line = self.lines.stands_alone(start) and rest[:1] in {"", "#"} and self.lines.next(end) <= span.end
        if own_line and (not is_last or not self.is_json):
            self.edits.append((self.lines.with_comments(start), self.lines.next(end), ""))
        elif not is_last:
            follower = pairs[index + 1][0]
            stop = follower if "#" not in self.text[end:follower] else (comma or end) + 1
            self.edits.append((start, stop, ""))
        elif "#" not in self.text[pairs[index - 1][1] : start]:
            self.edits.append((pairs[index - 1][1], end, ""))
        else:
            self.edits.append((start, end, ""))


def _flow_ranges(span: Span) -> Iterator[tuple[int, int]]:
    """Yield where the collections in braces and brackets are that stand in no other."""
    if span.kind != "scalar" and span.is_flow:
        yield span.start, span.end
    else:
        for value in span.values:
            yield from _flow_ranges(value)
