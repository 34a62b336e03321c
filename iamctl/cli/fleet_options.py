"""The options of the commands below ``iamctl fleet``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from iamctl.audit.frameworks import Framework
from iamctl.cli.options import CredentialReads
from iamctl.render import FleetFormat

LOCAL = "local"

Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        metavar="SELECTOR",
        help="Only accounts with this name or id ('prod-*'), OU ('ou:/prod/*') or tag ('tag:team=pay'). Of several with "
        "commas between them one must match; repeated, all must.",
    ),
]
WaveName = Annotated[
    str | None,
    typer.Option("--wave", metavar="NAME", help="Only accounts of this wave of iamctl.yaml.", show_default=False),
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
    str,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="What runs the accounts: local is processes of this machine, dask:tls://HOST:PORT the workers of a cluster.",
    ),
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
    typer.Option(
        "--format", help="Output format; jsonl prints each result as it comes, html is one file for a browser."
    ),
]

AllowRemovalsIn = Annotated[
    int | None,
    typer.Option(
        "--allow-removals-in",
        min=0,
        metavar="N",
        help="Allow removals in up to N accounts, even beyond the limit of 10% of the accounts (at least 2).",
        show_default=False,
    ),
]
MaxFailures = Annotated[
    int | None,
    typer.Option(
        "--max-failures",
        min=0,
        metavar="N",
        help="Begin the next wave with up to N failures in the one before (default: as the wave in iamctl.yaml has it; "
        "0 in the first, 1 in others).",
        show_default=False,
    ),
]
FleetDigest = Annotated[
    str | None,
    typer.Option(
        "--expect-digest",
        metavar="sha256:...",
        help="Apply only the plans with this fleet digest; exit 5 if they are others.",
        show_default=False,
    ),
]
Actor = Annotated[
    bool,
    typer.Option("--actor", help="Look up in CloudTrail who made each difference; at most 20 requests an account."),
]
FrameworkName = Annotated[
    Framework | None, typer.Option("--framework", help="Judge only by the controls of this framework.")
]

_ABOUT_THE_RUN = frozenset(
    {"directory", "select", "failed_of", "shard", "wave", "jobs", "engine", "profile", "region", "snapshot", "sandbox"}
    | {"credentials", "now", "base", "allow_loosening", "output", "results", "page", "allow_removals_in"}
    | {"applied", "event"}
)


def fleet_options(given: Mapping[str, Any]) -> Any:
    """Return what a command line says about a run; ``given`` has its parameters by name.

    What is not about the run as a whole is a flag that a task carries to the worker.
    """
    from iamctl.commands.fleet.engine import EngineOptions
    from iamctl.commands.fleet.options import FleetOptions
    from iamctl.commands.fleet.selecting import Selection
    from iamctl.commands.propose import removals
    from iamctl.source.open import SourceOptions

    flags = {name: value for name, value in given.items() if name not in _ABOUT_THE_RUN}
    if "allow_removals" in flags:
        flags["allow_removals"] = removals(flags["allow_removals"] or [])
    if flags.get("framework"):
        flags["framework"] = flags["framework"].value
    credentials = given.get("credentials", CredentialReads.AUTO).value
    return FleetOptions(
        directory=given["directory"],
        selection=Selection(given["select"] or (), given["wave"], given["failed_of"], given["shard"]),
        source=SourceOptions(
            given.get("profile"), given.get("region"), given.get("snapshot"), given.get("sandbox"), credentials
        ),
        engine=EngineOptions(given.get("engine", LOCAL), given.get("jobs")),
        now=given["now"],
        base=given.get("base"),
        allow_loosening=given.get("allow_loosening", False),
        output=given["output"].value,
        results=given["results"],
        page=given.get("page"),
        allow_removals_in=given.get("allow_removals_in"),
        applied=given.get("applied"),
        event=given.get("event"),
        flags=flags,
    )
