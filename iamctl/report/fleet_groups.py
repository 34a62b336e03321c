"""What is equal over the accounts of a run: plans but for the account, findings, and who and what is deleted."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from iamctl.kinds import root_kinds
from iamctl.model import Action, Address, Severity
from iamctl.model.affected import Affected
from iamctl.model.approval_line import APPROVAL_RULE
from iamctl.model.fleet import AccountOutcome, AccountResult, FleetCommand
from iamctl.model.plan import HIDDEN_ADMINISTRATOR, LOST_ADMINISTRATOR, MADE_BY_HAND, RESTRAINT, RISK
from iamctl.report.change_rows import Row, row_of
from iamctl.text.late_dataclass import dataclass

ACCOUNT_ID = "{{ account.id }}"
ACCOUNT_NAME = "{{ account.name }}"
"""What stands in words for the id and the name of each of several accounts, as manifests write it."""

_COMPARED = (
    "address",
    "action",
    "before",
    "after",
    "fields",
    "reason",
    "terms",
    "sentence",
    "details",
    "is_due",
    "is_merged",
    "along",
)
"""What of a change must be equal for two plans to be equal: all that is told but who is affected and where it stands."""

_OUTSIDE = frozenset({HIDDEN_ADMINISTRATOR, RESTRAINT})
"""The risks that are so in an account, whatever a plan would change."""


@dataclass(frozen=True)
class SamePlan:
    """Accounts whose plans do the same, but for the account's own id and name."""

    results: tuple[AccountResult, ...]
    is_named: bool
    """Whether the plans are equal only once each account's name is replaced."""

    @property
    def first(self) -> AccountResult:
        """The account whose plan is told for all."""
        return self.results[0]

    @property
    def rows(self) -> tuple[Row, ...]:
        """The changes of the first account."""
        return rows_of(self.first)

    @property
    def affected(self) -> Mapping[Address, tuple[Affected, ...]]:
        """Who is affected in any of the accounts, by the subject of the change."""
        found: defaultdict[Address, dict[Affected, None]] = defaultdict(dict)
        for result in self.results:
            for row in rows_of(result):
                if row.affected:
                    found[row.subject][row.affected] = None
        return {subject: tuple(known) for subject, known in found.items()}


@dataclass(frozen=True, order=True)
class Note:
    """What a finding says, wherever an account has it."""

    rule: str
    severity: Severity
    address: str
    message: str
    place: str = ""
    """The line of the manifests; empty unless it is compared."""

    def without_id_of(self, result: AccountResult) -> Note:
        """Return the note with the account's own id replaced."""
        address, message = (without_account(text, result, is_named=False) for text in (self.address, self.message))
        return replace(self, address=address, message=message)


@dataclass(frozen=True)
class Summed:
    """One thing and the accounts in which it is so, by name."""

    note: Note
    accounts: tuple[str, ...]


@dataclass(frozen=True)
class Removal:
    """A user, group or policy that is deleted, and the accounts in which it is."""

    address: Address
    accounts: tuple[str, ...]
    along: tuple[tuple[str, int], ...] = ()
    """What is deleted along with it in all accounts together: what one is called, and how many."""


def rows_of(result: AccountResult) -> tuple[Row, ...]:
    """Return the changes of a plan or an apply whose kinds this version knows."""
    return tuple(row for change in result.changes if (row := row_of(change)))


def same_plans(results: Iterable[AccountResult]) -> tuple[SamePlan, ...]:
    """Return the accounts that have changes, those with equal plans and outcomes together, in the order of the first.

    Plans are equal if they differ in the account's id alone. Those that no other plan equals are compared once more
    without the account's name, where it stands as a word.
    """
    found = [result for result in results if result.changes]
    by_id = _grouped(found, _without_id)
    alone = [group[0] for group in by_id if len(group) == 1]
    by_name = [group for group in _grouped(alone, _without_name) if len(group) > 1]
    named = {id(result) for group in by_name for result in group}
    groups = [SamePlan(tuple(group), is_named=True) for group in by_name]
    groups += [SamePlan(tuple(group), is_named=False) for group in by_id if id(group[0]) not in named]
    place = {id(result): number for number, result in enumerate(found)}
    return tuple(sorted(groups, key=lambda group: place[id(group.first)]))


def _grouped(results: Iterable[AccountResult], key: Callable[[AccountResult], Hashable]) -> list[list[AccountResult]]:
    groups: defaultdict[Hashable, list[AccountResult]] = defaultdict(list)
    for result in results:
        groups[key(result)].append(result)
    return [*groups.values()]


def _without_id(result: AccountResult) -> Hashable:
    return (result.outcome, without_account(_told(result), result, is_named=False))


def _without_name(result: AccountResult) -> Hashable:
    return (result.outcome, without_account(_told(result), result, is_named=True))


