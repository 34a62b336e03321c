"""The words of a run over many accounts, by command: what an outcome is called, and what the sums say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from iamctl.model.fleet import AccountOutcome, AccountResult, FleetCommand
from iamctl.text.counted import counted

OUTCOMES: Mapping[AccountOutcome, str] = {
    AccountOutcome.UNREACHABLE: "unreachable",
    AccountOutcome.ERROR: "failed",
    AccountOutcome.REFUSED: "refused",
    AccountOutcome.LOCKED: "locked",
    AccountOutcome.NOT_STARTED: "not started",
    AccountOutcome.SKIPPED: "skipped",
}
"""What the outcomes are called that are the same for every command."""

CHANGES: Mapping[FleetCommand, str] = {
    FleetCommand.VALIDATE: "with findings",
    FleetCommand.PLAN: "with changes",
    FleetCommand.APPLY: "changed",
    FleetCommand.DRIFT: "with drift",
    FleetCommand.AUDIT: "with failed controls",
}

CLEAN: Mapping[FleetCommand, str] = {
    FleetCommand.VALIDATE: "valid",
    FleetCommand.PLAN: "with nothing to change",
    FleetCommand.APPLY: "with nothing to change",
    FleetCommand.DRIFT: "without drift",
    FleetCommand.AUDIT: "without failed controls",
}

WILL_BE_DELETED = "will be deleted"
DELETED = "deleted"
"""What happens to a user, group or policy that a plan deletes; an apply that did not end well may have stopped before."""


def sums_of_account(result: AccountResult, risks: int) -> str:
    """Return how much changes, differs or fails in one account, and how many risks it has; empty for nothing."""
    nouns = {FleetCommand.DRIFT: "difference", FleetCommand.AUDIT: "failed control"}
    told = ((len(result.changes), nouns.get(result.command, "change")), (risks, "risk"))
    return ", ".join(counted(number, noun) for number, noun in told if number)


def outcome_words(found: Sequence[AccountResult], command: FleetCommand) -> str:
    """Return how many accounts ended in which way, worst first: ``1 unreachable, 187 with changes``."""
    words = {**OUTCOMES, AccountOutcome.CHANGES: CHANGES[command], AccountOutcome.CLEAN: CLEAN[command]}
    counts = Counter(one.outcome for one in found)
    return ", ".join(f"{counts[outcome]:,} {words[outcome]}" for outcome in AccountOutcome if counts[outcome])


def _plan_total(sums: Mapping[str, int]) -> str:
    told = f"{sums['create']:,} to create, {sums['update']:,} to update, {sums['delete']:,} to delete"
    return (
        f"{told}; {counted(sums['calls'], 'call')}."
        if any(sums[name] for name in ("create", "update", "delete"))
        else ""
    )


def _apply_total(sums: Mapping[str, int]) -> str:
    told = f"{sums['create']:,} created, {sums['update']:,} updated, {sums['delete']:,} deleted"
    return (
        f"{told} in the accounts that converged." if any(sums[name] for name in ("create", "update", "delete")) else ""
    )


def _drift_total(sums: Mapping[str, int]) -> str:
    told = [f"{counted(sums['drift'], 'difference') if sums['drift'] else 'No drift'}."]
    told += [
        f"{counted(sums[what], 'more is', 'more are')} {what}; the next apply does it."
        for what in ("due", "merged")
        if sums[what]
    ]
    return " ".join(told)


def _audit_total(sums: Mapping[str, int]) -> str:
    told = (("failed", "failed"), ("not_evaluated", "not evaluated"), ("accepted", "accepted"), ("passed", "passed"))
    parts = [f"{sums[name]:,} {word}" for name, word in told if sums[name]]
    return f"Controls over all accounts: {', '.join(parts)}." if parts else ""


TOTALS: Mapping[FleetCommand, Callable[[Counter[str]], str]] = {
    FleetCommand.VALIDATE: lambda _: "",
    FleetCommand.PLAN: _plan_total,
    FleetCommand.APPLY: _apply_total,
    FleetCommand.DRIFT: _drift_total,
    FleetCommand.AUDIT: _audit_total,
}
"""What the summaries of all accounts add up to, in words; empty where that says nothing."""
