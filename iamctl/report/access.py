"""What a plan changes of everybody's access, person by person, the worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from iamctl.access.row import RISKY, Row
from iamctl.access.together import AccessChanges, Block, Status
from iamctl.kinds import User
from iamctl.model import Address
from iamctl.report.access_words import LIMITS, example_text, notes, row_text, sources_text
from iamctl.report.blocks import Line, Section, Span, Style, line, names
from iamctl.report.plan import subject_name
from iamctl.text.counted import counted, listed

TITLE = "Access"
FULL_TITLE = "Access, all rows"
FLAG = "--access full"

Detail = Literal["summary", "full", "none"]

_MOST_LINES = 4
"""So many lines of a sign are shown of a block, and all that are risky."""

_MOST_BLOCKS = 30
"""So many blocks are shown, and all that have a risky gain."""

_RESTRAINED = "where a resource's own policy allows it"
"""When it counts that a Deny no longer keeps something away that no policy of the person allows."""

_ALL_NAMES = 20
"""So many names of actions and resources are on a line where details are wanted."""


def access_sections(found: AccessChanges, detail: Detail, flag: str = FLAG) -> Iterator[Section]:
    """Yield the section of access, and all rows for formats that fold them; nothing where it is not wanted.

    ``flag`` is the option of the command that shows what the section leaves out.
    """
    if detail == "none":
        return
    is_full = detail == "full"
    yield Section(TITLE, tuple(_lines(found, "" if is_full else flag)))
    if not is_full and found.blocks:
        yield Section(FULL_TITLE, tuple(_all_blocks(found)), is_detail=True, is_folded_only=True)


def block_lines(block: Block, flag: str = "") -> tuple[Line, ...]:
    """Return what the people of a block gain and lose, without their names; in full without a ``flag`` that does so."""
    return tuple(_block(block, flag))[1:]


def summary_lines(found: AccessChanges) -> tuple[Line, ...]:
    """Return how many people gain and lose access, and what is not counted."""
    return (line(Span(_summary(found), "strong"), indent=1), *_limits(found))


def _lines(found: AccessChanges, flag: str) -> Iterator[Line]:
    """Yield the section; without a flag that shows the rest, nothing is left out."""
    yield line(Span(_summary(found), "strong"), indent=1)
    if flag:
        yield from _first_blocks(found.blocks, flag)
    else:
        yield from _all_blocks(found)
    yield from _limits(found)


def _all_blocks(found: AccessChanges) -> Iterator[Line]:
    for block in found.blocks:
        yield from _block(block, "")


def _first_blocks(blocks: Sequence[Block], flag: str) -> Iterator[Line]:
    left_out: list[Block] = []
    for number, block in enumerate(blocks):
        if number < _MOST_BLOCKS or _is_risky(block):
            yield from _block(block, flag)
        else:
            left_out.append(block)
    if left_out:
        people = counted(sum(len(block.people) for block in left_out), "person", "people")
        told = f"{counted(len(left_out), 'more change')} of {people} ({flag})"
        yield line(Span(told, "dim"), indent=1)


def _is_risky(block: Block) -> bool:
    return block.becomes_administrator is not None or any(
        row.rank in RISKY for row in (*block.gains, *block.restraints)
    )


def _summary(found: AccessChanges) -> str:
    parts = []
    if found.blocks:
        number = counted(len(found.blocks), "different change")
        gaining = f"{counted(found.gaining, 'person', 'people')} {'gains' if found.gaining == 1 else 'gain'}"
        losing = f"{found.losing:,} {'loses' if found.losing == 1 else 'lose'}"
        released = f"{found.released:,} {'loses' if found.released == 1 else 'lose'} only a Deny"
        parts.append(f"{gaining}, {losing}{f', {released}' if found.released else ''}; {number}")
    if found.unchanged:
        parts.append(f"access unchanged for {counted(found.unchanged, 'person', 'people')}")
    told = "; ".join(parts) or "no change of access was found"
    return told[0].upper() + told[1:]


def _block(block: Block, flag: str) -> Iterator[Line]:
    yield _headline(block)
    if block.status is Status.DELETED:
        noun = block.people[0].kind
        yield line(Span(f"- everything: the {noun} will be deleted", "delete"), indent=3)
        return
    yield from _rows(block.gains, "+", flag)
    if block.unknown_gains:
        told = f"+ what {listed(block.unknown_gains)} allows  (document unknown)"
        yield line(Span(told, "warn"), indent=3)
    yield from _rows(block.losses, "-", flag)
    if block.unknown_losses:
        yield line(Span(f"- what {listed(block.unknown_losses)} allows  (document unknown)", "warn"), indent=3)
    yield from _restraints(block.restraints, flag)


def _headline(block: Block) -> Line:
    style: Style = "refuse" if block.becomes_administrator else ""
    many = len(block.people) > 1
    told = ""
    if block.becomes_administrator is True:
        told = " become administrators" if many else " becomes an administrator"
    elif block.becomes_administrator is False:
        told = " are no longer administrators" if many else " is no longer an administrator"
    elif block.status is Status.CREATED:
        told = " (new)"
    return line(names(map(_name, block.people), style or "strong"), Span(told, style), indent=1)


def _name(person: Address) -> str:
    return person.name if person.kind == User.kind else subject_name(person)


def _rows(rows: Sequence[Row], sign: Literal["+", "-"], flag: str) -> Iterator[Line]:
    """Yield the lines of the rows of a sign: the risky ones, then others up to so many, then how many are left out."""
    shown, left_out = _cut(rows, is_full=not flag)
    for row in shown:
        yield from _row(row, sign, is_full=not flag)
    if left_out:
        actions = counted(sum(row.count for row in left_out), "action")
        told = f"{sign} {counted(len(left_out), 'more line')}: {actions} ({flag})"
        yield line(Span(told, "create" if sign == "+" else "delete"), indent=3)


def _cut(rows: Sequence[Row], *, is_full: bool) -> tuple[list[Row], list[Row]]:
    if is_full or len(rows) <= _MOST_LINES + 1:
        return list(rows), []
    room = _MOST_LINES
    shown, left_out = list[Row](), list[Row]()
    for row in rows:
        if row.rank in RISKY or len(shown) < room:
            shown.append(row)
        else:
            left_out.append(row)
    return shown, left_out


def _row(row: Row, sign: Literal["+", "-"], *, is_full: bool) -> Iterator[Line]:
    is_gain = sign == "+"
    style: Style = "create" if is_gain else "delete"
    text = row_text(row, _ALL_NAMES) if is_full else row_text(row)
    told = list(notes(row, is_gain=is_gain))
    yield line(
        Span(f"{sign} {text}", style),
        Span(f"  ({'; '.join(told)})" if told else "", "warn" if not row.is_exact else ""),
        indent=3,
    )
    source = sources_text(row.sources)
    if is_gain and row.rank in RISKY:
        yield line(Span(f"for example {example_text(row.example)}", "dim"), indent=5)
    if source and (is_full or (is_gain and row.rank in RISKY)):
        yield line(Span(f"{'by' if is_gain else 'was by'} {source}", "dim"), indent=5)


def _restraints(rows: Sequence[Row], flag: str) -> Iterator[Line]:
    """Yield what Denies no longer keep away, whoever allows it; last and under its condition, since it is no Allow."""
    shown, left_out = _cut(rows, is_full=not flag)
    for row in shown:
        by = sources_text(row.restraints)
        text = row_text(row) if flag else row_text(row, _ALL_NAMES)
        told = f"  (no longer denied{' by ' if by else ''}{by})"
        yield line(Span(f"+ {_RESTRAINED}: {text}", "create"), Span(told), indent=3)
    if left_out:
        yield line(Span(f"+ {_RESTRAINED}: {counted(len(left_out), 'more line')} ({flag})", "create"), indent=3)


def _limits(found: AccessChanges) -> Iterator[Line]:
    """Yield what the section does not say."""
    if found.unusual:
        one = "change exists only for resources of undocumented types, or for actions that AWS may add"
        many = "changes exist only for resources of undocumented types, or for actions that AWS may add"
        yield line(Span(counted(found.unusual, one, many), "warn"), indent=1)
    if found.undecided:
        people = listed(map(_name, found.undecided))
        yield line(Span(f"Not decided, since the policies are too complex: {people}", "warn"), indent=1)
    if found.unknown:
        one, many = "policy has an unknown document, which counts", "policies have unknown documents, which count"
        told = f"{counted(len(found.unknown), one, many)} as allowing everything: {listed(found.unknown)}"
        yield line(Span(told, "warn"), indent=1)
    yield line(Span(LIMITS, "dim"), indent=1)
