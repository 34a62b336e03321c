"""``iamctl fleet validate|plan|drift|audit``: the same for many accounts, without a write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from iamctl.commands.applied import applied_tree
from iamctl.commands.fleet.engine import open_engine
from iamctl.commands.fleet.flags import Flags
from iamctl.commands.fleet.interruption import Interruption, interruptible
from iamctl.commands.fleet.options import FleetOptions
from iamctl.commands.fleet.output import JSON_LINES, Output, opened_output
from iamctl.commands.fleet.reporting import exit_code, show_results
from iamctl.commands.fleet.running import not_started
from iamctl.commands.fleet.running import run as run_items
from iamctl.commands.fleet.selecting import selected
from iamctl.commands.fleet.tasks import FindingsOfTree, FleetRun, blank_of, items, new_run_id
from iamctl.commands.started_by import started_by
from iamctl.commands.workspace import moment, open_base, open_tree
from iamctl.manifests import find_tree
from iamctl.model.failures import UsageError
from iamctl.model.fleet import AccountResult, FleetCommand
from iamctl.model.settings import Settings
from iamctl.report.fleet import RunFacts

INTERRUPTED = 130


def fleet(command: FleetCommand, options: FleetOptions) -> int:
    """Print what became of each account; return the worst of their exit codes, or 130 for a run that was interrupted."""
    began = started_by(options.event) if options.event else None
    run = opened_run(command, options)
    accounts = selected(run.tree, options.selection)
    with (
        _with_applied(run, options) as run,
        opened_output(len(accounts), is_lines=options.output == JSON_LINES, results=options.results) as output,
        interruptible() as interruption,
    ):
        carry_out(run, accounts, options, output, interruption)
        facts = RunFacts(began, run.applied.commit.id if run.applied else None)
    show_results(command, output.results, options, run.now, facts=facts)
    return ended(output, interruption, exit_code(command, output.results, options))


@contextmanager
def _with_applied(run: FleetRun, options: FleetOptions) -> Iterator[FleetRun]:
    """Yield the run with the manifests that were applied last, which are files only as long as it lasts."""
    if options.applied is None:
        yield run
        return
    with applied_tree(find_tree(options.directory), options.applied) as applied:
        yield replace(run, applied=applied)


def ended(output: Output, interruption: Interruption, code: int) -> int:
    """Return the exit code of a run whose results have a code: 130 if it was interrupted, 1 if results were lost."""
    if interruption.requested:
        return INTERRUPTED
    return code if code == UsageError.exit_code or not output.lost else 1


def opened_run(command: FleetCommand, options: FleetOptions) -> FleetRun:
    """Return the run that a command line asks for; its tree is read.

    Raises:
        ManifestError: iamctl.yaml has mistakes, or that of the base has.
        UsageError: the command line does not make sense.
    """
    for name, folder in (("snapshot", options.source.snapshot), ("sandbox", options.source.sandbox)):
        if folder and not folder.is_dir():
            raise UsageError(f"--{name} {str(folder)!r} is not a folder; it has one file for each account, NAME.json")
    now = moment(options.now)
    tree = open_tree(options.directory)
    base = open_base(options.base, tree, allow_loosening=options.allow_loosening)
    flags = Flags(options.source, str(find_tree(options.directory)), options.flags)
    return FleetRun(new_run_id(now), command, tree, now, flags, base, options.base)


def carry_out(
    run: FleetRun, accounts: Sequence[Settings], options: FleetOptions, output: Output, interruption: Interruption
) -> None:
    """Work on the accounts, and give each result to ``output``."""
    about_tree = FindingsOfTree.of(run, accounts)
    if run.command is FleetCommand.VALIDATE:
        for result in _validated(run, accounts, output, interruption):
            output.add(about_tree.beside(result))
        return
    source = options.source
    waits_for_aws = not (source.snapshot or source.sandbox)
    is_repeatable = run.command is not FleetCommand.APPLY
    with open_engine(
        options.engine, waits_for_aws=waits_for_aws, most=len(accounts), is_repeatable=is_repeatable
    ) as engine:
        interruption.hurry = engine.hurry
        todo = items(run, accounts)
        for result in run_items(
            todo, engine.executor, at_once=engine.at_once, why_stopped=lambda: interruption.reason() or output.lost
        ):
            output.add(about_tree.beside(result))


def _validated(
    run: FleetRun, accounts: Sequence[Settings], output: Output, interruption: Interruption
) -> Iterator[AccountResult]:
    """Yield the result of each account; after an interruption, those that are left as not started."""
    left = {settings.account_id: settings for settings in accounts}
    for result in items(run, accounts):
        assert isinstance(result, AccountResult)
        del left[result.account_id]
        yield result
        if reason := interruption.reason() or output.lost:
            yield from (not_started(blank_of(run, settings), reason) for settings in left.values())
            return
