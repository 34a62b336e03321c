"""A run over many accounts: what is asked of one account, and what became of it, as data that crosses processes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from iamctl.model.address import IamctlError
from iamctl.text.late_dataclass import dataclass

RESULT_FORMAT = "iamctl-fleet-result/1"

_WORST_FIRST = (130, 64, 1, 5, 4, 3, 2)


class FleetCommand(StrEnum):
    """What a run does in each account."""

    VALIDATE = "validate"
    PLAN = "plan"
    APPLY = "apply"
    DRIFT = "drift"
    AUDIT = "audit"


class AccountOutcome(StrEnum):
    """How one account ended, worst first.

    ``error`` includes an apply that was carried out in part (exit 4), and ``refused`` one whose plan is another than
    the approved one (exit 5). ``changes`` are differences found or, in an apply, made.
    """

    UNREACHABLE = "unreachable"
    ERROR = "error"
    REFUSED = "refused"
    LOCKED = "locked"
    NOT_STARTED = "not-started"
    SKIPPED = "skipped"
    CHANGES = "changes"
    CLEAN = "clean"


FAILURES = frozenset({AccountOutcome.UNREACHABLE, AccountOutcome.ERROR, AccountOutcome.REFUSED, AccountOutcome.LOCKED})
"""What counts against ``max_failures`` of a wave."""


@dataclass(frozen=True)
class AccountTask:
    """What a worker does in one account. It holds no credential, and nothing of other accounts."""

    run_id: str
    command: FleetCommand
    account: str
    account_id: str
    wave: str
    iamctl_version: str
    """The version that made the task; a worker of another version refuses it before it reads ``declared``."""
    now: datetime
    declared: bytes
    """What the manifests declare for this account, pickled: a worker has no repository."""
    flags: Mapping[str, Any] = field(default_factory=dict)
    """What the command line said, by the name of the parameter."""
    applied: bytes | None = None
    """What the manifests declare that were applied last, with their commit, pickled; None: any difference counts."""
    expected_digest: str | None = None
    """The digest of the plan that was approved for this account; None: any plan."""


@dataclass(frozen=True)
class AccountResult:
    """What became of one account."""

    account: str
    account_id: str
    wave: str
    command: FleetCommand
    outcome: AccountOutcome
    exit: int
    """What the command for this account alone would have exited with; 0 for an account that was skipped."""
    digest: str = ""
    """The digest of its plan; empty where none was made."""
    summary: Mapping[str, int] = field(default_factory=dict)
    """The counts of the command's own JSON, such as ``create``, ``delete`` and ``risks`` of a plan."""
    changes: Sequence[Mapping[str, Any]] = ()
    """What differs, as the command's own JSON lists it: ``changes`` of a plan, ``drift``, failed ``controls``."""
    findings: Sequence[Mapping[str, Any]] = ()
    """What rules found, as the command's own JSON lists it."""
    seconds: float = 0.0
    calls: int = 0
    """How many requests were sent to AWS."""
    error: str = ""
    """Why the account was not planned or not finished, in one line; it may hold text from AWS."""

    def to_json(self) -> dict[str, Any]:
        """Return the result as one line of a run's JSON lines has it."""
        return {
            "format": RESULT_FORMAT,
            "account": self.account,
            "account_id": self.account_id,
            "wave": self.wave,
            "command": self.command.value,
            "outcome": self.outcome.value,
            "exit": self.exit,
            "digest": self.digest,
            "summary": dict(self.summary),
            "changes": [dict(change) for change in self.changes],
            "findings": [dict(finding) for finding in self.findings],
            "seconds": self.seconds,
            "calls": self.calls,
            "error": self.error,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> AccountResult:
        """Return the result that a line holds.

        Raises:
            IamctlError: it is no result of a run that this version knows.
        """
        if data.get("format") != RESULT_FORMAT:
            raise IamctlError(f"it is not a result of a fleet run ({RESULT_FORMAT})")
        try:
            return cls(
                account=str(data["account"]),
                account_id=str(data["account_id"]),
                wave=str(data["wave"]),
                command=FleetCommand(data["command"]),
                outcome=AccountOutcome(data["outcome"]),
                exit=int(data["exit"]),
                digest=str(data["digest"]),
                summary={str(key): int(value) for key, value in data["summary"].items()},
                changes=tuple(map(_change, data["changes"])),
                findings=tuple(map(_finding, data["findings"])),
                seconds=float(data["seconds"]),
                calls=int(data["calls"]),
                error=str(data["error"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise IamctlError(f"it is not a whole result of a fleet run: {error}") from error


def _finding(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a finding of a line; ``ValueError`` if a report cannot show it."""
    if not all(isinstance(row.get(name) or "", str) for name in ("rule", "severity", "message", "address")):
        raise ValueError("a finding has values that are not text")
    return dict(row)


def _change(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a change, difference or control of a line; ``ValueError`` if a report cannot show it."""
    texts = [row.get(name) or "" for name in ("address", "action", "sentence", "id", "severity")]
    lists = [row.get(name) or [] for name in ("details", "along", "failing")]
    failing = row.get("failing") or []
    if not (all(isinstance(text, str) for text in texts) and all(isinstance(one, list) for one in lists)):
        raise ValueError("a change has values of another type")
    if not all(isinstance(one, dict) and isinstance(one.get("address") or "", str) for one in failing):
        raise ValueError("a control has values of another type")
    return dict(row)


def fleet_digest(results: Iterable[AccountResult]) -> str:
    """Return ``sha256:…`` over the digests of all plans, sorted by account; results without a plan do not count."""
    lines = "\n".join(sorted(f"{result.account_id} {result.digest}" for result in results if result.digest))
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"


def fleet_exit_code(results: Iterable[AccountResult]) -> int:
    """Return the worst exit code of all accounts; in an apply, an account that was not started counts as 4.

    A code that iamctl does not have counts as 1, and so does that of a failure which says that all is well.
    """
    codes = {_counted_code(result) for result in results}
    return next((code for code in _WORST_FIRST if code in codes), 0)


def _counted_code(result: AccountResult) -> int:
    if result.outcome is AccountOutcome.NOT_STARTED and result.command is FleetCommand.APPLY:
        return 4
    known = {*_WORST_FIRST} - {2} if result.outcome in FAILURES else {*_WORST_FIRST, 0}
    return result.exit if result.exit in known else 1
