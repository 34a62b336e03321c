"""Changes as the JSON of a plan lists them, in the words of a plan: all that is left of them in the result of a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from iamctl.kinds import KINDS, Group, Membership, User, parse_address, root_kinds
from iamctl.kinds.arn import policy_words
from iamctl.model import Action, Address
from iamctl.model.affected import Affected, Through, Way
from iamctl.policy import Document
from iamctl.report.affected import affected_line
from iamctl.report.blocks import Line, Span, line, names
from iamctl.report.grouped import together
from iamctl.report.plan import SIGNS
from iamctl.report.statements import document_lines
from iamctl.report.words import KEEPS, SESSION_ONLY, VERBS, VERBS_OF_KINDS
from iamctl.text.counted import counted
from iamctl.text.late_dataclass import dataclass

_MOST_SAME = 3
"""More users than this whose changes are the same are one block."""

_WILL: Mapping[Action, str] = {
    Action.CREATE: "will be created",
    Action.UPDATE: "will change",
    Action.DELETE: "will be deleted",
}
_DONE: Mapping[Action, str] = {Action.CREATE: "created", Action.UPDATE: "changed", Action.DELETE: "deleted"}

_PLAIN_REASONS = ("declared, not in the account", "in the account, not declared", "differs: ", "deleted with ")
"""How the reasons begin that repeat what stands beside them."""

_NAMES = {User.kind: "user", Group.kind: "group"}
"""The field that names who something belongs to, if it belongs to a user or a group."""


@dataclass(frozen=True)
class Row:
    """One change of a plan, as its JSON tells it."""

    address: Address
    action: Action
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    fields: tuple[str, ...] = ()
    reason: str = ""
    terms: tuple[str, ...] = ()
    affected: Affected | None = None

    @property
    def side(self) -> Mapping[str, Any]:
        """The fields after the change, or before it for a deletion."""
        return self.after or self.before or {}

    @property
    def subject(self) -> Address:
        """The user, group or policy to which it happens; a membership happens to its user."""
        for kind, name in _NAMES.items() if "user" in self.side else reversed(_NAMES.items()):
            if self.address.kind != kind and isinstance(owner := self.side.get(name), str):
                return Address.of(kind, owner)
        return self.address

    @property
    def group(self) -> Address | None:
        """The group of a membership."""
        name = self.side.get("group") if self.address.kind == Membership.kind else None
        return Address.of(Group.kind, name) if isinstance(name, str) else None

    @property
    def noun(self) -> str:
        """What one of its kind is called beside its user or group."""
        return next(kind.noun for kind in KINDS if kind.kind == self.address.kind)

    @property
    def is_own(self) -> bool:
        """Whether it happens to the subject itself."""
        return self.subject == self.address


def row_of(data: Mapping[str, Any]) -> Row | None:
    """Return the change that one entry of ``changes`` holds; None where this version does not know its kind."""
    address = parse_address(str(data.get("address", "")))
    action = next((one for one in Action if one.value == data.get("action")), None)
    if address is None or action is None:
        return None
    return Row(
        address=address,
        action=action,
        before=_mapping(data.get("before")),
        after=_mapping(data.get("after")),
        fields=_texts(data.get("fields")),
        reason=str(data.get("reason") or ""),
        terms=_texts(data.get("terms")),
        affected=_affected(_mapping(data.get("affected"))),
    )


def _mapping(value: Any) -> Mapping[str, Any] | None:
    return value if isinstance(value, Mapping) else None


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def _affected(data: Mapping[str, Any] | None) -> Affected | None:
    if data is None:
        return None
    known = {way.value: way for way in Way}
    through = [one for one in data.get("through") or () if one.get("way") in known]
    ways = tuple(Through(known[one["way"]], str(one.get("group") or "")) for one in through)
    return Affected(_texts(data.get("users")), _texts(data.get("roles")), ways)


@dataclass(frozen=True)
class RowBlock:
    """All that happens to one user, group or policy; ``affected`` is collected over accounts."""

    subject: Address
    own: Row | None
    others: tuple[Row, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """All changes of the block."""
        return (self.own, *self.others) if self.own else self.others


def row_blocks(rows: Iterable[Row]) -> tuple[RowBlock, ...]:
    """Return a block for each user, group and policy that the rows touch, in the order of a plan."""
    own: dict[Address, Row] = {}
    others: defaultdict[Address, list[Row]] = defaultdict(list)
    for row in rows:
        if row.is_own:
            own[row.address] = row
        else:
            others[row.subject].append(row)
    order = [kind.kind for kind in root_kinds()]
    found = (RowBlock(subject, own.get(subject), tuple(others[subject])) for subject in own.keys() | others.keys())
    return tuple(sorted(found, key=lambda block: (order.index(block.subject.kind), block.subject.rank)))


def row_lines(
    blocks: Iterable[RowBlock], affected: Mapping[Address, Sequence[Affected]], *, is_done: bool
) -> Iterator[tuple[tuple[Address, ...], tuple[Line, ...]]]:
    """Yield the lines of each block with its subject; users to whom the same happens share the lines of the first.

    ``affected`` has who is affected by the changes of a subject, and ``is_done`` tells whether they are made already.
    """
    for same in together(blocks, _same, most=_MOST_SAME):
        first = same[0]
        lines = [_headline(same, is_done=is_done)]
        if first.subject.kind != User.kind and (told := affected_line(affected.get(first.subject, ()), first.subject)):
            lines.append(replace(told, indent=1))
        if first.own:
            lines += _indented(_details(first.own), 1)
        yield tuple(block.subject for block in same), (*lines, *_gains_and_losses(first.others))


def _same(block: RowBlock) -> Hashable:
    """Return what blocks of users have in common that differ in nothing but the user."""
    if block.subject.kind != User.kind:
        return None
    lines = (*(_details(block.own) if block.own else ()), *_gains_and_losses(block.others))
    told = tuple((entry.indent, tuple(span.text for span in entry.spans)) for entry in lines)
    return (block.own.action if block.own else None, block.own.reason if block.own else "", told)


def _headline(same: Sequence[RowBlock], *, is_done: bool) -> Line:
    first = same[0]
    action = first.own.action if first.own else Action.UPDATE
    sign, style = SIGNS[action]
    done = f" {(_DONE if is_done else _WILL)[action]}" if first.own else ""
    reason = Span(_reason([first.own]) if first.own else "", "dim")
    if len(same) > 1:
        head = f"{sign} {counted(len(same), first.subject.kind)}{done}: "
        return line(names((block.subject.name for block in same), style, head), reason)
    noun = "" if first.subject.kind == User.kind else f"{first.subject.kind} "
    return line(Span(f"{sign} {noun}{first.subject.name}{done}", style), reason)


def _gains_and_losses(rows: Sequence[Row]) -> Iterator[Line]:
    """Yield one line for all that is gained or lost of one kind in one way, and below it what documents say."""
    found: defaultdict[tuple[int, str, Action], list[Row]] = defaultdict(list)
    order = [kind.kind for kind in KINDS]
    for row in rows:
        found[order.index(row.address.kind), _verb(row), row.action].append(row)
    for (_, verb, action), alike in sorted(found.items(), key=lambda pair: pair[0]):
        sign, style = SIGNS[action]
        yield line(Span(f"{sign} {verb} {', '.join(map(_label, alike))}", style), Span(_reason(alike), "dim"), indent=1)
        for row in alike:
            details = tuple(_details(row)) if row.after else ()
            if details and len(alike) > 1:
                yield line(f"{row.address.name}:", indent=2)
            yield from _indented(details, 3 if len(alike) > 1 else 2)


def _verb(row: Row) -> str:
    if row.fields == SESSION_ONLY:
        return KEEPS
    return VERBS_OF_KINDS.get(row.address.kind, {}).get(row.action, VERBS[row.action])


def _label(row: Row) -> str:
    """Return what is gained or lost, such as "inline policy logs"."""
    side, kind = row.before or row.side, row.address.kind
    if kind == Membership.kind:
        return f"{row.side.get('group', '')}{_in_brackets(row.terms)}"
    if kind == "login-profile":
        return "password"
    arn = side.get("policy_arn")
    known = [str(side[name]).lower() for name in ("status", "service") if isinstance(side.get(name), str)]
    return f"{row.noun} {policy_words(arn) if isinstance(arn, str) else row.address.name}{_in_brackets(known)}"


def _in_brackets(texts: Sequence[str]) -> str:
    return f" ({'; '.join(texts)})" if texts else ""


def _reason(rows: Sequence[Row]) -> str:
    """Return why, where all have one reason that says more than the manifest does."""
    reason = rows[0].reason
    if not reason or any(row.reason != reason for row in rows):
        return ""
    _, _, note = reason.partition("; reason: ")
    if reason.startswith(_PLAIN_REASONS):
        return f"  reason: {note}" if note else ""
    return f"  {reason}"


def _details(row: Row) -> Iterator[Line]:
    """Yield one line per field that says more than the address does, and documents statement by statement."""
    if row.after is None:
        return
    if row.address.kind != Membership.kind:
        yield from map(line, row.terms)
    if "document" in row.after and (row.before is None or "document" in row.fields):
        before = Document.from_data(row.before.get("document")) if row.before else None
        yield from document_lines(before, Document.from_data(row.after["document"]))
    told = {*row.address.parts, row.subject.name}
    for name in row.fields if row.before is not None else row.after:
        if name in {"document", "name"}:
            continue
        value = _at(row.after, name)
        if row.before is not None:
            yield line(f"{name}: {_plain(_at(row.before, name))} -> {_plain(value)}")
        elif value not in ({}, "/", None) and str(value) not in told and name not in {"user", "group", "policy_arn"}:
            yield line(f"{name}: {_plain(value)}")


def _at(fields: Mapping[str, Any], path: str) -> Any:
    head, _, rest = path.partition(".")
    value = fields.get(head)
    return value.get(rest) if rest and isinstance(value, Mapping) else value


def _plain(value: Any) -> str:
    if value is None:
        return "(none)"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={item}" for key, item in value.items())
    return str(value)


def _indented(lines: Iterable[Line], indent: int) -> Iterator[Line]:
    yield from (replace(entry, indent=entry.indent + indent) for entry in lines)
