"""A run over many accounts as JSON, in the format ``iamctl-fleet/1``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from iamctl.model.fleet import AccountOutcome, AccountResult, FleetCommand, fleet_digest, fleet_exit_code
from iamctl.report.fleet_groups import Summed, is_risk, removals, same_plans, summed

FORMAT = "iamctl-fleet/1"


def fleet_json(results: Sequence[AccountResult], command: FleetCommand, version: str) -> dict[str, Any]:
    """Return a run as data: the sums, what is equal over accounts, and each account once, the worst first."""
    outcomes = Counter(one.outcome for one in results)
    sums: Counter[str] = Counter()
    for result in results:
        sums.update(result.summary)
    has_removals = command in {FleetCommand.PLAN, FleetCommand.APPLY}
    return {
        "format": FORMAT,
        "iamctl_version": version,
        "command": command.value,
        "fleet_digest": fleet_digest(results) if any(one.digest for one in results) else None,
        "exit": fleet_exit_code(results),
        "outcomes": {"accounts": len(results), **{one.value: outcomes[one] for one in AccountOutcome}},
        "summary": dict(sorted(sums.items())),
        "risks": [_summed_json(one) for one in summed(results, lambda one: is_risk(one, command))],
        "removals": [
            {"address": str(one.address), "accounts": list(one.accounts)}
            for one in (removals(results) if has_removals else ())
        ],
        "same": [[one.account for one in group.results] for group in same_plans(results) if len(group.results) > 1],
        "accounts": [_account_json(one) for one in results],
    }


def _summed_json(one: Summed) -> dict[str, Any]:
    note = one.note
    return {
        "rule": note.rule,
        "severity": note.severity.value,
        "address": note.address or None,
        "message": note.message,
        "accounts": list(one.accounts),
    }


def _account_json(result: AccountResult) -> dict[str, Any]:
    return {name: value for name, value in result.to_json().items() if name not in {"format", "command"}}
