"""What a plan does, told person by person and group by group, and first of all what a reviewer must not miss."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from iamctl.kinds import KINDS, AccountSetting, Group, User, root_kinds
from iamctl.model import Action, Address, Change, Finding, Part, Plan, Reason, Severity
from iamctl.model.approval_line import APPROVAL_RULE
from iamctl.model.plan import RISK
from iamctl.policy import Document
from iamctl.report.affected import affected_line
from iamctl.report.blocks import Line, Section, Span, Style, line, names, places
from iamctl.report.findings import is_named
from iamctl.report.grouped import together
from iamctl.report.statements import document_lines
from iamctl.report.words import PLAIN, label, reason_text, terms_texts, verb
from iamctl.text.counted import counted, plural
from iamctl.text.late_dataclass import dataclass

FIRST = "Look at this first"

SIGNS: Mapping[Action, tuple[str, Style]] = {
    Action.CREATE: ("+", "create"),
    Action.UPDATE: ("~", "update"),
    Action.DELETE: ("-", "delete"),
}

_PLAIN = PLAIN | {Reason.DELETED_WITH}
"""Reasons that repeat what stands beside them."""

_RANKS = {APPROVAL_RULE: 0, RISK: 1}
"""What a reviewer reads first: who approves, then who gets powers or loses a guard, since other risks follow from it."""

_MOST_SAME = 3
"""More users than this whose changes are the same are one block."""


def _titles() -> dict[str, str]:
    """Return the headings of changes by the kind of what they are about, in the order of the kinds."""
    return {kind.kind: (kind.section.heading if kind.section else "") or kind.title for kind in root_kinds()}


@dataclass(frozen=True)
class Block:
    """All that a plan does to one user, group or policy."""

    subject: Address
    own: Change | None
    """What happens to the subject itself."""
    others: tuple[Change, ...]
    """What it gains and loses, and what changes of that."""


def blocks(changes: Iterable[Change]) -> tuple[Block, ...]:
    """Return a block for each user, group and policy that changes touch, by kind and name."""
    own: dict[Address, Change] = {}
    others: defaultdict[Address, list[Change]] = defaultdict(list)
    for change in changes:
        if change.resource.owner is None:
            own[change.address] = change
        else:
            others[change.resource.subject].append(change)
    found = (Block(subject, own.get(subject), tuple(others[subject])) for subject in own.keys() | others.keys())
    order = list(_titles())
    return tuple(sorted(found, key=lambda block: (order.index(block.subject.kind), block.subject.rank)))


def risky_section(plan: Plan) -> Iterator[Section]:
    """Yield what a reviewer must not miss: who gains or loses what counts most, and who and what goes; or nothing."""
    lines = [*risk_lines(sorted(plan.risks, key=lambda risk: _RANKS.get(risk.rule, len(_RANKS))))]
    lines += _removals(
        [block for block in blocks(plan.changes) if block.own and block.own.action is Action.DELETE], plan
    )
    if lines:
        yield Section(FIRST, tuple(replace(entry, is_kept=True) for entry in lines))


def block_sections(plan: Plan) -> Iterator[Section]:
    """Yield the sections of people, groups and policies."""
    by_kind: defaultdict[str, list[Block]] = defaultdict(list)
    for block in blocks(plan.changes):
        by_kind[block.subject.kind].append(block)
    for kind, title in _titles().items():
        if found := by_kind.get(kind):
            risky = _named_by_risks(plan)
            folded = sorted(together(found, _same, most=_MOST_SAME), key=lambda same: same[0].subject not in risky)
            lines = tuple(
                replace(entry, is_kept=same[0].subject in risky) for same in folded for entry in _lines(same, plan)
            )
            yield Section(title, lines, is_detail=True)


def block_lines(block: Block, plan: Plan) -> tuple[Line, ...]:
    """Return what a plan does to one user, group or policy; the first line is the headline."""
    return tuple(_lines((block,), plan))


def _named_by_risks(plan: Plan) -> frozenset[Address]:
    """Return what "Look at this first" names: a page leaves out everything else before it."""
    facts = {fact for risk in plan.risks for fact in risk.facts}
    named = {risk.address for risk in plan.risks if risk.address}
    subjects = {change.resource.subject for change in plan.changes}
    return frozenset(named | {subject for subject in subjects if facts & {str(subject), subject.name}})


def _same(block: Block) -> Hashable:
    """Return what blocks have in common that differ in nothing but their subject."""
    told = tuple(
        (entry.indent, tuple(span.text for span in entry.spans if not span.origin))
        for entry in (*(_details(block.own) if block.own else ()), *_gains_and_losses(block.others))
    )
    own = (block.own.action, _reasons([block.own])) if block.own else None
    return (block.subject.kind, own, told) if block.subject.kind == User.kind else None


def risk_lines(risks: Iterable[Finding]) -> tuple[Line, ...]:
    """Return a line for each risk, one with all names where it is the same for several; refusals are listed elsewhere."""
    return tuple(_risks(risks))


def _risks(risks: Iterable[Finding]) -> Iterator[Line]:
    named = [risk for risk in risks if risk.severity is not Severity.REFUSE]
    for found in together(named, _alike, most=1):
        told = found[0].message
        if len(found) > 1 and found[0].address:
            number, first = counted(len(found), found[0].address.kind), found[0]
            who = ", ".join(risk.address.name for risk in found if risk.address)
            told = f"{number} {first.many}: {who}" if first.many else f"each of {number} {told}: {who}"
        elif found[0].address and not is_named(found[0]):
            told = f"{subject_name(found[0].address)} {told}"
        yield Line((Span(told, "refuse"),), indent=1, is_whole=True)


def _alike(risk: Finding) -> Hashable:
    """Return what risks have in common that are one line."""
    if risk.address is None:
        return None
    said = (risk.many,) if risk.many else (risk.facts, risk.message)
    return (risk.rule, risk.address.kind, *said) if risk.many or risk.facts else None


def subject_name(address: Address) -> str:
    """Return what a sentence calls a resource: a user by the name, anything else with its kind."""
    if address.kind == AccountSetting.kind:
        return f"the {address.name.replace('_', ' ')} of the account"
    return address.name if address.kind == User.kind else f"{address.kind} {address.name}"


def _removals(gone: Iterable[Block], plan: Plan) -> Iterator[Line]:
    """Yield a line for each user, group and policy that goes, one for all of a kind where these are too many."""
    for found in together(gone, lambda block: block.subject.kind):
        told = _removal(found[0], plan) if len(found) == 1 else _removal_of_many(found, plan)
        yield Line((Span(told, "delete"),), indent=1, is_whole=len(found) > 1)


def _removal(block: Block, plan: Plan) -> str:
    """Return what a user, a group or a policy that goes loses, such as "1 password, 2 groups"."""
    name = subject_name(block.subject)
    parts = [*_taken_along([block], plan)]
    return f"{name} will be deleted{', with ' if parts else ''}{', '.join(parts)}"


def _removal_of_many(gone: Sequence[Block], plan: Plan) -> str:
    """Return who goes, and in sums what goes along: "30 users will be deleted with 30 passwords, 60 groups: alice, ..."."""
    parts = ", ".join(_taken_along(gone, plan))
    who = ", ".join(block.subject.name for block in gone)
    return f"{len(gone):,} {plural(gone[0].subject.kind)} will be deleted{' with ' if parts else ''}{parts}: {who}"


def _taken_along(gone: Sequence[Block], plan: Plan) -> Iterator[str]:
    yield from _counts([change for block in gone for change in block.others], plan.created_at)
    if members := sum(plan.live_members.get(block.subject, 0) for block in gone if block.subject.kind == Group.kind):
        yield counted(members, "member" if len(gone) == 1 else "membership")
    sums: Counter[Part] = Counter()
    for block in gone:
        sums.update(block.own.before.along() if block.own and block.own.before else {})
    yield from (counted(number, part) for part, number in sums.items())


def _counts(changes: Sequence[Change], now: datetime) -> Iterator[str]:
    for kind in KINDS:
        found = [change.before for change in changes if change.before and isinstance(change.before, kind)]
        if found:
            used = max((one.last_used for one in found if one.last_used), default=None)
            count = counted(len(found), kind.noun)
            yield f"{count} (last used {_ago(used, now)})" if used else count


def _ago(moment: datetime, now: datetime) -> str:
    days = (now - moment).days
    return "today" if days < 1 else f"{counted(days, 'day')} ago"


def _lines(same: Sequence[Block], plan: Plan) -> Iterator[Line]:
    """Yield the lines of a block, or of several that differ in nothing but their subject."""
    yield _headline(same)
    if affected := _affected(same[0], plan):
        yield replace(affected, indent=3)
    if same[0].own:
        yield from _indented(_details(same[0].own), 3)
    yield from _gains_and_losses(same[0].others, is_placed=len(same) == 1)


def _affected(block: Block, plan: Plan) -> Line | None:
    """Return who is affected by the changes of a group or a policy; those of a user are about that user."""
    changes = block.others if block.own is None else (block.own, *block.others)
    found = [plan.affected[change.address] for change in changes if change.address in plan.affected]
    return affected_line(found, block.subject) if block.subject.kind != User.kind else None


_DONE = {Action.CREATE: "will be created", Action.DELETE: "will be deleted", Action.UPDATE: "will change"}


def _headline(same: Sequence[Block]) -> Line:
    change, subject = same[0].own, same[0].subject
    sign, style = SIGNS[change.action if change else Action.UPDATE]
    done = f" {_DONE[change.action]}" if change else ""
    reason = _reasons([change]) if change else ""
    if len(same) > 1:
        head = f"{sign} {counted(len(same), subject.kind)}{done}: "
        people = names((block.subject.name for block in same), style, head)
        return line(people, Span(reason, "dim"), indent=1)
    place = places([change.after.origin]) if change and change.after else ()
    return line(Span(f"{sign} {subject.name}{done}", style), Span(reason, "dim"), *place, indent=1)


def _gains_and_losses(changes: Sequence[Change], *, is_placed: bool = True) -> Iterator[Line]:
    """Yield one line for all that is gained or lost of one kind in one way, and below it what documents say."""
    found: defaultdict[tuple[int, str, Action], list[Change]] = defaultdict(list)
    for change in changes:
        kind = type(change.resource)
        found[KINDS.index(kind), verb(change), change.action].append(change)
    for (_, done, action), alike in sorted(found.items(), key=lambda pair: (pair[0][0], pair[0][1])):
        sign, style = SIGNS[action]
        labels = ", ".join(label(change.before or change.resource) for change in alike)
        told = Span(_reasons(alike), "dim")
        place = places(change.after.origin for change in alike if change.after) if is_placed else ()
        yield line(Span(f"{sign} {done} {labels}", style), told, *place, indent=3)
        for change in alike:
            details = tuple(_details(change)) if change.after else ()
            if details and len(alike) > 1:
                yield line(f"{change.address.name}:", indent=5)
            yield from _indented(details, 6 if len(alike) > 1 else 5)


def _indented(lines: Iterable[Line], indent: int) -> Iterator[Line]:
    yield from (replace(entry, indent=entry.indent + indent) for entry in lines)


def _reasons(changes: Sequence[Change]) -> str:
    """Return why, where all have one reason and it says more than that the manifest differs."""
    first = changes[0]
    is_plain = first.why is None or first.why.reason in _PLAIN
    return "" if is_plain or any(change.why != first.why for change in changes) else f"  {reason_text(first)}"


def _details(change: Change) -> Iterator[Line]:
    """Yield one line per field that says more than the address does, and documents statement by statement."""
    before, after = change.before, change.after
    if after is None:
        if before and (along := before.along()):
            yield line(f"deleted with it: {', '.join(counted(number, part) for part, number in along.items())}")
        return
    yield from map(line, terms_texts(after))
    document = getattr(after, "document", None)
    if isinstance(document, Document) and (before is None or "document" in change.fields):
        yield from document_lines(getattr(before, "document", None), document)
    told = set(change.address.parts)
    fields = after.to_json()
    old = before.to_json() if before else None
    for name in change.fields if old is not None else fields:
        if name in {"document", "name"}:  # shown above; the reason tells the name
            continue
        if old is not None:
            yield line(f"{name}: {_plain(_at(old, name))} -> {_plain(_at(fields, name))}")
        elif (
            fields[name] not in ({}, "/", None)
            and str(fields[name]) not in told
            and name not in change.resource.reference_fields
        ):
            yield line(f"{name}: {_plain(fields[name])}")


def _at(fields: Mapping[str, Any], path: str) -> Any:
    head, _, rest = path.partition(".")
    value = fields.get(head)
    return value.get(rest) if rest and isinstance(value, Mapping) else value


def _plain(value: Any) -> str:
    if value is None:
        return "(none)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={item}" for key, item in value.items())
    return str(value)
