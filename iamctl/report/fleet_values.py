"""Plans that change the same resources in the same way, each account with values of its own: told once, with the values."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from iamctl.model import Address
from iamctl.model.affected import Affected
from iamctl.report.blocks import Line, Span
from iamctl.report.fleet_groups import SamePlan, without_account
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern

Block = tuple[tuple[Address, ...], tuple[Line, ...]]
"""What changes in one user, group or policy: the subjects, and the lines."""

MOST_VALUES = 3
"""With more values that differ, a plan is easier to read account by account."""

_WORD = late_pattern(r"[\w.+@-]+")


@dataclass(frozen=True)
class Varied:
    """Accounts whose plans differ in values alone."""

    plan: SamePlan
    """All accounts."""
    blocks: tuple[Block, ...]
    """What changes in each account, with a placeholder for each value."""
    placeholders: tuple[str, ...]
    values: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    """The names of accounts with equal values, and these, in the order of the placeholders."""


def varied(
    groups: Iterable[SamePlan], blocks_of: Callable[[SamePlan, Mapping[Address, Sequence[Affected]]], Iterable[Block]]
) -> tuple[tuple[Varied, ...], tuple[SamePlan, ...]]:
    """Return the groups of equal plans that differ in values alone together, and the other groups as they are.

    ``blocks_of`` returns what changes in a group, given who is affected in all accounts.
    """
    by_change: defaultdict[Hashable, list[SamePlan]] = defaultdict(list)
    for group in groups:
        by_change[_what_changes(group)].append(group)
    found, others = list[Varied](), list[SamePlan]()
    for alike in by_change.values():
        affected = _whole(alike).affected if len(alike) > 1 else {}
        by_shape: defaultdict[Hashable, list[tuple[SamePlan, tuple[Block, ...]]]] = defaultdict(list)
        for group in alike if len(alike) > 1 else ():
            blocks = tuple(_without_name(blocks_of(group, affected), group))
            by_shape[_shape(blocks)].append((group, blocks))
        others += alike if len(alike) == 1 else ()
        for same in by_shape.values():
            told = _together(same)
            found += [told] if told else []
            others += [] if told else [group for group, _ in same]
    return tuple(found), tuple(others)


def _whole(groups: Iterable[SamePlan]) -> SamePlan:
    return SamePlan(tuple(result for group in groups for result in group.results), is_named=False)


def value_lines(told: Varied) -> Iterator[Line]:
    """Yield the values of each account under the placeholders that stand for them."""
    yield Line((Span("account: ", "dim"), Span(", ".join(told.placeholders))), indent=2)
    for accounts, values in told.values:
        yield Line((Span(f"{', '.join(accounts)}: ", "quiet"), Span(", ".join(values))), indent=3)


def _what_changes(group: SamePlan) -> Hashable:
    """Return the outcome, and what the changes have in common with those of other accounts: the resource, and how."""
    names = ("address", "action", "fields", "reason")
    told = json.dumps([[change.get(name) for name in names] for change in group.first.changes], default=str)
    return (group.first.command, group.first.outcome, without_account(told, group.first, is_named=True))


def _without_name(blocks: Iterable[Block], group: SamePlan) -> Iterator[Block]:
    """Yield blocks without the id of a single account and its name; several accounts have neither in their lines."""
    for subjects, lines in blocks:
        yield subjects, _with_texts(lines, lambda text: without_account(text, group.first, is_named=True))


def _with_texts(lines: Iterable[Line], told: Callable[[str], str]) -> tuple[Line, ...]:
    return tuple(
        replace(entry, spans=tuple(replace(span, text=told(span.text), whole=told(span.whole)) for span in entry.spans))
        for entry in lines
    )


def _shape(blocks: Iterable[Block]) -> Hashable:
    """Return blocks without the words that may differ: how many there are, where, and what is between them."""
    return tuple(
        tuple(
            (
                entry.indent,
                tuple((span.style, _WORD.sub("", span.text), _WORD.sub("", span.whole)) for span in entry.spans),
            )
            for entry in lines
        )
        for _, lines in blocks
    )


def _words(blocks: Iterable[Block]) -> list[str]:
    texts = (text for _, lines in blocks for entry in lines for span in entry.spans for text in (span.text, span.whole))
    return [word for text in texts for word in _WORD.findall(text)]


def _together(same: Sequence[tuple[SamePlan, tuple[Block, ...]]]) -> Varied | None:
    """Return plans of the same shape with the values in which they differ; None if that is no gain for a reader."""
    words = [_words(blocks) for _, blocks in same]
    if len(same) < 2 or len({len(one) for one in words}) > 1:
        return None
    columns = dict.fromkeys(column for column in zip(*words, strict=True) if len(set(column)) > 1)
    blocks = same[0][1]
    size = sum(len(lines) for _, lines in blocks)
    if not 0 < len(columns) <= MOST_VALUES or size + len(same) + 2 >= len(same) * (size + 1):
        return None
    names = [
        f"{{{{ value {number} }}}}" if len(columns) > 1 else "{{ value }}" for number in range(1, len(columns) + 1)
    ]
    placeholder = dict(zip(columns, names, strict=True))
    left = iter(zip(*words, strict=True))

    def told(text: str) -> str:
        return _WORD.sub(lambda word: placeholder.get(next(left), word.group()), text)

    shown = tuple(_with_texts(lines, told) for _, lines in blocks)
    subjects = ((one for about, _ in block for one in about) for block in zip(*(held for _, held in same), strict=True))
    groups = [group for group, _ in same]
    values = zip(*columns, strict=True)
    return Varied(
        _whole(groups),
        tuple((tuple(dict.fromkeys(about)), lines) for about, lines in zip(subjects, shown, strict=True)),
        tuple(names),
        tuple((tuple(one.account for one in group.results), row) for group, row in zip(groups, values, strict=True)),
    )
