"""The command line: one Typer command for each function of ``iamctl.commands``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from iamctl import __version__
from iamctl.cli.options import (
    AccountName,
    AllowLoosening,
    AllowRemovals,
    AllowSelf,
    App,
    BaseTree,
    CiSystem,
    Commands,
    CredentialReads,
    Credentials,
    FindingOutput,
    Now,
    OutputFormat,
    Profile,
    Region,
    Sandbox,
    Snapshot,
    Tree,
)
from iamctl.render import FindingFormat, Format, TableFormat

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


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass


@app.command(
    short_help="Write manifests to begin with, and files for CI.",
    epilog="Example: iamctl init iam/ --account-id 123456789012 --ci github",
)
def init(
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Where the manifests go; left out: iam/.")
    ] = None,
    account_id: Annotated[
        str | None, typer.Option("--account-id", metavar="ID", help="The AWS account; left out: asked on the terminal.")
    ] = None,
    account: Annotated[
        str, typer.Option("--account", metavar="NAME", help="The account's name in iamctl.yaml.")
    ] = "main",
    ci: Annotated[
        CiSystem | None, typer.Option("--ci", help="Which CI gets files; left out: asked on the terminal, else none.")
    ] = None,
) -> int:
    """Write manifests to begin with, and files for CI; writes nothing over."""
    from iamctl.commands.init import init as run

    return run(directory, account_id=account_id, account=account, ci=ci.value if ci else None)


@app.command(
    short_help="Check manifests without AWS; tell every error at once.", epilog="Example: iamctl validate iam/"
)
def validate(
    directory: Tree = None,
    account: AccountName = None,
    now: Now = None,
    base: BaseTree = None,
    allow_loosening: AllowLoosening = False,
    output: FindingOutput = FindingFormat.TEXT,
) -> int:
    """Check files, schema, references, policy documents and rules; needs no AWS, tells every error at once."""
    from iamctl.commands.validate import validate as run

    return run(directory, account=account, now=now, base=base, allow_loosening=allow_loosening, output=output.value)


@app.command(epilog="Example: iamctl plan iam/ --sandbox account.json")
def plan(
    directory: Tree = None,
    account: AccountName = None,
    profile: Profile = None,
    region: Region = None,
    snapshot: Snapshot = None,
    sandbox: Sandbox = None,
    now: Now = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Save the plan as JSON, too.", show_default=False)
    ] = None,
    output: FindingOutput = FindingFormat.TEXT,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="End with 2 when there are changes.")
    ] = False,
    allow_removals: AllowRemovals = None,
    allow_self: AllowSelf = False,
    base: BaseTree = None,
    allow_loosening: AllowLoosening = False,
    credentials: Credentials = CredentialReads.AUTO,
    show_calls: Annotated[bool, typer.Option("--show-calls", help="List the AWS calls, in order.")] = False,
    show_commands: Annotated[
        bool, typer.Option("--show-commands", help="List the calls as commands of the AWS CLI, too.")
    ] = False,
) -> int:
    """Read live IAM and print what would change; changes nothing."""
    from iamctl.commands.plan import plan as run

    source = _source(profile, region, snapshot, sandbox, credentials)
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
        base=base,
        allow_loosening=allow_loosening,
        show_calls=show_calls,
        show_commands=show_commands,
    )


@app.command(
    short_help="Plan, show, ask, change the account, and verify.",
    epilog="Example: iamctl apply iam/ --sandbox account.json --yes",
)
def apply(
    directory: Tree = None,
    account: AccountName = None,
    profile: Profile = None,
    region: Region = None,
    sandbox: Sandbox = None,
    now: Annotated[
        str | None, typer.Option("--now", metavar="TIME", help="The clock, with --sandbox only.", show_default=False)
    ] = None,
    output: OutputFormat = Format.TEXT,
    allow_removals: AllowRemovals = None,
    allow_self: AllowSelf = False,
    base: BaseTree = None,
    allow_loosening: AllowLoosening = False,
    credentials: Credentials = CredentialReads.AUTO,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; needed where there is no terminal.")] = False,
    expect_digest: Annotated[
        str | None,
        typer.Option("--expect-digest", metavar="sha256:...", help="Apply this plan and no other.", show_default=False),
    ] = None,
    only_expired: Annotated[
        bool, typer.Option("--only-expired", help="Carry out just the ends of memberships past their until.")
    ] = False,
    show_calls: Annotated[bool, typer.Option("--show-calls", help="List the AWS calls, in order.")] = False,
) -> int:
    """Plan, show, ask, run the calls in order, and read again to verify."""
    from iamctl.commands.apply import apply as run

    source = _source(profile, region, None, sandbox, credentials)
    return run(
        directory,
        source,
        account=account,
        now=now,
        output=output.value,
        allow_removals=allow_removals or [],
        allow_self=allow_self,
        base=base,
        allow_loosening=allow_loosening,
        yes=yes,
        expect_digest=expect_digest,
        only_expired=only_expired,
        show_calls=show_calls,
    )


@app.command(
    short_help="Tell what is live and not as the manifests say.",
    epilog="Example: iamctl drift iam/ --profile prod --format markdown",
)
def drift(
    directory: Tree = None,
    account: AccountName = None,
    profile: Profile = None,
    region: Region = None,
    snapshot: Snapshot = None,
    sandbox: Sandbox = None,
    now: Now = None,
    output: OutputFormat = Format.TEXT,
    credentials: Credentials = CredentialReads.AUTO,
) -> int:
    """Tell what is live and not as the manifests say; ends with 2 when anything is. For schedules.

    It is the plan, told as what somebody did by hand; what is merged and not applied yet is in it, too. Memberships
    that have ended, and what else only time asks for, are told apart and do not count.
    """
    from iamctl.commands.drift import drift as run

    return run(
        directory,
        _source(profile, region, snapshot, sandbox, credentials),
        account=account,
        now=now,
        output=output.value,
    )


@app.command(epilog="Example: iamctl members iam/ --user alice --sandbox account.json")
def members(
    directory: Tree = None,
    group: Annotated[
        list[str] | None,
        typer.Option("--group", metavar="NAME", help="Only this group, declared or live. Repeatable."),
    ] = None,
    user: Annotated[
        list[str] | None,
        typer.Option("--user", metavar="NAME", help="Only the groups of this user, at length. Repeatable."),
    ] = None,
    declared: Annotated[bool, typer.Option("--declared", help="What the manifests say, without any account.")] = False,
    account: AccountName = None,
    profile: Profile = None,
    region: Region = None,
    snapshot: Snapshot = None,
    sandbox: Sandbox = None,
    now: Now = None,
    output: Annotated[TableFormat, typer.Option("--format", help="How the result is printed.")] = TableFormat.TEXT,
) -> int:
    """Show who belongs to which group, declared beside live.

    IAM does not tell when a user joined a group: 'not before' is the day on which the user or the group was made,
    whichever is later. In CSV, a cell that a spreadsheet would run as a formula begins with an apostrophe.
    """
    from iamctl.commands.members import members as run

    return run(
        directory,
        _source(profile, region, snapshot, sandbox, CredentialReads.AUTO),
        account=account,
        now=now,
        groups=group or [],
        users=user or [],
        declared_only=declared,
        output=output.value,
    )


@app.command(
    "import",
    short_help="Write manifests for a live account as it is.",
    epilog="Example: iamctl import iam/ --profile prod",
)
def import_(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where the manifests go; new or empty.")],
    account: Annotated[
        str, typer.Option("--account", metavar="NAME", help="The account's name in iamctl.yaml.")
    ] = "main",
    profile: Profile = None,
    region: Region = None,
    snapshot: Snapshot = None,
    sandbox: Sandbox = None,
    credentials: Credentials = CredentialReads.AUTO,
) -> int:
    """Write manifests for a live account, from which plan finds nothing to change."""
    from iamctl.commands.import_ import import_ as run

    return run(directory, _source(profile, region, snapshot, sandbox, credentials), account=account)


@app.command(
    short_help="Save the live state as JSON, without secrets.", epilog="Example: iamctl snapshot -o account.json"
)
def snapshot(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where the snapshot goes.")],
    profile: Profile = None,
    region: Region = None,
    sandbox: Sandbox = None,
    credentials: Credentials = CredentialReads.AUTO,
) -> int:
    """Save the live state as JSON: a superset of what get-account-authorization-details prints, without secrets."""
    from iamctl.commands.snapshot import snapshot as run

    return run(output, _source(profile, region, None, sandbox, credentials))


@app.command(short_help="Print a JSON Schema of manifests, plans or snapshots.", epilog="Example: iamctl schema users")
def schema(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Which schema; left out: their names.")] = None,
) -> int:
    """Print a JSON Schema of the manifests, of iamctl.yaml, of plans or of snapshots."""
    from iamctl.commands.schema import schema as run

    return run(name)


def _source(
    profile: str | None,
    region: str | None,
    snapshot: Path | None,
    sandbox: Path | None,
    credentials: CredentialReads,
) -> Any:
    from iamctl.source.live_source import Source

    return Source(profile, region, snapshot, sandbox, credentials.value)
