"""The commands about runs of apply: what became of one, and which one holds the lock of an account."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iamctl.cli.options import AccountName, CredentialReads, OutputFormat, Profile, Region, RunId, Tree, source_options
from iamctl.render import Format


def journal(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Journal to read (default: the latest in .iamctl/journal)."),
    ] = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """Show which calls of a run are done, failed, unknown or not started, and what the next plan does."""
    from iamctl.commands.journal import journal as run

    return run(file, output=output.value)


def unlock(
    directory: Tree = None,
    account: AccountName = None,
    run_id: RunId = None,
    profile: Profile = None,
    region: Region = None,
) -> int:
    """Show which run holds the lock of an account; with --run, remove the lock of this run if it is dead.

    A run that is alive notices within 20 seconds and sends nothing more. Until then two applies can run.
    """
    from iamctl.commands.unlock import unlock as run

    return run(
        directory,
        source_options(profile, region, None, None, CredentialReads.AUTO),
        account=account,
        run=run_id,
    )
