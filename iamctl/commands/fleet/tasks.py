"""Makes the tasks of a run from the manifest tree, which is read once for all accounts."""

from __future__ import annotations

import pickle
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from iamctl import __version__
from iamctl.commands.applied import AppliedTree
from iamctl.commands.fleet.flags import Flags
from iamctl.commands.fleet.one_account import findings_json
from iamctl.commands.fleet.running import Item
from iamctl.commands.workspace import declared, declared_accounts
from iamctl.comparison.settings_guard import narrowed
from iamctl.manifests import Tree
from iamctl.model import Finding, ManifestError, Severity
from iamctl.model.fleet import AccountOutcome, AccountResult, AccountTask, FleetCommand
from iamctl.model.settings import Base, Desired, Settings
from iamctl.rules import Review, check
from iamctl.rules.managed_accounts import looser_waves, lost_accounts
from iamctl.text.counted import counted
from iamctl.text.late_dataclass import dataclass


def new_run_id(now: datetime) -> str:
    """Return the id of a new run: it sorts by time, and names sessions and files."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


@dataclass(frozen=True)
class FleetRun:
    """What is common to all accounts of a run."""

    run_id: str
    command: FleetCommand
    tree: Tree
    now: datetime
    flags: Flags
    base: Base | None = None
    base_directory: Path | None = None
    applied: AppliedTree | None = None
    """The manifests that were applied last."""


@dataclass(frozen=True)
class FindingsOfTree:
    """What is about the tree or its accounts as a whole: it is beside the findings of those that it is about."""

    everywhere: tuple[Mapping[str, Any], ...] = ()
    by_wave: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    wrong: str = ""
    """Why no account of the tree is valid."""

    @classmethod
    def of(cls, run: FleetRun, accounts: Collection[Settings]) -> FindingsOfTree:
        """Return what the tree changes against its base, and what ``validate`` of all its accounts finds beside them."""
        is_whole = run.command is FleetCommand.VALIDATE and len(accounts) == len(run.tree.accounts)
        found = run.tree.findings() if is_whole else ()
        wrong = _errors_told(found) if any(one.severity is Severity.ERROR for one in found) else ""
        if run.base is None:
            return cls(findings_json(found), wrong=wrong)
        before, now = run.base.accounts, run.tree.accounts
        lost = [replace(finding, first=True) for finding in lost_accounts(before, now)]
        waves = {name: findings_json([replace(finding, first=True)]) for name, finding in looser_waves(before, now)}
        return cls(findings_json((*lost, *found)), waves, wrong)

    def beside(self, result: AccountResult) -> AccountResult:
        """Return the result with what is about its account."""
        found = replace(result, findings=(*result.findings, *self.everywhere, *self.by_wave.get(result.wave, ())))
        if self.wrong and result.outcome is AccountOutcome.CLEAN:
            return replace(found, outcome=AccountOutcome.ERROR, exit=1, error=self.wrong)
        return found


def items(run: FleetRun, accounts: Iterable[Settings], expected: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield the task of each account, or its result where its manifests have mistakes or it is not active.

    ``expected`` are the digests of the plans that were approved, by id of the account.
    """
    active = list[str]()
    for settings in accounts:
        if settings.is_active:
            active.append(settings.account_name)
        else:
            yield _skipped(blank_of(run, settings), settings)
    all_declared = declared_accounts(run.tree, run.now, active, base=run.base, base_directory=run.base_directory)
    for name, found in all_declared:
        blank = blank_of(run, run.tree.accounts[name])
        if isinstance(found, ManifestError):
            yield mistaken(blank, found)
        elif run.command is FleetCommand.VALIDATE:
            yield _validated(run, blank, found)
        else:
            yield _task(run, blank, found, (expected or {}).get(blank.account_id))


def blank_of(run: FleetRun, settings: Settings) -> AccountResult:
    """Return the result of an account of which nothing is known yet."""
    wave = settings.wave.name
    return AccountResult(settings.account_name, settings.account_id, wave, run.command, AccountOutcome.ERROR, 1)


def _skipped(blank: AccountResult, settings: Settings) -> AccountResult:
    reason = f"the account is {settings.account_state} in its organization"
    return replace(blank, outcome=AccountOutcome.SKIPPED, exit=0, error=reason)


def _task(run: FleetRun, blank: AccountResult, desired: Desired, expected: str | None) -> AccountTask:
    return AccountTask(
        run_id=run.run_id,
        command=run.command,
        account=blank.account,
        account_id=blank.account_id,
        wave=blank.wave,
        iamctl_version=__version__,
        now=run.now,
        declared=pickle.dumps(only_its_own(desired)),
        flags={**run.flags.of(blank.account, blank.account_id), **_shared(run, blank)},
        applied=pickle.dumps(run.applied.of(desired, run.now)) if run.applied else None,
        expected_digest=expected,
    )


def _shared(run: FleetRun, blank: AccountResult) -> dict[str, Any]:
    """Return which of its files other accounts read as well, as far as drift asks for it."""
    is_asked = run.command is FleetCommand.DRIFT
    return {"shared": sorted(run.tree.also_read_by_others(blank.account))} if is_asked else {}


def only_its_own(desired: Desired) -> Desired:
    """Return what is declared without the settings that the base has for other accounts."""
    return desired if desired.base is None else replace(desired, base=narrowed(desired.base, desired.settings))


def mistaken(blank: AccountResult, error: ManifestError) -> AccountResult:
    """Return the result of an account whose manifests have mistakes."""
    return replace(
        blank,
        summary=_counts(error.findings),
        findings=findings_json(error.findings),
        error=_errors_told(error.findings),
    )


def _errors_told(findings: Iterable[Finding]) -> str:
    """Return how many errors there are, and the first of them."""
    wrong = [finding for finding in findings if finding.severity is Severity.ERROR]
    place = f"{wrong[0].origin}: " if wrong and wrong[0].origin else ""
    first = f": {place}{wrong[0].message}" if wrong else ""
    return f"the manifests have {counted(len(wrong), 'error')}{first}"


def _validated(run: FleetRun, blank: AccountResult, desired: Desired) -> AccountResult:
    if desired.base is not None:  # what is looser than there is a mistake for validate, and refused by a plan
        try:
            desired = declared(run.tree, blank.account, desired.partition, run.now, desired.base, any_partition=True)
        except ManifestError as error:
            return mistaken(blank, error)
    findings = desired.findings
    if desired.has_assertions:
        findings = tuple(dict.fromkeys([*findings, *check(Review(desired, run.now), "declared")]))
    if any(finding.severity is Severity.ERROR for finding in findings):
        return mistaken(blank, ManifestError(findings))
    counts = {"resources": len(desired.state), **_counts(findings)}
    return replace(blank, outcome=AccountOutcome.CLEAN, exit=0, summary=counts, findings=findings_json(findings))


def _counts(findings: Iterable[Finding]) -> dict[str, int]:
    severities = [finding.severity for finding in findings]
    return {"errors": severities.count(Severity.ERROR), "warnings": severities.count(Severity.WARN)}
