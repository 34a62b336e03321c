"""What differs between two policy documents, in words for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from iamctl.policy.document import Document
from iamctl.policy.normalized import NormalizedStatement, folded, folded_key, normalize_statement, scalar_text
from iamctl.policy.parse import minified
from iamctl.text.counted import listed

_LEAST_ALIKE_SHARE = 0.3
"""Statements without a common Sid count as one that changed when they share this much of what both say."""
_SHOWN = 3


@dataclass(frozen=True, eq=False)
class _Block:
    """A statement as its author wrote it."""

    data: Mapping[str, Any]

    @property
    def sid(self) -> str:
        return str(self.data.get("Sid", ""))

    @cached_property
    def facts(self) -> dict[tuple[object, ...], str]:
        """What the statement says, one entry each: what tells whether it is the same, and how to show it."""
        return dict(_facts(self.data))

    @cached_property
    def summary(self) -> str:
        words = [self.data["Effect"], *self._items("Action"), "on", *(self._items("Resource") or ["itself"])]
        conditions = [text for fact, text in self.facts.items() if fact[0] == "Condition"]
        if conditions:
            words += ["when", " and ".join(text.removeprefix("condition ") for text in conditions)]
        return " ".join(words)

    def _items(self, element: str) -> list[str]:
        for name in (element, f"Not{element}"):
            if name in self.data:
                items = _listed(self.data[name])
                return [*(["all but"] if name != element else []), listed(items, _SHOWN)]
        return []

    def __str__(self) -> str:
        return f"statement {self.sid}" if self.sid else f"statement ({self.summary})"


def differences(before: Document, after: Document) -> tuple[str, ...]:
    """Return one line for each difference by meaning, none for equal documents.

    Statements are paired by Sid, else by what they have in common. The lines hold text of the documents as it is;
    whoever shows them escapes it.
    """
    if before == after:
        return ()
    if before.normalized is None or after.normalized is None:
        return (_malformed(before, after),)
    lines = []
    if before.normalized.version != after.normalized.version:
        lines.append(f"Version: {before.normalized.version} -> {after.normalized.version}")
    gone, come = _blocks(before, after.normalized.statements), _blocks(after, before.normalized.statements)
    pairs = _pairs(gone, come)
    for block in gone:
        lines += _changes(block, pairs[block]) if block in pairs else [f"- {_whole(block)}"]
    changed = set(pairs.values())
    lines += [f"+ {_whole(block)}" for block in come if block not in changed]
    return tuple(lines)


def summaries(document: Document) -> tuple[str, ...]:
    """Return one line for each statement of a document; a malformed one is only said to be so."""
    if document.normalized is None:
        return ("malformed",)
    return tuple(_whole(block) for block in _blocks(document, frozenset()))


def statement_summary(block: Mapping[str, Any]) -> str:
    """Return one statement of a document that is not malformed in words: its Sid, and what it says."""
    return _whole(_Block(block))


def _malformed(before: Document, after: Document) -> str:
    sides = [name for name, document in (("before", before), ("after", after)) if document.normalized is None]
    return f"the text differs, and no more can be told: malformed {' and '.join(sides)}"


def _blocks(document: Document, other: frozenset[NormalizedStatement]) -> list[_Block]:
    """Return the statements of ``document`` that ``other`` lacks, in the author's order, each once."""
    blocks = {normalize_statement(block): _Block(block) for block in reversed(_listed(document.data["Statement"]))}
    return [block for what, block in reversed(blocks.items()) if what not in other]


def _pairs(gone: list[_Block], come: list[_Block]) -> dict[_Block, _Block]:
    """Return which statement became which: first by Sid, then the most alike first."""
    by_sid = {block.sid: block for block in reversed(come) if block.sid}
    pairs = {block: by_sid.pop(block.sid) for block in gone if block.sid in by_sid}
    taken = set(pairs.values())
    likenesses = [
        (_alike_share(left, right), -index, -other_index, left, right)
        for index, left in enumerate(gone)
        for other_index, right in enumerate(come)
        if left not in pairs and right not in taken
    ]
    for share, _, _, left, right in sorted(likenesses, key=lambda likeness: likeness[:3], reverse=True):
        if share >= _LEAST_ALIKE_SHARE and left not in pairs and right not in taken:
            pairs[left] = right
            taken.add(right)
    return pairs


def _alike_share(left: _Block, right: _Block) -> float:
    return len(left.facts.keys() & right.facts.keys()) / len(left.facts.keys() | right.facts.keys())


def _changes(before: _Block, after: _Block) -> Iterator[str]:
    for fact, text in before.facts.items():
        if fact not in after.facts:
            yield f"{before}: - {text}"
    for fact, text in after.facts.items():
        if fact not in before.facts:
            yield f"{before}: + {text}"


def _whole(block: _Block) -> str:
    return f"{block} ({block.summary})" if block.sid else str(block)


def _facts(block: Mapping[str, Any]) -> Iterator[tuple[tuple[object, ...], str]]:
    yield ("Effect", block["Effect"]), f"Effect {block['Effect']}"
    for element in ("Principal", "NotPrincipal"):
        if element in block:
            yield (element, normalize_statement(block).principals), f"{element} {minified(block[element])}"
    for element in ("Action", "NotAction", "Resource", "NotResource"):
        word = element if element.startswith("Not") else element.lower()
        for item in _listed(block.get(element, [])):
            yield (element, folded(item) if element.endswith("Action") else item), f"{word} {item}"
    for operator, keys in block.get("Condition", {}).items():
        if not keys:
            yield ("Condition", operator), f"condition {operator} without a key"
        for key, wanted in keys.items():
            values = list(map(scalar_text, _listed(wanted)))
            shown = ", ".join(values) if values else "nothing"
            yield ("Condition", operator, folded_key(key), frozenset(values)), f"condition {operator} {key} = {shown}"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
