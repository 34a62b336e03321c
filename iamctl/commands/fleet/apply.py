"""``iamctl fleet apply``: plan all accounts, show the plans, confirm once, and apply wave by wave."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

from iamctl.commands.fleet.command import carry_out, ended, opened_run
from iamctl.commands.fleet.engine import open_engine
from iamctl.commands.fleet.interruption import Interruption, interruptible
from iamctl.commands.fleet.options import FleetOptions
from iamctl.commands.fleet.output import JSON_LINES, Output, opened_output
from iamctl.commands.fleet.reporting import removals_of, show_results
from iamctl.commands.fleet.running import INTERRUPTED as INTERRUPTED_RUN
from iamctl.commands.fleet.running import not_started
from iamctl.commands.fleet.selecting import selected
from iamctl.commands.fleet.tasks import FleetRun
from iamctl.commands.fleet.waves import apply_in_waves
from iamctl.commands.page import PAGE
from iamctl.model.failures import RefusedError, StaleError, UsageError
from iamctl.model.fleet import AccountOutcome, AccountResult, FleetCommand, fleet_digest, fleet_exit_code
from iamctl.model.settings import Settings
from iamctl.model.wave import waves_of
from iamctl.report.fleet_limit import limit_text
from iamctl.terminal.prompt import typed
from iamctl.terminal.show import note
from iamctl.text.counted import counted
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern

_DIGEST = late_pattern(r"sha256:[0-9a-f]{64}")
_OTHER_DIGEST = (
    "fleet digest is {}, but --expect-digest asked for another: the manifests or an account changed, a membership "
    "expired, or another selection of accounts was planned. Nothing was applied. Review this plan and rerun with its digest"
)
_PASSED_OVER = "this run begins with wave {!r}; whether waves before it ({}) ended well is not checked"
_NOT_CONFIRMED = "it was not confirmed"
_NO_LOCK = (
    "no lock is set for {}, so nothing keeps a second apply away: set 'lock' in iamctl.yaml, or run one apply after the "
    "other"
)
_ANSWERS = {"json", JSON_LINES, PAGE}
"""Formats whose only output is the results at the end."""


@dataclass(frozen=True)
class ApplyOptions:
    """What the command line says about an apply of many accounts."""

    yes: bool = False
    expect_digest: str | None = None
    max_failures: int | None = None


def fleet_apply(options: FleetOptions, apply: ApplyOptions) -> int:
    """Apply the plans of many accounts; return the worst of their exit codes, or 130 for a run that was interrupted.

    Raises:
        StaleError: the plans are not the approved ones; nothing was applied.
        RefusedError: something is removed in too many accounts; nothing was applied.
        UsageError: nobody can be asked, or an option makes no sense.
    """
    _check_usage(options, apply)
    run = opened_run(FleetCommand.PLAN, options)
    accounts = selected(run.tree, options.selection)
    with (
        interruptible() as interruption,
        opened_output(len(accounts), is_lines=options.output == JSON_LINES, results=options.results) as output,
    ):
        planned = _planned(run, accounts, options, interruption)
        is_wanted = _is_wanted(run, planned, accounts, options, apply, interruption)
        if is_wanted:
            _apply(replace(run, command=FleetCommand.APPLY), accounts, planned, options, apply, output, interruption)
        else:
            for result in planned:
                output.add(_left(result, INTERRUPTED_RUN if interruption.requested else _NOT_CONFIRMED))
    if is_wanted or options.output in _ANSWERS:
        show_results(FleetCommand.APPLY, output.results, options, run.now)
    return ended(output, interruption, fleet_exit_code(output.results) if is_wanted else 1)


def _check_usage(options: FleetOptions, apply: ApplyOptions) -> None:
    if options.now and not options.source.sandbox:
        raise UsageError("apply accepts --now only with --sandbox")
    if apply.expect_digest is not None and not _DIGEST.fullmatch(apply.expect_digest):
        raise UsageError(
            f"--expect-digest {apply.expect_digest!r} is not a fleet digest, which looks like sha256:... at the end of "
            "a plan"
        )
    if not apply.yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("apply cannot ask for confirmation without a terminal; review the plan, then use --yes")


def _planned(
    run: FleetRun, accounts: Sequence[Settings], options: FleetOptions, interruption: Interruption
) -> list[AccountResult]:
    with opened_output(len(accounts), is_lines=False, results=None) as output:
        output.doing = "planning: "
        carry_out(run, accounts, options, output, interruption)
    return output.results


def _is_wanted(
    run: FleetRun,
    planned: list[AccountResult],
    accounts: Sequence[Settings],
    options: FleetOptions,
    apply: ApplyOptions,
    interruption: Interruption,
) -> bool:
    """Show the plans, and return whether they are to be applied.

    Raises:
        StaleError: they are not the approved ones.
        RefusedError: something is removed in too many accounts.
    """
    if options.output not in _ANSWERS:
        show_results(FleetCommand.PLAN, planned, options, run.now, is_applied=True)
    if interruption.requested:
        return False
    digest = fleet_digest(planned)
    if apply.expect_digest not in {None, digest}:
        raise StaleError(_OTHER_DIGEST.format(digest))
    removals = removals_of(planned, options)
    if removals.is_beyond:
        raise RefusedError(f"{limit_text(removals)}. Nothing was applied")
    changing = [one for one in planned if one.outcome is AccountOutcome.CHANGES]
    if not changing:
        return True
    if first_waves := _passed_over(run, accounts):
        note(_PASSED_OVER.format(accounts[0].wave.name, ", ".join(first_waves)))
    unlocked = [one for one in accounts if one.lock is None]
    if unlocked and not options.source.sandbox:
        note(_NO_LOCK.format(counted(len(unlocked), "account")))
    return apply.yes or _confirmed(changing, interruption)


def _passed_over(run: FleetRun, accounts: Sequence[Settings]) -> tuple[str, ...]:
    """Return the waves with accounts that come before the first one of this run."""
    first = min(account.wave.rank for account in accounts)
    return tuple(wave.name for wave in waves_of(run.tree.accounts.values()) if wave.rule.rank < first)


def _confirmed(changing: Sequence[AccountResult], interruption: Interruption) -> bool:
    calls = sum(result.summary.get("calls", 0) for result in changing)
    sys.stderr.write("\n")
    note(f"Apply {counted(calls, 'call')} to {counted(len(changing), 'account')}?")
    sys.stderr.write("Only 'yes' is accepted: ")
    sys.stderr.flush()
    if typed(lambda: interruption.requested).strip() == "yes" and not interruption.requested:
        return True
    note("nothing was changed")
    return False


def _apply(
    run: FleetRun,
    accounts: Sequence[Settings],
    planned: list[AccountResult],
    options: FleetOptions,
    apply: ApplyOptions,
    output: Output,
    interruption: Interruption,
) -> None:
    by_id = {result.account_id: result for result in planned}
    changing = sum(result.outcome is AccountOutcome.CHANGES for result in planned)
    waits_for_aws = not options.source.sandbox
    with open_engine(options.engine, waits_for_aws=waits_for_aws, most=changing, is_repeatable=False) as engine:
        interruption.hurry = engine.hurry
        for result in apply_in_waves(
            run,
            accounts,
            by_id,
            engine,
            why_interrupted=lambda: interruption.reason() or output.lost,
            max_failures=apply.max_failures,
        ):
            output.add(result)


def _left(result: AccountResult, reason: str) -> AccountResult:
    """Return the result of an account of which nothing was applied."""
    known = replace(result, command=FleetCommand.APPLY)
    return not_started(known, reason) if result.outcome is AccountOutcome.CHANGES else known
