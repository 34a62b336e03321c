"""What groups allow and what their members used, as a report in the format ``iamctl-usage/1``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from iamctl.audit.usage import TRACKING_DAYS, GroupUsage, ServiceUse
from iamctl.model import Account
from iamctl.report.blocks import Line, Report, Section, Span, Table, line, names
from iamctl.text.counted import counted
from iamctl.text.late_dataclass import dataclass
from iamctl.text.moment import to_the_second

_COLUMNS = ("group", "members", "service", "name", "last_used", "used_by", "not_evaluated")


@dataclass(frozen=True)
class Usage:
    """The usage of one account."""

    account: Account
    at: datetime
    groups: tuple[GroupUsage, ...]
    """The groups with members, by name."""
    empty: tuple[str, ...]
    """The names of those without."""
    calls: int
    """How many calls it took, beside those that read the account."""


def usage_report(usage: Usage, version: str) -> Report:
    """Return the report: the groups first that allow the most that nobody uses."""
    rows = tuple(tuple(line(cell) for cell in row) for one in usage.groups for row in _rows(one))
    return Report(
        _json(usage, version),
        tuple(_sections(usage)),
        Table(_COLUMNS, rows),
        marker=f"iamctl-usage {usage.account.name}",
        noun="usage",
    )


def _sections(usage: Usage) -> Iterator[Section]:
    account = usage.account
    note = f"attempts of the last {TRACKING_DAYS} days, also denied ones, whichever policy was asked"
    yield Section(
        f"Usage of services in {account.name} ({account.id}, {account.partition})", (line(Span(note, "dim"), indent=1),)
    )
    known = sorted((one for one in usage.groups if not one.problem), key=lambda one: (-len(one.unused), one.group))
    if known:
        yield Section("Groups", tuple(entry for one in known for entry in _lines(one)))
    if failed := [one for one in usage.groups if one.problem]:
        yield Section("Not evaluated", tuple(line(f"{one.group}: {one.problem}", indent=1) for one in failed))
    if usage.empty:
        yield Section("Groups without members", (line(names(usage.empty), indent=1),))
    wide = sum(bool(one.unused) for one in known)
    told = f"{counted(len(usage.groups), 'group')} with members: {wide} {'allows' if wide == 1 else 'allow'} services"
    told += f" that no member used; {counted(usage.calls, 'call')} for this."
    yield Section("", (line(Span(told, "strong")),))


def _lines(one: GroupUsage) -> Iterator[Line]:
    allowed, used = counted(len(one.services), "service"), len(one.used)
    members = "its only member" if one.members == 1 else f"its {one.members:,} members"
    told = f"{one.group} allows {allowed}; {members} used {used or 'none'} in {TRACKING_DAYS} days"
    yield line(told if one.services else f"{one.group} allows no service", indent=1)
    if one.unused:
        yield line(names((use.namespace for use in one.unused), before="not used: "), indent=3)
    if one.used:
        yield line(names(map(_used, one.used), before="used: "), indent=3)


def _used(use: ServiceUse) -> str:
    at = f"{use.last_used:%Y-%m-%d}" if use.last_used else ""
    return f"{use.namespace} ({at}{f' by {_who(use)}' if use.used_by else ''})"


def _who(use: ServiceUse) -> str:
    return use.used_by.rpartition("/")[2]


def _rows(one: GroupUsage) -> Iterator[tuple[str, ...]]:
    if one.problem or not one.services:
        yield (one.group, str(one.members), "", "", "", "", one.problem)
    for use in one.services:
        at = _time(use.last_used) or ""
        yield (one.group, str(one.members), use.namespace, use.name, at, use.used_by, "")


def _json(usage: Usage, version: str) -> dict[str, Any]:
    account = usage.account
    return {
        "format": "iamctl-usage/1",
        "iamctl_version": version,
        "created_at": _time(usage.at),
        "account": {"id": account.id, "name": account.name, "partition": account.partition},
        "tracking_days": TRACKING_DAYS,
        "calls": usage.calls,
        "groups": [
            {
                "group": one.group,
                "members": one.members,
                "allowed": len(one.services),
                "used": len(one.used),
                "services": [
                    {
                        "namespace": use.namespace,
                        "name": use.name,
                        "last_used": _time(use.last_used),
                        "used_by": use.used_by or None,
                    }
                    for use in one.services
                ],
                "not_evaluated": one.problem or None,
            }
            for one in usage.groups
        ],
        "groups_without_members": list(usage.empty),
    }


def _time(at: datetime | None) -> str | None:
    return to_the_second(at) if at else None
