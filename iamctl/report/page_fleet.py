"""The page of a run over many accounts: what is worst first, each account with its changes, and people across accounts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from iamctl.kinds import User, parse_address
from iamctl.model.fleet import AccountOutcome, AccountResult, FleetCommand
from iamctl.report.blocks import Line, Report, Style
from iamctl.report.change_rows import row_blocks, row_lines
from iamctl.report.fleet import finding_lines, worst_first
from iamctl.report.fleet_changes import drift_lines, is_done, plan_lines
from iamctl.report.fleet_groups import is_risk, removals, rows_of, same_plans
from iamctl.report.fleet_words import CHANGES, CLEAN, OUTCOMES, sums_of_account
from iamctl.report.page import AcrossAccounts, Page, PageAccount, Place, Tile, TopSection
from iamctl.report.plan import FIRST

_PLACES: Mapping[str, Place | None] = {
    "Errors": Place.ERRORS,
    "Refused": Place.REFUSED,
    "Locked": None,
    FIRST: Place.FIRST,
    "Not started": None,
}
"""The sections that come before the accounts."""

_IN_ACCOUNTS = frozenset({"Changes", "Differences from the manifests", "Failed controls"})

_STYLES: Mapping[AccountOutcome, Style] = {
    AccountOutcome.UNREACHABLE: "refuse",
    AccountOutcome.ERROR: "refuse",
    AccountOutcome.REFUSED: "refuse",
    AccountOutcome.LOCKED: "warn",
    AccountOutcome.NOT_STARTED: "warn",
    AccountOutcome.CHANGES: "update",
    AccountOutcome.CLEAN: "create",
}


def with_fleet_page(report: Report, results: Sequence[AccountResult], command: FleetCommand, now: datetime) -> Report:
    """Return the report of a run with its page."""
    found = worst_first(results)
    groups = same_plans(found)
    plan_of = {id(result): number for number, group in enumerate(groups) for result in group.results}
    told = [section for section in report.sections[1:] if section.title not in _IN_ACCOUNTS]
    page = Page(
        created_at=now,
        tiles=tuple(_tiles(found, command)),
        top=tuple(TopSection(one, _PLACES[one.title]) for one in told if one.title in _PLACES),
        rest=(report.sections[0], *(one for one in told if one.title not in _PLACES)),
        accounts=tuple(_account(one, command, plan_of.get(id(one))) for one in found),
        plans=tuple(plan_lines(group, command) for group in groups),
        across=tuple(_across(found, command)),
    )
    return replace(report, page=page)


def _tiles(found: Sequence[AccountResult], command: FleetCommand) -> Iterator[Tile]:
    counts = Counter(one.outcome for one in found)
    yield Tile("accounts", f"{len(found):,}", Place.ACCOUNTS)
    bad = counts[AccountOutcome.UNREACHABLE] + counts[AccountOutcome.ERROR]
    yield Tile("unreachable or failed", f"{bad:,}", Place.ERRORS, "refuse" if bad else "")
    refused = counts[AccountOutcome.REFUSED]
    yield Tile("refused", f"{refused:,}", Place.REFUSED, "refuse" if refused else "")
    for outcome in (AccountOutcome.LOCKED, AccountOutcome.NOT_STARTED, AccountOutcome.SKIPPED):
        if counts[outcome]:
            yield Tile(OUTCOMES[outcome], f"{counts[outcome]:,}", Place.ACCOUNTS)
    risky = sum(any(is_risk(one, command) for one in result.findings) for result in found)
    if command is not FleetCommand.AUDIT:
        yield Tile("with risks", f"{risky:,}", Place.FIRST, "refuse" if risky else "")
    if command in {FleetCommand.PLAN, FleetCommand.APPLY}:
        gone = sum(len(one.accounts) for one in removals(found))
        yield Tile("deletions", f"{gone:,}", Place.FIRST, "delete" if gone else "")
    yield Tile(CHANGES[command], f"{counts[AccountOutcome.CHANGES]:,}", Place.ACCOUNTS)
    yield Tile(CLEAN[command], f"{counts[AccountOutcome.CLEAN]:,}", Place.ACCOUNTS)


def _account(result: AccountResult, command: FleetCommand, plan: int | None) -> PageAccount:
    words = {**OUTCOMES, AccountOutcome.CHANGES: CHANGES[command], AccountOutcome.CLEAN: CLEAN[command]}
    return PageAccount(
        name=result.account,
        account_id=result.account_id,
        wave=result.wave,
        outcome=words[result.outcome],
        style=_STYLES.get(result.outcome, ""),
        note=result.error,
        sums=sums_of_account(result, sum(is_risk(one, command) for one in result.findings)),
        lines=tuple(finding_lines(result, command)),
        plan=plan,
        is_quiet=result.outcome in {AccountOutcome.CLEAN, AccountOutcome.SKIPPED} and not result.error,
    )


def _across(found: Sequence[AccountResult], command: FleetCommand) -> Iterator[AcrossAccounts]:
    """Yield the people to whom something happens, those whom risks name first, then those in most accounts."""
    parts: defaultdict[str, defaultdict[tuple[Line, ...], list[int]]] = defaultdict(lambda: defaultdict(list))
    risky: set[str] = set()
    for number, result in enumerate(found):
        for name, lines in _people(result, command):
            parts[name][lines].append(number)
        for finding in result.findings:
            address = parse_address(str(finding.get("address") or ""))
            if address and address.kind == User.kind and is_risk(finding, command):
                risky.add(address.name)
    people = [
        AcrossAccounts(name, name in risky, tuple((tuple(accounts), lines) for lines, accounts in of_name.items()))
        for name, of_name in parts.items()
    ]
    yield from sorted(people, key=lambda one: (not one.is_risky, -one.number, one.name))


def _people(result: AccountResult, command: FleetCommand) -> Iterator[tuple[str, tuple[Line, ...]]]:
    """Yield each user of whom something changes or differs in an account, and what."""
    if command is FleetCommand.DRIFT:
        yield from _drift_people(result)
        return
    for block in row_blocks(rows_of(result)):
        if block.subject.kind == User.kind:
            ((_, lines),) = row_lines([block], {}, is_done=is_done(result))
            yield block.subject.name, lines


def _drift_people(result: AccountResult) -> Iterator[tuple[str, tuple[Line, ...]]]:
    found: defaultdict[str, list[Line]] = defaultdict(list)
    for change in result.changes:
        if name := _user_of(change):
            found[name] += drift_lines(change)
    yield from ((name, tuple(lines)) for name, lines in found.items())


def _user_of(change: Mapping[str, Any]) -> str:
    """Return the user that a difference is about; empty for none."""
    side = change.get("desired") or change.get("live")
    if isinstance(side, dict) and isinstance(side.get("user"), str):
        return str(side["user"])
    address = parse_address(str(change.get("address") or ""))
    return address.name if address and address.kind == User.kind else ""
