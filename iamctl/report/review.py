"""An access review: the population as a table to fill in, and what a filled-in one says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from iamctl.access.row import Level
from iamctl.access.services import UsableServices
from iamctl.comparison.review import MembershipRow, Population, UserRow
from iamctl.comparison.reviewed import DECIDED, FIXED, POPULATION, Decision, Problem, Reviewed, changes, digest
from iamctl.kinds.credentials import HeldKey
from iamctl.report.access_words import LEVELS
from iamctl.report.blocks import Line, Report, Section, Span, Table, line
from iamctl.text.counted import counted, listed
from iamctl.text.visible import visible

_UNKNOWN = "unknown"
_ALL = "all services"
_ORDER = ("new", "changed", "same", "")
_PROBLEMS: Mapping[Problem, str] = {
    Problem.NO_DECISION: "no decision; write keep, change, revoke, defer or except",
    Problem.UNKNOWN_DECISION: "{!r} is not a decision; write keep, change, revoke, defer or except",
    Problem.NO_REVIEWER: "no reviewer",
    Problem.NO_DATE: "no date in decided_on",
    Problem.NO_TICKET: "no ticket, which a revocation needs",
}
_DECISIONS: Mapping[Decision, str] = {
    Decision.KEEP: "kept",
    Decision.CHANGE: "changed",
    Decision.REVOKE: "revoked",
    Decision.DEFER: "deferred",
    Decision.EXCEPT: "excepted",
}


def review_report(found: Population, version: str, previous: Reviewed | None) -> Report:
    """Return the table to fill in, under a head that states how to make it again."""
    rows = [*map(_user_row, found.users), *map(_membership_row, found.memberships)]
    if previous:
        compared = changes(rows, previous)
        rows = [{**row, "change": change} for row, change in zip(rows, compared, strict=True)]
    rows.sort(key=lambda row: _ORDER.index(row["change"]))
    head = _head(found, version, rows, previous)
    columns = (*FIXED, *DECIDED)
    table = Table(columns, tuple(tuple(line(row.get(column, "")) for column in columns) for row in rows))
    data = {"format": "iamctl-review/1", "head": head, "rows": rows}
    choices = {column: tuple(Decision) if column == "decision" else () for column in DECIDED}
    return Report(data, (), replace(table, head=tuple(head.items()), to_fill=choices))


def _head(found: Population, version: str, rows: list[dict[str, str]], previous: Reviewed | None) -> dict[str, str]:
    account = found.account
    kept = {row["key"] for row in rows}
    gone = sum(row["key"] not in kept for row in previous.rows) if previous else 0
    compared = {"previous population": previous.head.get(POPULATION, ""), "gone since": str(gone)} if previous else {}
    return {
        "account": account.name,
        "account id": account.id,
        "partition": account.partition,
        "made at": _time(found.at),
        "account read at": _time(found.taken_at),
        "credential report of": _time(found.credentials_as_of),
        "read by": visible(found.caller),
        "iamctl": version,
        **{name: visible(value) for name, value in found.about.items()},
        **compared,
        POPULATION: digest(rows),
    }


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else _UNKNOWN


def _row(**cells: str) -> dict[str, str]:
    return {column: visible(cells.get(column, "")) for column in FIXED}


def _user_row(row: UserRow) -> dict[str, str]:
    user, held = row.user, row.user.credentials
    is_used = held.password_used or held.is_password_use_known
    signed_in = _day(held.password_used) if held.password_used else "never" if is_used else _UNKNOWN
    keys = row.keys
    return _row(
        key=str(row.address),
        user=user.name,
        user_id=user.user_id or "",
        owner=row.owner,
        created=_day(user.created),
        console=_yes(held.has_password),
        last_sign_in=signed_in if held.has_password else "",
        mfa=_yes(held.has_mfa),
        access_keys=_UNKNOWN if keys is None else "; ".join(map(_key, keys)),
        groups=" ".join(row.groups),
        administrator=_yes(row.is_administrator),
        ways_up=str(row.ways_up),
        services=_services(row.services),
        until=(row.declared.until or "") if row.declared else "",
        declared=_yes(row.declared is not None),
    )


def _services(usable: UsableServices) -> str:
    """Return what somebody may use, such as "write: s3; read: logs, s3"."""
    if len(usable.levels) == len(Level) and all(one.is_all for one in usable.levels):
        told = [f"{_ALL} at every level"]
    else:
        told = [f"{LEVELS[one.level]}: {_ALL if one.is_all else listed(one.services)}" for one in usable.levels]
    if not usable.is_decided:
        told.append("possibly less")
    if usable.unknown:
        told.append(f"policies not read: {listed(usable.unknown)}")
    return "; ".join(told)


def _membership_row(row: MembershipRow) -> dict[str, str]:
    declared = row.declared
    return _row(
        key=str(row.address),
        user=row.membership.user,
        group=row.membership.group,
        owner=row.owner,
        services=_services(row.services),
        until=(declared.until or "") if declared else "",
        reason=(declared.why or "") if declared else "",
        declared=_yes(declared is not None),
    )


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else ""


def _yes(value: object) -> str:
    return _UNKNOWN if value is None else "yes" if value else "no"


def _key(key: HeldKey) -> str:
    made = f" of {_day(key.created)}" if key.created else ""
    used = f"used {_day(key.last_use.at)}" if key.last_use else "never used" if key.is_use_known else "use unknown"
    return f"{key.id or 'key'}{made}, {used}"


def check_report(found: Reviewed, name: str, most: int = 20) -> Report:
    """Return whether a filled-in review is complete, with totals, and what its revocations change in the manifests."""
    problems = found.problems
    lines = [*_altered(found)]
    for row, problem in problems[:most]:
        lines.append(line(f"{row['key']}: {_PROBLEMS[problem].format(row.get('decision', ''))}", indent=1))
    if len(problems) > most:
        lines.append(line(f"and {len(problems) - most:,} more", indent=1))
    sections = [Section(f"Review {name} of {found.head.get('account', '')}", ())]
    if lines:
        sections.append(Section("Refused", tuple(lines)))
    if revoked := found.revoked:
        sections.append(
            Section(
                "Revocations",
                tuple(line(revocation_text(row["key"], row.get("ticket", "")), indent=1) for row in revoked),
            )
        )
    totals = [f"{number} {_DECISIONS[decision]}" for decision, number in found.totals.items()]
    if undecided := len(found.rows) - sum(found.totals.values()):
        totals.append(f"{undecided} undecided")
    told = " + ".join(totals)
    sections.append(Section("", (line(Span(f"{counted(len(found.rows), 'row')} = {told}", "strong")),)))
    return Report(_check_json(found), tuple(sections))


def _altered(found: Reviewed) -> Iterator[Line]:
    if not found.is_unaltered:
        what = "a row was removed, added or moved, or a column that iamctl filled in was changed"
        yield line(f"the population differs from its digest: {what}; export again", indent=1)


def revocation_text(key: str, ticket: str) -> str:
    """Return what a revocation changes in the manifests, such as "remove bob from memberships.admins  (OPS-12)"."""
    kind, _, rest = key.partition("/")
    group, _, user = rest.partition("/")
    what = f"removed: [{key}]" if kind == "user" else f"remove {user} from memberships.{group}"
    return f"{what}  ({ticket})" if ticket else what


def _check_json(found: Reviewed) -> dict[str, Any]:
    return {
        "format": "iamctl-review-check/1",
        "head": dict(found.head),
        "is_unaltered": found.is_unaltered,
        "problems": [{"key": row["key"], "problem": problem.value} for row, problem in found.problems],
        "totals": {decision.value: number for decision, number in found.totals.items()},
        "revoked": [row["key"] for row in found.revoked],
    }
