"""The commands below ``iamctl fleet``: many accounts in one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iamctl.cli.fleet_options import (
    LOCAL,
    EngineName,
    FailedOf,
    FleetOutput,
    Jobs,
    Results,
    SandboxFolder,
    Select,
    Shard,
    SnapshotFolder,
    fleet_options,
)
from iamctl.cli.options import (
    AllowLoosening,
    AllowRemovals,
    AllowSelf,
    AllowTransition,
    App,
    BaseTree,
    Commands,
    CredentialReads,
    Credentials,
    DetailedExitcode,
    Now,
    Profile,
    Region,
    Tree,
)
from iamctl.render import FleetFormat

fleet_app = App(cls=Commands, rich_markup_mode=None, no_args_is_help=True)


@fleet_app.command(
    short_help="Check the manifests of many accounts without AWS.",
    epilog="Example: iamctl fleet validate iam/ --select 'prod-*'",
)
def validate(
    directory: Tree = None,
    select: Select = None,
    failed_of: FailedOf = None,
    shard: Shard = None,
    now: Now = None,
    base: BaseTree = None,
    allow_loosening: AllowLoosening = False,
    results: Results = None,
    output: FleetOutput = FleetFormat.TEXT,
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
    detailed_exitcode: DetailedExitcode = False,
    allow_removals: AllowRemovals = None,
    allow_self: AllowSelf = False,
    allow_transition: AllowTransition = False,
    base: BaseTree = None,
    allow_loosening: AllowLoosening = False,
    credentials: Credentials = CredentialReads.AUTO,
) -> int:
    """Read each account and print what apply would change. Changes nothing.

    An account that cannot be planned is in the result with its reason, and the others are planned. --allow-removals
    holds for each account.
    """
    return _run("plan", locals())


def _run(command: str, given: Mapping[str, Any]) -> int:
    from iamctl.commands.fleet.command import fleet
    from iamctl.model.fleet import FleetCommand

    return fleet(FleetCommand(command), fleet_options(given))
