"""The command line: one Typer command for each function of ``iamctl.commands``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from iamctl import __version__
from iamctl.cli.application import App, Commands
from iamctl.cli.complete import complete_schema
from iamctl.cli.options import (
    Access,
    AccessDetail,
    AccountName,
    AllFindings,
    AllowLoosening,
    AllowRemovals,
    AllowSelf,
    AllowTransition,
    BaseTree,
    CiSystem,
    CredentialReads,
    Credentials,
    DetailedExitcode,
    ExpectDigest,
    FindingOutput,
    Now,
    OnlyDue,
    OutputFormat,
    PageFile,
    Parallel,
    Patience,
    Profile,
    Region,
    Sandbox,
    SandboxNow,
    SavedPlan,
    SaveTo,
    ShowCalls,
    ShowCommands,
    Snapshot,
    Tree,
    Yes,
    source_options,
)
from iamctl.render import FindingFormat, Format

NO_COMMAND = 64
"""The exit code of ``iamctl`` alone: it prints the help, but a script that lost its command must not succeed."""

app = App(
    name="iamctl",
    cls=Commands,
    help="Plan and apply the users, groups, memberships and group policies of an AWS account from YAML manifests.",
    epilog="Try it without an account: iamctl plan examples/minimal --sandbox account.json",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=False,
)


def _show_version(value: bool) -> None:  # noqa: FBT001 - Typer calls it so
    if value:
        typer.echo(f"iamctl {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> int:
    if context.invoked_subcommand is not None:
        return 0
    typer.echo(context.get_help())
    return NO_COMMAND


@app.command(
    short_help="Create starter manifests and CI files.",
    epilog="Example: iamctl init iam/ --account-id 123456789012 --ci github",
)
def init(
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Directory for the manifests (default: iam/).")
    ] = None,
    account_id: Annotated[
        str | None, typer.Option("--account-id", metavar="ID", help="AWS account id (default: ask on the terminal).")
    ] = None,
    account: Annotated[
        str, typer.Option("--account", metavar="NAME", help="Name of the account in iamctl.yaml.")
    ] = "main",
    ci: Annotated[
        CiSystem | None,
        typer.Option("--ci", help="CI system to write files for (default: ask on the terminal, else none)."),
    ] = None,
) -> int:
    """Create starter manifests and CI files; never overwrites a file."""
    from iamctl.commands.init import init as run

    return run(directory, account_id=account_id, account=account, ci=ci.value if ci else None)


@app.command(short_help="Check manifests without AWS.", epilog="Example: iamctl validate iam/")
def validate(
    directory: Tree = None,
    account: AccountName = None,
    now: Now = None,
    base: BaseTree = None,
    allow_loosening: AllowLoosening = False,
    output: FindingOutput = FindingFormat.TEXT,
) -> int:
    """Check files, schema, references, policy documents and rules without AWS, and report all errors in one run."""
    from iamctl.commands.validate import validate as run

    return run(directory, account=account, now=now, base=base, allow_loosening=allow_loosening, output=output.value)


@app.command(short_help="Show what apply would change.", epilog="Example: iamctl plan iam/ --sandbox account.json")
def plan(
    directory: Tree = None,
    account: AccountName = None,
    profile: Profile = None,
    region: Region = None,
    snapshot: Snapshot = None,
    sandbox: Sandbox = None,
    now: Now = None,
    out: SaveTo = None,
    page: PageFile = None,
    output: FindingOutput = FindingFormat.TEXT,
    detailed_exitcode: DetailedExitcode = False,
    allow_removals: AllowRemovals = None,
    allow_self: AllowSelf = False,
    allow_transition: AllowTransition = False,
    base: BaseTree = None,
    allow_loosening: AllowLoosening = False,
    credentials: Credentials = CredentialReads.AUTO,
    show_calls: ShowCalls = False,
    all_findings: AllFindings = False,
    access: Access = AccessDetail.SUMMARY,
    show_commands: ShowCommands = False,
) -> int:
    """Read live IAM and print what apply would change. Changes nothing."""
    from iamctl.commands.plan import plan as run

    source = source_options(profile, region, snapshot, sandbox, credentials)
    return run(
        directory,
        source,
        account=account,
        now=now,
        out=out,
        output=output.value,
        detailed_exitcode=detailed_exitcode,
        allow_removals=allow_removals or [],
        allow_self=allow_self,
        allow_transition=allow_transition,
        base=base,
        allow_loosening=allow_loosening,
        show_calls=show_calls,
        all_findings=all_findings,
        show_commands=show_commands,
        access=access.value,
        page=page,
    )


@app.command(
    short_help="Plan, confirm, change the account, and verify.",
    epilog="Example: iamctl apply iam/ --plan plan.json --yes",
)
def apply(
    directory: Tree = None,
    account: AccountName = None,
    profile: Profile = None,
    region: Region = None,
    sandbox: Sandbox = None,
    now: SandboxNow = None,
    output: OutputFormat = Format.TEXT,
    allow_removals: AllowRemovals = None,
    allow_self: AllowSelf = False,
    allow_transition: AllowTransition = False,
    base: BaseTree = None,
    allow_loosening: AllowLoosening = False,
    credentials: Credentials = CredentialReads.AUTO,
    yes: Yes = False,
    saved_plan: SavedPlan = None,
    expect_digest: ExpectDigest = None,
    only_due: OnlyDue = False,
    show_calls: ShowCalls = False,
    all_findings: AllFindings = False,
    access: Access = AccessDetail.SUMMARY,
    parallel: Parallel = 8,
    patience: Patience = "2m",
) -> int:
    """Show the plan, ask for confirmation, run the calls, and read the account again to verify."""
    from iamctl.commands.apply import apply as run
    from iamctl.commands.approval import Approval
    from iamctl.commands.pace import Pace

    source = source_options(profile, region, None, sandbox, credentials)
    return run(
        directory,
        source,
        account=account,
        now=now,
        output=output.value,
        allow_removals=allow_removals or [],
        allow_self=allow_self,
        allow_transition=allow_transition,
        base=base,
        allow_loosening=allow_loosening,
        yes=yes,
        approval=Approval.of(expect_digest, saved_plan),
        only_due=only_due,
        show_calls=show_calls,
        all_findings=all_findings,
        access=access.value,
        pace=Pace.of(parallel, patience),
    )


@app.late_command(
    "drift",
    short_help="Report how the account differs from the manifests.",
    epilog="Example: iamctl drift iam/ --profile prod --format markdown",
)
def _drift() -> Callable[..., int]:
    from iamctl.cli.drift import drift

    return drift


@app.late_command(
    "members",
    short_help="List the members of groups.",
    epilog="Example: iamctl members iam/ --user alice --sandbox account.json",
)
def _members() -> Callable[..., int]:
    from iamctl.cli.members import members

    return members


@app.late_command(
    "import",
    short_help="Write manifests for an existing account.",
    epilog="Example: iamctl import iam/ --profile prod --direct-policies groups",
)
def _import() -> Callable[..., int]:
    from iamctl.cli.adoption import import_

    return import_


@app.command(
    short_help="Save the live state as JSON, without secrets.", epilog="Example: iamctl snapshot -o account.json"
)
def snapshot(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="File for the snapshot.")],
    profile: Profile = None,
    region: Region = None,
    sandbox: Sandbox = None,
    credentials: Credentials = CredentialReads.AUTO,
    with_audit: Annotated[bool, typer.Option("--audit", help="Also save what iamctl audit needs.")] = False,
) -> int:
    """Save the live state as JSON, without secrets: a superset of the output of get-account-authorization-details."""
    from iamctl.commands.snapshot import snapshot as run

    return run(output, source_options(profile, region, None, sandbox, credentials), with_audit=with_audit)


@app.late_command(
    "journal",
    short_help="Explain a run of apply from its journal.",
    epilog="Example: iamctl journal --format json",
)
def _journal() -> Callable[..., int]:
    from iamctl.cli.runs import journal

    return journal


@app.late_command(
    "unlock",
    short_help="Show who holds the lock of an account, and remove it.",
    epilog="Example: iamctl unlock iam/ --account prod",
)
def _unlock() -> Callable[..., int]:
    from iamctl.cli.runs import unlock

    return unlock


@app.command(short_help="Print a JSON Schema of manifests or output.", epilog="Example: iamctl schema users")
def schema(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="Schema to print (default: list all).", autocompletion=complete_schema),
    ] = None,
) -> int:
    """Print the JSON Schema of a kind of manifest, of iamctl.yaml, or of output such as plans and snapshots."""
    from iamctl.commands.schema import schema as run

    return run(name)


@app.late_command(
    "audit",
    short_help="Judge the account by controls of CIS, Security Hub and others.",
    epilog="Example: iamctl audit iam/ --profile prod --framework cis-7",
)
def _audit() -> Callable[..., int]:
    from iamctl.cli.audit import audit

    return audit


@app.late_group(
    "access",
    short_help="Show and check what people may do.",
    epilog="Example: iamctl access who-can s3:DeleteObject 'arn:aws:s3:::acme-*/*'",
)
def _access() -> App:
    from iamctl.cli.access import access_app

    return access_app


@app.late_group(
    "fleet", short_help="Work on many accounts in one run.", epilog="Example: iamctl fleet plan iam/ --select 'prod-*'"
)
def _fleet() -> App:
    from iamctl.cli.fleet import fleet_app

    return fleet_app


@app.late_group(
    "permissions",
    short_help="Print the policies of the roles that run iamctl.",
    epilog="Example: iamctl permissions plan iam/",
)
def _permissions() -> App:
    from iamctl.cli.permissions import permissions_app

    return permissions_app


@app.late_group(
    "sandbox",
    short_help="Serve the embedded IAM to other programs.",
    epilog="Example: iamctl sandbox serve --file account.json --port 4566",
)
def _sandbox() -> App:
    from iamctl.cli.sandbox import sandbox_app

    return sandbox_app


@app.late_group(
    "review",
    short_help="Export and check access reviews, and show the evidence.",
    about="Export the population of an access review, check what reviewers filled in, and show what became of it.",
    epilog="Example: iamctl review export iam/ --profile prod > review.csv",
)
def _review() -> App:
    from iamctl.cli.review import review_app

    return review_app
