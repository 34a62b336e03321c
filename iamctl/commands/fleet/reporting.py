"""Prints what became of the accounts of a run, and the commands that follow on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from iamctl.commands.fleet.engine import LOCAL
from iamctl.commands.fleet.options import FleetOptions
from iamctl.commands.fleet.output import JSON_LINES
from iamctl.commands.fleet.showing import show_report
from iamctl.manifests import find_tree
from iamctl.model.fleet import AccountResult, FleetCommand, fleet_digest, fleet_exit_code
from iamctl.model.fleet_limit import FleetRemovals, fleet_removals
from iamctl.report.fleet import NextSteps, RunFacts
from iamctl.terminal.show import note

_SWITCHES = ("actor", "allow_self", "allow_transition", "allow_loosening")


def show_results(
    command: FleetCommand,
    results: Sequence[AccountResult],
    options: FleetOptions,
    now: datetime,
    *,
    is_applied: bool = False,
    facts: RunFacts = RunFacts(),
) -> None:
    """Print the report of a run, unless its JSON lines were printed; then only the digest of plans, to stderr.

    Plans that are about to be applied need no command for that (``is_applied``). ``facts`` are about a run of drift.
    """
    if options.output == JSON_LINES:
        if command is FleetCommand.PLAN:
            note(f"fleet digest: {fleet_digest(results)}")
        return
    show_report(
        results,
        command,
        now,
        output=options.output,
        page=options.page,
        directory=options.directory,
        steps=NextSteps() if is_applied else next_steps(command, options),
        selection=options.selection.label,
        limit=removals_of(results, options) if command is FleetCommand.PLAN else None,
        facts=facts,
    )


def removals_of(results: Sequence[AccountResult], options: FleetOptions) -> FleetRemovals:
    """Return in how many accounts something is removed, and in how many the command line allows it."""
    return fleet_removals(results, options.allow_removals_in)


def exit_code(command: FleetCommand, results: Sequence[AccountResult], options: FleetOptions) -> int:
    """Return the worst exit code of the accounts; 3 for plans that together remove something in too many of them."""
    code = fleet_exit_code(results)
    is_beyond = command is FleetCommand.PLAN and removals_of(results, options).is_beyond
    return 3 if is_beyond and code in {0, 2} else code


def next_steps(command: FleetCommand, options: FleetOptions) -> NextSteps:
    """Return the commands that follow: the apply of what was planned, and the same again for what failed."""
    same = (str(find_tree(options.directory)), *_flags(options))
    apply = ("iamctl", "fleet", "apply", *same) if command is FleetCommand.PLAN else ()
    if options.source.snapshot or options.selection.failed_of:  # nothing can be written; the file may change meanwhile
        apply = ()
    retry = ("iamctl", "fleet", command.value, *same, "--failed-of", str(options.results)) if options.results else ()
    return NextSteps(apply, retry)


def _flags(options: FleetOptions) -> Iterator[str]:
    """Yield the flags that choose the accounts and where they are."""
    selection, source = options.selection, options.source
    for pattern in selection.patterns:
        yield from ("--select", pattern)
    chosen = {
        "wave": selection.wave,
        "shard": selection.shard,
        "profile": source.profile,
        "region": source.region,
        "engine": options.engine.engine if options.engine.engine != LOCAL else None,
        "credentials": source.credentials if source.credentials != "auto" else None,
        "snapshot": source.snapshot,
        "sandbox": source.sandbox,
        "base": options.base,
        "applied": options.applied,
        "allow-removals-in": options.allow_removals_in,
        "now": options.now if source.sandbox else None,
    }
    for name, value in chosen.items():
        if value:
            yield from (f"--{name}", str(value))
    for name, most in (options.flags.get("allow_removals") or {}).items():
        yield from ("--allow-removals", f"{name}={most}")
    said = {**options.flags, "allow_loosening": options.allow_loosening}
    yield from (f"--{name.replace('_', '-')}" for name in _SWITCHES if said.get(name))
