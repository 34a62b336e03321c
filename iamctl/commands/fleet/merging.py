"""``iamctl fleet report``: one report of the results of several runs."""

from __future__ import annotations

import sys
from pathlib import Path

from iamctl.commands.fleet.options import FleetOptions
from iamctl.commands.fleet.output import JSON_LINES, json_line
from iamctl.commands.fleet.reporting import exit_code, removals_of
from iamctl.commands.fleet.selecting import read_results
from iamctl.commands.fleet.showing import show_report
from iamctl.commands.workspace import moment
from iamctl.model.failures import UsageError
from iamctl.model.fleet import FleetCommand


def report(files: list[Path], *, output: str, page: Path | None = None, allow_removals_in: int | None = None) -> int:
    """Print the report of all results; return the worst of their exit codes.

    Of plans, 3 if all together remove something in more accounts than one run may.

    Raises:
        UsageError: there are no results, or they are of several commands.
        IamctlError: a file cannot be read.
    """
    found = read_results(files)
    commands = sorted({result.command for result in found})
    if len(commands) != 1:
        kinds = f"are of several commands ({', '.join(commands)})" if commands else "are empty"
        raise UsageError(f"the files {kinds}; name files with results of one command")
    options = FleetOptions(output=output, page=page, allow_removals_in=allow_removals_in)
    if output == JSON_LINES:
        for result in sorted(found, key=lambda one: one.account_id):
            sys.stdout.write(json_line(result))
    else:
        limit = removals_of(found, options) if commands[0] is FleetCommand.PLAN else None
        show_report(found, commands[0], moment(None), output=output, page=page, limit=limit)
    return exit_code(commands[0], found, options)
