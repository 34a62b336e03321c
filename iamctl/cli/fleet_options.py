"""The options of the commands below ``iamctl fleet``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from iamctl.cli.options import CredentialReads
from iamctl.render import FleetFormat

Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select", metavar="PATTERN", help="Only accounts with this name or id, such as 'prod-*'. Repeatable."
    ),
]
FailedOf = Annotated[
    Path | None,
    typer.Option(
        "--failed-of",
        metavar="FILE",
        help="Only accounts that did not end well in an earlier run, of which FILE has the JSON lines.",
        show_default=False,
    ),
]
Shard = Annotated[
    str | None,
    typer.Option(
        "--shard",
        metavar="I/N",
        help="Only part I of N parts of the accounts, for example 1/4; 'iamctl fleet report' merges them.",
        show_default=False,
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        min=1,
        max=256,
        metavar="N",
        help="Accounts at the same time, each in a process (default: 4 for each core, at most 32).",
        show_default=False,
    ),
]
EngineName = Annotated[
    str, typer.Option("--engine", metavar="NAME", help="What runs the accounts: local is processes of this machine.")
]
SnapshotFolder = Annotated[
    Path | None,
    typer.Option("--snapshot", metavar="FOLDER", help="Read each account from a snapshot FOLDER/NAME.json, not AWS."),
]
SandboxFolder = Annotated[
    Path | None,
    typer.Option("--sandbox", metavar="FOLDER", help="Use an embedded IAM for each account, from FOLDER/NAME.json."),
]
Results = Annotated[
    Path | None,
    typer.Option(
        "--results", metavar="FILE", help="Write each result to FILE as it comes, as JSON lines.", show_default=False
    ),
]
FleetOutput = Annotated[
    FleetFormat,
    typer.Option("--format", help="Output format; jsonl prints each result as it comes, one line for each account."),
]


def fleet_options(
    directory: Path | None,
    *,
    select: list[str] | None,
    failed_of: Path | None,
    shard: str | None,
    jobs: int | None = None,
    engine: str = "local",
    profile: str | None = None,
    region: str | None = None,
    snapshot: Path | None = None,
    sandbox: Path | None = None,
    credentials: CredentialReads = CredentialReads.AUTO,
    now: str | None = None,
    base: Path | None = None,
    allow_loosening: bool = False,
    output: FleetFormat,
    results: Path | None,
    **flags: Any,
) -> Any:
    """Return what a command line says about a run; ``flags`` are those that a task carries to the worker."""
    from iamctl.commands.fleet.command import FleetOptions
    from iamctl.commands.fleet.engine import EngineOptions
    from iamctl.commands.fleet.selecting import Selection
    from iamctl.source.open import SourceOptions

    return FleetOptions(
        directory=directory,
        selection=Selection(select or (), failed_of, shard),
        source=SourceOptions(profile, region, snapshot, sandbox, credentials.value),
        engine=EngineOptions(engine, jobs),
        now=now,
        base=base,
        allow_loosening=allow_loosening,
        output=output.value,
        results=results,
        flags=flags,
    )
