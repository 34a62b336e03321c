"""``iamctl fleet validate|plan|drift|audit``: the same for many accounts, without a write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iamctl.commands.fleet.engine import EngineOptions, open_engine
from iamctl.commands.fleet.flags import Flags
from iamctl.commands.fleet.interruption import Interruption, interruptible
from iamctl.commands.fleet.output import JSON_LINES, Output, opened_output
from iamctl.commands.fleet.running import run as run_items
from iamctl.commands.fleet.selecting import Selection, selected
from iamctl.commands.fleet.showing import show_report
from iamctl.commands.fleet.tasks import FleetRun, items, new_run_id
from iamctl.commands.workspace import moment, open_base, open_tree
from iamctl.manifests import find_tree
from iamctl.model.failures import UsageError
from iamctl.model.fleet import AccountResult, FleetCommand, fleet_digest, fleet_exit_code
from iamctl.model.settings import Settings
from iamctl.report.fleet import NextSteps
from iamctl.source.open import SourceOptions
from iamctl.terminal.show import note

INTERRUPTED = 130


@dataclass(frozen=True)
class FleetOptions:
    """What the command line of every command of ``iamctl fleet`` says."""

    directory: Path | None = None
    selection: Selection = field(default_factory=Selection)
    source: SourceOptions = field(default_factory=SourceOptions)
    engine: EngineOptions = field(default_factory=EngineOptions)
    now: str | None = None
    base: Path | None = None
    allow_loosening: bool = False
    output: str = "text"
    results: Path | None = None
    page: Path | None = None
    """The file for the page of the run."""
    flags: Mapping[str, Any] = field(default_factory=dict)
    """The flags of the command itself, by the name of the parameter."""


def fleet(command: FleetCommand, options: FleetOptions) -> int:
    """Print what became of each account; return the worst of their exit codes, or 130 for a run that was interrupted."""
    run = opened_run(command, options)
    accounts = selected(run.tree, options.selection)
    with (
        opened_output(len(accounts), is_lines=options.output == JSON_LINES, results=options.results) as output,
        interruptible() as interruption,
    ):
        carry_out(run, accounts, options, output, interruption)
    show_results(command, output.results, options)
    return INTERRUPTED if interruption.requested else fleet_exit_code(output.results)


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
    if run.command is FleetCommand.VALIDATE:
        for result in items(run, accounts):
            assert isinstance(result, AccountResult)
            output.add(result)
        return
    source = options.source
    waits_for_aws = not (source.snapshot or source.sandbox)
    is_repeatable = run.command is not FleetCommand.APPLY
    with open_engine(
        options.engine, waits_for_aws=waits_for_aws, most=len(accounts), is_repeatable=is_repeatable
    ) as engine:
        todo = items(run, accounts)
        for result in run_items(todo, engine.executor, at_once=engine.at_once, why_stopped=interruption.reason):
            output.add(result)


def show_results(command: FleetCommand, results: Sequence[AccountResult], options: FleetOptions) -> None:
    """Print the report of a run, unless its JSON lines were printed; then only the digest of plans, to stderr."""
    if options.output == JSON_LINES:
        if command is FleetCommand.PLAN:
            note(f"fleet digest: {fleet_digest(results)}")
        return
    show_report(
        results,
        command,
        moment(options.now),
        output=options.output,
        page=options.page,
        directory=options.directory,
        steps=_next_steps(command, options),
        selection=options.selection.label,
    )


def _next_steps(command: FleetCommand, options: FleetOptions) -> NextSteps:
    """Return the commands that apply what was planned, and that repeat a run for what failed, as far as they are known."""
    tree, chosen = str(find_tree(options.directory)), options.selection
    flags = [word for pattern in chosen.patterns for word in ("--select", pattern)]
    flags += ["--wave", chosen.wave] if chosen.wave else []
    is_part = chosen.failed_of or chosen.shard  # what was planned is then no run that apply can repeat
    apply = () if is_part else ("iamctl", "fleet", "apply", tree, *flags)
    again = ("iamctl", "fleet", command.value, tree, "--failed-of", str(options.results)) if options.results else ()
    return NextSteps(apply, again)