def _told(result: AccountResult) -> str:
    """Return what a plan does, as one text."""
    told = [{name: change[name] for name in _COMPARED if name in change} for change in result.changes]
    return json.dumps(told, sort_keys=True, ensure_ascii=False, default=str)


def without_account(text: str, result: AccountResult, *, is_named: bool) -> str:
    """Return a text with the account's id replaced, and with ``is_named`` its name where that is a word."""
    text = text.replace(result.account_id, ACCOUNT_ID) if result.account_id else text
    if not is_named or not result.account:
        return text
    word = rf"(?<![A-Za-z0-9]){re.escape(result.account)}(?![A-Za-z0-9])"
    return re.sub(word, ACCOUNT_NAME, text)


def errors_of(
    results: Iterable[AccountResult], reason: Callable[[AccountResult], str]
) -> tuple[tuple[AccountOutcome, str, tuple[AccountResult, ...]], ...]:
    """Return the accounts with the same outcome and reason together, and the reason, without id and name if many."""
    by_id = _grouped(results, lambda one: (one.outcome, without_account(reason(one), one, is_named=False)))
    many = [(group, False) for group in by_id if len(group) > 1]
    alone = [group[0] for group in by_id if len(group) == 1]
    by_name = _grouped(alone, lambda one: (one.outcome, without_account(reason(one), one, is_named=True)))
    order = list(AccountOutcome)
    told = []
    for group, is_named in (*many, *((group, True) for group in by_name)):
        first, text = group[0], reason(group[0])
        error = without_account(text, first, is_named=is_named) if len(group) > 1 else text
        told.append((first.outcome, error, tuple(group)))
    return tuple(sorted(told, key=lambda one: (order.index(one[0]), -len(one[2]), one[2][0].account)))


def summed(
    results: Iterable[AccountResult], is_asked: Callable[[Mapping[str, Any]], bool], *, has_place: bool = False
) -> tuple[Summed, ...]:
    """Return the findings that are asked for, equal ones of several accounts once, those of most accounts first."""
    found: defaultdict[Note, dict[str, Note]] = defaultdict(dict)
    for result in results:
        for finding in result.findings:
            if is_asked(finding):
                note = _note(finding, has_place=has_place)
                found[note.without_id_of(result)][result.account] = note
    told = (
        Summed(note if len(accounts) > 1 else next(iter(accounts.values())), tuple(accounts))
        for note, accounts in found.items()
    )
    return tuple(sorted(told, key=lambda one: (_rank(one.note), -len(one.accounts), one.note)))


def _rank(note: Note) -> int:
    """Return where a finding stands among those that come first: approvals, new administrators, all others."""
    ranks = {APPROVAL_RULE: 0, RISK: 1, HIDDEN_ADMINISTRATOR: 1}
    return ranks.get(note.rule, 2)


def _note(finding: Mapping[str, Any], *, has_place: bool) -> Note:
    severity = next((one for one in Severity if one.value == finding.get("severity")), Severity.WARN)
    origin = finding.get("origin")
    place = ""
    if has_place and isinstance(origin, Mapping) and origin.get("path") not in {None, "."}:
        place = f"{origin.get('path')}:{origin.get('line')}:{origin.get('column')}"
    rule, address, message = (str(finding.get(name) or "") for name in ("rule", "address", "message"))
    return Note(rule, severity, address, message, place)


def is_risk(finding: Mapping[str, Any], command: FleetCommand) -> bool:
    """Tell whether a reviewer must see a finding first; a refusal is told among the refusals."""
    if command is FleetCommand.DRIFT:
        return finding.get("rule") in _OUTSIDE or bool(
            finding.get("first") and finding.get("rule") in {LOST_ADMINISTRATOR, MADE_BY_HAND}
        )
    return bool(finding.get("first")) and finding.get("severity") not in {Severity.REFUSE.value, Severity.ERROR.value}


def removals(results: Iterable[AccountResult]) -> tuple[Removal, ...]:
    """Return which users, groups and policies are deleted, in the order of the kinds, most accounts first."""
    order = [kind.kind for kind in root_kinds()]
    found: defaultdict[Address, list[str]] = defaultdict(list)
    along: defaultdict[Address, Counter[str]] = defaultdict(Counter)
    for result in results:
        gone = [row for row in rows_of(result) if row.action is Action.DELETE]
        for row in gone:
            if row.is_own:
                found[row.address].append(result.account)
            for address in {row.subject, row.group} - {row.address, None}:
                if address:
                    along[address]["membership" if address == row.group else row.noun] += 1
    told = (
        Removal(address, tuple(accounts), tuple(sorted(along[address].items()))) for address, accounts in found.items()
    )
    return tuple(sorted(told, key=lambda one: (order.index(one.address.kind), -len(one.accounts), one.address.rank)))
