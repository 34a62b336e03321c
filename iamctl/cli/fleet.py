"""The commands below ``iamctl fleet``: many accounts in one run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from iamctl.cli.application import App
from iamctl.cli.cluster import scheduler, worker
from iamctl.cli.discovery import discover
from iamctl.cli.drift import Applied, StartedBy
from iamctl.cli.fleet_options import (
    LOCAL,
    Actor,
    AllowRemovalsIn,
    EngineName,
    FailedOf,
    FleetDigest,
    FleetOutput,
    FrameworkName,
    Jobs,
    MaxFailures,
    Results,
    SandboxFolder,
    Select,
    Shard,
    SnapshotFolder,
    WaveName,
    fleet_options,
)
from iamctl.cli.options import (
    AllowLoosening,
    AllowRemovals,
    AllowSelf,
    AllowTransition,
    BaseTree,
    CredentialReads,
    Credentials,
    DetailedExitcode,
    Now,
    OnlyDue,
    PageFile,
    Parallel,
    Patience,
    Profile,
    Region,
    SandboxNow,
    Tree,
    Yes,
)
from iamctl.render import FleetFormat

fleet_app = App(rich_markup_mode=None)
fleet_app.command(
    short_help="Write the accounts of the AWS organization to a file.",
    epilog="Example: iamctl fleet discover iam/ --profile management",
)(discover)


@fleet_app.command(
    short_help="Check the manifests of many accounts without AWS.",
    epilog="Example: iamctl fleet validate iam/ --select 'prod-*'",
)
def validate(
    directory: Tree = None,
    select: Select = None,
    wave: WaveName = None,
    failed_of: FailedOf = None,
    shard: Shard = None,
    now: Now = None,
    base: BaseTree = None,
    allow_loosening: AllowLoosening = False,
    results: Results = None,
    output: FleetOutput = FleetFormat.TEXT,
    page: PageFile = None,
) -> int:
    """Check the manifests of each account; the mistakes of one account do not hide those of another."""
    return _run("validate", locals())


@fleet_app.command(
    short_help="Show what apply would change in many accounts.",
    epilog="Example: iamctl fleet plan iam/ --select 'prod-*' --results plan.jsonl",
)
def plan(
    directory: Tree = None,
    select: Select = None,
    wave: WaveName = None,
    failed_of: FailedOf = None,
    shard: Shard = None,
    jobs: Jobs = None,
    engine: EngineName = LOCAL,
    profile: Profile = None,
    region: Region = None,
    snapshot: SnapshotFolder = None,
    sandbox: SandboxFolder = None,
    now: Now = None,
    results: Results = None,
    output: FleetOutput = FleetFormat.TEXT,
    page: PageFile = None,
    detailed_exitcode: DetailedExitcode = False,
    allow_removals: AllowRemovals = None,
    allow_self: AllowSelf = False,
    allow_transition: AllowTransition = False,
    allow_removals_in: AllowRemovalsIn = None,
    base: BaseTree = None,
    allow_loosening: AllowLoosening = False,
    credentials: Credentials = CredentialReads.AUTO,
) -> int:
    """Read each account and print what apply would change. Changes nothing.

    An account that cannot be planned is in the result with its reason, and the others are planned. --allow-removals
    holds for each account.
    """
    return _run("plan", locals())


@fleet_app.command(
    short_help="Plan, confirm once, and change many accounts in waves.",
    epilog="Example: iamctl fleet apply iam/ --expect-digest sha256:... --yes",
)
def apply(
    directory: Tree = None,
    select: Select = None,
    wave: WaveName = None,
    failed_of: FailedOf = None,
    shard: Shard = None,
    jobs: Jobs = None,
    engine: EngineName = LOCAL,
    profile: Profile = None,
    region: Region = None,
    sandbox: SandboxFolder = None,
    now: SandboxNow = None,
    results: Results = None,
    page: PageFile = None,
    output: FleetOutput = FleetFormat.TEXT,
    yes: Yes = False,
    expect_digest: FleetDigest = None,
    max_failures: MaxFailures = None,
    allow_removals: AllowRemovals = None,
    allow_self: AllowSelf = False,
    allow_transition: AllowTransition = False,
    allow_removals_in: AllowRemovalsIn = None,
    base: BaseTree = None,
    allow_loosening: AllowLoosening = False,
    credentials: Credentials = CredentialReads.AUTO,
    only_due: OnlyDue = False,
    parallel: Parallel = 8,
    patience: Patience = "2m",
) -> int:
    """Plan all accounts, show the plans, ask for confirmation, and apply wave by wave.

    Each account is planned again right before its first write, and nothing but the plan that was shown is applied. The
    next wave begins when the one before ended within its max_failures; accounts that were not started are listed.
    """
    from iamctl.commands.fleet.apply import ApplyOptions, fleet_apply
    from iamctl.commands.pace import Pace

    given = {name: value for name, value in locals().items() if name not in {"ApplyOptions", "fleet_apply", "Pace"}}
    pace = Pace.of(given.pop("parallel"), given.pop("patience"))
    about_apply = ApplyOptions(given.pop("yes"), given.pop("expect_digest"), given.pop("max_failures"))
    given |= {"parallel": pace.parallel, "patience_seconds": pace.patience_seconds}
    return fleet_apply(fleet_options(given), about_apply)


@fleet_app.command(
    short_help="Report how many accounts differ from their manifests.",
    epilog="Example: iamctl fleet drift iam/ --format markdown --results drift.jsonl",
)
def drift(
    directory: Tree = None,
    select: Select = None,
    wave: WaveName = None,
    failed_of: FailedOf = None,
    shard: Shard = None,
    jobs: Jobs = None,
    engine: EngineName = LOCAL,
    profile: Profile = None,
    region: Region = None,
    snapshot: SnapshotFolder = None,
    sandbox: SandboxFolder = None,
    now: Now = None,
    results: Results = None,
    output: FleetOutput = FleetFormat.TEXT,
    page: PageFile = None,
    credentials: Credentials = CredentialReads.AUTO,
    actor: Actor = False,
    applied: Applied = None,
    event: StartedBy = None,
) -> int:
    """Report how each account differs from its manifests. Exits 2 if one does. Suitable for scheduled runs.

    Changes that are merged but not applied yet count as differences, unless --applied is given.
    """
    return _run("drift", locals())


@fleet_app.command(
    short_help="Judge many accounts by controls.",
    epilog="Example: iamctl fleet audit iam/ --framework cis-7 --select 'prod-*'",
)
def audit(
    directory: Tree = None,
    select: Select = None,
    wave: WaveName = None,
    failed_of: FailedOf = None,
    shard: Shard = None,
    jobs: Jobs = None,
    engine: EngineName = LOCAL,
    profile: Profile = None,
    region: Region = None,
    snapshot: SnapshotFolder = None,
    sandbox: SandboxFolder = None,
    now: Now = None,
    results: Results = None,
    output: FleetOutput = FleetFormat.TEXT,
    page: PageFile = None,
    framework: FrameworkName = None,
) -> int:
    """Judge each account by controls. Exits 1 if one was not evaluated in an account without failures, 2 if one fails."""
    return _run("audit", locals())


@fleet_app.command(
    short_help="Merge the results of runs into one report.",
    epilog="Example: iamctl fleet report shard-1.jsonl shard-2.jsonl --format markdown",
)
def report(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="JSON lines of runs of one command.")],
    output: FleetOutput = FleetFormat.TEXT,
    page: PageFile = None,
    allow_removals_in: AllowRemovalsIn = None,
) -> int:
    """Print one report of all results, and exit as a run over all their accounts. Reads no account.

    The files are those of --results or of --format jsonl, for example of several shards. Of two results for one
    account, the one that comes later counts: list a run with --failed-of after the run that it repeats. Plans of shards
    that together remove something in more accounts than one run may are refused: exit 3.
    """
    from iamctl.commands.fleet.merging import report as run

    return run(files, output=output.value, page=page, allow_removals_in=allow_removals_in)


def _run(command: str, given: Mapping[str, Any]) -> int:
    from iamctl.commands.fleet.command import fleet
    from iamctl.model.fleet import FleetCommand

    return fleet(FleetCommand(command), fleet_options(given))


fleet_app.command(
    short_help="Run the scheduler of a cluster.",
    epilog="Example: iamctl fleet scheduler --listen tls://0.0.0.0:8786",
)(scheduler)
fleet_app.command(
    short_help="Run a worker of a cluster.",
    epilog="Example: iamctl fleet worker --scheduler tls://scheduler.internal:8786",
)(worker)
