"""What is to be said about a roster: totals first, then group by group, then person by person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from iamctl.comparison.group_policies import PolicyOfGroup, PolicyStatus
from iamctl.comparison.members import Member, Named, Roster, Standing, Status
from iamctl.report.blocks import Line, Report, Section, Span, Style, Table, line
from iamctl.report.words import member_why_text
from iamctl.text.counted import counted
from iamctl.text.moment import to_the_second
from iamctl.text.visible import visible

MOST_PEOPLE = 25
"""An account of up to this many people is also told person by person."""

WIDTH = 100
"""Columns of a line of names."""

_SIGNS: Mapping[Status, tuple[str, Style]] = {
    Status.JOINS: ("+", "create"),
    Status.LEAVES: ("-", "delete"),
    Status.ENDED: ("-", "delete"),
}
_POLICY_SIGNS: Mapping[PolicyStatus, tuple[str, Style]] = {
    PolicyStatus.ADDED: ("+", "create"),
    PolicyStatus.REMOVED: ("-", "delete"),
}
_IN_ONE_LINE = {Status.DECLARED: "", Status.STAYS: "", Status.IGNORED: "ignored: ", Status.UNDECLARED: "left alone: "}
"""The statuses whose members share lines when there is nothing more to say of them, and what these begin with."""

_COLUMNS = ("group", "user", "status", "declared", "live", "until", "reason", "because", "not_before", "origin", "from")


def members_report(roster: Roster, *, by_person: bool = False, with_policies: bool = False) -> Report:
    """Return the report of a roster; ``by_person`` tells each person at length and no groups.

    ``with_policies`` adds what each group has attached.
    """
    account = f"{roster.account.name} ({roster.account.id}, {roster.account.partition})"
    sections = [Section(f"Members of {account}", (line(Span(_totals_line(roster), "strong"), indent=1),))]
    if by_person:
        sections += [_section(person, "group", roster) for person in roster.people]
    else:
        for group in roster.groups:
            sections.append(_section(group, "user", roster))
            if with_policies:
                sections.append(_policies_section(group))
        sections += _without_groups(roster.people)
        if len(roster.people) <= MOST_PEOPLE:
            sections += _people_in_short(roster.people)
        else:
            more = f"{counted(len(roster.people), 'person', 'people')}: --user NAME prints the groups of one, --format csv of all."
            sections.append(Section("", (line(Span(more, "dim")),)))
    return Report(roster_json(roster), tuple(sections), Table(_COLUMNS, tuple(map(_row, roster.members))))


def roster_json(roster: Roster) -> dict[str, Any]:
    """Return the roster in the format ``iamctl-members/1`` (``schemas/members.schema.json``)."""
    return {
        "format": "iamctl-members/1",
        "created_at": to_the_second(roster.created_at),
        "account": {
            "id": roster.account.id,
            "name": roster.account.name,
            "partition": roster.account.partition,
        },
        "is_live": roster.is_live,
        "totals": roster.totals,
        "groups": [
            {
                **_named_json(group),
                "policies": [_policy_json(policy) for policy in group.policies],
                "members": [_member_json(member) for member in group.members],
            }
            for group in roster.groups
        ],
        "people": [
            {
                **_named_json(person),
                "groups": [{"group": member.group, "status": member.status.value} for member in person.members],
            }
            for person in roster.people
        ],
    }


def _named_json(named: Named) -> dict[str, Any]:
    return {"name": named.name, "standing": named.standing.value, "renamed_from": named.renamed_from}


def _policy_json(policy: PolicyOfGroup) -> dict[str, Any]:
    return {"name": policy.name, "is_inline": policy.is_inline, "status": policy.status.value}


def _member_json(member: Member) -> dict[str, Any]:
    return {
        "user": member.user,
        "status": member.status.value,
        "declared": member.declared,
        "live": member.live,
        "from": member.begins,
        "until": member.until,
        "reason": member.reason,
        "because": member_why_text(member.because) or None,
        "not_before": member.not_before,
        "origin": member.origin.to_json() if member.origin else None,
    }


def _row(member: Member) -> tuple[Line, ...]:
    live = "" if member.live is None else str(member.live).lower()
    cells = (
        member.group,
        member.user,
        member.status.value,
        str(member.declared).lower(),
        live,
        member.until or "",
        member.reason or "",
        member_why_text(member.because),
        member.not_before or "",
        str(member.origin or ""),
        member.begins or "",
    )
    return tuple(line(cell) for cell in cells)


def _totals_line(roster: Roster) -> str:
    totals = roster.totals
    memberships = f"{counted(totals['declared'], 'membership')} declared"
    if roster.is_live:
        memberships += f", {totals['live']:,} live"
    return (
        f"{counted(totals['groups'], 'group')}, {counted(totals['people'], 'person', 'people')}, "
        f"{memberships}; {_moves({status: totals.get(status.value, 0) for status in Status}) or 'nobody joins or leaves'}"
    )


def _moves(counts: Mapping[Status, int]) -> str:
    words = (
        (Status.JOINS, "joins", "join"),
        (Status.BEGINS, "begins later", "begin later"),
        (Status.LEAVES, "leaves", "leave"),
        (Status.ENDED, "has ended", "have ended"),
        (Status.IGNORED, "ignored", "ignored"),
        (Status.UNDECLARED, "undeclared and left alone", "undeclared and left alone"),
    )
    return ", ".join(counted(counts[status], one, many) for status, one, many in words if counts[status])


def _section(named: Named, other: Literal["user", "group"], roster: Roster) -> Section:
    """Return what there is to say of a group or a person, whose members or groups stand in the field ``other``."""
    plain_ones = {member for member in named.members if _is_plain(member, other)}
    own = [member for member in named.members if member not in plain_ones]
    plain = {
        status: [getattr(member, other) for member in named.members if member in plain_ones and member.status is status]
        for status in _IN_ONE_LINE
    }
    lines = [_own_line(member, other) for member in own]
    rows = [_own_row(member, other) for member in own]
    for status, names in plain.items():
        if names:
            lines += _name_lines(names, _IN_ONE_LINE[status])
            told = line(Span(status.value, "dim"))
            rows.append((told, line(*names), line(), line()))
    if not rows:
        lines = [line(Span("  nobody" if other == "user" else "  no groups", "dim"), indent=1)]
    table = Table(("status", other, "until", "why"), tuple(rows)) if rows else None
    declared = f"{_label(named)}: {sum(member.declared for member in named.members)} declared"
    title = f"{declared}, {sum(bool(member.live) for member in named.members)} live" if roster.is_live else declared
    return Section(title, tuple(lines), table)


def _policies_section(group: Named) -> Section:
    """Return the policies of a group, what will be added and removed with its sign."""
    lines = [_policy_line(policy) for policy in group.policies] or [line(Span("  none", "dim"), indent=1)]
    return Section(f"Policies of {group.name}", tuple(lines))


def _policy_line(policy: PolicyOfGroup) -> Line:
    sign, style = _POLICY_SIGNS.get(policy.status, (" ", ""))
    notes = ["inline"] if policy.is_inline else []
    notes += ["undeclared and left alone"] if policy.status is PolicyStatus.UNDECLARED else []
    return line(Span(f"{sign} {policy.name}", style), Span(f"  {', '.join(notes)}" if notes else "", "dim"), indent=1)


def _label(named: Named) -> str:
    words = {
        Standing.DECLARED: f"renamed from {named.renamed_from}" if named.renamed_from else "",
        Standing.NEW: "new",
        Standing.REMOVED: "to be removed",
        Standing.IGNORED: f"ignored by {named.because.rule}" if named.because else "ignored",
        Standing.UNDECLARED: "undeclared and left alone",
    }
    return f"{named.name} ({words[named.standing]})" if words[named.standing] else named.name


def _is_plain(member: Member, other: str) -> bool:
    """Tell whether the name of the other side says all; of a person that is asked for also the age is told."""
    told = member.until or member.begins or member.reason or (other == "group" and member.not_before)
    return member.status in _IN_ONE_LINE and not told


def _own_line(member: Member, other: str) -> Line:
    sign, style = _SIGNS.get(member.status, (" ", ""))
    if member.status is Status.ENDED and not member.live:
        sign, style = " ", "dim"
    parts = [Span(f"{sign} {getattr(member, other)}", style)]
    if member.begins and member.status is Status.BEGINS:
        parts.append(Span(f"  begins {member.begins}", "warn"))
    if member.until and member.status is not Status.ENDED:
        parts.append(Span(f"  until {member.until}", "warn"))
    parts += [Span(f"  {words}", "dim") for words in _because(member, other)]
    if member.reason:
        parts.append(Span(f"  {member.reason}"))
    return line(*parts, indent=1)


def _own_row(member: Member, other: str) -> tuple[Line, ...]:
    begins = f"begins {member.begins}; " if member.begins and member.status is Status.BEGINS else ""
    why = [Span(begins, "warn"), Span("; ".join(_because(member, other)), "dim"), Span(member.reason or "")]
    until = Span(member.until or "", "dim")
    return line(Span(member.status.value, "dim")), line(getattr(member, other)), line(until), line(*why)


def _because(member: Member, other: str) -> list[str]:
    """Return why it is so, and of a person that is asked for since when at the earliest."""
    words = [member_why_text(member.because)] if member.because else []
    if member.status is Status.ENDED and member.live is False:
        words.append("no longer in the account")
    if other == "group" and member.not_before:
        words.append(f"not before {member.not_before}")
    return words


def _name_lines(names: Iterable[str], label: str) -> Iterator[Line]:
    """Yield lines of names, as many in each as fit; the label stands before the first of them."""
    row: list[str] = []
    used = 0
    for name in names:
        width = len(visible(name)) + 2
        if row and used + width > WIDTH - len(label) - 4:
            yield line(f"  {label}{', '.join(row)},", indent=1)
            label, row, used = " " * len(label), [], 0
        row.append(name)
        used += width
    if row:
        yield line(f"  {label}{', '.join(row)}", indent=1)


def _without_groups(people: Sequence[Named]) -> Iterator[Section]:
    names = [person.name for person in people if not person.members]
    if names:
        yield Section("In no group", tuple(_name_lines(names, "")))


def _people_in_short(people: Sequence[Named]) -> Iterator[Section]:
    told = [person for person in people if person.members]
    if not told:
        return
    rows = tuple((line(Span(_label(person))), line(*_groups_in_short(person, " "))) for person in told)
    lines = tuple(line(f"  {_label(person)}: ", *_joined(_groups_in_short(person, " ")), indent=1) for person in told)
    yield Section("By person", lines, Table(("user", "groups"), rows))


def _groups_in_short(person: Named, space: str) -> list[Span]:
    found = []
    for member in person.members:
        sign, style = _SIGNS.get(member.status, ("", ""))
        if member.status in {Status.ENDED, Status.BEGINS} and not member.live:
            continue
        found.append(Span(f"{sign}{space if sign else ''}{member.group}", style))
    return found


def _joined(spans: list[Span]) -> Iterator[Span]:
    for number, span in enumerate(spans):
        if number:
            yield Span(", ")
        yield span
